package action_test

import (
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// open shows a list and gives its first rows.
func (x *app) open(q store.Query) (l *store.List, ids []jmap.Id) {
	x.Helper()
	x.do(func() {
		l = x.OpenMailbox(x.account, q)
		x.ShowWindow(l, 0, 19)
	})
	x.do(func() { ids = l.Visible(0) })
	return l, ids
}

func TestOrders(t *testing.T) {
	run(t, func(x *app) {
		newest := x.server.Mailbox("inbox")
		x.do(func() { x.Star(x.account, true, newest[7]); x.MarkRead(x.account, newest[0], newest[1]) })
		for sort, want := range map[store.Sort][]jmap.Id{
			store.Newest:       {newest[0], newest[1]},
			store.Oldest:       {newest[19], newest[18]},
			store.UnreadFirst:  {newest[2], newest[3]},
			store.StarredFirst: {newest[7], newest[0]},
			store.BySubject:    {newest[19], newest[18], newest[9]}, // Message 0, 1, 10
		} {
			_, got := x.open(store.Query{Mailbox: "inbox", Sort: sort})
			for i, id := range want {
				if len(got) != 20 || got[i] != id {
					t.Errorf("%q: row %d of %d is %s, want %s", sort, i, len(got), got[i], id)
				}
			}
		}
		x.do(func() {
			if x.account.CanSort(store.BySize) || !x.account.CanSort(store.UnreadFirst) || x.account.CanSort("nonsense") {
				t.Error("not what the account offers")
			}
		})
	})
}

// TestOtherOrdersStayTrue: in a list that is not newest first, what comes back by an undo
// is put in its place by the bridge, not by a guess.
func TestOtherOrdersStayTrue(t *testing.T) {
	run(t, func(x *app) {
		for _, q := range []store.Query{
			{Mailbox: "inbox", Sort: store.Oldest},
			{Mailbox: "inbox", Sort: store.BySubject},
			{Mailbox: "inbox", Only: store.Only{Unread: true}},
		} {
			l, before := x.open(q)
			x.do(func() {
				x.Archive(x.account, before[3])
				if got, _ := l.At(3); got == before[3] || l.Total() != 19 {
					t.Errorf("%+v: not gone at once", q)
				}
			})
			x.do(x.Undo)
			x.wait(time.Second)
			x.do(func() {
				for i, id := range before {
					if got, _ := l.At(i); got != id || l.Total() != 20 {
						t.Errorf("%+v: after undo row %d of %d is %s, want %s", q, i, l.Total(), got, id)
					}
				}
			})
		}
	})
}

func TestOnlyUnread(t *testing.T) {
	run(t, func(x *app) {
		l, before := x.open(store.Query{Mailbox: "inbox", Only: store.Only{Unread: true}})
		x.do(func() { x.MarkRead(x.account, before[2], before[3]) })
		x.wait(time.Second)
		x.do(func() {
			if got, _ := l.At(2); got != before[4] || l.Total() != 18 {
				t.Errorf("row 2 of %d is %s, want %s", l.Total(), got, before[4])
			}
		})
		if id := x.server.Deliver("inbox", "News"); id != x.atOf(l, 0) {
			t.Errorf("new mail is not shown: %s", x.atOf(l, 0))
		}
	})
}

func (x *app) atOf(l *store.List, i int) (id jmap.Id) {
	x.wait(time.Second)
	x.do(func() { id, _ = l.At(i) })
	return id
}
