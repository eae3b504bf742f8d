package gateway

import (
	"slices"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// house is a bridge with the account that rules are checked on.
type house struct {
	*client
	provider *e2e.Provider
	bridge   *e2e.Bridge
	other    *client // a second person, who gets mail
	now      time.Time

	mailboxes map[string]string // ids by role and by key
	emails    map[string]string // ids by the letters' keys
	blobs     map[string]string // ids of uploads that nothing refers to yet
}

// open starts everything and fills the account, twice: what was there before is
// removed as a stranger's client would, and leaves no trace.
func open(t *testing.T) *house {
	t.Helper()
	mail := e2e.StartProvider(t)
	bridge := mail.Bridge(t)
	h := &house{
		provider: mail,
		bridge:   bridge,
		client:   connect(t, bridge.URL, "ada@"+e2e.Domain, e2e.Password),
		other:    connect(t, bridge.URL, "ada2@"+e2e.Domain, e2e.Password),
		now:      time.Now().Truncate(time.Millisecond),
	}
	// On a machine that has much to do, the server for filters may be late.
	for range 100 {
		if h.has(usesVacation) {
			break
		}
		time.Sleep(50 * time.Millisecond)
		h.client = connect(t, bridge.URL, h.user, h.password)
	}
	h.clear(t)
	h.seed(t)
	h.clear(t)
	h.empty(t)
	h.seed(t)
	if t.Failed() {
		t.FailNow()
	}
	return h
}

// seed makes the mailboxes and imports the letters.
func (h *house) seed(t *testing.T) {
	t.Helper()
	for _, level := range []map[string]obj{
		{"A": {"name": "Parish", "parentId": nil}, "B": {"name": "Mill", "parentId": nil}},
		{"A1": {"name": "Choir", "parentId": "A"}, "A2": {"name": "Organ", "parentId": "A"}},
	} {
		create := obj{}
		for key, mailbox := range level {
			if parent, ok := mailbox["parentId"].(string); ok {
				mailbox["parentId"] = h.mailboxes[parent]
			}
			create[key] = mailbox
		}
		set := h.call(t, "Mailbox/set", obj{"create": create})
		text(t, set, "newState")
		for key := range level {
			h.mailboxes[key] = text(t, set, "created", key, "id")
		}
	}
	h.blobs = map[string]string{
		"pdf":  text(t, h.upload(t, "application/pdf", []byte(pdf)), "blobId"),
		"jpeg": text(t, h.upload(t, "image/jpeg", []byte(jpeg)), "blobId"),
	}
	h.emails = map[string]string{}
	for some := range slices.Chunk(letters, 5) {
		emails := obj{}
		for _, l := range some {
			in, keywords := obj{}, obj{}
			for _, key := range l.in {
				in[h.mailboxes[key]] = true
			}
			for _, keyword := range l.keywords {
				keywords[keyword] = true
			}
			blob := h.upload(t, "message/rfc822", l.raw(h.now))
			emails[l.key] = obj{"blobId": text(t, blob, "blobId"), "mailboxIds": in, "keywords": keywords, "receivedAt": h.ago(l.age)}
		}
		imported := h.call(t, "Email/import", obj{"emails": emails})
		for _, l := range some {
			h.emails[l.key] = text(t, imported, "created", l.key, "id")
		}
	}
}

// ago is a moment before the seeding as JavaScript prints it, with milliseconds.
func (h *house) ago(d time.Duration) string {
	return h.now.Add(-d).UTC().Format("2006-01-02T15:04:05.000Z")
}

// clear empties the account as a client that knows nothing of it.
func (h *house) clear(t *testing.T) {
	t.Helper()
	h.mailboxes = map[string]string{}
	parents := map[string]string{}
	var own []string
	for _, m := range list(t, h.call(t, "Mailbox/get", obj{"ids": nil}), "list") {
		id := text(t, m, "id")
		switch role := dig(m, "role").(type) {
		case string:
			h.mailboxes[role] = id
		case nil:
			own = append(own, id)
			parents[id], _ = dig(m, "parentId").(string)
		default:
			t.Errorf("a mailbox's role is %s", show(role))
		}
	}
	for left := true; left; {
		ids := list(t, h.call(t, "Email/query", obj{"limit": 50}), "ids")
		if len(ids) > 0 {
			set := h.call(t, "Email/set", obj{"destroy": ids})
			equal(t, "destroyed", len(list(t, set, "destroyed")), len(ids))
			if t.Failed() {
				t.FailNow()
			}
		}
		left = len(ids) == 50
	}
	depth := func(id string) (n int) {
		for ; parents[id] != ""; id = parents[id] {
			n++
		}
		return n
	}
	slices.SortFunc(own, func(a, b string) int { return depth(b) - depth(a) })
	for _, id := range own {
		set := h.call(t, "Mailbox/set", obj{"destroy": []string{id}, "onDestroyRemoveEmails": true})
		equal(t, "destroyed", dig(set, "destroyed"), []string{id})
	}
}

// empty checks that nothing is left, in the very next request.
func (h *house) empty(t *testing.T) {
	t.Helper()
	query := h.call(t, "Email/query", obj{"limit": 1, "calculateTotal": true})
	equal(t, "the total of an empty account", dig(query, "total"), 0)
	for _, m := range list(t, h.call(t, "Mailbox/get", obj{"ids": nil}), "list") {
		if dig(m, "role") == nil || dig(m, "totalEmails") != 0.0 || dig(m, "unreadEmails") != 0.0 || dig(m, "totalThreads") != 0.0 || dig(m, "unreadThreads") != 0.0 {
			t.Errorf("left: %s", show(m))
		}
	}
}

// write creates an email in a mailbox as simply as a client can, gives what the
// server says of it, and destroys it when the test ends.
func (h *house) write(t *testing.T, mailbox, subject string, more obj) obj {
	t.Helper()
	email := obj{
		"mailboxIds":    obj{mailbox: true},
		"from":          []obj{{"name": "Somebody", "email": "somebody@else.example"}},
		"to":            []obj{{"name": "Ada", "email": "ada@hearth.test"}},
		"subject":       subject,
		"bodyStructure": obj{"type": "text/plain", "partId": "1"},
		"bodyValues":    obj{"1": obj{"value": "About: " + subject}},
	}
	for key, value := range more {
		email[key] = value
		if _, without := value.(missing); without {
			delete(email, key)
		}
	}
	set := h.call(t, "Email/set", obj{"create": obj{"e": email}})
	id := text(t, set, "created", "e", "id")
	t.Cleanup(func() { h.one(t, "Email/set", obj{"destroy": []string{id}}) })
	return set
}

// mailbox creates a mailbox and destroys it when the test ends.
func (h *house) mailbox(t *testing.T, properties obj) string {
	t.Helper()
	set := h.call(t, "Mailbox/set", obj{"create": obj{"m": properties}})
	id := text(t, set, "created", "m", "id")
	t.Cleanup(func() { h.one(t, "Mailbox/set", obj{"destroy": []string{id}, "onDestroyRemoveEmails": true}) })
	return id
}

// get gives one record, which must be there.
func (h *house) get(t *testing.T, typeName, id string, args obj) any {
	t.Helper()
	got := h.call(t, typeName+"/get", with(obj{"ids": []string{id}}, args))
	if n := len(list(t, got, "list")); n != 1 {
		t.Fatalf("%s %s: %d found: %s", typeName, id, n, show(got))
	}
	return dig(got, "list", 0)
}

// state is where a type of record stands.
func (h *house) state(t *testing.T, typeName string) string {
	t.Helper()
	return text(t, h.call(t, typeName+"/get", obj{"ids": []string{}}), "state")
}

// all is the ids that a query finds.
func (h *house) all(t *testing.T, args obj) []any {
	t.Helper()
	return list(t, h.call(t, "Email/query", args), "ids")
}

// properties gives one property of many emails, in the order of their ids.
func (h *house) properties(t *testing.T, ids []any, property string) []any {
	t.Helper()
	got := h.call(t, "Email/get", obj{"ids": ids, "properties": []string{property}})
	by := map[any]any{}
	for _, email := range list(t, got, "list") {
		by[dig(email, "id")] = dig(email, property)
	}
	out := make([]any, len(ids))
	for i, id := range ids {
		value, ok := by[id]
		if !ok {
			t.Fatalf("email %v was not given: %s", id, show(got))
		}
		out[i] = value
	}
	return out
}

// unchanged checks that the answer of a /changes says that nothing did.
func unchanged(t *testing.T, changes obj, since string) {
	t.Helper()
	equal(t, "oldState", dig(changes, "oldState"), since)
	text(t, changes, "newState")
	for _, member := range []string{"created", "updated", "destroyed"} {
		equal(t, member, dig(changes, member), []any{})
	}
	equal(t, "hasMoreChanges", dig(changes, "hasMoreChanges"), false)
}

const changesShape = "accountId string, oldState string, newState string, hasMoreChanges bool, created array, updated array, destroyed array"

const queryChangesShape = "accountId string, oldQueryState string, newQueryState string, removed array, added array"

// nobody is an id that no record has.
const nobody = "nonexistent-record-xyz"
