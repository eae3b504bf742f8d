package action_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/client/clienttest"
	"github.com/hearthmail/hearthmail/web/store"
)

// held is the app with a server that holds messages back.
func held(t *testing.T, f func(x *app)) {
	run(t, func(x *app) {
		x.server.Holds = true
		x.do(func() { x.client.Start(x.server.Session()) })
		f(x)
	})
}

// TestUndoSend: while a message is held it can be taken back, with all that was in it; after
// that it cannot, and goes out once.
func TestUndoSend(t *testing.T) {
	held(t, func(x *app) {
		c := x.compose()
		x.do(func() { c.Attachments = []*store.Attachment{{Name: "a.txt", BlobId: "b"}} })
		x.do(func() { x.Send(c) })
		if n := x.notice(); n.Undo == nil || n.Text != "Message sent" || len(x.store.Composers()) != 0 || len(x.server.Sent()) != 0 {
			x.Fatalf("notice %+v, %d sent", n, len(x.server.Sent()))
		}
		x.do(func() {
			if box := x.account.Outbox(); len(box) != 1 || !box[0].Quiet(box[0].SendAt) || x.account.Leaving(box[0].EmailId) == nil {
				x.Errorf("outbox %+v", box)
			}
		})
		x.do(x.Undo)
		if all := x.store.Composers(); len(all) != 1 || all[0] != c || c.Text == "" && c.HTML == "" || len(c.Attachments) != 1 || c.Dirty() || c.Status != store.Editing {
			x.Fatalf("%+v", c)
		}
		if d := x.server.Mailbox("drafts"); len(d) != 1 || d[0] != c.DraftId {
			x.Errorf("drafts %v, the composer's %s", d, c.DraftId)
		}
		x.do(func() { x.Send(c) })
		undo := x.notice().Undo
		x.server.Release()
		x.do(undo)
		if n := x.notice(); n.Kind != store.Failure || !strings.HasPrefix(n.Text, "Too late") || len(x.store.Composers()) != 0 {
			x.Errorf("notice %+v", n)
		}
		x.wait(time.Minute)
		if len(x.server.Sent()) != 1 || len(x.server.Mailbox("sent")) != 1 || len(x.server.Mailbox("drafts")) != 0 || len(x.account.Outbox()) != 0 {
			x.Errorf("%d sent, %v in Sent, %v in Drafts", len(x.server.Sent()), x.server.Mailbox("sent"), x.server.Mailbox("drafts"))
		}
	})
}

// TestTwoWindows with one draft: the second is told that it was sent, keeps what it has, and
// sends it again only when it is asked to.
func TestTwoWindows(t *testing.T) {
	held(t, func(x *app) {
		one, other := x.compose(), x.compose()
		x.do(func() { other.Email.MessageId = one.Email.MessageId })
		x.do(func() { x.Send(one); x.Send(other) })
		if other.Status != store.SendFail || !strings.Contains(other.Err, "already") || len(x.store.Composers()) != 1 {
			x.Errorf("%v %q, %d composers", other.Status, other.Err, len(x.store.Composers()))
		}
		x.server.Release()
		x.wait(time.Minute)
		if sent, drafts := len(x.server.Sent()), len(x.server.Mailbox("drafts")); sent != 1 || drafts > 1 {
			x.Errorf("%d sent, %d drafts", sent, drafts)
		}
		x.do(func() { x.Send(other) })
		x.server.Release()
		x.wait(time.Minute)
		if len(x.server.Sent()) != 2 || len(x.server.Mailbox("drafts")) != 0 {
			x.Errorf("%d sent, drafts %v", len(x.server.Sent()), x.server.Mailbox("drafts"))
		}
	})
}

// TestLostHeldSend: a bridge takes a message once, so that one whose answer was lost is sent
// again, and goes out once whatever had become of it.
func TestLostHeldSend(t *testing.T) {
	for name, c := range map[string]struct{ before, after error }{
		"it never arrived":    {before: clienttest.ErrLost},
		"the answer was lost": {after: clienttest.ErrLost},
	} {
		t.Run(name, func(t *testing.T) {
			held(t, func(x *app) {
				lost := false
				lose := func(r *jmap.Request, err error) error {
					if len(r.MethodCalls) < 2 || r.MethodCalls[1].Name != "EmailSubmission/set" || lost || err == nil {
						return nil
					}
					lost = true
					x.client.Connected(store.Connection{State: store.Offline})
					time.AfterFunc(10*time.Second, func() { x.client.Connected(store.Connection{State: store.Online}) })
					return err
				}
				x.server.Before = func(r *jmap.Request) error { return lose(r, c.before) }
				x.server.After = func(r *jmap.Request) error { return lose(r, c.after) }
				m := x.compose()
				x.do(func() { x.Send(m) })
				x.wait(time.Minute)
				if m.Status != store.Sent || !lost {
					x.Errorf("status %v (%s)", m.Status, m.Err)
				}
				x.server.Release()
				x.wait(time.Minute)
				if sent, drafts := len(x.server.Sent()), len(x.server.Mailbox("drafts")); sent != 1 || drafts != 0 {
					x.Errorf("%d sent, %d drafts", sent, drafts)
				}
			})
		})
	}
}

// TestDeleteWhatLeaves: a message that is deleted while it waits to be sent is not sent.
func TestDeleteWhatLeaves(t *testing.T) {
	held(t, func(x *app) {
		c := x.compose()
		x.do(func() { x.Send(c) })
		id := x.account.Outbox()[0].EmailId
		x.do(func() { x.Delete(x.account, false, id) })
		x.server.Release()
		x.wait(time.Minute)
		if len(x.server.Sent()) != 0 || len(x.server.Mailbox("trash")) != 1 || len(x.account.Outbox()) != 0 {
			x.Errorf("%d sent, trash %v", len(x.server.Sent()), x.server.Mailbox("trash"))
		}
	})
}

// TestCrashWhileSending: a window that ends before the bridge's answer comes does not bring
// back what waits to be sent: else it would go out twice.
func TestCrashWhileSending(t *testing.T) {
	held(t, func(x *app) {
		d := &device{texts: map[string]string{}}
		x.do(func() { x.KeepWritten(d) })
		c := x.compose()
		x.wait(time.Second)
		x.server.After = func(r *jmap.Request) error {
			if len(r.MethodCalls) > 1 && r.MethodCalls[1].Name == "EmailSubmission/set" {
				return clienttest.ErrLost
			}
			return nil
		}
		x.do(func() { x.Send(c) })
		if d.all() == "" {
			x.Fatal("nothing is kept of it")
		}
		x.crash(d)
		x.wait(time.Minute)
		if all := x.store.Composers(); len(all) != 0 {
			x.Errorf("it is written again: %+v", all[0])
		}
		x.server.Release()
		x.wait(time.Minute)
		if sent, drafts := len(x.server.Sent()), len(x.server.Mailbox("drafts")); sent != 1 || drafts != 0 {
			x.Errorf("%d sent, %d drafts", sent, drafts)
		}
	})
}
