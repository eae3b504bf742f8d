package gateway

import "testing"

// matches is a rule of one filter: what it must find and what not.
func matches(filter func(h *house) any, has, hasNot []string) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		query := h.call(t, "Email/query", obj{"filter": filter(h), "calculateTotal": true})
		ids := list(t, query, "ids")
		includes(t, "the query", ids, h.idsOf(has...)...)
		excludes(t, "the query", ids, h.idsOf(hasNot...)...)
		equal(t, "total", dig(query, "total"), len(ids))
	}
}

// finds is a rule of one filter that finds exactly these, in any order.
func finds(filter func(h *house) any, keys ...string) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		ids := h.all(t, obj{"filter": filter(h)})
		includes(t, "the query", ids, h.idsOf(keys...)...)
		equal(t, "how many", len(ids), len(keys))
	}
}

func (h *house) idsOf(keys ...string) []string {
	out := make([]string, len(keys))
	for i, key := range keys {
		out[i] = h.emails[key]
	}
	return out
}

// is is a filter that does not depend on the house.
func is(filter any) func(*house) any { return func(*house) any { return filter } }

func keys(k ...string) []string { return k }

var emailFilterRules = []rule{
	{"RFC 8621 §4.4.1 inMailbox", matches(func(h *house) any { return obj{"inMailbox": h.mailboxes["inbox"]} }, keys("plain", "broken"), keys("ancient", "nested"))},
	{"RFC 8621 §4.4.1 inMailbox, of a child", finds(func(h *house) any { return obj{"inMailbox": h.mailboxes["A1"]} }, "nested")},
	{"RFC 8621 §4.4.1 inMailboxOtherThan", finds(func(h *house) any {
		return obj{"inMailboxOtherThan": []string{h.mailboxes["inbox"]}}
	}, "twice", "bridge-1", "long", "ancient", "blind", "sort-1", "sort-2", "sort-3", "draft", "nested")},
	{"RFC 8621 §4.4.1 before", matches(func(h *house) any { return obj{"before": h.ago(5 * day)} }, keys("ancient", "bridge-3"), keys("labelled"))},
	{"RFC 8621 §4.4.1 after", matches(func(h *house) any { return obj{"after": h.ago(5 * day)} }, keys("labelled", "long"), keys("ancient", "bridge-3"))},
	{"RFC 8621 §4.4.1 before and after", finds(func(h *house) any {
		return obj{"after": h.ago(8*day + aMoment), "before": h.ago(6*day - aMoment)}
	}, "bridge-1", "bridge-2", "bridge-3")},
	{"RFC 8621 §4.4.1 minSize", finds(is(obj{"minSize": 10000}), "long")},
	{"RFC 8621 §4.4.1 maxSize", matches(is(obj{"maxSize": 1000}), keys("plain", "sort-3"), keys("long"))},
	{"RFC 8621 §4.4.1 hasKeyword", finds(is(obj{"hasKeyword": "$flagged"}), "report", "sort-2")},
	{"RFC 8621 §4.4.1 notKeyword", finds(is(obj{"notKeyword": "$seen"}), "bridge-2", "bridge-3", "long", "foreign", "sort-3")},
	{"RFC 8621 §4.4.1 hasKeyword of one's own", finds(is(obj{"hasKeyword": "to_frame"}), "labelled")},
	{"RFC 8621 §4.4.1 hasAttachment true agrees with the property", agrees(true, "report")},
	{"RFC 8621 §4.4.1 hasAttachment false agrees with the property", agrees(false, "plain")},
	{"RFC 8621 §4.4.1 text in headers", finds(is(obj{"text": "the footbridge"}), "bridge-1", "bridge-2", "bridge-3")},
	{"RFC 8621 §4.4.1 text in bodies", finds(is(obj{"text": "theodolite"}), "bridge-3")},
	{"RFC 8621 §4.4.1 text in addresses", matches(is(obj{"text": "clerk@harbour.example"}), keys("report"), keys("plain"))},
	{"RFC 8621 §4.4.1 from", finds(is(obj{"from": "rose@garden.example"}), "plain", "bridge-2")},
	{"RFC 8621 §4.4.1 from a name", finds(is(obj{"from": "Rose Marlow"}), "plain", "bridge-2")},
	{"RFC 8621 §4.4.1 to", finds(is(obj{"to": "rose@garden.example"}), "bridge-1", "bridge-3")},
	{"RFC 8621 §4.4.1 cc", finds(is(obj{"cc": "clerk@harbour.example"}), "report")},
	{"RFC 8621 §4.4.1 bcc", finds(is(obj{"bcc": "whisper@quiet.example"}), "blind")},
	{"RFC 8621 §4.4.1 subject", finds(is(obj{"subject": "ferry accounts"}), "report")},
	{"RFC 8621 §4.4.1 subject in another script", finds(is(obj{"subject": "お花見"}), "foreign")},
	{"RFC 8621 §4.4.1 body", finds(is(obj{"body": "potting shed"}), "plain")},
	{"RFC 8621 §4.4.1 header that is there", finds(is(obj{"header": []string{"X-Hive"}}), "list")},
	{"RFC 8621 §4.4.1 header with a value", finds(is(obj{"header": []string{"X-Hive", "number-4711"}}), "list")},
	{"RFC 8621 §4.4.1 header with another value", finds(is(obj{"header": []string{"X-Hive", "number-4712"}}))},
	{"RFC 8621 §4.4.1 someInThreadHaveKeyword", finds(is(obj{"someInThreadHaveKeyword": "$answered"}), "bridge-1", "bridge-2", "bridge-3")},
	{"RFC 8621 §4.4.1 noneInThreadHaveKeyword", matches(is(obj{"noneInThreadHaveKeyword": "$answered"}), keys("plain", "draft"), keys("bridge-1", "bridge-2", "bridge-3"))},
	{"RFC 8621 §4.4.1 allInThreadHaveKeyword", matches(is(obj{"allInThreadHaveKeyword": "$seen"}), keys("plain", "draft"), keys("bridge-1", "bridge-2", "bridge-3", "long"))},
	{"RFC 8620 §5.5 AND", matches(func(h *house) any {
		return obj{"operator": "AND", "conditions": []any{obj{"hasKeyword": "$seen"}, obj{"inMailbox": h.mailboxes["inbox"]}}}
	}, keys("plain"), keys("bridge-2", "ancient"))},
	{"RFC 8620 §5.5 OR", finds(is(obj{"operator": "OR", "conditions": []any{obj{"hasKeyword": "$flagged"}, obj{"hasKeyword": "$answered"}}}), "report", "sort-2", "bridge-3")},
	{"RFC 8620 §5.5 NOT", matches(is(obj{"operator": "NOT", "conditions": []any{obj{"hasKeyword": "$seen"}}}), keys("bridge-2"), keys("plain"))},
	{"RFC 8620 §5.5 operators in operators", matches(func(h *house) any {
		return obj{"operator": "OR", "conditions": []any{
			obj{"operator": "AND", "conditions": []any{obj{"inMailbox": h.mailboxes["inbox"]}, obj{"hasKeyword": "$seen"}}},
			obj{"hasKeyword": "$flagged"},
		}}
	}, keys("plain", "report", "sort-2"), keys("bridge-2", "ancient"))},
	{"RFC 8620 §5.5 operators over several mailboxes", finds(func(h *house) any {
		return obj{"operator": "OR", "conditions": []any{
			obj{"inMailbox": h.mailboxes["A1"]},
			obj{"operator": "AND", "conditions": []any{obj{"inMailbox": h.mailboxes["B"]}, obj{"operator": "NOT", "conditions": []any{obj{"hasKeyword": "$seen"}}}}},
		}}
	}, "nested", "long", "sort-3")},
	{"RFC 8621 §4.4.1 no condition matches all", everything(obj{})},
	{"RFC 8620 §5.5 filter null matches all", everything(nil)},
	{"RFC 8621 §4.4.1 several conditions in one", finds(func(h *house) any {
		return obj{"inMailbox": h.mailboxes["inbox"], "hasKeyword": "$flagged"}
	}, "report")},
	{"RFC 8620 §5.5 a condition there is not", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Email/query", obj{"filter": obj{"colour": "red"}}), "unsupportedFilter")
	}},
}

// aMoment is more than the second that IMAP's dates are exact to.
const aMoment = 2e9

// agrees checks that a query and the emails say the same of attachments.
func agrees(has bool, key string) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		ids := h.all(t, obj{"filter": obj{"hasAttachment": has}})
		includes(t, "the query", ids, h.emails[key])
		for i, property := range h.properties(t, ids, "hasAttachment") {
			equal(t, ids[i].(string), property, has)
		}
	}
}

func everything(filter any) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		query := h.call(t, "Email/query", obj{"filter": filter, "calculateTotal": true})
		equal(t, "total", dig(query, "total"), len(h.emails))
		equal(t, "the ids", len(list(t, query, "ids")), len(h.emails))
	}
}
