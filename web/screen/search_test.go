package screen

import (
	"encoding/json"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// TestTheNameOfAMailbox finds that mailbox again, whatever others are called.
func TestTheNameOfAMailbox(t *testing.T) {
	st := store.New(func(func()) {})
	st.SetAccounts(&jmap.Session{Accounts: map[jmap.Id]jmap.Account{"a": {AccountCapabilities: map[string]json.RawMessage{jmap.CapabilityMail: nil}}}})
	a := st.Account("a")
	box := func(id jmap.Id, name string, parent jmap.Id, role string) jmap.Mailbox {
		m := jmap.Mailbox{Id: id, Name: name}
		if parent != "" {
			m.ParentId = &parent
		}
		if role != "" {
			m.Role = &role
		}
		return m
	}
	a.SetMailboxes([]jmap.Mailbox{
		box("1", "INBOX", "", jmap.RoleInbox), box("2", "Gesendet", "", jmap.RoleSent), box("3", "Travel", "", ""), box("4", "Lisbon", "3", ""),
		box("5", "Work", "", ""), box("6", "Lisbon", "5", ""), box("7", "a/b", "", ""),
	}, "1")
	for _, line := range a.Mailboxes() {
		path := mailboxPath(a, line.Mailbox)
		if found := findMailbox(a, path); found != line.Mailbox.Id {
			t.Errorf("%s is called %q, which finds %q", line.Mailbox.Id, path, found)
		}
	}
	for name, want := range map[string]jmap.Id{"inbox": "1", "gesendet": "2", "SENT": "2", "travel/lisbon": "4", "Work/Lisbon": "6", "nowhere": ""} {
		if got := findMailbox(a, name); got != want {
			t.Errorf("%q finds %q, want %q", name, got, want)
		}
	}
}

// TestOctets: the browser counts UTF-16 units.
func TestOctets(t *testing.T) {
	for _, c := range []struct {
		text, caret string
		want        int
	}{{"abc", "2", 2}, {"äbc", "1", 2}, {"😀b", "2", 4}, {"😀b", "3", 5}, {"abc", "null", 3}, {"abc", "99", 3}, {"", "0", 0}} {
		if got := octets(c.text, c.caret); got != c.want {
			t.Errorf("%q at %s: octet %d, want %d", c.text, c.caret, got, c.want)
		}
	}
}
