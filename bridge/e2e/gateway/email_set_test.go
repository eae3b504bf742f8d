package gateway

import (
	"net/http"
	"testing"
)

var emailCreateRules = []rule{
	{"RFC 8621 §4.6 text", func(t *testing.T, h *house) {
		shaped(t, dig(h.write(t, h.mailboxes["inbox"], "As text", nil), "created", "e"), "id string, blobId string, threadId string, size number")
	}},
	{"RFC 8621 §4.6 HTML", func(t *testing.T, h *house) {
		set := h.write(t, h.mailboxes["inbox"], "As HTML", obj{"bodyStructure": obj{"type": "text/html", "partId": "1"}, "bodyValues": obj{"1": obj{"value": "<p>Grüße</p>"}}})
		email := h.get(t, "Email", text(t, set, "created", "e", "id"), obj{"fetchHTMLBodyValues": true})
		equal(t, "type", dig(email, "htmlBody", 0, "type"), "text/html")
		equal(t, "value", dig(email, "bodyValues", text(t, email, "htmlBody", 0, "partId"), "value"), "<p>Grüße</p>")
	}},
	{"RFC 8621 §4.6 multipart/alternative", func(t *testing.T, h *house) {
		set := h.write(t, h.mailboxes["inbox"], "As both", obj{
			"bodyStructure": obj{"type": "multipart/alternative", "subParts": []obj{{"type": "text/plain", "partId": "text"}, {"type": "text/html", "partId": "html"}}},
			"bodyValues":    obj{"text": obj{"value": "Hello"}, "html": obj{"value": "<p>Hello</p>"}},
		})
		email := h.get(t, "Email", text(t, set, "created", "e", "id"), obj{"properties": []string{"textBody", "htmlBody"}, "bodyProperties": []string{"type"}})
		equal(t, "textBody", dig(email, "textBody"), []obj{{"type": "text/plain"}})
		equal(t, "htmlBody", dig(email, "htmlBody"), []obj{{"type": "text/html"}})
	}},
	{"RFC 8621 §4.6 textBody and htmlBody", func(t *testing.T, h *house) {
		set := h.write(t, h.mailboxes["inbox"], "As both, simply", obj{
			"bodyStructure": missing{}, "textBody": []obj{{"type": "text/plain", "partId": "t"}}, "htmlBody": []obj{{"type": "text/html", "partId": "h"}},
			"attachments": []obj{{"type": "application/pdf", "blobId": h.blobs["pdf"], "name": "ä.pdf"}},
			"bodyValues":  obj{"t": obj{"value": "Hello"}, "h": obj{"value": "<p>Hello</p>"}},
		})
		email := h.get(t, "Email", text(t, set, "created", "e", "id"), nil)
		equal(t, "name", dig(email, "attachments", 0, "name"), "ä.pdf")
		equal(t, "type", dig(email, "textBody", 0, "type"), "text/plain")
		equal(t, "type", dig(email, "htmlBody", 0, "type"), "text/html")
	}},
	{"RFC 8621 §4.6 keywords", func(t *testing.T, h *house) {
		set := h.write(t, h.mailboxes["inbox"], "With keywords", obj{"keywords": obj{"$draft": true, "$seen": true}})
		equal(t, "keywords", dig(h.get(t, "Email", text(t, set, "created", "e", "id"), nil), "keywords"), obj{"$draft": true, "$seen": true})
	}},
	{"RFC 8621 §4.6 what the server adds", func(t *testing.T, h *house) {
		set := h.write(t, h.mailboxes["inbox"], "To be completed", nil)
		email := h.get(t, "Email", text(t, set, "created", "e", "id"), nil)
		equal(t, "size", dig(email, "size"), dig(set, "created", "e", "size"))
		equal(t, "blobId", dig(email, "blobId"), dig(set, "created", "e", "blobId"))
		equal(t, "threadId", dig(email, "threadId"), dig(set, "created", "e", "threadId"))
		shaped(t, email, "messageId array, sentAt string, receivedAt string")
	}},
	{"RFC 8621 §4.6 an attachment of a blob", func(t *testing.T, h *house) {
		set := h.write(t, h.mailboxes["inbox"], "With a file", obj{
			"bodyStructure": obj{"type": "multipart/mixed", "subParts": []obj{
				{"type": "text/plain", "partId": "text"}, {"type": "application/pdf", "blobId": h.blobs["pdf"], "name": "test.pdf", "disposition": "attachment"},
			}},
			"bodyValues": obj{"text": obj{"value": "Enclosed."}},
		})
		email := h.get(t, "Email", text(t, set, "created", "e", "id"), obj{"properties": []string{"hasAttachment", "attachments"}, "bodyProperties": []string{"type", "name", "blobId"}})
		equal(t, "hasAttachment", dig(email, "hasAttachment"), true)
		equal(t, "name", dig(email, "attachments", 0, "name"), "test.pdf")
		if status, _, octets := h.download(t, text(t, email, "attachments", 0, "blobId"), "application/pdf"); status != http.StatusOK || string(octets) != pdf {
			t.Errorf("%d %q", status, octets)
		}
	}},
	{"RFC 8620 §5.3 states", func(t *testing.T, h *house) {
		since := h.state(t, "Email")
		set := h.write(t, h.mailboxes["inbox"], "Of another state", nil)
		equal(t, "oldState", dig(set, "oldState"), since)
		if text(t, set, "newState") == since {
			t.Error("the state stayed")
		}
	}},
	{"RFC 8620 §5.3 into a mailbox of the same request", func(t *testing.T, h *house) {
		answers := h.chain(t, call{"Mailbox/set", obj{"create": obj{"newMb": obj{"name": "Just made", "parentId": nil}}}, "mb"},
			call{"Email/set", obj{"create": obj{"e": obj{
				"mailboxIds": obj{"#newMb": true}, "subject": "In it", "from": rose, "to": rose,
				"bodyStructure": obj{"type": "text/plain", "partId": "1"}, "bodyValues": obj{"1": obj{"value": "x"}},
			}}}, "em"})
		equal(t, "answers", len(answers), 2)
		mailbox, email := text(t, answers[0].args, "created", "newMb", "id"), text(t, answers[1].args, "created", "e", "id")
		equal(t, "mailboxIds", dig(h.get(t, "Email", email, nil), "mailboxIds"), obj{mailbox: true})
		h.call(t, "Email/set", obj{"destroy": []string{email}})
		equal(t, "destroyed", dig(h.call(t, "Mailbox/set", obj{"destroy": []string{mailbox}}), "destroyed"), []string{mailbox})
	}},
	{"RFC 8621 §4.6 in no mailbox, in one there is not, in two of which one is not", func(t *testing.T, h *house) {
		email := func(in obj) obj {
			return obj{"mailboxIds": in, "bodyStructure": obj{"type": "text/plain", "partId": "1"}, "bodyValues": obj{"1": obj{"value": "x"}}}
		}
		set := h.call(t, "Email/set", obj{"create": obj{
			"none": email(obj{}), "unknown": email(obj{nobody: true}), "two": email(obj{h.mailboxes["inbox"]: true, nobody: true}),
		}})
		equal(t, "none", dig(set, "notCreated", "none", "type"), "invalidProperties")
		equal(t, "unknown", dig(set, "notCreated", "unknown", "type"), "invalidProperties")
		equal(t, "two", dig(set, "notCreated", "two", "type"), "invalidProperties")
	}},
	{"RFC 8621 §4.6 a blob there is not", func(t *testing.T, h *house) {
		set := h.call(t, "Email/set", obj{"create": obj{"e": obj{"mailboxIds": obj{h.mailboxes["inbox"]: true}, "attachments": []obj{{"blobId": nobody, "type": "text/plain"}}}}})
		equal(t, "type", dig(set, "notCreated", "e", "type"), "blobNotFound")
		equal(t, "notFound", dig(set, "notCreated", "e", "notFound"), []string{nobody})
	}},
}

var emailUpdateRules = []rule{
	{"RFC 8620 §5.3 add a keyword", func(t *testing.T, h *house) {
		h.patch(t, h.emails["plain"], obj{"keywords/$flagged": true})
		equal(t, "keywords", h.keywords(t, "plain"), obj{"$seen": true, "$flagged": true})
		h.patch(t, h.emails["plain"], obj{"keywords/$flagged": nil})
		equal(t, "keywords", h.keywords(t, "plain"), obj{"$seen": true})
	}},
	{"RFC 8620 §5.3 remove a keyword", func(t *testing.T, h *house) {
		h.patch(t, h.emails["labelled"], obj{"keywords/$forwarded": nil})
		equal(t, "keywords", h.keywords(t, "labelled"), obj{"$seen": true, "to_frame": true})
		h.patch(t, h.emails["labelled"], obj{"keywords/$forwarded": true})
		equal(t, "keywords", h.keywords(t, "labelled"), obj{"$seen": true, "$forwarded": true, "to_frame": true})
	}},
	{"RFC 8620 §5.3 all keywords", func(t *testing.T, h *house) {
		h.patch(t, h.emails["plain"], obj{"keywords": obj{"$seen": true, "$flagged": true}})
		equal(t, "keywords", h.keywords(t, "plain"), obj{"$seen": true, "$flagged": true})
		h.patch(t, h.emails["plain"], obj{"keywords": obj{"$seen": true}})
		equal(t, "keywords", h.keywords(t, "plain"), obj{"$seen": true})
	}},
	{"RFC 8621 §4.6 a move keeps the id", func(t *testing.T, h *house) {
		id := text(t, h.write(t, h.mailboxes["inbox"], "On the move", nil), "created", "e", "id")
		h.patch(t, id, obj{"mailboxIds": obj{h.mailboxes["A"]: true}})
		equal(t, "mailboxIds", dig(h.get(t, "Email", id, nil), "mailboxIds"), obj{h.mailboxes["A"]: true})
		h.patch(t, id, obj{"mailboxIds/" + h.mailboxes["A"]: nil, "mailboxIds/" + h.mailboxes["B"]: true})
		equal(t, "mailboxIds", dig(h.get(t, "Email", id, nil), "mailboxIds"), obj{h.mailboxes["B"]: true})
		includes(t, "the query", any(h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes["B"]}})), id)
		excludes(t, "the query", any(h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes["A"]}})), id)
	}},
	{"RFC 8621 §4.6 into a second mailbox, and out of the first", func(t *testing.T, h *house) {
		inbox, other := h.mailboxes["inbox"], h.mailboxes["B"]
		id := text(t, h.write(t, inbox, "In two places", nil), "created", "e", "id")
		h.patch(t, id, obj{"mailboxIds/" + other: true})
		equal(t, "mailboxIds", dig(h.get(t, "Email", id, nil), "mailboxIds"), obj{inbox: true, other: true})
		includes(t, "the query", any(h.all(t, obj{"filter": obj{"inMailbox": inbox}})), id)
		includes(t, "the query", any(h.all(t, obj{"filter": obj{"inMailbox": other}})), id)
		h.patch(t, id, obj{"mailboxIds/" + inbox: nil})
		equal(t, "mailboxIds", dig(h.get(t, "Email", id, nil), "mailboxIds"), obj{other: true})
		excludes(t, "the query", any(h.all(t, obj{"filter": obj{"inMailbox": inbox}})), id)
	}},
	{"RFC 8621 §4.6 not out of the last", func(t *testing.T, h *house) {
		set := h.call(t, "Email/set", obj{"update": obj{h.emails["plain"]: obj{"mailboxIds/" + h.mailboxes["inbox"]: nil}}})
		equal(t, "type", dig(set, "notUpdated", h.emails["plain"], "type"), "invalidProperties")
	}},
	{"RFC 8620 §5.3 ifInState", func(t *testing.T, h *house) {
		set := h.call(t, "Email/set", obj{"ifInState": h.state(t, "Email"), "update": obj{h.emails["plain"]: obj{"keywords/$flagged": true}}})
		text(t, set, "newState")
		equal(t, "type", h.refused(t, "Email/set", obj{"ifInState": text(t, set, "oldState"), "update": obj{h.emails["plain"]: obj{"keywords/$flagged": nil}}}), "stateMismatch")
		h.patch(t, h.emails["plain"], obj{"keywords/$flagged": nil})
	}},
	{"RFC 8620 §5.3 what is not there", func(t *testing.T, h *house) {
		set := h.call(t, "Email/set", obj{"update": obj{nobody: obj{"keywords/$seen": true}}})
		equal(t, "type", dig(set, "notUpdated", nobody, "type"), "notFound")
	}},
	{"RFC 8620 §5.3 a patch that is none", func(t *testing.T, h *house) {
		for _, patch := range []obj{{"keywords/$seen/deeper": true}, {"keywords": obj{}, "keywords/$seen": true}} {
			set := h.call(t, "Email/set", obj{"update": obj{h.emails["plain"]: patch}})
			equal(t, show(patch), dig(set, "notUpdated", h.emails["plain"], "type"), "invalidPatch")
		}
		set := h.call(t, "Email/set", obj{"update": obj{h.emails["plain"]: obj{"subject": "Changed"}}})
		equal(t, "what cannot change", dig(set, "notUpdated", h.emails["plain"], "type"), "invalidProperties")
	}},
}

func (h *house) keywords(t *testing.T, key string) any {
	t.Helper()
	return dig(h.get(t, "Email", h.emails[key], obj{"properties": []string{"keywords"}}), "keywords")
}

var emailDestroyRules = []rule{
	{"RFC 8621 §4.6 one", func(t *testing.T, h *house) {
		id := text(t, h.write(t, h.mailboxes["inbox"], "Not for long", nil), "created", "e", "id")
		equal(t, "destroyed", dig(h.call(t, "Email/set", obj{"destroy": []string{id}}), "destroyed"), []string{id})
		equal(t, "notFound", dig(h.call(t, "Email/get", obj{"ids": []string{id}}), "notFound"), []string{id})
		excludes(t, "all", any(h.all(t, nil)), id)
	}},
	{"RFC 8621 §4.6 two", func(t *testing.T, h *house) {
		var ids []string
		for _, subject := range []string{"The one", "The other"} {
			ids = append(ids, text(t, h.write(t, h.mailboxes["inbox"], subject, nil), "created", "e", "id"))
		}
		set := h.call(t, "Email/set", obj{"destroy": ids})
		includes(t, "destroyed", dig(set, "destroyed"), ids...)
		equal(t, "how many", len(list(t, set, "destroyed")), 2)
	}},
	{"RFC 8620 §5.3 what is not there", func(t *testing.T, h *house) {
		set := h.call(t, "Email/set", obj{"destroy": []string{nobody}})
		equal(t, "type", dig(set, "notDestroyed", nobody, "type"), "notFound")
	}},
	{"RFC 8621 §4.6 gone from its mailbox", func(t *testing.T, h *house) {
		id := text(t, h.write(t, h.mailboxes["A"], "Gone from here", nil), "created", "e", "id")
		includes(t, "before", any(h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes["A"]}})), id)
		h.call(t, "Email/set", obj{"destroy": []string{id}})
		for _, mailbox := range []string{"A", "inbox", "trash"} {
			excludes(t, mailbox, any(h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes[mailbox]}})), id)
		}
	}},
}
