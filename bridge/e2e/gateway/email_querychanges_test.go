package gateway

import (
	"slices"
	"testing"
)

var emailQueryChangesRules = []rule{
	{"RFC 8621 §4.5 nothing changed", func(t *testing.T, h *house) {
		for _, query := range h.queries() {
			since := text(t, h.call(t, "Email/query", query), "queryState")
			changes := h.call(t, "Email/queryChanges", with(query, obj{"sinceQueryState": since}))
			equal(t, "oldQueryState", dig(changes, "oldQueryState"), since)
			equal(t, "removed", dig(changes, "removed"), []any{})
			equal(t, "added", dig(changes, "added"), []any{})
		}
	}},
	{"RFC 8621 §4.5 added", func(t *testing.T, h *house) {
		for _, query := range h.queries() {
			before := h.call(t, "Email/query", query)
			id := text(t, h.write(t, h.mailboxes["inbox"], "Added to a query", nil), "created", "e", "id")
			h.followed(t, query, before)
			includes(t, "added", addedIds(h.call(t, "Email/queryChanges", with(query, obj{"sinceQueryState": text(t, before, "queryState")}))), id)
		}
	}},
	{"RFC 8621 §4.5 removed", func(t *testing.T, h *house) {
		for _, query := range h.queries() {
			id := text(t, h.write(t, h.mailboxes["inbox"], "Removed from a query", nil), "created", "e", "id")
			before := h.call(t, "Email/query", query)
			h.call(t, "Email/set", obj{"destroy": []string{id}})
			h.followed(t, query, before)
			includes(t, "removed", dig(h.call(t, "Email/queryChanges", with(query, obj{"sinceQueryState": text(t, before, "queryState")})), "removed"), id)
		}
	}},
	{"RFC 8620 §5.6 filter null", func(t *testing.T, h *house) {
		since := text(t, h.call(t, "Email/query", obj{"filter": nil}), "queryState")
		shaped(t, h.call(t, "Email/queryChanges", obj{"filter": nil, "sinceQueryState": since}), queryChangesShape)
	}},
	{"RFC 8620 §5.6 all members", func(t *testing.T, h *house) {
		since := text(t, h.call(t, "Email/query", obj{"filter": obj{}}), "queryState")
		changes := h.call(t, "Email/queryChanges", obj{"filter": obj{}, "sinceQueryState": since, "calculateTotal": true})
		shaped(t, changes, queryChangesShape+", total number")
		equal(t, "total", dig(changes, "total"), len(h.emails))
	}},
	{"RFC 8620 §5.6 an unknown state", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Email/queryChanges", obj{"filter": obj{}, "sinceQueryState": "never-was"}), "cannotCalculateChanges")
	}},
}

// queries are those whose changes clients follow.
func (h *house) queries() []obj {
	return []obj{
		{"filter": obj{"inMailbox": h.mailboxes["inbox"]}, "sort": newestFirst},
		{"filter": obj{"inMailbox": h.mailboxes["inbox"]}, "sort": newestFirst, "collapseThreads": true},
		{"filter": nil},
		{"filter": obj{}, "sort": newestFirst},
	}
}

func addedIds(changes obj) []any {
	added, _ := dig(changes, "added").([]any)
	out := []any{}
	for _, item := range added {
		out = append(out, dig(item, "id"))
	}
	return out
}

// followed checks that a client that follows the changes of a query comes to what
// the query finds (RFC 8620 §5.6).
func (h *house) followed(t *testing.T, query, before obj) {
	t.Helper()
	changes := h.call(t, "Email/queryChanges", with(query, obj{"sinceQueryState": text(t, before, "queryState")}))
	removed := list(t, changes, "removed")
	ids := slices.DeleteFunc(slices.Clone(list(t, before, "ids")), func(id any) bool { return slices.Contains(removed, id) })
	for _, item := range list(t, changes, "added") {
		index := int(number(t, item, "index"))
		if index > len(ids) {
			t.Fatalf("added at %d of %d: %s", index, len(ids), show(changes))
		}
		ids = slices.Insert(ids, index, dig(item, "id"))
	}
	now := h.call(t, "Email/query", query)
	equal(t, "what changes lead to", any(ids), dig(now, "ids"))
	equal(t, "the state", dig(changes, "newQueryState"), dig(now, "queryState"))
}
