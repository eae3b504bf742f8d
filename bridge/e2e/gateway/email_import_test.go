package gateway

import (
	"strings"
	"testing"
)

// letterOf is a message as simple as can be.
func letterOf(subject, more, body string) []byte {
	return []byte(strings.ReplaceAll("From: Ina Port <ina@port.example>\nTo: ada@hearth.test\nSubject: "+subject+"\n"+more+"\n"+body, "\n", "\r\n"))
}

// importOne imports a message, gives the answer, and destroys it when the test ends.
func (h *house) importOne(t *testing.T, raw []byte, email obj) obj {
	t.Helper()
	email["blobId"] = text(t, h.upload(t, "message/rfc822", raw), "blobId")
	got := h.call(t, "Email/import", obj{"emails": obj{"i": email}})
	id := text(t, got, "created", "i", "id")
	t.Cleanup(func() { h.call(t, "Email/set", obj{"destroy": []string{id}}) })
	return got
}

var emailImportRules = []rule{
	{"RFC 8621 §4.8 a message", func(t *testing.T, h *house) {
		got := h.importOne(t, letterOf("Brought in", "Message-ID: <in-1@port.example>\n", "x"), obj{"mailboxIds": obj{h.mailboxes["inbox"]: true}, "keywords": obj{"$seen": true}, "receivedAt": "2026-01-01T12:00:00Z"})
		shaped(t, dig(got, "created", "i"), "id string, blobId string, threadId string, size number")
		equal(t, "subject", dig(h.get(t, "Email", text(t, got, "created", "i", "id"), nil), "subject"), "Brought in")
	}},
	{"RFC 8621 §4.8 mailboxIds", func(t *testing.T, h *house) {
		got := h.importOne(t, letterOf("To the mill", "Content-Type: text/plain\n", "x"), obj{"mailboxIds": obj{h.mailboxes["B"]: true}})
		email := h.get(t, "Email", text(t, got, "created", "i", "id"), nil)
		equal(t, "mailboxIds", dig(email, "mailboxIds"), obj{h.mailboxes["B"]: true})
		equal(t, "keywords", dig(email, "keywords"), obj{})
	}},
	{"RFC 8621 §4.8 keywords", func(t *testing.T, h *house) {
		got := h.importOne(t, letterOf("Starred", "", "x"), obj{"mailboxIds": obj{h.mailboxes["inbox"]: true}, "keywords": obj{"$seen": true, "$flagged": true}})
		equal(t, "keywords", dig(h.get(t, "Email", text(t, got, "created", "i", "id"), nil), "keywords"), obj{"$seen": true, "$flagged": true})
	}},
	{"RFC 8621 §4.8 receivedAt", func(t *testing.T, h *house) {
		got := h.importOne(t, letterOf("From another time", "Date: Wed, 15 Jan 2025 08:00:00 +0000\n", "x"), obj{"mailboxIds": obj{h.mailboxes["inbox"]: true}, "receivedAt": "2025-06-15T10:30:00Z"})
		equal(t, "receivedAt", dig(h.get(t, "Email", text(t, got, "created", "i", "id"), nil), "receivedAt"), "2025-06-15T10:30:00Z")
	}},
	{"RFC 8621 §4.8 what is no message", func(t *testing.T, h *house) {
		blob := h.upload(t, "application/octet-stream", []byte("this is no message at all"))
		got := h.call(t, "Email/import", obj{"emails": obj{"i": obj{"blobId": text(t, blob, "blobId"), "mailboxIds": obj{h.mailboxes["inbox"]: true}}}})
		equal(t, "type", dig(got, "notCreated", "i", "type"), "invalidEmail")
	}},
	{"RFC 8621 §4.8 a blob there is not", func(t *testing.T, h *house) {
		got := h.call(t, "Email/import", obj{"emails": obj{"i": obj{"blobId": nobody, "mailboxIds": obj{h.mailboxes["inbox"]: true}}}})
		equal(t, "type", dig(got, "notCreated", "i", "type"), "invalidProperties")
		equal(t, "properties", dig(got, "notCreated", "i", "properties"), []string{"blobId"})
	}},
	{"RFC 8621 §4.8 two", func(t *testing.T, h *house) {
		emails := obj{}
		for _, key := range []string{"one", "two"} {
			emails[key] = obj{"blobId": text(t, h.upload(t, "message/rfc822", letterOf("Both "+key, "", key)), "blobId"), "mailboxIds": obj{h.mailboxes["A2"]: true}}
		}
		got := h.call(t, "Email/import", obj{"emails": emails})
		ids := []string{text(t, got, "created", "one", "id"), text(t, got, "created", "two", "id")}
		includes(t, "the mailbox", any(h.all(t, obj{"filter": obj{"inMailbox": h.mailboxes["A2"]}})), ids...)
		h.call(t, "Email/set", obj{"destroy": ids})
	}},
	{"RFC 8621 §4.8 states", func(t *testing.T, h *house) {
		since := h.state(t, "Email")
		got := h.importOne(t, letterOf("Of a new state", "", "x"), obj{"mailboxIds": obj{h.mailboxes["inbox"]: true}})
		shaped(t, got, "oldState string, newState string")
		changes := h.call(t, "Email/changes", obj{"sinceState": since})
		includes(t, "created", dig(changes, "created"), text(t, got, "created", "i", "id"))
	}},
	{"RFC 8621 §4.8 again, after it was destroyed", func(t *testing.T, h *house) {
		raw := letterOf("Again", "Message-ID: <again@port.example>\n", "x")
		for range 2 {
			got := h.importOne(t, raw, obj{"mailboxIds": obj{h.mailboxes["inbox"]: true}})
			h.call(t, "Email/set", obj{"destroy": []string{text(t, got, "created", "i", "id")}})
		}
	}},
}

var emailCopyRules = []rule{
	{"RFC 8621 §4.7 not within an account", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Email/copy", obj{"fromAccountId": h.account, "create": obj{"x": obj{"id": "placeholder", "mailboxIds": obj{h.mailboxes["inbox"]: true}}}}), "invalidArguments")
	}},
	{"RFC 8621 §4.7 not from an account of others", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Email/copy", obj{"fromAccountId": h.other.account, "create": obj{"x": obj{"id": "placeholder", "mailboxIds": obj{h.mailboxes["inbox"]: true}}}}), "fromAccountNotFound")
	}},
}

// parse parses an upload.
func (h *house) parse(t *testing.T, raw []byte, args obj) (blob string, got obj) {
	t.Helper()
	blob = text(t, h.upload(t, "message/rfc822", raw), "blobId")
	args["blobIds"] = []string{blob}
	return blob, h.call(t, "Email/parse", args)
}

var emailParseRules = []rule{
	{"RFC 8621 §4.9 a message", func(t *testing.T, h *house) {
		blob, got := h.parse(t, letterOf("Only to look at", "Date: Mon, 15 Jan 2025 08:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n", "Not kept."),
			obj{"properties": []string{"subject", "from", "to", "textBody", "bodyValues"}, "fetchTextBodyValues": true})
		email := dig(got, "parsed", blob)
		equal(t, "subject", dig(email, "subject"), "Only to look at")
		equal(t, "from", dig(email, "from"), []obj{{"name": "Ina Port", "email": "ina@port.example"}})
		equal(t, "value", dig(email, "bodyValues", text(t, email, "textBody", 0, "partId"), "value"), "Not kept.")
	}},
	{"RFC 8621 §4.9 what an email would have is null", func(t *testing.T, h *house) {
		blob, got := h.parse(t, letterOf("Without", "", "x"), obj{"properties": []string{"id", "blobId", "threadId", "mailboxIds", "keywords", "receivedAt", "subject"}})
		shaped(t, dig(got, "parsed", blob), "id null, threadId null, mailboxIds null, keywords null, receivedAt null, subject string")
	}},
	{"RFC 8621 §4.9 a blob there is not", func(t *testing.T, h *house) {
		equal(t, "notFound", dig(h.call(t, "Email/parse", obj{"blobIds": []string{nobody}}), "notFound"), []string{nobody})
	}},
	{"RFC 8621 §4.9 what is no message", func(t *testing.T, h *house) {
		blob, got := h.parse(t, []byte("just some text that has no header at all"), obj{})
		equal(t, "notParsable", dig(got, "notParsable"), []string{blob})
	}},
	{"RFC 8621 §4.9 bodyProperties", func(t *testing.T, h *house) {
		blob, got := h.parse(t, letterOf("With a body", "Content-Type: text/plain\n", "The body, to be read."), obj{"properties": []string{"textBody", "bodyValues"}, "bodyProperties": []string{"partId"}, "fetchTextBodyValues": true})
		email := dig(got, "parsed", blob)
		part := text(t, email, "textBody", 0, "partId")
		equal(t, "textBody", dig(email, "textBody"), []obj{{"partId": part}})
		equal(t, "value", dig(email, "bodyValues", part, "value"), "The body, to be read.")
	}},
	{"RFC 8621 §4.9 all members", func(t *testing.T, h *house) {
		blob, got := h.parse(t, letterOf("Bare", "", "x"), obj{})
		equal(t, "accountId", dig(got, "accountId"), h.account)
		shaped(t, got, "parsed object, notParsable null|array, notFound null|array")
		shaped(t, dig(got, "parsed", blob), "messageId null, from array, to array, subject string, sentAt null, hasAttachment bool, preview string, bodyValues object, textBody array, htmlBody array, attachments array")
	}},
	{"RFC 8621 §4.9 a message within a message", func(t *testing.T, h *house) {
		blob := text(t, h.get(t, "Email", h.emails["plain"], obj{"properties": []string{"blobId"}}), "blobId")
		equal(t, "subject", dig(h.call(t, "Email/parse", obj{"blobIds": []string{blob}}), "parsed", blob, "subject"), "Seedlings on Saturday")
	}},
}
