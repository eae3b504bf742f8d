package gateway

import (
	"slices"
	"testing"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
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
		if len(received) != 13 || !slices.IsSorted(received) {
			t.Errorf("%q", received)
		}
	}},
	{"RFC 8621 §4.4.2 receivedAt, oldest first", sorted(oldestFirst, "long", "sort-1", "sort-2", "sort-3")},
	{"RFC 8621 §4.4.2 size", sorted(ascending("size"), "sort-3", "sort-1", "sort-2", "long")},
	{"RFC 8621 §4.4.2 from", sorted(ascending("from"), "sort-2", "long", "sort-3", "sort-1")},
	{"RFC 8621 §4.4.2 from, the other way", sorted([]obj{{"property": "from", "isAscending": false}}, "sort-1", "sort-3", "long", "sort-2")},
	{"RFC 8621 §4.4.2 to, by i;unicode-casemap or better", func(t *testing.T, h *house) {
		// Nobody to write to comes first; ada@ before ada2@, as people sort.
		h.write(t, h.mailboxes["A2"], "To nobody", obj{"to": nil})
		ids := h.all(t, obj{"filter": nil, "sort": ascending("to")})
		var shown []string
		for _, to := range h.properties(t, ids, "to") {
			first, _ := dig(to, 0, "name").(string)
			if first == "" {
				first, _ = dig(to, 0, "email").(string)
			}
			shown = append(shown, first)
		}
		if len(shown) != len(h.emails)+1 || !slices.IsSortedFunc(shown, collate.New(language.English).CompareString) {
			t.Errorf("%q", shown)
		}
	}},
	{"RFC 8621 §4.4.2 subject", sorted(ascending("subject"), "sort-1", "sort-2", "long", "sort-3")},
	{"RFC 8621 §4.4.2 sentAt", sorted(ascending("sentAt"), "sort-1", "long", "sort-2", "sort-3")},
	{"RFC 8621 §4.4.2 hasKeyword", sorted([]obj{{"property": "hasKeyword", "keyword": "$flagged", "isAscending": false}, {"property": "receivedAt", "isAscending": true}}, "sort-2", "long", "sort-1", "sort-3")},
	{"RFC 8621 §4.4.2 hasKeyword over mailboxes", func(t *testing.T, h *house) {
		ids := h.all(t, obj{"sort": []obj{{"property": "hasKeyword", "keyword": "$flagged", "isAscending": false}, {"property": "size", "isAscending": false}}})
		equal(t, "the first", ids[:2], h.idsOf("sort-2", "report"))
	}},
	{"RFC 8621 §4.4.2 someInThreadHaveKeyword", func(t *testing.T, h *house) {
		ids := h.all(t, obj{"sort": []obj{{"property": "someInThreadHaveKeyword", "keyword": "$answered", "isAscending": false}, {"property": "receivedAt", "isAscending": true}}})
		equal(t, "the first", ids[:3], h.idsOf("bridge-1", "bridge-2", "bridge-3"))
	}},
	{"RFC 8620 §5.5 by one, then by another", func(t *testing.T, h *house) {
		query := obj{"filter": nil, "sort": []obj{{"property": "receivedAt", "isAscending": false}, {"property": "subject", "isAscending": true}}}
		ids := h.all(t, query)
		equal(t, "how many", len(ids), len(h.emails))
		// Three were received at the same moment.
		at := slices.Index(ids, any(h.emails["sort-3"]))
		equal(t, "the ties", ids[at:at+3], h.idsOf("sort-3", "list", "labelled"))
	}},
	{"RFC 8620 §5.5 no order", func(t *testing.T, h *house) {
		first := h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes["inbox"]}})
		equal(t, "how many", len(first), 13)
		equal(t, "again", h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes["inbox"]}}), first)
	}},
	{"RFC 8620 §5.5 an order there is not", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Email/query", obj{"sort": ascending("colour")}), "unsupportedSort")
	}},
}
