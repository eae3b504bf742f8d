package gateway

import (
	"slices"
	"testing"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

var byName = []obj{{"property": "name", "isAscending": true}}

var mailboxQueryRules = []rule{
	{"RFC 8621 §2.3 all", func(t *testing.T, h *house) {
		query := h.call(t, "Mailbox/query", obj{"filter": obj{}, "calculateTotal": true})
		equal(t, "total", dig(query, "total"), 10)
		equal(t, "the ids", len(list(t, query, "ids")), 10)
	}},
	{"RFC 8621 §2.3 parentId null", func(t *testing.T, h *house) {
		ids := h.mailboxesOf(t, obj{"parentId": nil})
		includes(t, "the top", ids, h.mailboxes["inbox"], h.mailboxes["A"], h.mailboxes["B"])
		excludes(t, "the top", ids, h.mailboxes["A1"], h.mailboxes["A2"])
	}},
	{"RFC 8621 §2.3 parentId", func(t *testing.T, h *house) {
		ids := h.mailboxesOf(t, obj{"parentId": h.mailboxes["A"]})
		includes(t, "the children", ids, h.mailboxes["A1"], h.mailboxes["A2"])
		equal(t, "how many", len(ids), 2)
	}},
	{"RFC 8621 §2.3 name", func(t *testing.T, h *house) {
		equal(t, "the mailboxes", h.mailboxesOf(t, obj{"name": "Parish"}), []string{h.mailboxes["A"]})
		equal(t, "by a part of it", h.mailboxesOf(t, obj{"name": "arish"}), []string{h.mailboxes["A"]})
	}},
	{"RFC 8621 §2.3 role", func(t *testing.T, h *house) {
		equal(t, "the mailboxes", h.mailboxesOf(t, obj{"role": "inbox"}), []string{h.mailboxes["inbox"]})
		excludes(t, "those without", h.mailboxesOf(t, obj{"role": nil}), h.mailboxes["inbox"])
	}},
	{"RFC 8621 §2.3 hasAnyRole true", func(t *testing.T, h *house) {
		ids := h.mailboxesOf(t, obj{"hasAnyRole": true})
		equal(t, "how many", len(ids), 6)
		for _, m := range list(t, h.call(t, "Mailbox/get", obj{"ids": ids}), "list") {
			text(t, m, "role")
		}
	}},
	{"RFC 8621 §2.3 hasAnyRole false", func(t *testing.T, h *house) {
		ids := h.mailboxesOf(t, obj{"hasAnyRole": false})
		includes(t, "those without", ids, h.mailboxes["A"], h.mailboxes["B"], h.mailboxes["A1"], h.mailboxes["A2"])
		equal(t, "how many", len(ids), 4)
	}},
	{"RFC 8621 §2.3 isSubscribed", func(t *testing.T, h *house) {
		includes(t, "the subscribed", h.mailboxesOf(t, obj{"isSubscribed": true}), h.mailboxes["drafts"])
	}},
	{"RFC 8621 §2.3 operators", func(t *testing.T, h *house) {
		equal(t, "the mailboxes", h.mailboxesOf(t, obj{"operator": "AND", "conditions": []any{
			obj{"operator": "NOT", "conditions": []any{obj{"hasAnyRole": true}}},
			obj{"operator": "OR", "conditions": []any{obj{"name": "Mill"}, obj{"name": "Inbox"}}},
		}}), []string{h.mailboxes["B"]})
	}},
	{"RFC 8621 §2.3 sort by name", func(t *testing.T, h *house) {
		h.mailbox(t, obj{"name": "in between", "parentId": nil}) // of small letters
		query := h.call(t, "Mailbox/query", obj{"filter": obj{}, "sort": byName})
		names := h.names(t, list(t, query, "ids"))
		equal(t, "how many", len(names), 11)
		order := collate.New(language.English)
		if !slices.IsSortedFunc(names, order.CompareString) {
			t.Errorf("not in order: %q", names)
		}
	}},
	{"RFC 8621 §2.3 sort by sortOrder", func(t *testing.T, h *house) {
		h.mailbox(t, obj{"name": "The last", "parentId": nil, "sortOrder": 4711})
		ids := list(t, h.call(t, "Mailbox/query", obj{"filter": obj{}, "sort": []obj{{"property": "sortOrder", "isAscending": true}, {"property": "name"}}}), "ids")
		names := h.names(t, ids)
		equal(t, "the last", names[len(names)-1], "The last")
	}},
	{"RFC 8620 §5.5 all members", func(t *testing.T, h *house) {
		shaped(t, h.call(t, "Mailbox/query", obj{"filter": obj{}}), "accountId string, queryState string, canCalculateChanges bool, position number, ids array")
	}},
	{"RFC 8620 §5.5 limit", func(t *testing.T, h *house) {
		equal(t, "how many", len(list(t, h.call(t, "Mailbox/query", obj{"filter": obj{}, "limit": 2}), "ids")), 2)
	}},
	{"RFC 8620 §5.5 position", func(t *testing.T, h *house) {
		all := list(t, h.call(t, "Mailbox/query", obj{"filter": obj{}, "sort": byName}), "ids")
		query := h.call(t, "Mailbox/query", obj{"filter": obj{}, "sort": byName, "position": 1})
		equal(t, "position", dig(query, "position"), 1)
		equal(t, "the ids", dig(query, "ids"), all[1:])
	}},
	{"RFC 8620 §5.5 filter null", func(t *testing.T, h *house) {
		equal(t, "how many", len(list(t, h.call(t, "Mailbox/query", obj{"filter": nil}), "ids")), 10)
	}},
	{"RFC 8621 §2.4 nothing changed", func(t *testing.T, h *house) {
		since := text(t, h.call(t, "Mailbox/query", obj{"filter": obj{}, "sort": byName}), "queryState")
		changes := h.call(t, "Mailbox/queryChanges", obj{"filter": obj{}, "sort": byName, "sinceQueryState": since})
		equal(t, "oldQueryState", dig(changes, "oldQueryState"), since)
		equal(t, "removed", dig(changes, "removed"), []any{})
		equal(t, "added", dig(changes, "added"), []any{})
	}},
	{"RFC 8621 §2.4 one was created", func(t *testing.T, h *house) {
		since := text(t, h.call(t, "Mailbox/query", obj{"filter": obj{}, "sort": byName}), "queryState")
		id := h.mailbox(t, obj{"name": "Added to a query", "parentId": nil})
		changes := h.call(t, "Mailbox/queryChanges", obj{"filter": obj{}, "sort": byName, "sinceQueryState": since})
		all := list(t, h.call(t, "Mailbox/query", obj{"filter": obj{}, "sort": byName}), "ids")
		equal(t, "added", dig(changes, "added"), []obj{{"id": id, "index": slices.Index(all, any(id))}})
	}},
	{"RFC 8620 §5.6 all members", func(t *testing.T, h *house) {
		since := text(t, h.call(t, "Mailbox/query", obj{"filter": obj{}}), "queryState")
		shaped(t, h.call(t, "Mailbox/queryChanges", obj{"filter": obj{}, "sinceQueryState": since}), queryChangesShape)
	}},
	{"RFC 8620 §5.6 filter null", func(t *testing.T, h *house) {
		since := text(t, h.call(t, "Mailbox/query", obj{"filter": nil}), "queryState")
		shaped(t, h.call(t, "Mailbox/queryChanges", obj{"filter": nil, "sinceQueryState": since}), queryChangesShape)
	}},
}

func (h *house) mailboxesOf(t *testing.T, filter obj) []any {
	t.Helper()
	return list(t, h.call(t, "Mailbox/query", obj{"filter": filter}), "ids")
}

// names gives the names of mailboxes, in the order of their ids.
func (h *house) names(t *testing.T, ids []any) []string {
	t.Helper()
	by := map[any]string{}
	for _, m := range list(t, h.call(t, "Mailbox/get", obj{"ids": ids}), "list") {
		by[dig(m, "id")] = text(t, m, "name")
	}
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = by[id]
	}
	return out
}
