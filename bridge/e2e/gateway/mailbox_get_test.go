package gateway

import (
	"strings"
	"testing"
)

var mailboxGetRules = []rule{
	{"RFC 8621 §2.1 all", func(t *testing.T, h *house) {
		got := h.call(t, "Mailbox/get", obj{"ids": nil})
		shaped(t, got, "accountId string, state string, list array, notFound array")
		equal(t, "accountId", dig(got, "accountId"), h.account)
		equal(t, "notFound", dig(got, "notFound"), []any{})
		if n := len(list(t, got, "list")); n != 10 {
			t.Errorf("%d mailboxes: %s", n, show(got))
		}
	}},
	{"RFC 8620 §5.1 some", func(t *testing.T, h *house) {
		got := h.call(t, "Mailbox/get", obj{"ids": []string{h.mailboxes["inbox"], h.mailboxes["A"]}})
		equal(t, "the mailboxes", len(list(t, got, "list")), 2)
	}},
	{"RFC 8620 §5.1 what is not there", func(t *testing.T, h *house) {
		got := h.call(t, "Mailbox/get", obj{"ids": []string{nobody}})
		equal(t, "notFound", dig(got, "notFound"), []string{nobody})
	}},
	{"RFC 8620 §5.1 properties that were asked for, and no others", func(t *testing.T, h *house) {
		m := h.get(t, "Mailbox", h.mailboxes["inbox"], obj{"properties": []string{"id", "name", "role"}})
		shaped(t, m, "id string, name string, role string, totalEmails missing, unreadEmails missing, sortOrder missing, myRights missing")
	}},
	{"RFC 8621 §2 the inbox", func(t *testing.T, h *house) {
		equal(t, "role", dig(h.get(t, "Mailbox", h.mailboxes["inbox"], nil), "role"), "inbox")
		for _, role := range []string{"drafts", "sent", "archive", "junk", "trash"} {
			text(t, h.get(t, "Mailbox", h.mailboxes[role], nil), "role")
		}
	}},
	{"RFC 8621 §2 all properties", func(t *testing.T, h *house) {
		for _, m := range list(t, h.call(t, "Mailbox/get", obj{"ids": nil}), "list") {
			shaped(t, m, "id string, name string, parentId string|null, role string|null, sortOrder number, totalEmails number, unreadEmails number, totalThreads number, unreadThreads number, isSubscribed bool, myRights object")
			shaped(t, dig(m, "myRights"), "mayReadItems bool, mayAddItems bool, mayRemoveItems bool, maySetSeen bool, maySetKeywords bool, mayCreateChild bool, mayRename bool, mayDelete bool, maySubmit bool")
		}
	}},
	{"RFC 8621 §2 parentId", func(t *testing.T, h *house) {
		equal(t, "parentId", dig(h.get(t, "Mailbox", h.mailboxes["A1"], nil), "parentId"), h.mailboxes["A"])
		equal(t, "parentId", dig(h.get(t, "Mailbox", h.mailboxes["A"], nil), "parentId"), nil)
		equal(t, "name", dig(h.get(t, "Mailbox", h.mailboxes["A1"], nil), "name"), "Choir")
	}},
	{"RFC 8621 §2 counts of emails", func(t *testing.T, h *house) {
		for key, want := range map[string][4]int{ // emails, unread emails, threads, unread threads
			"inbox": {13, 3, 12, 2}, "A": {4, 0, 4, 1}, "B": {4, 2, 4, 2}, "A1": {1, 0, 1, 0}, "A2": {0, 0, 0, 0}, "drafts": {1, 0, 1, 0}, "sent": {0, 0, 0, 0},
		} {
			m := h.get(t, "Mailbox", h.mailboxes[key], nil)
			for i, property := range []string{"totalEmails", "unreadEmails", "totalThreads", "unreadThreads"} {
				equal(t, key+"'s "+property, dig(m, property), want[i])
			}
		}
		inbox := h.get(t, "Mailbox", h.mailboxes["inbox"], nil)
		query := h.call(t, "Email/query", obj{"filter": obj{"inMailbox": h.mailboxes["inbox"]}, "calculateTotal": true})
		equal(t, "the query's total", dig(query, "total"), dig(inbox, "totalEmails"))
	}},
	{"RFC 8620 §5.1 the state, for no record at all", func(t *testing.T, h *house) { h.state(t, "Mailbox") }},
	{"RFC 8620 §5.1 the account", func(t *testing.T, h *house) {
		equal(t, "accountId", dig(h.call(t, "Mailbox/get", obj{"ids": []string{}}), "accountId"), h.account)
	}},
}

var mailboxChangesRules = []rule{
	{"RFC 8621 §2.2 nothing", func(t *testing.T, h *house) {
		since := h.state(t, "Mailbox")
		unchanged(t, h.call(t, "Mailbox/changes", obj{"sinceState": since}), since)
	}},
	{"RFC 8621 §2.2 created", func(t *testing.T, h *house) {
		since := h.state(t, "Mailbox")
		id := h.mailbox(t, obj{"name": "Made for changes", "parentId": nil})
		includes(t, "created", dig(h.call(t, "Mailbox/changes", obj{"sinceState": since}), "created"), id)
	}},
	{"RFC 8621 §2.2 updated, since the state that the creation gave", func(t *testing.T, h *house) {
		set := h.call(t, "Mailbox/set", obj{"create": obj{"m": obj{"name": "Before", "parentId": nil}}})
		id, since := text(t, set, "created", "m", "id"), text(t, set, "newState")
		h.call(t, "Mailbox/set", obj{"update": obj{id: obj{"name": "After"}}})
		changes := h.call(t, "Mailbox/changes", obj{"sinceState": since})
		includes(t, "updated", dig(changes, "updated"), id)
		excludes(t, "created", dig(changes, "created"), id)
		since = text(t, changes, "newState")
		h.call(t, "Mailbox/set", obj{"destroy": []string{id}})
		includes(t, "destroyed", dig(h.call(t, "Mailbox/changes", obj{"sinceState": since}), "destroyed"), id)
	}},
	{"RFC 8620 §5.2 whether there are more", func(t *testing.T, h *house) {
		shaped(t, h.call(t, "Mailbox/changes", obj{"sinceState": h.state(t, "Mailbox")}), changesShape)
	}},
	{"RFC 8620 §5.2 all members", func(t *testing.T, h *house) {
		since := h.state(t, "Mailbox")
		h.write(t, h.mailboxes["A2"], "It is counted", nil)
		changes := h.call(t, "Mailbox/changes", obj{"sinceState": since})
		shaped(t, changes, changesShape)
		includes(t, "updated", dig(changes, "updated"), h.mailboxes["A2"])
		// RFC 8621 §2.2: only counts changed.
		if properties, ok := dig(changes, "updatedProperties").([]any); ok {
			excludes(t, "updatedProperties", properties, "name", "parentId", "role", "sortOrder")
		} else {
			equal(t, "updatedProperties", dig(changes, "updatedProperties"), nil)
		}
	}},
	{"RFC 8620 §5.2 an unknown state", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Mailbox/changes", obj{"sinceState": "never-was"}), "cannotCalculateChanges")
	}},
}

var mailboxSetRules = []rule{
	{"RFC 8621 §2.5 create at the top", func(t *testing.T, h *house) {
		id := h.mailbox(t, obj{"name": "Of its own", "parentId": nil})
		equal(t, "parentId", dig(h.get(t, "Mailbox", id, nil), "parentId"), nil)
	}},
	{"RFC 8621 §2.5 create below another", func(t *testing.T, h *house) {
		id := h.mailbox(t, obj{"name": "Below", "parentId": h.mailboxes["A"]})
		equal(t, "parentId", dig(h.get(t, "Mailbox", id, nil), "parentId"), h.mailboxes["A"])
	}},
	{"RFC 8621 §2.5 rename", func(t *testing.T, h *house) {
		id := h.mailbox(t, obj{"name": "Old name", "parentId": nil})
		set := h.call(t, "Mailbox/set", obj{"update": obj{id: obj{"name": "New näme & more"}}})
		equal(t, "updated", dig(set, "updated"), obj{id: nil})
		equal(t, "name", dig(h.get(t, "Mailbox", id, nil), "name"), "New näme & more")
	}},
	{"RFC 8621 §2.5 move, with what is in it", func(t *testing.T, h *house) {
		id := h.mailbox(t, obj{"name": "Wanderer", "parentId": h.mailboxes["A"]})
		email := text(t, h.write(t, id, "Moved along", nil), "created", "e", "id")
		h.call(t, "Mailbox/set", obj{"update": obj{id: obj{"parentId": h.mailboxes["B"]}}})
		equal(t, "parentId", dig(h.get(t, "Mailbox", id, nil), "parentId"), h.mailboxes["B"])
		equal(t, "mailboxIds", dig(h.get(t, "Email", email, nil), "mailboxIds"), obj{id: true})
	}},
	{"RFC 8621 §2.5 destroy", func(t *testing.T, h *house) {
		set := h.call(t, "Mailbox/set", obj{"create": obj{"m": obj{"name": "Short-lived", "parentId": nil}}})
		id := text(t, set, "created", "m", "id")
		equal(t, "destroyed", dig(h.call(t, "Mailbox/set", obj{"destroy": []string{id}}), "destroyed"), []string{id})
		equal(t, "notFound", dig(h.call(t, "Mailbox/get", obj{"ids": []string{id}}), "notFound"), []string{id})
	}},
	{"RFC 8620 §5.3 destroy what is not there", func(t *testing.T, h *house) {
		set := h.call(t, "Mailbox/set", obj{"destroy": []string{nobody}})
		equal(t, "type", dig(set, "notDestroyed", nobody, "type"), "notFound")
	}},
	{"RFC 8620 §5.3 what the server set", func(t *testing.T, h *house) {
		set := h.call(t, "Mailbox/set", obj{"create": obj{"m": obj{"name": "Told about", "parentId": nil}}})
		shaped(t, dig(set, "created", "m"), "id string, sortOrder number, totalEmails number, unreadEmails number, totalThreads number, unreadThreads number, isSubscribed bool, myRights object")
		h.call(t, "Mailbox/set", obj{"destroy": []string{text(t, set, "created", "m", "id")}})
	}},
	{"RFC 8620 §5.3 states", func(t *testing.T, h *house) {
		since := h.state(t, "Mailbox")
		set := h.call(t, "Mailbox/set", obj{"create": obj{"m": obj{"name": "A new state", "parentId": nil}}})
		equal(t, "oldState", dig(set, "oldState"), since)
		if text(t, set, "newState") == since {
			t.Error("the state stayed")
		}
		h.call(t, "Mailbox/set", obj{"destroy": []string{text(t, set, "created", "m", "id")}})
	}},
	{"RFC 8621 §2.5 onDestroyRemoveEmails", func(t *testing.T, h *house) {
		set := h.call(t, "Mailbox/set", obj{"create": obj{"m": obj{"name": "With an email", "parentId": nil}}})
		id := text(t, set, "created", "m", "id")
		email := text(t, h.write(t, id, "Goes with it", nil), "created", "e", "id")
		set = h.call(t, "Mailbox/set", obj{"destroy": []string{id}})
		equal(t, "without it", dig(set, "notDestroyed", id, "type"), "mailboxHasEmail")
		set = h.call(t, "Mailbox/set", obj{"destroy": []string{id}, "onDestroyRemoveEmails": true})
		equal(t, "destroyed", dig(set, "destroyed"), []string{id})
		equal(t, "the email", dig(h.call(t, "Email/get", obj{"ids": []string{email}}), "notFound"), []string{email})
	}},
	{"RFC 8621 §2.5 children are seen to before emails", func(t *testing.T, h *house) {
		parent := h.mailbox(t, obj{"name": "Parent", "parentId": nil})
		child := h.mailbox(t, obj{"name": "Child", "parentId": parent})
		email := text(t, h.write(t, parent, "Still here", nil), "created", "e", "id")
		set := h.call(t, "Mailbox/set", obj{"destroy": []string{parent}, "onDestroyRemoveEmails": true})
		equal(t, "type", dig(set, "notDestroyed", parent, "type"), "mailboxHasChild")
		h.get(t, "Mailbox", child, nil)
		h.get(t, "Email", email, nil)
	}},
	{"RFC 8621 §2.5 a name is taken once", func(t *testing.T, h *house) {
		h.mailbox(t, obj{"name": "Only one", "parentId": nil})
		set := h.call(t, "Mailbox/set", obj{"create": obj{"again": obj{"name": "Only one", "parentId": nil}}})
		equal(t, "type", dig(set, "notCreated", "again", "type"), "alreadyExists")
	}},
	{"RFC 8621 §2 sortOrder is kept", func(t *testing.T, h *house) {
		id := h.mailbox(t, obj{"name": "In order", "parentId": nil, "sortOrder": 10})
		equal(t, "at first", dig(h.get(t, "Mailbox", id, nil), "sortOrder"), 10)
		h.call(t, "Mailbox/set", obj{"update": obj{id: obj{"sortOrder": 99}}})
		equal(t, "then", dig(h.get(t, "Mailbox", id, nil), "sortOrder"), 99)
	}},
	{"RFC 8621 §2.5 not with children", func(t *testing.T, h *house) {
		parent := h.mailbox(t, obj{"name": "Full house", "parentId": nil})
		h.mailbox(t, obj{"name": "Within", "parentId": parent})
		set := h.call(t, "Mailbox/set", obj{"destroy": []string{parent}})
		equal(t, "type", dig(set, "notDestroyed", parent, "type"), "mailboxHasChild")
	}},
	{"RFC 8621 §2 a name is not empty or without end", func(t *testing.T, h *house) {
		set := h.call(t, "Mailbox/set", obj{"create": obj{
			"empty": obj{"name": "", "parentId": nil}, "endless": obj{"name": strings.Repeat("n", 10000), "parentId": nil},
			"orphan": obj{"name": "x", "parentId": nobody}, "second": obj{"name": "Inbox 2", "parentId": nil, "role": "inbox"},
		}})
		for _, key := range []string{"empty", "endless", "orphan", "second"} {
			equal(t, key, dig(set, "notCreated", key, "type"), "invalidProperties")
		}
	}},
	{"RFC 8621 §2.5 a name is free again at once", func(t *testing.T, h *house) {
		for range 8 {
			set := h.call(t, "Mailbox/set", obj{"create": obj{"m": obj{"name": "Again and again", "parentId": nil}}})
			id := text(t, set, "created", "m", "id")
			h.write(t, id, "Soon gone", nil)
			h.all(t, nil) // which looks into all of them
			equal(t, "destroyed", dig(h.call(t, "Mailbox/set", obj{"destroy": []string{id}, "onDestroyRemoveEmails": true}), "destroyed"), []string{id})
			h.all(t, nil)
		}
	}},
}
