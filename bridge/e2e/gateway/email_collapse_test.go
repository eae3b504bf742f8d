package gateway

import "testing"

var emailCollapseRules = []rule{
	{"RFC 8621 §4.4.3 fewer", func(t *testing.T, h *house) {
		filter := obj{"subject": "Repairing the footbridge"}
		apart := h.call(t, "Email/query", obj{"filter": filter, "sort": newestFirst, "calculateTotal": true})
		together := h.call(t, "Email/query", obj{"filter": filter, "sort": newestFirst, "calculateTotal": true, "collapseThreads": true})
		equal(t, "total of all", dig(apart, "total"), 3)
		equal(t, "total of threads", dig(together, "total"), 1)
		equal(t, "the newest", dig(together, "ids"), h.idsOf("bridge-3"))
	}},
	{"RFC 8621 §4.4.3 each thread once", func(t *testing.T, h *house) {
		ids := h.all(t, obj{"filter": obj{}, "collapseThreads": true})
		seen := map[any]bool{}
		for _, thread := range h.properties(t, ids, "threadId") {
			if seen[thread] {
				t.Errorf("thread %v twice", thread)
			}
			seen[thread] = true
		}
		equal(t, "threads", len(ids), len(h.emails)-2)
	}},
	{"RFC 8621 §4.4.3 within what the filter finds", func(t *testing.T, h *house) {
		ids := h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes["inbox"]}, "sort": oldestFirst, "collapseThreads": true})
		includes(t, "the query", ids, h.emails["bridge-2"])
		excludes(t, "the query", ids, h.emails["bridge-3"])
		equal(t, "threads", len(ids), 12)
	}},
	{"RFC 8621 §4.4.3 the first in the order stands for its thread", func(t *testing.T, h *house) {
		ids := h.all(t, obj{"filter": obj{}, "sort": newestFirst, "collapseThreads": true})
		includes(t, "the query", ids, h.emails["bridge-3"])
		excludes(t, "the query", ids, h.emails["bridge-1"], h.emails["bridge-2"])
		ids = h.all(t, obj{"filter": obj{}, "sort": oldestFirst, "collapseThreads": true})
		includes(t, "the query", ids, h.emails["bridge-1"])
	}},
	{"RFC 8621 §4.4.3 the total is of threads", func(t *testing.T, h *house) {
		query := h.call(t, "Email/query", obj{"filter": obj{}, "collapseThreads": true, "calculateTotal": true})
		equal(t, "total", dig(query, "total"), len(list(t, query, "ids")))
	}},
}
