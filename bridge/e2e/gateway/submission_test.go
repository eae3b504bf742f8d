package gateway

import (
	"testing"
)

// draft writes a draft to the second person and gives its id.
func (h *house) draft(t *testing.T, mailbox, subject string, more obj) string {
	t.Helper()
	properties := obj{
		"keywords": obj{"$seen": true, "$draft": true}, "from": []obj{{"name": nil, "email": h.user}}, "to": []obj{{"name": nil, "email": h.other.user}},
	}
	return text(t, h.write(t, mailbox, subject, with(properties, more)), "created", "e", "id")
}

var submissionRules = []rule{
	{"RFC 8621 §7.1 all", func(t *testing.T, h *house) {
		shaped(t, h.call(t, "EmailSubmission/get", obj{"ids": nil}), "accountId string, state string, list array, notFound array")
	}},
	{"RFC 8620 §5.1 what is not there", func(t *testing.T, h *house) {
		equal(t, "notFound", dig(h.call(t, "EmailSubmission/get", obj{"ids": []string{nobody}}), "notFound"), []string{nobody})
	}},
	{"RFC 8620 §5.1 all members", func(t *testing.T, h *house) {
		shaped(t, h.call(t, "EmailSubmission/get", obj{"ids": []string{}}), "accountId string, state string, list array, notFound array")
	}},
	{"RFC 8621 §7.2 nothing changed", func(t *testing.T, h *house) {
		since := h.state(t, "EmailSubmission")
		unchanged(t, h.call(t, "EmailSubmission/changes", obj{"sinceState": since}), since)
	}},
	{"RFC 8620 §5.2 all members", func(t *testing.T, h *house) {
		shaped(t, h.call(t, "EmailSubmission/changes", obj{"sinceState": h.state(t, "EmailSubmission")}), changesShape)
	}},
	{"RFC 8621 §7.3 all", submissionsOf(obj{})},
	{"RFC 8621 §7.3 undoStatus", submissionsOf(obj{"undoStatus": "final"})},
	{"RFC 8621 §7.3 several conditions", submissionsOf(obj{"undoStatus": "final", "after": "2020-01-01T00:00:00Z"})},
	{"RFC 8620 §5.5 filter null", submissionsOf(nil)},
	{"RFC 8621 §7.4 all members", func(t *testing.T, h *house) {
		since := text(t, h.call(t, "EmailSubmission/query", obj{"filter": obj{}}), "queryState")
		shaped(t, h.call(t, "EmailSubmission/queryChanges", obj{"filter": obj{}, "sinceQueryState": since}), queryChangesShape)
	}},
	{"RFC 8621 §7.5 send, and destroy the email at once", func(t *testing.T, h *house) {
		email := h.draft(t, h.mailboxes["drafts"], "Sent and forgotten", nil)
		since := h.state(t, "EmailSubmission")
		set := h.call(t, "EmailSubmission/set", obj{"create": obj{"s": obj{"identityId": h.identity(t), "emailId": email}}})
		created := dig(set, "created", "s")
		shaped(t, created, "id string, sendAt string, undoStatus string")
		if status := text(t, created, "undoStatus"); status != "pending" && status != "final" {
			t.Errorf("undoStatus %s", status)
		}
		equal(t, "oldState", dig(set, "oldState"), since)
		includes(t, "created", dig(h.call(t, "EmailSubmission/changes", obj{"sinceState": since}), "created"), text(t, created, "id"))
		equal(t, "destroyed", dig(h.call(t, "Email/set", obj{"destroy": []string{email}}), "destroyed"), []string{email})
		h.arrives(t, "Sent and forgotten")
	}},
	{"RFC 8621 §7.5 with an envelope", func(t *testing.T, h *house) {
		email := h.draft(t, h.mailboxes["drafts"], "In an envelope", nil)
		set := h.call(t, "EmailSubmission/set", obj{"create": obj{"s": obj{"identityId": h.identity(t), "emailId": email, "envelope": obj{
			"mailFrom": obj{"email": h.user, "parameters": nil}, "rcptTo": []obj{{"email": h.other.user, "parameters": nil}},
		}}}})
		text(t, set, "created", "s", "id")
		h.arrives(t, "In an envelope")
	}},
	{"RFC 8621 §7.5 onSuccessUpdateEmail", func(t *testing.T, h *house) {
		email := h.draft(t, h.mailboxes["drafts"], "To be filed", nil)
		answers := h.one(t, "EmailSubmission/set", obj{
			"create": obj{"s": obj{"identityId": h.identity(t), "emailId": email}},
			"onSuccessUpdateEmail": obj{"#s": obj{
				"mailboxIds/" + h.mailboxes["sent"]: true, "mailboxIds/" + h.mailboxes["drafts"]: nil, "keywords/$draft": nil,
			}},
		})
		equal(t, "answers", len(answers), 2)
		equal(t, "the first", answers[0].name, "EmailSubmission/set")
		equal(t, "the second", answers[1].name, "Email/set")
		equal(t, "their id", answers[1].id, answers[0].id)
		got := h.get(t, "Email", email, nil)
		equal(t, "mailboxIds", dig(got, "mailboxIds"), obj{h.mailboxes["sent"]: true})
		equal(t, "keywords", dig(got, "keywords"), obj{"$seen": true})
	}},
	{"RFC 8621 §7.5 onSuccessDestroyEmail", func(t *testing.T, h *house) {
		email := h.draft(t, h.mailboxes["drafts"], "To be burned", nil)
		answers := h.one(t, "EmailSubmission/set", obj{
			"create": obj{"s": obj{"identityId": h.identity(t), "emailId": email}}, "onSuccessDestroyEmail": []string{"#s"},
		})
		equal(t, "answers", len(answers), 2)
		equal(t, "destroyed", dig(answers[1].args, "destroyed"), []string{email})
	}},
	{"RFC 8621 §7 properties stay", func(t *testing.T, h *house) {
		email := h.draft(t, h.mailboxes["inbox"], "Not even a draft", obj{"keywords": obj{}})
		set := h.call(t, "EmailSubmission/set", obj{"create": obj{"s": obj{"identityId": h.identity(t), "emailId": email}}})
		got := h.get(t, "EmailSubmission", text(t, set, "created", "s", "id"), nil)
		shaped(t, got, "id string, identityId string, emailId string, threadId string, envelope object, sendAt string, undoStatus string, deliveryStatus object|null, dsnBlobIds array, mdnBlobIds array")
		equal(t, "emailId", dig(got, "emailId"), email)
	}},
	{"RFC 8621 §7.5 to nobody", func(t *testing.T, h *house) {
		email := h.draft(t, h.mailboxes["drafts"], "To nobody at all", obj{"to": missing{}})
		set := h.call(t, "EmailSubmission/set", obj{"create": obj{"s": obj{"identityId": h.identity(t), "emailId": email}}})
		equal(t, "type", dig(set, "notCreated", "s", "type"), "noRecipients")
	}},
	{"RFC 8621 §7.5 in another's name", func(t *testing.T, h *house) {
		email := h.draft(t, h.mailboxes["drafts"], "In another's name", obj{"from": rose})
		set := h.call(t, "EmailSubmission/set", obj{"create": obj{"s": obj{"identityId": h.identity(t), "emailId": email}}})
		equal(t, "type", dig(set, "notCreated", "s", "type"), "forbiddenFrom")
	}},
	{"RFC 8621 §7.5 an email and an identity there are not", func(t *testing.T, h *house) {
		set := h.call(t, "EmailSubmission/set", obj{"create": obj{
			"email": obj{"identityId": h.identity(t), "emailId": nobody}, "identity": obj{"identityId": nobody, "emailId": h.emails["draft"]},
		}})
		shaped(t, dig(set, "notCreated"), "email object, identity object")
	}},
}

func submissionsOf(filter any) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		shaped(t, h.call(t, "EmailSubmission/query", obj{"filter": filter}), "accountId string, queryState string, canCalculateChanges bool, position number, ids array")
	}
}

// arrives waits until the second person has an email of a subject, and destroys it.
func (h *house) arrives(t *testing.T, subject string) {
	t.Helper()
	until(t, func() bool {
		ids := list(t, h.other.call(t, "Email/query", obj{"filter": obj{"subject": subject}}), "ids")
		if len(ids) > 0 {
			h.other.call(t, "Email/set", obj{"destroy": ids})
		}
		return len(ids) == 1
	})
}
