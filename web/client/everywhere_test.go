package client

import (
	"context"
	"encoding/json"
	"errors"
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

// pair is a bridge with two accounts, a and b, of which each has an inbox and an archive.
type pair struct {
	mu     sync.Mutex
	emails map[jmap.Id]map[jmap.Id]*jmap.Email // by account
	calls  []string
	// after may take the answer of a method away once it was carried out, or change it.
	after func(name string, args json.RawMessage) (json.RawMessage, error)
}

func newPair(each int) *pair {
	p := &pair{emails: map[jmap.Id]map[jmap.Id]*jmap.Email{"a": {}, "b": {}}}
	for i := range each { // they came in turn
		for k, account := range []jmap.Id{"a", "b"} {
			id := jmap.Id(fmt.Sprintf("%s%03d", account, i))
			p.emails[account][id] = &jmap.Email{
				Id: id, ThreadId: "t" + id, MailboxIds: map[jmap.Id]bool{"in-" + account: true}, Size: 100 + int64(i),
				ReceivedAt: time.Unix(int64(1_700_000_000+60*(2*i+k)), 0).UTC(),
			}
		}
	}
	return p
}

func (p *pair) session() *jmap.Session {
	s := &jmap.Session{Capabilities: map[string]json.RawMessage{}, Accounts: map[jmap.Id]jmap.Account{}, PrimaryAccounts: map[string]jmap.Id{jmap.CapabilityMail: "a"}}
	for _, uri := range []string{jmap.CapabilityCore, jmap.CapabilityMail, jmap.CapabilityBridge} {
		s.Capabilities[uri] = json.RawMessage(`{}`)
	}
	for id := range p.emails {
		s.Accounts[id] = jmap.Account{Name: string(id), AccountCapabilities: map[string]json.RawMessage{jmap.CapabilityMail: json.RawMessage(`{}`), jmap.CapabilityBridge: json.RawMessage(`{}`)}}
	}
	return s
}

// inbox is the emails of an account's inbox, or of both, the newest first.
func (p *pair) inbox(accounts ...jmap.Id) (ids []jmap.Id, of map[jmap.Id][]jmap.Id) {
	var all []*jmap.Email
	of = map[jmap.Id][]jmap.Id{}
	for _, account := range accounts {
		of[account] = []jmap.Id{}
		for _, e := range p.emails[account] {
			if e.MailboxIds["in-"+account] {
				all = append(all, e)
			}
		}
	}
	slices.SortFunc(all, func(x, y *jmap.Email) int { return y.ReceivedAt.Compare(x.ReceivedAt) })
	for _, e := range all {
		ids = append(ids, e.Id)
	}
	return ids, of
}

func (p *pair) Call(_ context.Context, req *jmap.Request) (*jmap.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	resp := &jmap.Response{}
	for _, call := range req.MethodCalls {
		args, ok := clienttest.Resolve(call.Args, resp.MethodResponses)
		answer, err := p.method(call.Name, args)
		if !ok || err != nil {
			inv, _ := jmap.NewInvocation("error", jmap.Failf(jmap.InvalidResultReference, "%v", err), call.CallID)
			resp.MethodResponses = append(resp.MethodResponses, inv)
			continue
		}
		raw, _ := json.Marshal(answer)
		if p.after != nil {
			if raw, err = p.after(call.Name, raw); err != nil {
				return nil, err
			}
		}
		resp.MethodResponses = append(resp.MethodResponses, jmap.Invocation{Name: call.Name, Args: raw, CallID: call.CallID})
	}
	return resp, nil
}

// let has what is answered go through f.
func (p *pair) let(f func(name string, raw json.RawMessage) (json.RawMessage, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after = f
}

func (p *pair) method(name string, args json.RawMessage) (any, error) {
	var of struct {
		AccountId, FromAccountId jmap.Id
		Ids, Destroy             []jmap.Id
		Filters                  map[jmap.Id]*jmap.EmailFilter
		Position                 int
		Limit                    *int
		Create                   map[jmap.Id]jmap.EmailCopy
		Update                   map[jmap.Id]jmap.PatchObject
	}
	if err := json.Unmarshal(args, &of); err != nil {
		return nil, err
	}
	p.calls = append(p.calls, name+" "+string(of.AccountId))
	mine := p.emails[of.AccountId]
	switch name {
	case "Mailbox/get":
		role := "inbox"
		return jmap.GetResponse[jmap.Mailbox]{State: "1", List: []jmap.Mailbox{{Id: "in-" + of.AccountId, Name: "Inbox", Role: &role}, {Id: "ar-" + of.AccountId, Name: "Archive"}}}, nil
	case "Email/get":
		r := jmap.GetResponse[jmap.Email]{State: "1"}
		for _, id := range of.Ids {
			if e := mine[id]; e != nil {
				r.List = append(r.List, *e)
			} else {
				r.NotFound = append(r.NotFound, id)
			}
		}
		return r, nil
	case "BridgeEmail/query":
		var accounts []jmap.Id
		for id, f := range of.Filters {
			if f.InMailbox != "in-"+id {
				return nil, errors.New("not the inbox")
			}
			accounts = append(accounts, id)
		}
		all, parts := p.inbox(accounts...)
		window := all[min(of.Position, len(all)):min(of.Position+*of.Limit, len(all))]
		for _, id := range window {
			parts[id[:1]] = append(parts[id[:1]], id)
		}
		total := len(all)
		return jmap.BridgeQueryResponse{QueryResponse: jmap.QueryResponse{QueryState: jmap.State(fmt.Sprint(all)), Position: of.Position, Ids: window, Total: &total}, Accounts: parts}, nil
	case "Email/copy":
		r := jmap.EmailCopyResponse{Created: map[jmap.Id]jmap.Email{}}
		for key, c := range of.Create {
			e := *p.emails[of.FromAccountId][c.Id]
			e.Id, e.MailboxIds = of.AccountId+"-"+c.Id, c.MailboxIds
			mine[e.Id] = &e
			r.Created[key] = jmap.Email{Id: e.Id}
		}
		return r, nil
	case "Email/set":
		r := jmap.SetResponse{Updated: map[jmap.Id]json.RawMessage{}}
		for id, patch := range of.Update {
			for path := range patch {
				if patch[path] == nil {
					mine[id].MailboxIds = map[jmap.Id]bool{"ar-" + of.AccountId: true}
				}
			}
			r.Updated[id] = json.RawMessage("null")
		}
		for _, id := range of.Destroy {
			delete(mine, id)
			r.Destroyed = append(r.Destroyed, id)
		}
		return r, nil
	}
	return nil, errors.New("no such method")
}

// runPair gives f an app with both accounts that shows all inboxes.
func runPair(t *testing.T, p *pair, f func(x *app, l *store.List)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := &app{T: t, loop: clienttest.NewLoop()}
		x.store = store.New(x.loop.Post)
		x.client = New(x.store, p, x.loop.Post)
		var l *store.List
		x.loop.Do(func() {
			x.client.Start(p.session())
			l = x.store.All().List(store.Query{Inboxes: true, Sort: store.Newest})
			l.SetViewport(0, 9)
			x.client.Follow(l)
		})
		x.connect()
		f(x, l)
		x.client.Close()
		x.settle()
		x.loop.Stop()
	})
}

// TestAllInboxes: one list in the order of time, any position of it for one query and one
// get an account, and each email acted on in its own.
func TestAllInboxes(t *testing.T) {
	p := newPair(300)
	runPair(t, p, func(x *app, l *store.List) {
		if l.Total() != 600 {
			t.Fatalf("%d emails", l.Total())
		}
		for i, want := range []jmap.Id{"b299", "a299", "b298"} {
			if id, _ := l.At(i); id != want || x.store.OwnerOf(id).Id() != want[:1] || l.Account().Email(id) == nil {
				t.Errorf("at %d is %s", i, id)
			}
		}
		p.calls = nil
		x.do(func() {
			l.SetViewport(400, 409)
			x.client.Fill(l)
		})
		if id, _ := l.At(400); id != "b099" {
			t.Errorf("at 400 is %s", id)
		}
		cost := map[string]int{}
		for _, call := range p.calls[:3] {
			cost[call]++
		}
		if cost["BridgeEmail/query a"] != 1 || cost["Email/get a"] != 1 || cost["Email/get b"] != 1 {
			t.Errorf("the window cost %v", p.calls)
		}
		x.do(func() {
			l.SetViewport(0, 9)
			x.client.Fill(l)
		})
		b := x.store.Account("b")
		x.do(func() {
			op := b.Begin(map[jmap.Id]store.Change{"b299": {Mailboxes: map[jmap.Id]bool{"in-b": false, "ar-b": true}}})
			if id, _ := l.At(0); id != "a299" || l.Total() != 599 {
				t.Errorf("archived, %s is on top of %d", id, l.Total())
			}
			x.client.Commit(b, op, nil)
		})
		if id, _ := l.At(0); id != "a299" || l.Total() != 599 || !p.emails["b"]["b299"].MailboxIds["ar-b"] {
			t.Errorf("in the end %s is on top of %d", id, l.Total())
		}
	})
}

// TestMoveAcross: the original goes when its copy is there, and not before: whatever
// happens, one of the two is left.
func TestMoveAcross(t *testing.T) {
	cut := errors.New("cut off")
	for name, c := range map[string]struct {
		after   func(name string, raw json.RawMessage) (json.RawMessage, error)
		moved   bool
		refused bool
	}{
		"it works": {moved: true},
		"the answer to the copy is lost": {refused: true, after: func(name string, raw json.RawMessage) (json.RawMessage, error) {
			if name == "Email/copy" {
				return nil, cut
			}
			return raw, nil
		}},
		"the copy is not there": {refused: true, after: func(name string, raw json.RawMessage) (json.RawMessage, error) {
			if name == "Email/copy" {
				return json.RawMessage(`{"created":{"ca001":{"id":"nowhere"}}}`), nil
			}
			return raw, nil
		}},
		"it was refused": {refused: true, after: func(name string, raw json.RawMessage) (json.RawMessage, error) {
			if name == "Email/copy" {
				return json.RawMessage(`{"notCreated":{"ca001":{"type":"overQuota"}}}`), nil
			}
			return raw, nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(3)
			runPair(t, p, func(x *app, l *store.List) {
				p.let(c.after)
				a, b := x.store.Account("a"), x.store.Account("b")
				var moved map[jmap.Id]jmap.Id
				var refused map[jmap.Id]error
				x.do(func() {
					op := a.Begin(map[jmap.Id]store.Change{"a001": {Destroy: true}})
					x.client.MoveAcross(a, b, "ar-b", op, func(m map[jmap.Id]jmap.Id, r map[jmap.Id]error) { moved, refused = m, r })
					if _, listed := l.IndexOf("a001"); listed {
						t.Error("it is still shown")
					}
				})
				p.let(nil)
				time.Sleep(time.Minute) // until the connection is believed in again
				x.settle()
				if (p.emails["a"]["a001"] == nil) != c.moved || (moved["a001"] == "b-a001") != c.moved || (refused["a001"] != nil) != c.refused {
					t.Errorf("moved %v, refused %v, original %v", moved, refused, p.emails["a"]["a001"])
				}
				if c.moved && p.emails["b"]["b-a001"] == nil {
					t.Error("it is lost")
				}
				if _, listed := l.IndexOf("a001"); listed == c.moved {
					t.Errorf("it is shown: %v", listed)
				}
			})
		})
	}
}
