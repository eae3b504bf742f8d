package gateway

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// clientRules are what well-known clients ask for, in the shapes they ask it in.
var clientRules = []rule{
	{"a terminal client opens its list of conversations", func(t *testing.T, h *house) {
		answers := h.chain(t,
			call{"Mailbox/get", obj{}, "mailboxes"},
			call{"Email/query", obj{"filter": obj{"inMailbox": h.mailboxes["inbox"]}, "sort": newestFirst, "collapseThreads": true, "position": 0, "limit": 50}, "query"},
			call{"Email/get", obj{"#ids": reference("query", "Email/query", "/ids"), "properties": []string{"threadId"}}, "threads"},
			call{"Thread/get", obj{"#ids": reference("threads", "Email/get", "/list/*/threadId")}, "members"},
			call{"Email/get", obj{
				"#ids":           reference("members", "Thread/get", "/list/*/emailIds"),
				"properties":     []string{"id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "headers", "messageId", "inReplyTo", "references", "from", "to", "cc", "bcc", "replyTo", "subject", "bodyStructure"},
				"bodyProperties": []string{"blobId", "charset", "cid", "disposition", "language", "location", "name", "partId", "size", "subParts", "type"},
			}, "emails"})
		equal(t, "conversations", len(list(t, answers[1].args, "ids")), 12)
		equal(t, "their emails", len(list(t, answers[4].args, "list")), 14)
	}},
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
	{"a phone follows its list of conversations", func(t *testing.T, h *house) {
		query := obj{"filter": obj{"inMailbox": h.mailboxes["inbox"]}, "sort": newestFirst, "collapseThreads": true}
		since := text(t, h.call(t, "Email/query", query), "queryState")
		email := h.write(t, h.mailboxes["inbox"], "Just in", nil)
		answers := h.chain(t,
			call{"Email/queryChanges", with(query, obj{"sinceQueryState": since}), "q"},
			call{"Email/get", obj{"#ids": reference("q", "Email/queryChanges", "/added/*/id"), "properties": []string{"threadId", "mailboxIds", "keywords", "receivedAt"}}, "e"},
			call{"Thread/get", obj{"#ids": reference("e", "Email/get", "/list/*/threadId")}, "t"})
		includes(t, "added", addedIds(answers[0].args), text(t, email, "created", "e", "id"))
		includes(t, "the threads", any(pluck(t, answers[2].args, "id")), text(t, email, "created", "e", "threadId"))
	}},
	{"a phone searches", func(t *testing.T, h *house) {
		filter := obj{"operator": "AND", "conditions": []any{obj{"text": "footbridge"}, obj{"operator": "NOT", "conditions": []any{obj{"inMailbox": h.mailboxes["trash"]}}}}}
		answers := h.chain(t,
			call{"Email/query", obj{"filter": filter, "sort": newestFirst, "collapseThreads": true, "limit": 20}, "q"},
			call{"SearchSnippet/get", obj{"filter": filter, "#emailIds": reference("q", "Email/query", "/ids")}, "s"})
		equal(t, "found", dig(answers[0].args, "ids"), h.idsOf("bridge-3"))
		marked(t, text(t, answers[1].args, "list", 0, "subject"), "footbridge")
	}},
	{"a synchronizer fetches everything, then what changed", func(t *testing.T, h *house) {
		properties := []string{"id", "blobId", "keywords", "mailboxIds"}
		var ids []any
		state := ""
		for position := 0; ; {
			answers := h.chain(t,
				call{"Email/query", obj{"position": position, "limit": 8, "sort": oldestFirst}, "q"},
				call{"Email/get", obj{"#ids": reference("q", "Email/query", "/ids"), "properties": properties}, "g"})
			page := list(t, answers[0].args, "ids")
			if len(page) == 0 {
				break
			}
			equal(t, "emails of a page", len(list(t, answers[1].args, "list")), len(page))
			for _, email := range list(t, answers[1].args, "list") {
				if status, _, _ := h.download(t, text(t, email, "blobId"), "text/plain"); status != http.StatusOK {
					t.Errorf("blob of %v: %d", dig(email, "id"), status)
				}
			}
			ids, position, state = append(ids, page...), position+len(page), text(t, answers[1].args, "state")
		}
		equal(t, "emails", len(ids), len(h.emails))
		set := h.call(t, "Email/set", obj{"ifInState": state, "update": obj{h.emails["plain"]: obj{
			"keywords": obj{"$seen": true, "$flagged": true}, "mailboxIds": obj{h.mailboxes["archive"]: true},
		}}})
		equal(t, "updated", kind(dig(set, "updated", h.emails["plain"])) != "missing", true)
		answers := h.chain(t, call{"Email/changes", obj{"sinceState": state}, "c"},
			call{"Email/get", obj{"#ids": reference("c", "Email/changes", "/updated"), "properties": properties}, "g"})
		equal(t, "mailboxIds", dig(answers[1].args, "list", 0, "mailboxIds"), obj{h.mailboxes["archive"]: true})
		h.patch(t, h.emails["plain"], obj{"keywords": obj{"$seen": true}, "mailboxIds": obj{h.mailboxes["inbox"]: true}})
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
	{"a client reads what RFC 8621 §4.10 does", func(t *testing.T, h *house) {
		answers := h.chain(t,
			call{"Email/query", obj{"filter": obj{"inMailbox": h.mailboxes["inbox"]}, "sort": newestFirst, "collapseThreads": true, "position": 0, "limit": 30, "calculateTotal": true}, "0"},
			call{"Email/get", obj{"#ids": reference("0", "Email/query", "/ids"), "properties": []string{"threadId"}}, "1"},
			call{"Thread/get", obj{"#ids": reference("1", "Email/get", "/list/*/threadId")}, "2"},
			call{"Email/get", obj{"#ids": reference("2", "Thread/get", "/list/*/emailIds"), "properties": []string{"threadId", "mailboxIds", "keywords", "hasAttachment", "from", "subject", "receivedAt", "size", "preview"}}, "3"})
		equal(t, "total", dig(answers[0].args, "total"), 12)
		equal(t, "emails", len(list(t, answers[3].args, "list")), 14)
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
