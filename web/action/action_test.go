package action_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/client"
	"github.com/hearthmail/hearthmail/web/client/clienttest"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
)

var _ action.Client = (*client.Client)(nil)

// app is the app without a screen, in front of a server in memory.
type app struct {
	*testing.T
	*action.Actions
	server  *clienttest.Server
	loop    *clienttest.Loop
	store   *store.Store
	client  *client.Client
	account *store.Account
	inbox   *store.List
	uploads uploader
}

// uploader answers each upload when its gate is opened.
type uploader struct{ gate chan error }

func (u uploader) Upload(ctx context.Context, _ jmap.Id, mediaType string, _ any, from, to int64, progress func(int64)) (jmap.Upload, error) {
	size := to - from
	progress(size / 2)
	select {
	case err := <-u.gate:
		return jmap.Upload{BlobId: "blob1", Type: mediaType, Size: size}, err
	case <-ctx.Done():
		return jmap.Upload{}, ctx.Err()
	}
}

// run gives f an app with 20 messages in the inbox, on screen.
func run(t *testing.T, f func(*app)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := &app{T: t, server: clienttest.New(), loop: clienttest.NewLoop(), uploads: uploader{make(chan error)}}
		x.server.Fill("inbox", 20)
		x.start()
		x.do(func() {
			x.inbox = x.OpenMailbox(x.account, store.Query{Mailbox: "inbox"})
			x.ShowWindow(x.inbox, 0, 19)
		})
		x.server.Requests()
		f(x)
		x.wait(time.Hour) // whatever was planned has happened
		x.client.Close()
		synctest.Wait()
		x.loop.Stop()
	})
}

// start begins with nothing in memory.
func (x *app) start() {
	x.do(func() {
		x.store = store.New(x.loop.Post)
		x.client = client.New(x.store, x.server, x.loop.Post)
		x.act(x.uploads)
		x.server.Push = x.client.StateChanged
		x.client.Connected(store.Connection{State: store.Online})
		x.client.Start(x.server.Session())
		x.account = x.store.Account(clienttest.AccountId)
	})
}

// act makes the verbs anew, with another way for files.
func (x *app) act(u action.Uploader) {
	x.Actions = action.New(x.store, x.client, u, func(html string) string { return html }, x.loop.Post)
}

func (x *app) do(f func()) {
	x.loop.Do(f)
	synctest.Wait()
}

// wait lets time pass, and what it causes come to an end.
func (x *app) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (x *app) at(i int) (id jmap.Id) {
	x.do(func() { id, _ = x.inbox.At(i) })
	return id
}

func (x *app) notice() (n store.Notice) {
	x.Helper()
	x.do(func() {
		if list := x.store.Notices(); len(list) > 0 {
			n = list[len(list)-1]
		}
	})
	return n
}

func TestOpenEmailIsOneRequest(t *testing.T) {
	run(t, func(x *app) {
		id := x.at(2)
		x.do(func() {
			x.MarkRead(x.account, x.OpenEmails(x.account, []jmap.Id{id}, func(jmap.Id) bool { return true })...)
		})
		x.do(func() {
			e := x.account.Email(id)
			if e.Body() != store.BodyReady || draft.Text(e.Email()) != "Hello" || !e.Has(jmap.KeywordSeen) {
				x.Errorf("body %v, keywords %v", e.Body(), e.Email().Keywords)
			}
			if n := x.account.Mailbox("inbox").UnreadEmails; n != 19 {
				x.Errorf("%d unread", n)
			}
		})
		if got := x.server.Requests(); len(got) == 0 || got[0] != "Email/get Email/set" {
			x.Errorf("requests: %q", got)
		}
		x.do(func() { x.OpenEmails(x.account, []jmap.Id{id}, func(jmap.Id) bool { return true }) })
		if got := x.server.Requests(); len(got) != 0 {
			x.Errorf("opened again: %q", got)
		}
	})
}

func TestMoveAndUndo(t *testing.T) {
	for name, act := range map[string]func(*app, jmap.Id){
		"archive": func(x *app, id jmap.Id) { x.Archive(x.account, id) },
		"delete":  func(x *app, id jmap.Id) { x.Delete(x.account, false, id) },
		"junk":    func(x *app, id jmap.Id) { x.Junk(x.account, id) },
		"move":    func(x *app, id jmap.Id) { x.Move(x.account, "sent", id) },
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(x *app) {
				id, next := x.at(4), x.at(5)
				x.do(func() {
					act(x, id)
					if got, _ := x.inbox.At(4); got != next || x.inbox.Total() != 19 {
						x.Errorf("row 4 shows %s of %d at once", got, x.inbox.Total())
					}
				})
				if x.server.Email(id).MailboxIds["inbox"] {
					x.Error("still in the inbox on the server")
				}
				n := x.notice()
				if n.Undo == nil || n.Text == "" {
					x.Fatalf("notice: %+v", n)
				}
				x.do(func() { n.Undo(); x.Undo() })
				if x.at(4) != id || !x.server.Email(id).MailboxIds["inbox"] || len(x.server.Email(id).MailboxIds) != 1 {
					x.Errorf("after undo: row 4 is %s, on the server in %v", x.at(4), x.server.Email(id).MailboxIds)
				}
			})
		})
	}
}

func TestRefusedMoveIsToldAndTakenBack(t *testing.T) {
	run(t, func(x *app) {
		id := x.at(0)
		x.server.RefuseSet = func(jmap.Id) *jmap.SetError {
			return &jmap.SetError{Type: jmap.SetOverQuota, Description: "<b>full</b>"}
		}
		x.do(func() { x.Archive(x.account, id) })
		if n := x.notice(); n.Kind != store.Failure || !strings.Contains(n.Text, "<b>full</b>") {
			x.Errorf("notice: %+v", n)
		}
		if x.at(0) != id {
			x.Error("not taken back")
		}
	})
}

func TestDeleteInTrashAsks(t *testing.T) {
	run(t, func(x *app) {
		id := x.at(0)
		x.do(func() { x.Delete(x.account, false, id) })
		var ask bool
		x.do(func() { ask = x.Delete(x.account, false, id) })
		if !ask || x.server.Email(id) == nil {
			x.Errorf("ask %v, email %v", ask, x.server.Email(id))
		}
		x.do(func() { ask = x.Delete(x.account, true, id) })
		if ask || x.server.Email(id) != nil {
			x.Errorf("confirmed: ask %v, email %v", ask, x.server.Email(id))
		}
	})
}

func (x *app) compose() *store.Composer {
	var c *store.Composer
	x.do(func() {
		c = x.ComposeNew(x.account)
		x.Edit(c, func(c *store.Composer) {
			c.Email.To, _ = draft.ParseAddresses("grace@example.org")
			c.Email.Subject, c.Plain, c.Text = "Hi", true, "Hello Grace"
		})
	})
	return c
}

func TestDraftIsOneDraft(t *testing.T) {
	run(t, func(x *app) {
		c := x.compose()
		for range 3 {
			x.wait(5 * time.Second)
			x.do(func() { x.Edit(c, func(c *store.Composer) { c.Text += "!" }) })
		}
		x.wait(time.Minute)
		drafts := x.server.Mailbox("drafts")
		if len(drafts) != 1 || drafts[0] != c.DraftId || c.Dirty() || c.SavedAt.IsZero() {
			x.Fatalf("%d drafts, composer %+v", len(drafts), c)
		}
		if e := x.server.Email(drafts[0]); e.BodyValues["text"].Value != "Hello Grace!!!\n" || !e.Keywords[jmap.KeywordDraft] {
			x.Errorf("draft: %+v", e)
		}
	})
}

func TestRefusedDraftKeepsTheOldOne(t *testing.T) {
	run(t, func(x *app) {
		c := x.compose()
		x.wait(time.Minute)
		old := c.DraftId
		x.do(func() {
			x.server.RefuseSet = func(jmap.Id) *jmap.SetError { return &jmap.SetError{Type: jmap.SetOverQuota} }
		})
		x.do(func() { x.Edit(c, func(c *store.Composer) { c.Text += "!" }) })
		x.wait(10 * time.Second)
		x.do(func() {
			if x.server.Email(old) == nil || c.Err == "" || !c.Dirty() {
				x.Errorf("old draft %v, composer %+v", x.server.Email(old), c)
			}
		})
		x.do(func() { x.server.RefuseSet = nil })
		x.wait(time.Minute)
		if drafts := x.server.Mailbox("drafts"); len(drafts) != 1 || c.Err != "" {
			x.Errorf("drafts %v, %q", drafts, c.Err)
		}
	})
}

func TestLostDraftIsNotDoubled(t *testing.T) {
	for _, arrived := range []bool{true, false} {
		run(t, func(x *app) {
			lose := func(r *jmap.Request) error {
				if r.MethodCalls[0].Name == "Email/set" {
					return clienttest.ErrLost
				}
				return nil
			}
			x.do(func() {
				if arrived {
					x.server.After = lose
				} else {
					x.server.Before = lose
				}
			})
			c := x.compose()
			x.wait(2500 * time.Millisecond)
			x.do(func() { x.server.Before, x.server.After = nil, nil })
			x.wait(time.Minute)
			if drafts := x.server.Mailbox("drafts"); len(drafts) != 1 || drafts[0] != c.DraftId {
				x.Errorf("arrived %v: drafts %v, composer has %s", arrived, drafts, c.DraftId)
			}
		})
	}
}

func TestDiscardAndUndo(t *testing.T) {
	run(t, func(x *app) {
		c := x.compose()
		x.wait(time.Minute)
		x.do(func() { x.DiscardDraft(c) })
		if len(x.server.Mailbox("drafts")) != 0 || len(x.store.Composers()) != 0 {
			x.Error("not discarded")
		}
		n := x.notice()
		x.do(n.Undo)
		x.wait(time.Minute)
		if len(x.server.Mailbox("drafts")) != 1 || len(x.store.Composers()) != 1 || c.Text != "Hello Grace" {
			x.Error("not taken back")
		}
	})
}

func TestDiscardWhileSaving(t *testing.T) {
	run(t, func(x *app) {
		gate := make(chan struct{})
		x.server.Before = func(*jmap.Request) error { <-gate; return nil }
		c := x.compose()
		x.wait(time.Minute)
		x.do(func() { x.DiscardDraft(c) })
		close(gate)
		x.wait(time.Minute)
		if d := x.server.Mailbox("drafts"); len(d) != 0 {
			x.Errorf("left behind: %v", d)
		}
	})
}

func TestSendOnce(t *testing.T) {
	run(t, func(x *app) {
		c := x.compose()
		x.wait(time.Minute) // a draft is saved
		x.do(func() {
			for range 3 {
				x.Send(c)
			}
		})
		x.do(func() { x.Send(c) })
		x.wait(time.Minute)
		sent := x.server.Sent()
		if len(sent) != 1 || len(x.server.Mailbox("sent")) != 1 || len(x.server.Mailbox("drafts")) != 0 {
			x.Errorf("%d sent, %d in Sent, %d in Drafts", len(sent), len(x.server.Mailbox("sent")), len(x.server.Mailbox("drafts")))
		}
		if known := x.store.Settings().Known()["grace@example.org"]; known.Times != 1 {
			x.Errorf("learnt: %+v", known)
		}
		if e := x.server.Email(x.server.Mailbox("sent")[0]); e.Keywords[jmap.KeywordDraft] {
			x.Error("still a draft")
		}
		if len(x.store.Composers()) != 0 || c.Status != store.Sent || x.notice().Kind != store.Info {
			x.Errorf("composer %+v, notice %+v", c, x.notice())
		}
	})
}

func TestSendWhileSavingIsOneMessage(t *testing.T) {
	run(t, func(x *app) {
		c := x.compose()
		x.do(func() {
			x.SaveDraft(c)
			x.Send(c)
		})
		x.wait(time.Minute)
		if n, d := len(x.server.Sent()), x.server.Mailbox("drafts"); n != 1 || len(d) != 0 {
			x.Errorf("%d sent, drafts %v", n, d)
		}
	})
}

func TestRefusedSendKeepsTheDraft(t *testing.T) {
	run(t, func(x *app) {
		c := x.compose()
		x.server.RefuseSet = func(id jmap.Id) *jmap.SetError {
			if id == "sub" {
				return &jmap.SetError{Type: jmap.SetForbiddenToSend, Description: "550 no"}
			}
			return nil
		}
		x.do(func() { x.Send(c) })
		drafts := x.server.Mailbox("drafts")
		if c.Status != store.SendFail || !strings.Contains(c.Err, "550 no") || len(drafts) != 1 || c.DraftId != drafts[0] {
			x.Errorf("composer %+v, drafts %v", c, drafts)
		}
		x.server.RefuseSet = nil
		x.do(func() { x.Send(c) })
		if len(x.server.Sent()) != 1 || len(x.server.Mailbox("drafts")) != 0 {
			x.Errorf("again: %d sent, drafts %v", len(x.server.Sent()), x.server.Mailbox("drafts"))
		}
	})
}

// notSent is a loss of which the transport knows that nothing went out.
type notSent struct{ error }

func (notSent) NotSent() bool { return true }

func TestLostSendIsNeverRepeated(t *testing.T) {
	isSend := func(r *jmap.Request) bool {
		return len(r.MethodCalls) > 1 && r.MethodCalls[1].Name == "EmailSubmission/set"
	}
	for name, c := range map[string]struct {
		before, after error
		status        store.ComposerStatus
		sent          int
	}{
		"nothing went out":    {before: notSent{clienttest.ErrLost}, status: store.Sent, sent: 1},
		"it never arrived":    {before: clienttest.ErrLost, status: store.MaybeSent, sent: 0},
		"the answer was lost": {after: clienttest.ErrLost, status: store.Sent, sent: 1},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(x *app) {
				lost := false
				lose := func(r *jmap.Request, err error) error {
					if isSend(r) && !lost && err != nil {
						lost = true
						x.client.Connected(store.Connection{State: store.Offline})
						time.AfterFunc(10*time.Second, func() { x.client.Connected(store.Connection{State: store.Online}) })
						return err
					}
					return nil
				}
				x.server.Before = func(r *jmap.Request) error { return lose(r, c.before) }
				x.server.After = func(r *jmap.Request) error { return lose(r, c.after) }
				m := x.compose()
				x.do(func() { x.Send(m) })
				x.wait(time.Minute)
				x.do(func() {
					if m.Status != c.status || len(x.server.Sent()) != c.sent {
						x.Errorf("status %v (%s), %d sent", m.Status, m.Err, len(x.server.Sent()))
					}
				})
			})
		})
	}
}

func TestUnfitToSend(t *testing.T) {
	run(t, func(x *app) {
		c := x.compose()
		x.do(func() {
			x.Edit(c, func(c *store.Composer) { c.Email.To = []jmap.EmailAddress{{Email: "not an address"}} })
			x.Send(c)
		})
		unfit := func() bool {
			return c.Status == store.SendFail && strings.Contains(c.Err, "not an address") && len(x.server.Sent()) == 0
		}
		if !unfit() {
			x.Errorf("%+v", c)
		}
		// What is no address keeps nothing else from being saved.
		x.wait(time.Minute)
		if e := x.server.Email(c.DraftId); e == nil || len(e.To) != 0 || c.Dirty() || !unfit() || len(c.Email.To) != 1 {
			x.Errorf("draft %+v, composer %+v", e, c)
		}
	})
}

func TestAttachments(t *testing.T) {
	run(t, func(x *app) {
		c := x.compose()
		var at, other *store.Attachment
		x.do(func() {
			at = x.Attach(c, "a.txt", "text/plain", 100, nil)
			other = x.Attach(c, "b.txt", "text/plain", 100, nil)
		})
		x.do(func() { x.Send(c) })
		if at.Sent != 50 || c.Status != store.SendFail {
			x.Errorf("%+v, status %v", at, c.Status)
		}
		x.do(func() { x.Detach(c, other) })
		x.uploads.gate <- nil
		synctest.Wait()
		x.do(func() { x.Send(c) })
		sent := x.server.Sent()
		if len(sent) != 1 || len(sent[0].Attachments) != 1 || sent[0].Attachments[0].BlobId != "blob1" {
			x.Errorf("sent %+v", sent)
		}
		c = x.compose()
		x.do(func() { at = x.Attach(c, "a.txt", "text/plain", 100, nil) })
		x.uploads.gate <- errors.New("too large")
		synctest.Wait()
		if !strings.Contains(at.Err, "too large") {
			x.Errorf("%+v", at)
		}
	})
}

func TestReplyMarksAnswered(t *testing.T) {
	run(t, func(x *app) {
		id := x.at(0)
		var c *store.Composer
		x.do(func() { c = x.Reply(x.account, id) })
		if c != nil {
			x.Fatal("a reply without the body")
		}
		x.do(func() { x.OpenEmails(x.account, []jmap.Id{id}, func(jmap.Id) bool { return true }) })
		x.do(func() { c = x.ReplyAll(x.account, id) })
		if c.Email.Subject != "Re: Message 19" || !strings.Contains(draft.TextOf(c.HTML), "Grace <grace@example.org> wrote:\n> Hello\n") {
			x.Fatalf("%q, %q", c.Email.Subject, c.HTML)
		}
		x.do(func() { x.Send(c) })
		if !x.server.Email(id).Keywords[jmap.KeywordAnswered] || len(x.server.Sent()) != 1 {
			x.Errorf("original: %v", x.server.Email(id).Keywords)
		}
	})
}

func TestCloseSaves(t *testing.T) {
	run(t, func(x *app) {
		c := x.compose()
		x.do(func() { x.CloseComposer(c) })
		id := x.server.Mailbox("drafts")
		if len(id) != 1 {
			x.Fatalf("drafts %v", id)
		}
		x.do(func() { x.OpenEmails(x.account, []jmap.Id{id[0]}, func(jmap.Id) bool { return true }) })
		x.do(func() { c = x.EditDraft(x.account, id[0]) })
		if c.Text != "Hello Grace" || c.DraftId != id[0] || len(c.Email.To) != 1 {
			x.Errorf("%+v", c)
		}
		x.do(func() { x.Edit(c, func(c *store.Composer) { c.Text += "!" }); x.CloseComposer(c) })
		if n := len(x.server.Mailbox("drafts")); n != 1 {
			x.Errorf("%d drafts", n)
		}
	})
}

func TestSearchLeavesTrashOut(t *testing.T) {
	run(t, func(x *app) {
		x.server.Deliver("trash", "Message lost")
		var l *store.List
		x.do(func() {
			l = x.Search(x.account, "message", jmap.EmailFilter{Text: "message"}, false)
			x.ShowWindow(l, 0, 30)
		})
		if l.Total() != 20 {
			x.Errorf("%d found", l.Total())
		}
		var id jmap.Id
		x.do(func() {
			id, _ = l.At(3)
			x.Delete(x.account, false, id)
			if got, _ := l.At(3); got == id || l.Total() != 19 {
				x.Errorf("still found: %s of %d", got, l.Total())
			}
		})
	})
}

// TestSet: a choice counts at once; a server that keeps none leaves it to this device.
func TestSet(t *testing.T) {
	run(t, func(x *app) {
		x.do(func() {
			x.Set("density", 2)
			x.Set("theme", "dark")
			x.Set("theme", nil)
			if got := x.store.Settings().Int("density", 0); got != 2 || x.store.Settings().String("theme", "") != "" {
				x.Errorf("density %d, %s", got, x.store.Settings().Save())
			}
			x.Set("impossible", func() {})
		})
		if n := len(x.store.Notices()); n != 1 {
			x.Errorf("%d notices", n)
		}
	})
}

// TestUnsubscribe: what became of it is said, also when nobody knows.
func TestUnsubscribe(t *testing.T) {
	run(t, func(x *app) {
		left := 0
		said := func() (text string) {
			x.do(func() {
				if list := x.store.Notices(); len(list) > 0 {
					text = list[len(list)-1].Text
				}
			})
			return text
		}
		unsubscribe := func() { x.do(func() { x.Unsubscribe(x.account, "e1", func() { left++ }) }) }
		unsubscribe()
		if got := said(); left != 1 || !strings.Contains(got, "lists.example.org") {
			x.Errorf("%q, left %d times", got, left)
		}
		x.server.FailMethod = func(name string) *jmap.MethodError {
			return &jmap.MethodError{Type: "unsubscribeNot", Description: "lists.example.org did not accept it"}
		}
		unsubscribe()
		if got := said(); left != 1 || !strings.Contains(got, "Not unsubscribed: lists.example.org did not accept it") {
			x.Errorf("%q, left %d times", got, left)
		}
		x.server.FailMethod = nil
		var answered atomic.Bool
		x.server.After = func(*jmap.Request) error {
			if answered.Swap(true) {
				return nil
			}
			return errors.New("lost")
		}
		unsubscribe()
		if got := said(); left != 1 || !strings.Contains(got, "may be unsubscribed") {
			x.Errorf("%q, left %d times", got, left)
		}
	})
}
