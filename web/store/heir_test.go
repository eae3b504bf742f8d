package store

import (
	"slices"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestConversationKeepsItsRow: when the message that stands for a conversation is moved
// away, the next newest of those that stay does; when it comes back, it does again.
func TestConversationKeepsItsRow(t *testing.T) {
	a := testAccount()
	var emails []jmap.Email
	for n := range 5 {
		e := emailNumber(n)
		e.ThreadId = "t" + e.Id
		if n == 1 || n == 3 {
			e.ThreadId = "talk"
		}
		emails = append(emails, e)
	}
	a.ApplyEmails(emails, a.mark)
	a.ApplyThreads([]jmap.Thread{{Id: "talk", EmailIds: []jmap.Id{"m1", "m3"}}})
	l := a.List(Query{Mailbox: inbox, Threads: true})
	total := 4
	l.Apply(l.Ask(0, 10), &jmap.QueryResponse{QueryState: "1", Ids: []jmap.Id{"m4", "m3", "m2", "m0"}, Total: &total})
	shown := func(what string, want ...jmap.Id) {
		t.Helper()
		var got []jmap.Id
		for i := range l.Total() {
			id, _ := l.At(i)
			got = append(got, id)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	move := func(from, to jmap.Id, ids ...jmap.Id) *Op {
		changes := map[jmap.Id]Change{}
		for _, id := range ids {
			changes[id] = Change{Mailboxes: map[jmap.Id]bool{from: false, to: true}}
		}
		return a.Begin(changes)
	}
	away := move(inbox, "archive", "m3")
	shown("on its way", "m4", "m1", "m2", "m0")
	a.Settle(away, nil)
	shown("moved", "m4", "m1", "m2", "m0")
	back := move("archive", inbox, "m3")
	shown("on its way back", "m4", "m3", "m2", "m0")
	a.Settle(back, nil)
	shown("back", "m4", "m3", "m2", "m0")
	move(inbox, "archive", "m3", "m1")
	shown("both away", "m4", "m2", "m0")
	a.EmailsGone([]jmap.Id{"m4"})
	shown("another is gone", "m2", "m0")
}

// TestConversationOutlivesItsNewest: one that was destroyed elsewhere leaves the others.
func TestConversationOutlivesItsNewest(t *testing.T) {
	a := testAccount()
	var emails []jmap.Email
	for n := range 3 {
		e := emailNumber(n)
		e.ThreadId = "talk"
		emails = append(emails, e)
	}
	a.ApplyEmails(emails, a.mark)
	a.ApplyThreads([]jmap.Thread{{Id: "talk", EmailIds: []jmap.Id{"m0", "m1", "m2"}}})
	l := a.List(Query{Mailbox: inbox, Threads: true})
	total := 1
	l.Apply(l.Ask(0, 10), &jmap.QueryResponse{QueryState: "1", Ids: []jmap.Id{"m2"}, Total: &total})
	a.EmailsGone([]jmap.Id{"m2", "m1"})
	if id, ok := l.At(0); id != "m0" || !ok || l.Total() != 1 {
		t.Errorf("%d rows, the first is %q", l.Total(), id)
	}
}
