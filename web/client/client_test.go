package client

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/client/clienttest"
	"github.com/hearthmail/hearthmail/web/store"
)

// app is an app without a screen in front of a server in memory.
type app struct {
	*testing.T
	server  *clienttest.Server
	loop    *clienttest.Loop
	store   *store.Store
	client  *Client
	account *store.Account
}

// run gives f an app that is online and knows its mailboxes.
func run(t *testing.T, prepare func(*clienttest.Server), f func(*app)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := &app{T: t, server: clienttest.New(), loop: clienttest.NewLoop()}
		prepare(x.server)
		x.store = store.New(x.loop.Post)
		x.client = New(x.store, x.server, x.loop.Post)
		x.server.Push = x.client.StateChanged
		x.loop.Do(func() {
			x.client.Start(x.server.Session())
			x.account = x.store.Account(clienttest.AccountId)
		})
		x.connect()
		f(x)
		x.client.Close()
		x.settle()
		x.loop.Stop()
	})
}

func (x *app) connect() {
	x.client.Connected(store.Connection{State: store.Online})
	x.settle()
}

func (x *app) disconnect() {
	x.client.Connected(store.Connection{State: store.Offline})
	x.settle()
}

// settle waits until nothing moves any more.
func (x *app) settle() { synctest.Wait() }

// do does something as the person would and waits for what follows.
func (x *app) do(f func()) {
	x.loop.Do(f)
	x.settle()
}

// inbox opens the inbox with rows first to last on screen.
func (x *app) inbox(first, last int) *store.List {
	var l *store.List
	x.do(func() {
		l = x.account.List(store.Query{Mailbox: "inbox"})
		l.SetViewport(first, last)
		x.client.Follow(l)
	})
	return l
}

// show scrolls.
func (x *app) show(l *store.List, first, last int) {
	x.do(func() {
		l.SetViewport(first, last)
		x.client.Fill(l)
	})
}

// same checks that the viewport shows what the server has there, with rows.
func (x *app) same(l *store.List) {
	x.Helper()
	want := x.server.Mailbox(l.Query().Mailbox)
	x.loop.Do(func() {
		if l.Total() != len(want) {
			x.Errorf("%d messages shown, the server has %d", l.Total(), len(want))
		}
		first, last := l.Viewport()
		for i := first; i <= last && i < l.Total(); i++ {
			id, ok := l.At(i)
			if !ok || id != want[i] {
				x.Errorf("row %d shows %q (%v), want %s", i, id, ok, want[i])
			} else if x.account.Email(id) == nil {
				x.Errorf("row %d (%s) has no email", i, id)
			}
		}
		if l.Loading() {
			x.Error("still loading")
		}
		if l.Err() != nil {
			x.Error(l.Err())
		}
	})
}

func (x *app) requests(want ...string) {
	x.Helper()
	if got := x.server.Requests(); !slices.Equal(got, want) {
		x.Errorf("requests\n%q\nwant\n%q", got, want)
	}
}

func (x *app) begin(ids []jmap.Id, c store.Change, done func(map[jmap.Id]error)) {
	x.do(func() {
		changes := map[jmap.Id]store.Change{}
		for _, id := range ids {
			changes[id] = c
		}
		x.client.Commit(x.account, x.account.Begin(changes), done)
	})
}

var (
	seen    = store.Change{Keywords: map[string]bool{jmap.KeywordSeen: true}}
	archive = store.Change{Mailboxes: map[jmap.Id]bool{"inbox": false, "archive": true}}
)

func fill(n int) func(*clienttest.Server) {
	return func(s *clienttest.Server) { s.Fill("inbox", n) }
}

func TestFirstPageIsOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := &app{T: t, server: clienttest.New(), loop: clienttest.NewLoop()}
		x.server.Fill("inbox", 500)
		x.store = store.New(x.loop.Post)
		x.client = New(x.store, x.server, x.loop.Post)
		x.client.Connected(store.Connection{State: store.Online})
		var l *store.List
		x.do(func() {
			x.client.Start(x.server.Session())
			x.account = x.store.Account(clienttest.AccountId)
			l = x.account.List(store.Query{Mailbox: "inbox"})
			l.SetViewport(0, 40)
			x.client.Follow(l)
		})
		x.same(l)
		x.requests("Mailbox/get Identity/get Email/query Email/get", "Email/query Email/get")
		x.client.Close()
		x.settle()
		x.loop.Stop()
	})
}

func TestNewMailMovesNothing(t *testing.T) {
	run(t, fill(1000), func(x *app) {
		l := x.inbox(300, 340)
		x.same(l)
		var top jmap.Id
		var shifted int
		x.do(func() { top, _ = l.At(300); shifted = l.Shifted() })
		x.server.Requests()
		x.server.Deliver("inbox", "news")
		x.settle()
		x.do(func() {
			if first, _ := l.Viewport(); first != 301 || l.Shifted()-shifted != 1 {
				x.Errorf("viewport starts at %d, shifted by %d", first, l.Shifted()-shifted)
			}
			if id, _ := l.At(301); id != top {
				x.Errorf("row 301 shows %s, want %s", id, top)
			}
			if l.Arrived() != 1 {
				x.Errorf("%d arrived", l.Arrived())
			}
			if m := x.account.Mailbox("inbox"); m.UnreadEmails != 1001 {
				x.Errorf("%d unread", m.UnreadEmails)
			}
		})
		x.same(l)
		x.requests("Mailbox/changes Mailbox/get Mailbox/get Email/changes Email/get Email/get Email/query")
	})
}

func TestNewMailAtTheTopShows(t *testing.T) {
	run(t, fill(10), func(x *app) {
		l := x.inbox(0, 40)
		id := x.server.Deliver("inbox", "news")
		x.settle()
		x.do(func() {
			if got, _ := l.At(0); got != id || l.Shifted() != 0 || l.Arrived() != 1 {
				x.Errorf("row 0 shows %s, shifted %d, arrived %d", got, l.Shifted(), l.Arrived())
			}
		})
		x.same(l)
	})
}

func TestChangeShowsBeforeTheAnswer(t *testing.T) {
	run(t, fill(100), func(x *app) {
		l := x.inbox(0, 20)
		var id, next jmap.Id
		x.do(func() { id, _ = l.At(3); next, _ = l.At(4) })
		gate := make(chan struct{})
		x.server.After = func(*jmap.Request) error { <-gate; return nil }
		x.begin([]jmap.Id{id}, archive, nil)
		check := func(when string) {
			x.Helper()
			x.do(func() {
				if got, _ := l.At(3); got != next || l.Total() != 99 {
					x.Errorf("%s: row 3 shows %s of %d", when, got, l.Total())
				}
				if m := x.account.Mailbox("inbox"); m.TotalEmails != 99 || m.UnreadEmails != 99 {
					x.Errorf("%s: inbox counts %d, %d unread", when, m.TotalEmails, m.UnreadEmails)
				}
				if m := x.account.Mailbox("archive"); m.TotalEmails != 1 {
					x.Errorf("%s: archive counts %d", when, m.TotalEmails)
				}
			})
		}
		check("before the answer")
		close(gate)
		x.settle()
		check("after the answer")
		x.same(l)
	})
}

// TestNothingFlickers: no state drawn between the click and the end differs
// from the one at the click, though the bridge's news come before its answer.
func TestNothingFlickers(t *testing.T) {
	run(t, fill(100), func(x *app) {
		l := x.inbox(0, 20)
		var id jmap.Id
		x.do(func() { id, _ = l.At(3) })
		var drawn []string
		x.do(func() {
			x.store.Subscribe(func() {
				at3, _ := l.At(3)
				s := fmt.Sprint(at3, l.Total(), x.account.Mailbox("inbox").UnreadEmails, x.account.Mailbox("archive").UnreadEmails)
				if len(drawn) == 0 || drawn[len(drawn)-1] != s {
					drawn = append(drawn, s)
				}
			})
		})
		x.server.After = func(r *jmap.Request) error {
			if r.MethodCalls[0].Name == "Email/set" {
				time.Sleep(time.Second)
			}
			return nil
		}
		x.begin([]jmap.Id{id}, archive, nil)
		time.Sleep(5 * time.Second)
		x.settle()
		if len(drawn) != 1 {
			x.Errorf("drawn: %q", drawn)
		}
		x.same(l)
	})
}

func TestRefusalIsTakenBack(t *testing.T) {
	run(t, fill(100), func(x *app) {
		l := x.inbox(0, 20)
		var ids []jmap.Id
		x.do(func() { ids = l.Visible(0)[3:6] })
		x.server.RefuseSet = func(id jmap.Id) *jmap.SetError {
			if id == ids[1] {
				return &jmap.SetError{Type: jmap.SetForbidden, Description: "no"}
			}
			return nil
		}
		var refused map[jmap.Id]error
		x.begin(ids, archive, func(r map[jmap.Id]error) { refused = r })
		if len(refused) != 1 || refused[ids[1]] == nil {
			x.Errorf("refused: %v", refused)
		}
		x.do(func() {
			if got, _ := l.At(3); got != ids[1] || l.Total() != 98 {
				x.Errorf("row 3 shows %s of %d", got, l.Total())
			}
		})
		x.same(l)
	})
}

func TestChangeByOthersUnderAPendingOne(t *testing.T) {
	run(t, fill(50), func(x *app) {
		l := x.inbox(0, 20)
		var id jmap.Id
		x.do(func() { id, _ = l.At(0) })
		gate := make(chan struct{})
		x.server.Before = func(r *jmap.Request) error {
			if r.MethodCalls[0].Name == "Email/set" {
				<-gate
			}
			return nil
		}
		x.begin([]jmap.Id{id}, seen, nil)
		x.server.Change(id, jmap.PatchObject{"keywords/$flagged": true})
		time.Sleep(holdNews + time.Second)
		x.settle()
		x.do(func() {
			e := x.account.Email(id)
			if !e.Has(jmap.KeywordSeen) || !e.Has(jmap.KeywordFlagged) {
				x.Errorf("shown: %v", e.Email().Keywords)
			}
		})
		close(gate)
		x.settle()
		x.do(func() {
			e := x.account.Email(id)
			if !e.Has(jmap.KeywordSeen) || !e.Has(jmap.KeywordFlagged) {
				x.Errorf("shown at the end: %v", e.Email().Keywords)
			}
		})
	})
}

// TestLateRowDoesNotBringBackThePast: a row read before a change was made and
// delivered after it was confirmed.
func TestLateRowDoesNotBringBackThePast(t *testing.T) {
	run(t, fill(300), func(x *app) {
		l := x.inbox(0, 20)
		var id jmap.Id
		x.do(func() { id, _ = l.At(0) })
		gate := make(chan struct{})
		x.server.After = func(r *jmap.Request) error {
			if len(r.MethodCalls) == 1 && r.MethodCalls[0].Name == "Email/get" {
				<-gate
			}
			return nil
		}
		x.do(func() { x.client.OpenEmail(x.account, id) })
		x.begin([]jmap.Id{id}, seen, nil)
		close(gate)
		x.settle()
		x.do(func() {
			if e := x.account.Email(id); !e.Has(jmap.KeywordSeen) || e.Body() != store.BodyReady {
				x.Errorf("keywords %v, body %v", e.Email().Keywords, e.Body())
			}
		})
	})
}

func TestFarWindows(t *testing.T) {
	run(t, fill(100_000), func(x *app) {
		l := x.inbox(0, 40)
		x.same(l)
		for _, first := range []int{50_000, 99_960, 3, 70_000} {
			x.show(l, first, first+40)
			x.same(l)
		}
		for first := 0; first < 12_000; first += 37 {
			x.show(l, first, first+40)
		}
		x.same(l)
		known := 0
		x.do(func() {
			for i := range l.Total() {
				if _, ok := l.At(i); ok {
					known++
				}
			}
		})
		if known > 4500 {
			x.Errorf("%d ids kept", known)
		}
	})
}

func TestAnswersOutOfOrder(t *testing.T) {
	run(t, fill(5000), func(x *app) {
		l := x.inbox(0, 40)
		var mu sync.Mutex
		slow := 10
		x.server.After = func(*jmap.Request) error { // the later, the faster
			mu.Lock()
			d := time.Duration(slow) * time.Second
			slow--
			mu.Unlock()
			time.Sleep(d)
			return nil
		}
		x.show(l, 1000, 1040)
		x.show(l, 2000, 2040)
		x.server.Deliver("inbox", "news")
		x.show(l, 3000, 3040)
		time.Sleep(5 * time.Minute)
		x.settle()
		x.same(l)
	})
}

func TestReconnect(t *testing.T) {
	run(t, fill(300), func(x *app) {
		l := x.inbox(100, 140)
		var id jmap.Id
		x.do(func() { id, _ = l.At(100) })
		x.disconnect()
		x.server.Deliver("inbox", "while away")
		x.server.Change(id, jmap.PatchObject{"keywords/$flagged": true})
		x.begin([]jmap.Id{id}, seen, nil)
		if x.server.Email(id).Keywords[jmap.KeywordSeen] {
			x.Error("sent while offline")
		}
		x.connect()
		x.same(l)
		if !x.server.Email(id).Keywords[jmap.KeywordSeen] {
			x.Error("the queued change did not go out")
		}
		x.do(func() {
			if !x.account.Email(id).Has(jmap.KeywordFlagged) {
				x.Error("what others did while away does not show")
			}
		})
	})
}

func TestLostAnswerOfASet(t *testing.T) {
	for _, arrived := range []bool{false, true} {
		t.Run(fmt.Sprint("arrived=", arrived), func(t *testing.T) {
			run(t, fill(60), func(x *app) {
				l := x.inbox(0, 20)
				var id jmap.Id
				x.do(func() { id, _ = l.At(0) })
				lose := func(r *jmap.Request) error {
					if r.MethodCalls[0].Name == "Email/set" {
						return clienttest.ErrLost
					}
					return nil
				}
				if arrived {
					x.server.After = lose
				} else {
					x.server.Before = lose
				}
				called := 0
				x.begin([]jmap.Id{id}, archive, func(refused map[jmap.Id]error) {
					called++
					if refused != nil {
						x.Error(refused)
					}
				})
				x.disconnect()
				x.server.Before, x.server.After = nil, nil
				x.connect()
				x.same(l)
				if called != 1 || !x.server.Email(id).MailboxIds["archive"] {
					x.Errorf("done %d times, email in %v", called, x.server.Email(id).MailboxIds)
				}
			})
		})
	}
}

func TestCannotCalculateChanges(t *testing.T) {
	run(t, fill(300), func(x *app) {
		l := x.inbox(100, 140)
		var gone, changed jmap.Id
		x.do(func() { gone, _ = l.At(110); changed, _ = l.At(120) })
		x.disconnect()
		x.server.Destroy(gone)
		x.server.Change(changed, jmap.PatchObject{"keywords/$flagged": true})
		x.server.Deliver("inbox", "while away")
		x.server.Forget()
		x.connect()
		x.same(l)
		x.do(func() {
			if !x.account.Email(changed).Has(jmap.KeywordFlagged) {
				x.Error("the change does not show")
			}
		})
		x.server.Deliver("inbox", "and on we go")
		x.settle()
		x.same(l)
	})
}

func TestManyChanges(t *testing.T) {
	run(t, fill(300), func(x *app) {
		l := x.inbox(0, 40)
		x.disconnect()
		for range 3 * maxChanges {
			x.server.Deliver("inbox", "while away")
		}
		x.connect()
		x.same(l)
		for range 30 * maxChanges {
			x.server.Deliver("archive", "elsewhere")
		}
		x.settle()
		x.same(l)
	})
}

func TestDestroyedElsewhere(t *testing.T) {
	run(t, fill(300), func(x *app) {
		l := x.inbox(100, 140)
		var id jmap.Id
		x.do(func() { id, _ = l.At(100) })
		x.server.Destroy(id)
		x.settle()
		x.same(l)
		x.do(func() {
			if x.account.Email(id) != nil {
				x.Error("still known")
			}
		})
	})
}

// TestNewsBeforeTheFirstAnswer: what is pushed while the first answers are on their
// way is newer than they are, and is asked for once they are here.
func TestNewsBeforeTheFirstAnswer(t *testing.T) {
	var once sync.Once
	run(t, func(s *clienttest.Server) {
		s.Fill("inbox", 3)
		s.After = func(*jmap.Request) error {
			once.Do(func() {
				s.Deliver("inbox", "Meanwhile")
				time.Sleep(time.Second) // the push overtakes the answer
			})
			return nil
		}
	}, func(x *app) {
		time.Sleep(5 * time.Second)
		x.settle()
		x.do(func() {
			if m := x.account.Mailbox("inbox"); m == nil || m.TotalEmails != 4 {
				x.Errorf("the inbox is %+v", m)
			}
		})
	})
}
