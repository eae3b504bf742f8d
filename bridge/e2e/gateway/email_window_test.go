package gateway

import "testing"

// window asks for a part of all emails, newest first.
func (h *house) window(t *testing.T, args obj) obj {
	t.Helper()
	return h.call(t, "Email/query", with(obj{"filter": nil, "sort": newestFirst}, args))
}

// part is a rule of one part of them: [from:to] of all.
func part(args func(all []any) obj, from, to int) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		all := list(t, h.window(t, nil), "ids")
		if from < 0 {
			from, to = len(all)+from, len(all)+to
		}
		query := h.window(t, args(all))
		equal(t, "ids", dig(query, "ids"), all[from:to])
		equal(t, "position", dig(query, "position"), from)
	}
}

var emailWindowRules = []rule{
	{"RFC 8620 §5.5 position 0", part(func([]any) obj { return obj{"position": 0, "limit": 5, "calculateTotal": true} }, 0, 5)},
	{"RFC 8620 §5.5 position", part(func([]any) obj { return obj{"position": 2, "limit": 3} }, 2, 5)},
	{"RFC 8620 §5.5 position from the end", part(func([]any) obj { return obj{"position": -3, "calculateTotal": true} }, -3, 0)},
	{"RFC 8620 §5.5 position before the start", part(func([]any) obj { return obj{"position": -1000, "limit": 2} }, 0, 2)},
	{"RFC 8620 §5.5 limit", func(t *testing.T, h *house) {
		query := h.call(t, "Email/query", obj{"filter": nil, "limit": 3, "calculateTotal": true})
		equal(t, "how many", len(list(t, query, "ids")), 3)
		equal(t, "limit 0", len(list(t, h.call(t, "Email/query", obj{"limit": 0}), "ids")), 0)
	}},
	{"RFC 8620 §5.5 anchor", part(func(all []any) obj { return obj{"anchor": all[2], "limit": 3} }, 2, 5)},
	{"RFC 8620 §5.5 anchorOffset", part(func(all []any) obj { return obj{"anchor": all[3], "anchorOffset": -1, "limit": 3} }, 2, 5)},
	{"RFC 8620 §5.5 anchorOffset before the start", part(func(all []any) obj { return obj{"anchor": all[3], "anchorOffset": -10, "limit": 3} }, 0, 3)},
	{"RFC 8620 §5.5 position is nothing beside an anchor", part(func(all []any) obj { return obj{"anchor": all[4], "position": 9, "limit": 1} }, 4, 5)},
	{"RFC 8620 §5.5 calculateTotal does not see the limit", func(t *testing.T, h *house) {
		equal(t, "total", dig(h.call(t, "Email/query", obj{"filter": nil, "limit": 1, "calculateTotal": true}), "total"), len(h.emails))
	}},
	{"RFC 8620 §5.5 no total unasked", func(t *testing.T, h *house) {
		shaped(t, h.call(t, "Email/query", obj{"limit": 1}), "accountId string, queryState string, canCalculateChanges bool, position number, ids array, total missing")
	}},
	{"RFC 8620 §5.5 an anchor that is not there", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Email/query", obj{"anchor": nobody}), "anchorNotFound")
	}},
	{"RFC 8620 §5.5 position behind the end", func(t *testing.T, h *house) {
		equal(t, "ids", dig(h.call(t, "Email/query", obj{"filter": nil, "position": 99999}), "ids"), []any{})
	}},
	{"RFC 8620 §5.5 position is told", func(t *testing.T, h *house) {
		equal(t, "position", dig(h.window(t, obj{"position": 0, "limit": 3}), "position"), 0)
	}},
	{"RFC 8620 §5.5 a negative limit", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Email/query", obj{"limit": -1}), "invalidArguments")
	}},
}
