package gateway

import (
	"slices"
	"testing"
)

var (
	newestFirst = []obj{{"property": "receivedAt", "isAscending": false}}
	oldestFirst = []obj{{"property": "receivedAt", "isAscending": true}}
)

// sorted is a rule of one order of the four emails of mailbox B.
func sorted(sort []obj, keys ...string) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		equal(t, "the order", h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes["B"]}, "sort": sort}), h.idsOf(keys...))
	}
}

func ascending(property string) []obj { return []obj{{"property": property, "isAscending": true}} }

var emailSortRules = []rule{
	{"RFC 8621 §4.4.2 receivedAt, newest first", func(t *testing.T, h *house) {
		ids := h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes["inbox"]}, "sort": newestFirst})
		var received []string
		for _, at := range h.properties(t, ids, "receivedAt") {
			received = append(received, at.(string))
		}
		slices.Reverse(received)
		if len(received) != 12 || !slices.IsSorted(received) {
			t.Errorf("%q", received)
		}
	}},
	{"RFC 8621 §4.4.2 receivedAt, oldest first", sorted(oldestFirst, "long", "sort-1", "sort-2", "sort-3")},
	{"RFC 8621 §4.4.2 size", sorted(ascending("size"), "sort-3", "sort-1", "sort-2", "long")},
	{"RFC 8621 §4.4.2 from", sorted(ascending("from"), "sort-2", "long", "sort-3", "sort-1")},
	{"RFC 8621 §4.4.2 from, the other way", sorted([]obj{{"property": "from", "isAscending": false}}, "sort-1", "sort-3", "long", "sort-2")},
	{"RFC 8621 §4.4.2 subject", sorted(ascending("subject"), "sort-1", "sort-2", "long", "sort-3")},
	{"RFC 8621 §4.4.2 sentAt", sorted(ascending("sentAt"), "sort-1", "long", "sort-2", "sort-3")},
	{"RFC 8620 §5.5 no order", func(t *testing.T, h *house) {
		first := h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes["inbox"]}})
		equal(t, "how many", len(first), 12)
		equal(t, "again", h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes["inbox"]}}), first)
	}},
	{"RFC 8620 §5.5 an order there is not", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Email/query", obj{"sort": ascending("colour")}), "unsupportedSort")
	}},
}
