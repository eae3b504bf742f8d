package gateway

import (
	"slices"
	"strings"
	"testing"
)

// clientRules are what well-known clients ask for, in the shapes they ask it in.
var clientRules = []rule{
	{"a terminal client comes back after changes", func(t *testing.T, h *house) {
		mailboxes, emails := h.state(t, "Mailbox"), h.state(t, "Email")
		id := text(t, h.write(t, h.mailboxes["A2"], "While it was away", nil), "created", "e", "id")
		answers := h.chain(t,
			call{"Mailbox/changes", obj{"sinceState": mailboxes}, "m"},
			call{"Mailbox/get", obj{"#ids": reference("m", "Mailbox/changes", "/created")}, "mc"},
			// RFC 8621 §2.2: only what has changed of them, all where nobody knows.
			call{"Mailbox/get", obj{"#ids": reference("m", "Mailbox/changes", "/updated"), "#properties": reference("m", "Mailbox/changes", "/updatedProperties")}, "mu"},
			call{"Email/changes", obj{"sinceState": emails, "maxChanges": 30}, "e"},
			call{"Email/get", obj{"#ids": reference("e", "Email/changes", "/created"), "properties": []string{"subject"}}, "ec"},
			call{"Email/get", obj{"#ids": reference("e", "Email/changes", "/updated"), "properties": []string{"keywords", "mailboxIds", "threadId"}}, "eu"})
		equal(t, "the new email", dig(answers[4].args, "list"), []obj{{"id": id, "subject": "While it was away"}})
		counted := slices.ContainsFunc(list(t, answers[2].args, "list"), func(m any) bool {
			return dig(m, "id") == h.mailboxes["A2"] && dig(m, "totalEmails") == 1.0
		})
		if !counted {
			t.Errorf("its mailbox: %s", show(answers[2].args))
		}
	}},
	{"a synchronizer sends what another program wrote", func(t *testing.T, h *house) {
		raw := []byte(strings.Replace(string(letterOf("Written elsewhere", "Message-ID: <elsewhere@hearth.test>\n", "From a pipe.")), "Ina Port <ina@port.example>", h.user, 1))
		blob := text(t, h.upload(t, "message/rfc822", raw), "blobId")
		answers := h.chain(t,
			call{"Email/import", obj{"emails": obj{"e": obj{"blobId": blob, "mailboxIds": obj{h.mailboxes["drafts"]: true}, "keywords": obj{"$draft": true, "$seen": true}}}}, "i"},
			call{"EmailSubmission/set", obj{
				"create": obj{"s": obj{"emailId": "#e", "identityId": h.identity(t), "envelope": obj{
					"mailFrom": obj{"email": h.user}, "rcptTo": []obj{{"email": h.other.user}},
				}}},
				"onSuccessUpdateEmail": obj{"#s": obj{"mailboxIds": obj{h.mailboxes["sent"]: true}, "keywords/$draft": nil}},
			}, "s"})
		email := text(t, answers[0].args, "created", "e", "id")
		text(t, answers[1].args, "created", "s", "id")
		equal(t, "the third", answers[2].name, "Email/set")
		equal(t, "mailboxIds", dig(h.get(t, "Email", email, nil), "mailboxIds"), obj{h.mailboxes["sent"]: true})
		h.call(t, "Email/set", obj{"destroy": []string{email}})
		h.arrives(t, "Written elsewhere")
	}},
	{"a window client writes a draft anew and sends it", func(t *testing.T, h *house) {
		first := h.draft(t, h.mailboxes["drafts"], "Draft of a draft", nil)
		answers := h.chain(t,
			call{"Email/set", obj{"create": obj{"d": obj{
				"mailboxIds": obj{h.mailboxes["drafts"]: true}, "keywords": obj{"$draft": true, "$seen": true}, "subject": "The last draft",
				"from": []obj{{"name": "Ada", "email": h.user}}, "to": []obj{{"name": "Ada the second", "email": h.other.user}},
				"textBody": []obj{{"partId": "text", "type": "text/plain"}}, "htmlBody": []obj{{"partId": "html", "type": "text/html"}},
				"bodyValues": obj{"text": obj{"value": "So be it."}, "html": obj{"value": "<p>So be it.</p>"}},
			}}, "destroy": []string{first}}, "d"},
			call{"EmailSubmission/set", obj{
				"create":               obj{"s": obj{"emailId": "#d", "identityId": h.identity(t)}},
				"onSuccessUpdateEmail": obj{"#s": obj{"mailboxIds/" + h.mailboxes["drafts"]: nil, "mailboxIds/" + h.mailboxes["sent"]: true, "keywords/$draft": nil}},
			}, "s"})
		email := text(t, answers[0].args, "created", "d", "id")
		equal(t, "destroyed", dig(answers[0].args, "destroyed"), []string{first})
		equal(t, "mailboxIds", dig(h.get(t, "Email", email, nil), "mailboxIds"), obj{h.mailboxes["sent"]: true})
		h.call(t, "Email/set", obj{"destroy": []string{email}})
		h.arrives(t, "The last draft")
	}},
}

func pluck(t *testing.T, got obj, property string) []any {
	t.Helper()
	out := []any{}
	for _, record := range list(t, got, "list") {
		out = append(out, dig(record, property))
	}
	return out
}
