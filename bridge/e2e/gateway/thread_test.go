package gateway

import (
	"slices"
	"testing"
)

var threadRules = []rule{
	{"RFC 8621 §3.1 a thread over several mailboxes, oldest first", func(t *testing.T, h *house) {
		thread := h.get(t, "Thread", h.threadOf(t, "bridge-1"), nil)
		equal(t, "emailIds", dig(thread, "emailIds"), []string{h.emails["bridge-1"], h.emails["bridge-2"], h.emails["bridge-3"]})
	}},
	{"RFC 8621 §3 emailIds by receivedAt", func(t *testing.T, h *house) {
		ids := list(t, h.get(t, "Thread", h.threadOf(t, "bridge-3"), nil), "emailIds")
		var received []string
		for _, at := range h.properties(t, ids, "receivedAt") {
			received = append(received, at.(string))
		}
		if !slices.IsSorted(received) {
			t.Errorf("%q", received)
		}
	}},
	{"RFC 8620 §5.1 what is not there", func(t *testing.T, h *house) {
		got := h.call(t, "Thread/get", obj{"ids": []string{nobody}})
		equal(t, "notFound", dig(got, "notFound"), []string{nobody})
		equal(t, "list", dig(got, "list"), []any{})
	}},
	{"RFC 8621 §3 a thread of one", func(t *testing.T, h *house) {
		for _, key := range []string{"plain", "untitled", "draft"} {
			equal(t, key, dig(h.get(t, "Thread", h.threadOf(t, key), nil), "emailIds"), []string{h.emails[key]})
		}
	}},
	{"RFC 8620 §5.1 all members", func(t *testing.T, h *house) {
		got := h.call(t, "Thread/get", obj{"ids": []string{}})
		shaped(t, got, "accountId string, state string, list array, notFound array")
	}},
	{"RFC 8621 §3.2 nothing changed", func(t *testing.T, h *house) {
		since := h.state(t, "Thread")
		unchanged(t, h.call(t, "Thread/changes", obj{"sinceState": since}), since)
	}},
	{"RFC 8621 §3.2 a new email is a new thread", func(t *testing.T, h *house) {
		since := h.state(t, "Thread")
		email := h.write(t, h.mailboxes["inbox"], "A thread of its own", nil)
		includes(t, "created", dig(h.call(t, "Thread/changes", obj{"sinceState": since}), "created"), text(t, email, "created", "e", "threadId"))
	}},
	{"RFC 8621 §3.2 a reply updates the thread", func(t *testing.T, h *house) {
		since, thread := h.state(t, "Thread"), h.threadOf(t, "bridge-1")
		email := h.write(t, h.mailboxes["B"], "Re: Repairing the footbridge", obj{"inReplyTo": []string{"bridge-3@letters.test"}, "references": []string{"bridge-1@letters.test", "bridge-3@letters.test"}})
		equal(t, "threadId", dig(email, "created", "e", "threadId"), thread)
		includes(t, "updated", dig(h.call(t, "Thread/changes", obj{"sinceState": since}), "updated"), thread)
		equal(t, "emails", len(list(t, h.get(t, "Thread", thread, nil), "emailIds")), 4)
	}},
	{"RFC 8621 §3.2 with its last email a thread is destroyed", func(t *testing.T, h *house) {
		email := h.write(t, h.mailboxes["inbox"], "A thread to go", nil)
		since := h.state(t, "Thread")
		h.call(t, "Email/set", obj{"destroy": []string{text(t, email, "created", "e", "id")}})
		includes(t, "destroyed", dig(h.call(t, "Thread/changes", obj{"sinceState": since}), "destroyed"), text(t, email, "created", "e", "threadId"))
	}},
	{"RFC 8620 §5.2 all members", func(t *testing.T, h *house) {
		shaped(t, h.call(t, "Thread/changes", obj{"sinceState": h.state(t, "Thread")}), changesShape)
	}},
}

func (h *house) threadOf(t *testing.T, key string) string {
	t.Helper()
	return text(t, h.get(t, "Email", h.emails[key], obj{"properties": []string{"threadId"}}), "threadId")
}
