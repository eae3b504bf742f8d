package gateway

import "testing"

var emailCollapseRules = []rule{
	{"RFC 8621 §4.4.3 the total is of threads", func(t *testing.T, h *house) {
		query := h.call(t, "Email/query", obj{"filter": obj{}, "collapseThreads": true, "calculateTotal": true})
		equal(t, "total", dig(query, "total"), len(list(t, query, "ids")))
	}},
}
