package gateway

import (
	"strings"
	"testing"
)

// away is the automatic reply as it is.
func (h *house) away(t *testing.T) any {
	t.Helper()
	return h.get(t, "VacationResponse", "singleton", nil)
}

// saves is a rule of properties of the automatic reply: they can be changed, and back.
func saves(change obj) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		before, back := h.away(t), obj{}
		for property := range change {
			back[property] = dig(before, property)
		}
		for _, values := range []obj{change, back} {
			set := h.call(t, "VacationResponse/set", obj{"update": obj{"singleton": values}})
			equal(t, "updated", kind(dig(set, "updated")), "object")
			for property, v := range values {
				equal(t, property, dig(h.away(t), property), v)
			}
		}
	}
}

var vacationRules = []rule{
	{"RFC 8621 §1.3.3 the capability", func(t *testing.T, h *house) {
		shaped(t, dig(h.session, "capabilities"), usesVacation+" object")
		shaped(t, dig(h.session, "accounts", h.account, "accountCapabilities"), usesVacation+" object")
		equal(t, "the primary account", dig(h.session, "primaryAccounts", usesVacation), h.account)
	}},
	{"RFC 8621 §8.1 by id and all", func(t *testing.T, h *house) {
		for _, ids := range []any{[]string{"singleton"}, nil} {
			got := h.call(t, "VacationResponse/get", obj{"ids": ids})
			equal(t, "how many", len(list(t, got, "list")), 1)
			equal(t, "id", dig(got, "list", 0, "id"), "singleton")
		}
	}},
	{"RFC 8621 §8 properties", func(t *testing.T, h *house) {
		shaped(t, h.away(t), "id string, isEnabled bool, fromDate null|string, toDate null|string, subject null|string, textBody null|string, htmlBody null|string")
	}},
	{"RFC 8620 §5.1 what is not there", func(t *testing.T, h *house) {
		equal(t, "notFound", dig(h.call(t, "VacationResponse/get", obj{"ids": []string{nobody}}), "notFound"), []string{nobody})
	}},
	{"RFC 8621 §8.2 on and off", saves(obj{"isEnabled": true, "subject": "On the road", "textBody": "I will read this in May."})},
	{"RFC 8621 §8.2 dates", saves(obj{"fromDate": "2026-05-01T00:00:00Z", "toDate": "2026-05-15T06:30:00Z"})},
	{"RFC 8621 §8.2 HTML", saves(obj{"htmlBody": "<p>I will read this in <b>May</b>.</p>"})},
	{"RFC 8621 §8.2 in words of many tongues", saves(obj{"isEnabled": true, "subject": "не в офисе", "textBody": "不在です。\n.\n\"Grüße\""})},
	{"RFC 8621 §8.2 no second", func(t *testing.T, h *house) {
		set := h.call(t, "VacationResponse/set", obj{"create": obj{"new": obj{"isEnabled": false}}})
		equal(t, "type", dig(set, "notCreated", "new", "type"), "singleton")
	}},
	{"RFC 8621 §8.2 not destroyed", func(t *testing.T, h *house) {
		set := h.call(t, "VacationResponse/set", obj{"destroy": []string{"singleton"}})
		equal(t, "type", dig(set, "notDestroyed", "singleton", "type"), "singleton")
	}},
	{"RFC 8620 §5.3 states", func(t *testing.T, h *house) {
		state := text(t, h.call(t, "VacationResponse/get", obj{"ids": nil}), "state")
		set := h.call(t, "VacationResponse/set", obj{"ifInState": state, "update": obj{"singleton": obj{"subject": "another"}}})
		equal(t, "oldState", dig(set, "oldState"), state)
		equal(t, "ifInState", h.refused(t, "VacationResponse/set", obj{"ifInState": state, "update": obj{"singleton": obj{"subject": nil}}}), "stateMismatch")
		h.call(t, "VacationResponse/set", obj{"update": obj{"singleton": obj{"subject": nil}}})
	}},
	{"RFC 8620 §5.3 what cannot be", func(t *testing.T, h *house) {
		for property, value := range (obj{"isEnabled": "yes", "fromDate": "tomorrow", "subject": "a\r\nBcc: b@example.org", "textBody": 5, "days": 1}) {
			set := h.call(t, "VacationResponse/set", obj{"update": obj{"singleton": obj{property: value}}})
			equal(t, property, dig(set, "notUpdated", "singleton", "type"), "invalidProperties")
		}
		set := h.call(t, "VacationResponse/set", obj{"update": obj{"singleton": obj{"textBody": strings.Repeat("x", 1<<20)}}})
		equal(t, "too long", dig(set, "notUpdated", "singleton", "type"), "tooLarge")
	}},
}
