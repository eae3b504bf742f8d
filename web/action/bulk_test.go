package action_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/client/clienttest"
	"github.com/hearthmail/hearthmail/web/store"
)

// many fills the inbox up to 2000 messages, of which the list has seen a few.
func (x *app) many() {
	x.server.Fill("inbox", 1980)
	x.server.Forget()
	x.do(func() { x.Refresh(x.account) })
	x.wait(time.Minute)
	x.server.Requests()
}

func (x *app) bulk() (b store.Bulk) {
	x.do(func() {
		if list := x.store.Bulks(); len(list) > 0 {
			b = *list[len(list)-1]
		}
	})
	return b
}

func TestArchiveAllAndUndo(t *testing.T) {
	run(t, func(x *app) {
		x.many()
		before := x.server.Mailbox("inbox")
		var steps []int
		x.store.Subscribe(func() {
			if list := x.store.Bulks(); len(list) > 0 && list[0].Total == 2000 {
				steps = append(steps, list[0].Done)
			}
		})
		x.do(func() { x.ArchiveAll(x.inbox) })
		x.wait(time.Minute)
		if n, m := len(x.server.Mailbox("archive")), len(x.server.Mailbox("inbox")); n != 2000 || m != 0 {
			t.Fatalf("%d in Archive, %d in Inbox", n, m)
		}
		if len(steps) < 10 {
			t.Errorf("progress: %v", steps)
		}
		n := x.notice()
		if n.Text != "2000 messages archived" || n.Undo == nil || len(x.store.Bulks()) != 0 {
			t.Fatalf("%+v", n)
		}
		x.do(func() {
			if x.inbox.Total() != 0 || x.account.Mailbox("archive").TotalEmails != 2000 {
				t.Errorf("%d shown, %+v", x.inbox.Total(), x.account.Mailbox("archive"))
			}
			n.Undo()
			x.Undo()
		})
		x.wait(time.Minute)
		after := x.server.Mailbox("inbox")
		if len(after) != 2000 || after[0] != before[0] || after[1999] != before[1999] {
			t.Errorf("%d are back", len(after))
		}
		x.do(func() { // and seen, without anybody scrolling
			for _, id := range x.inbox.Visible(0) {
				if x.account.Email(id) == nil {
					t.Errorf("%s is back without its row", id)
				}
			}
			if got, _ := x.inbox.At(0); got != before[0] {
				t.Errorf("row 0 shows %q", got)
			}
		})
		if n := x.notice(); n.Text != "Undone for 2000 messages" {
			t.Errorf("%+v", n)
		}
	})
}

// TestNewMailIsLeftAlone: what comes in after the list was chosen stays where it is.
func TestNewMailIsLeftAlone(t *testing.T) {
	run(t, func(x *app) {
		x.many()
		sets := 0
		var news jmap.Id
		x.do(func() {
			x.server.After = func(r *jmap.Request) error {
				if r.MethodCalls[0].Name == "Email/set" {
					if sets++; sets == 2 {
						news = x.server.Deliver("inbox", "News")
					}
				}
				return nil
			}
			x.DeleteAll(x.inbox)
		})
		x.wait(time.Minute)
		if left := x.server.Mailbox("inbox"); len(left) != 1 || left[0] != news || x.at(0) != news {
			t.Errorf("left: %v, shown %s", left, x.at(0))
		}
	})
}

func TestBulkIsHonest(t *testing.T) {
	run(t, func(x *app) {
		x.many()
		all := x.server.Mailbox("inbox")
		bad := map[jmap.Id]bool{all[3]: true, all[700]: true}
		x.do(func() {
			x.server.RefuseSet = func(id jmap.Id) *jmap.SetError {
				if bad[id] {
					return &jmap.SetError{Type: jmap.SetForbidden, Description: "locked"}
				}
				return nil
			}
			x.ArchiveAll(x.inbox)
		})
		x.wait(time.Minute)
		b := x.bulk()
		if !b.Over || b.Failed != 2 || b.Done != 1998 || !strings.Contains(b.Text, "locked") || b.Retry == nil || b.Undo == nil {
			t.Fatalf("%+v", b)
		}
		if left := x.server.Mailbox("inbox"); len(left) != 2 || x.at(0) != all[3] || x.at(1) != all[700] {
			t.Errorf("left: %v, shown %s %s", left, x.at(0), x.at(1))
		}
		x.do(func() { x.server.RefuseSet = nil; b.Retry() })
		x.wait(time.Minute)
		if len(x.server.Mailbox("archive")) != 2000 || len(x.store.Bulks()) != 0 {
			t.Errorf("%d in Archive, %+v", len(x.server.Mailbox("archive")), x.bulk())
		}
		x.do(x.Undo)
		x.wait(time.Minute)
		if len(x.server.Mailbox("inbox")) != 2000 {
			t.Error("one undo is not enough")
		}
	})
}

// TestBulkGivesUp: a server that refuses everything is not asked two thousand times.
func TestBulkGivesUp(t *testing.T) {
	run(t, func(x *app) {
		x.many()
		x.do(func() {
			x.server.FailMethod = func(name string) *jmap.MethodError {
				if name == "Email/set" {
					return jmap.Failf(jmap.AccountReadOnly, "")
				}
				return nil
			}
			x.DestroyAll(x.inbox)
		})
		x.wait(time.Minute)
		sets := 0
		for _, r := range x.server.Requests() {
			sets += strings.Count(r, "Email/set")
		}
		if b := x.bulk(); b.Failed != 2000 || b.Done != 0 || b.Undo != nil || sets != 1 {
			t.Errorf("%+v after %d sets", b, sets)
		}
	})
}

func TestBulkCancelAndLoss(t *testing.T) {
	run(t, func(x *app) {
		x.many()
		sets := 0
		x.do(func() {
			x.server.After = func(r *jmap.Request) error {
				if r.MethodCalls[0].Name != "Email/set" {
					return nil
				}
				switch sets++; sets {
				case 2: // it was done, but nobody hears of it
					return clienttest.ErrLost
				case 4:
					x.loop.Post(func() { x.store.Bulks()[0].Cancel() })
				}
				return nil
			}
			x.MarkAll(x.inbox, jmap.KeywordSeen, true)
		})
		x.wait(time.Minute)
		n := x.notice()
		if n.Text != "Stopped after 600 of 2000 messages" && n.Text != "Stopped after 800 of 2000 messages" || n.Undo == nil {
			t.Fatalf("%+v", n)
		}
		x.do(n.Undo)
		x.wait(time.Minute)
		if m := x.account.Mailbox("inbox"); m.UnreadEmails != 2000 {
			t.Errorf("%d unread", m.UnreadEmails)
		}
	})
}

// TestBulkIsFollowed: the list on screen shows what a long bulk has brought back, without
// anybody scrolling.
func TestBulkIsFollowed(t *testing.T) {
	run(t, func(x *app) {
		x.many()
		before := x.server.Mailbox("inbox")
		l, _ := x.open(store.Query{Mailbox: "inbox", Threads: true})
		for range 2 {
			x.do(func() { x.ArchiveAll(l) })
			x.wait(time.Minute)
			x.do(x.Undo)
			x.wait(time.Minute)
		}
		x.do(func() {
			for i := range 20 {
				if id, ok := l.At(i); !ok || id != before[i] || x.account.Email(id) == nil {
					t.Errorf("row %d shows %q, known %v", i, id, ok)
				}
			}
		})
	})
}
