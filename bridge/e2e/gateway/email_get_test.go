package gateway

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var emailGetRules = []rule{
	{"RFC 8621 §4.2 by id, with the properties one gets unasked", func(t *testing.T, h *house) {
		email := h.get(t, "Email", h.emails["plain"], nil)
		equal(t, "id", dig(email, "id"), h.emails["plain"])
		shaped(t, email, "id string, blobId string, threadId string, mailboxIds object, keywords object, size number, receivedAt string, messageId array, inReplyTo null, references null, sender null, from array, to array, cc null, bcc null, replyTo null, subject string, sentAt string, hasAttachment bool, preview string, bodyValues object, textBody array, htmlBody array, attachments array")
	}},
	{"RFC 8621 §4.1.1 metadata", func(t *testing.T, h *house) {
		email := h.get(t, "Email", h.emails["plain"], obj{"properties": []string{"id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "hasAttachment", "preview"}})
		shaped(t, email, "id string, blobId string, threadId string, receivedAt string, preview string, mailboxIds object, keywords object, size number, hasAttachment bool, subject missing")
	}},
	{"RFC 8621 §4.1.1 mailboxIds", func(t *testing.T, h *house) {
		for _, l := range letters {
			in := obj{}
			for _, key := range l.in {
				in[h.mailboxes[key]] = true
			}
			equal(t, l.key, dig(h.get(t, "Email", h.emails[l.key], nil), "mailboxIds"), in)
		}
	}},
	{"RFC 8621 §4.1.1 keywords", func(t *testing.T, h *house) {
		equal(t, "keywords", dig(h.get(t, "Email", h.emails["labelled"], nil), "keywords"), obj{"$seen": true, "$forwarded": true, "to_frame": true})
		equal(t, "none", dig(h.get(t, "Email", h.emails["long"], nil), "keywords"), obj{})
	}},
	{"RFC 8621 §4.1.4 hasAttachment", func(t *testing.T, h *house) {
		for key, want := range map[string]bool{"report": true, "plain": false, "digest": false, "broken": false} {
			equal(t, key, dig(h.get(t, "Email", h.emails[key], nil), "hasAttachment"), want)
		}
	}},
	{"RFC 8621 §4.1.1 one threadId for a conversation", func(t *testing.T, h *house) {
		ids := h.properties(t, []any{h.emails["bridge-1"], h.emails["bridge-2"], h.emails["bridge-3"], h.emails["plain"]}, "threadId")
		if ids[0] != ids[1] || ids[0] != ids[2] || ids[0] == ids[3] {
			t.Errorf("%v", ids)
		}
	}},
	{"RFC 8620 §5.1 what is not there", func(t *testing.T, h *house) {
		got := h.call(t, "Email/get", obj{"ids": []string{nobody, h.emails["plain"]}})
		equal(t, "notFound", dig(got, "notFound"), []string{nobody})
		equal(t, "found", len(list(t, got, "list")), 1)
	}},
	{"RFC 8620 §5.1 the id is always told", func(t *testing.T, h *house) {
		email := h.get(t, "Email", h.emails["plain"], obj{"properties": []string{"subject"}})
		equal(t, "email", email, obj{"id": h.emails["plain"], "subject": "Seedlings on Saturday"})
	}},
	{"RFC 8620 §5.1 a property there is not", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Email/get", obj{"ids": []string{h.emails["plain"]}, "properties": []string{"colour"}}), "invalidArguments")
	}},
	{"RFC 8621 §4.1.4 preview", func(t *testing.T, h *house) {
		for key, want := range map[string]string{"plain": "potting shed", "report": "enclosed", "digest": "Village Week", "korean": "만나서"} {
			preview := text(t, h.get(t, "Email", h.emails[key], nil), "preview")
			if !strings.Contains(preview, want) || strings.Contains(preview, "<") || len([]rune(preview)) > 256 {
				t.Errorf("%s: %q", key, preview)
			}
		}
	}},
	{"RFC 8621 §4.1.1 receivedAt", func(t *testing.T, h *house) {
		for _, l := range letters {
			if h.emails[l.key] == "" {
				continue
			}
			at := text(t, h.get(t, "Email", h.emails[l.key], nil), "receivedAt")
			got, err := time.Parse(time.RFC3339, at)
			if err != nil || !strings.HasSuffix(at, "Z") || !got.Equal(h.now.Add(-l.age).Truncate(time.Second)) {
				t.Errorf("%s: %s, not %s, %v", l.key, at, h.ago(l.age), err)
			}
		}
	}},
	{"RFC 8620 §5.1 many", func(t *testing.T, h *house) {
		var ids []string
		for _, id := range h.emails {
			ids = append(ids, id)
		}
		equal(t, "how many", len(list(t, h.call(t, "Email/get", obj{"ids": ids}), "list")), len(ids))
		slices.Sort(ids)
		equal(t, "of one that was named twice", len(list(t, h.call(t, "Email/get", obj{"ids": []string{ids[0], ids[0]}}), "list")), 1)
	}},
	{"RFC 8620 §5.1 the state, for no record at all", func(t *testing.T, h *house) {
		got := h.call(t, "Email/get", obj{"ids": []string{}})
		shaped(t, got, "accountId string, state string, list array, notFound array")
	}},
	{"RFC 8620 §5.1 too many", func(t *testing.T, h *house) {
		ids := make([]string, int(number(t, h.session, "capabilities", usesCore, "maxObjectsInGet"))+1)
		for i := range ids {
			ids[i] = nobody
		}
		equal(t, "type", h.refused(t, "Email/get", obj{"ids": ids}), "requestTooLarge")
	}},
}
