package account_test

import (
	"maps"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestSeveralMailboxes: one email in several mailboxes, whoever takes it from one of them,
// and after a restart.
func TestSeveralMailboxes(t *testing.T) {
	d := newDesk(t)
	id := d.deliver("everywhere")
	inbox, archive, trash := d.mailbox("Inbox"), d.mailbox("Archive"), d.mailbox("Trash")
	d.set1(map[jmap.Id]jmap.PatchObject{id: {"mailboxIds": map[jmap.Id]bool{inbox: true, archive: true, trash: true}}})
	is := func(when string, want ...jmap.Id) {
		t.Helper()
		set := map[jmap.Id]bool{}
		for _, m := range want {
			set[m] = true
		}
		got := d.emails(id).List
		if len(want) == 0 && len(got) == 0 {
			return
		}
		if len(got) != 1 || !maps.Equal(got[0].MailboxIds, set) || got[0].Subject != "everywhere" {
			t.Errorf("%s: %+v", when, got)
		}
		for _, m := range []struct {
			id   jmap.Id
			name string
		}{{inbox, "Inbox"}, {archive, "Archive"}, {trash, "Trash"}} {
			if ids := d.ids(m.name); set[m.id] != (len(ids) == 1 && ids[0] == id) {
				t.Errorf("%s: %s has %v", when, m.name, ids)
			}
		}
	}
	is("put into three", inbox, archive, trash)
	d.stop()
	d.start("a")
	is("after a restart", inbox, archive, trash)

	// Another program takes it from where it is read.
	d.ids("Inbox")
	d.behind("INBOX", func(ref upstream.MailboxRef, uids []uint32) error { return d.other.Expunge(d.ctx, ref, uids) })
	eventually(t, func() bool { return len(d.ids("Inbox")) == 0 })
	is("taken from the inbox by another", archive, trash)
	got, _ := d.changes(d.State("Email"), 0)
	if len(got.Destroyed) > 0 {
		t.Errorf("told as %+v", got)
	}
	// Another moves one of its places.
	d.behind("Trash", func(ref upstream.MailboxRef, _ []uint32) error { return d.moveBehind(ref, "everywhere", "INBOX") })
	eventually(t, func() bool { return len(d.ids("Inbox")) == 1 && len(d.ids("Trash")) == 0 })
	is("moved from one of them by another", inbox, archive)
	// A mailbox means other messages now.
	d.server.Renumber("Archive")
	eventually(t, func() bool { return len(d.ids("Archive")) == 0 })
	is("one mailbox renumbered", inbox)

	d.set1(map[jmap.Id]jmap.PatchObject{id: {"mailboxIds": map[jmap.Id]bool{inbox: true, trash: true}}})
	is("put back", inbox, trash)
	d.stop()
	d.start("a")
	d.set1(nil, id)
	is("destroyed")
	for _, name := range []string{"Inbox", "Archive", "Trash"} {
		if ids := d.ids(name); len(ids) > 0 {
			t.Errorf("destroyed, and %s has %v", name, ids)
		}
	}
}
