package account_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestMovedByOthers: what another program moves keeps its id where the server gives
// messages names of their own, and its keywords, its thread and its row with it.
func TestMovedByOthers(t *testing.T) {
	d := newDesk(t)
	id := d.deliver("moving")
	stays := d.deliver("staying")
	d.ids("Archive")
	for _, way := range [][2]string{{"INBOX", "Archive"}, {"Archive", "INBOX"}, {"INBOX", "Archive"}} {
		before := d.emails(id).List[0]
		since := d.State("Email")
		d.behind(way[0], func(ref upstream.MailboxRef, _ []uint32) error {
			return d.moveBehind(ref, "moving", way[1])
		})
		want := d.mailbox(map[string]string{"INBOX": "Inbox", "Archive": "Archive"}[way[1]])
		eventually(t, func() bool {
			got := d.emails(id).List
			return len(got) == 1 && got[0].MailboxIds[want]
		})
		after := d.emails(id).List[0]
		if after.ThreadId != before.ThreadId || after.Subject != "moving" {
			t.Errorf("%+v became %+v", before, after)
		}
		got, kind := d.changes(since, 0)
		if kind != "" || !slices.Contains(got.Updated, id) || slices.Contains(got.Destroyed, id) || slices.Contains(got.Created, id) {
			t.Errorf("the move is told as %+v %s", got, kind)
		}
	}
	if got := d.emails(stays).List; len(got) != 1 || got[0].Subject != "staying" {
		t.Errorf("the other is %+v", got)
	}
	d.stop()
	d.start("a")
	if got := d.emails(id).List; len(got) != 1 || got[0].Subject != "moving" {
		t.Errorf("after a restart: %+v", got)
	}
}

// moveBehind moves the messages with a subject behind our back.
func (d *desk) moveBehind(ref upstream.MailboxRef, subject, to string) error {
	snap, err := d.other.Sync(d.ctx, ref.Name, upstream.Known{})
	if err != nil {
		return err
	}
	rows, err := d.other.Rows(d.ctx, ref, snap.UIDs.All())
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Envelope.Subject == subject {
			if _, err := d.other.Move(d.ctx, ref, []uint32{r.UID}, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestCopiedByOthers: a copy is another email.
func TestCopiedByOthers(t *testing.T) {
	d := newDesk(t)
	id := d.deliver("copied")
	d.ids("Archive")
	d.behind("INBOX", func(ref upstream.MailboxRef, uids []uint32) error {
		_, err := d.other.Copy(d.ctx, ref, uids, "Archive")
		return err
	})
	eventually(t, func() bool { return len(d.ids("Archive")) == 1 })
	if copied := d.ids("Archive")[0]; copied == id {
		t.Error("the copy has the id of the original")
	}
	if got := d.ids("Inbox"); !slices.Equal(got, []jmap.Id{id}) {
		t.Errorf("the original is %v", got)
	}
}

// silent is a store whose server does not say where a message went (no UIDPLUS), nor
// names messages.
type silent struct{ *memstore.Store }

func (s silent) Move(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	_, err := s.Store.Move(ctx, mb, uids, to)
	return upstream.Moved{}, err
}

func (s silent) Index(ctx context.Context, mb upstream.MailboxRef, uids upstream.UIDSet, take func([]upstream.Fact) error) error {
	return s.Store.Index(ctx, mb, uids, func(facts []upstream.Fact) error {
		for i := range facts {
			facts[i].ObjectID = ""
		}
		return take(facts)
	})
}

// TestMovedWithoutUIDPLUS: what we move keeps its id all the same.
func TestMovedWithoutUIDPLUS(t *testing.T) {
	d := newDesk(t)
	d.stop()
	d.wrap = func(s *memstore.Store) upstream.Store { return silent{s} }
	d.start("a")
	var ids []jmap.Id
	for i := range 3 {
		d.server.Deliver(fmt.Appendf(nil, "Message-ID: <m%d@test>\r\nSubject: m%d\r\n\r\n", i, i))
	}
	eventually(t, func() bool { ids = d.ids("Inbox"); return len(ids) == 3 })
	archive := d.mailbox("Archive")
	update := map[jmap.Id]jmap.PatchObject{}
	for _, id := range ids[:2] {
		update[id] = jmap.PatchObject{"mailboxIds": map[jmap.Id]bool{archive: true}}
	}
	if got := d.set1(update); len(got.Updated) != 2 {
		t.Fatalf("%+v", got)
	}
	got := d.ids("Archive")
	slices.Sort(got)
	if want := slices.Sorted(slices.Values(ids[:2])); !slices.Equal(got, want) {
		t.Errorf("the archive has %v, not %v", got, want)
	}
}

// TestThreads: a conversation over several mailboxes, and what becomes of it.
func TestThreads(t *testing.T) {
	d := newDesk(t)
	first := d.deliver("question")
	d.server.Deliver([]byte("Subject: Re: question\r\nMessage-ID: <second@test>\r\nIn-Reply-To: <question@hearth.test>\r\n\r\n"))
	eventually(t, func() bool { return len(d.ids("Inbox")) == 2 })
	if err := d.Indexed(t.Context()); err != nil {
		t.Fatal("not indexed", err)
	}
	second := d.ids("Inbox")[0]
	emails := d.emails(first, second).List
	thread := emails[0].ThreadId
	if emails[1].ThreadId != thread {
		t.Fatalf("%+v", emails)
	}
	conversation := func() []jmap.Id {
		got, err := d.Threads(t.Context(), []jmap.Id{thread})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got[thread]) // they came in the same second
		return got[thread]
	}
	if got := conversation(); !slices.Equal(got, []jmap.Id{first, second}) {
		t.Errorf("the thread is %v", got)
	}
	counts := func(name string) [2]int {
		var got jmap.GetResponse[jmap.Mailbox]
		d.call("Mailbox/get", jmap.GetRequest{AccountId: d.ID(), Ids: []jmap.Id{d.mailbox(name)}}, &got)
		return [2]int{got.List[0].TotalThreads, got.List[0].UnreadThreads}
	}
	if got := counts("Inbox"); got != [2]int{1, 1} {
		t.Errorf("threads in the inbox: %v", got)
	}
	since := d.State("Thread")
	archive := d.mailbox("Archive")
	d.set1(map[jmap.Id]jmap.PatchObject{first: {"mailboxIds": map[jmap.Id]bool{archive: true}}})
	if got := conversation(); !slices.Equal(got, []jmap.Id{first, second}) {
		t.Errorf("after a move the thread is %v", got)
	}
	if got := counts("Archive"); got != [2]int{1, 1} {
		t.Errorf("threads in the archive: %v", got)
	}
	d.stop()
	d.start("a")
	if got := conversation(); !slices.Equal(got, []jmap.Id{first, second}) {
		t.Errorf("after a restart the thread is %v", got)
	}
	d.set1(nil, first)
	d.set1(nil, second)
	if got := conversation(); got != nil {
		t.Errorf("what is left is %v", got)
	}
	got, err := d.Changes(t.Context(), "Thread", since, 0)
	if err != nil || !slices.Equal(got.Destroyed, []jmap.Id{thread}) || len(got.Created) > 0 {
		t.Errorf("%+v %v", got, err)
	}
}

// plain is a store whose server does not name mailboxes.
type plain struct{ *memstore.Store }

func (s plain) Mailboxes(ctx context.Context) ([]upstream.Mailbox, error) {
	list, err := s.Store.Mailboxes(ctx)
	for i := range list {
		list[i].ObjectID = ""
	}
	return list, err
}

// lists reports whether there is a mailbox of a name.
func (d *desk) lists(name string) bool {
	var got jmap.GetResponse[jmap.Mailbox]
	d.call("Mailbox/get", jmap.GetRequest{AccountId: d.ID()}, &got)
	return slices.ContainsFunc(got.List, func(m jmap.Mailbox) bool { return m.Name == name })
}

// TestRenamedByOthers: a mailbox keeps its id, and its emails theirs.
func TestRenamedByOthers(t *testing.T) {
	for name, wrap := range map[string]func(s *memstore.Store) upstream.Store{
		"named":   func(s *memstore.Store) upstream.Store { return s },
		"unnamed": func(s *memstore.Store) upstream.Store { return plain{s} },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.stop()
			d.wrap = wrap
			d.start("a")
			if err := d.other.CreateMailbox(t.Context(), "Trips", ""); err != nil {
				t.Fatal(err)
			}
			eventually(t, func() bool { return d.lists("Trips") })
			box := d.mailbox("Trips")
			id := d.deliver("ticket")
			d.set1(map[jmap.Id]jmap.PatchObject{id: {"mailboxIds": map[jmap.Id]bool{box: true}}})
			if err := d.other.RenameMailbox(t.Context(), "Trips", "Journeys"); err != nil {
				t.Fatal(err)
			}
			eventually(t, func() bool { return d.lists("Journeys") })
			if got := d.mailbox("Journeys"); got != box {
				t.Errorf("the mailbox was %s and is %s", box, got)
			}
			if got := d.emails(id).List; len(got) != 1 || !maps.Equal(got[0].MailboxIds, map[jmap.Id]bool{box: true}) {
				t.Errorf("its email is %+v", got)
			}
		})
	}
}
