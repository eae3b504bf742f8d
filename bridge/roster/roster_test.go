package roster_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/roster"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// world is a house with Ada in it, and mail servers that take what right says.
type world struct {
	t        *testing.T
	house    *household.House
	accounts *roster.Accounts
	roster   *roster.Roster

	right    func(a household.Account) bool
	tried    []household.Account // by Verify and Try
	waiting  int
	wiped    []jmap.Id
	wipeFail error
	recorded []method.Changes
}

const ownPassword = "correct horse"

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := database.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := database.Migrate(t.Context(), db, "household", household.Schema); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, house: household.New(db)}
	w.right = func(a household.Account) bool { return a.Password == "right" || a.Grant != nil }
	session, _, err := w.house.SignIn(t.Context(), household.Account{
		ID: "own", Address: "ada@example.org", Password: ownPassword,
		Incoming: upstream.Server{Host: "imap.example.org", Port: 993, Security: upstream.TLS, User: "ada"},
	}, household.Client{})
	if err != nil {
		t.Fatal(err)
	}
	w.roster = roster.New(roster.Config{
		House: w.house, Limiter: household.NewLimiter(), Pool: w, Log: slog.New(slog.DiscardHandler),
		Verify: func(_ context.Context, a household.Account) error {
			w.tried = append(w.tried, a)
			if !w.right(a) {
				return &upstream.Error{Kind: upstream.KindAuth, Server: a.Incoming.Addr(), Step: "signing in", Text: "no"}
			}
			return nil
		},
		Try: func(_ context.Context, a household.Account) jmap.BridgeTrial {
			w.tried = append(w.tried, a)
			return jmap.BridgeTrial{Incoming: []jmap.BridgeStep{{Step: jmap.StepSignIn, Ok: w.right(a)}}}
		},
		Grant: func(member, ticket string) (household.Grant, bool) {
			return household.Grant{ID: "g1", Provider: "Example", Access: "a", Refresh: "r"}, member == session.Member && ticket == "ticket"
		},
	})
	w.accounts = w.roster.Attend(session)
	return w
}

func (w *world) Refused(jmap.Id) bool                          { return false }
func (w *world) Waiting(context.Context, jmap.Id) (int, error) { return w.waiting, nil }
func (w *world) Wipe(_ context.Context, id jmap.Id) error {
	w.wiped = append(w.wiped, id)
	return w.wipeFail
}

func (w *world) Record(_ context.Context, own jmap.Id, c method.Changes) error {
	if own != "own" {
		w.t.Errorf("recorded with %s", own)
	}
	w.recorded = append(w.recorded, c)
	return nil
}

func work() jmap.BridgeAccount {
	return jmap.BridgeAccount{
		Address: "ada@work.example", Name: "Work",
		Incoming: jmap.BridgeServer{Protocol: "imap", Host: "mail.work.example", Port: 993, Security: "tls", User: "ada"},
		Outgoing: jmap.BridgeServer{Host: "mail.work.example", Port: 465, Security: "tls", User: "ada"},
	}
}

// added is an account that the servers have taken.
func (w *world) added(proof method.Proof) jmap.BridgeAccount {
	w.t.Helper()
	a, err := w.accounts.Create(w.t.Context(), work(), proof)
	if err != nil {
		w.t.Fatal(err)
	}
	w.tried = nil
	return a
}

// secret is what the last try was made with.
func (w *world) secret() string {
	w.t.Helper()
	if len(w.tried) == 0 {
		return "nothing was tried"
	}
	return w.tried[len(w.tried)-1].Password.Reveal()
}

func (w *world) wants(what string, err error, kind, property string) {
	w.t.Helper()
	var e *jmap.SetError
	if !errors.As(err, &e) || e.Type != kind || property != "" && !slices.Contains(e.Properties, property) {
		w.t.Errorf("%s: %v, want %s of %q", what, err, kind, property)
	}
}

func (w *world) count() int {
	w.t.Helper()
	all, err := w.accounts.List(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return len(all)
}

// TestCreate: nothing is kept that the servers have not taken, nor twice.
func TestCreate(t *testing.T) {
	w := newWorld(t)
	_, err := w.accounts.Create(t.Context(), work(), method.Proof{Password: "wrong"})
	w.wants("a wrong password", err, jmap.SetServerRefused, "password")
	if w.count() != 1 || len(w.recorded) != 0 {
		t.Errorf("%d accounts, recorded %v", w.count(), w.recorded)
	}
	a := w.added(method.Proof{Password: "right"})
	if a.Id == "" || a.SignIn != jmap.SignInOK || a.IsOwn || !a.MayDelete || w.count() != 2 || len(w.recorded) != 1 {
		t.Errorf("%+v, recorded %v", a, w.recorded)
	}
	_, err = w.accounts.Create(t.Context(), work(), method.Proof{Password: "right"})
	w.wants("the same again", err, jmap.SetAlreadyExists, "address")
	for range 20 {
		other := work()
		other.Incoming.User = "other"
		if _, err = w.accounts.Create(t.Context(), other, method.Proof{Password: "wrong"}); err == nil {
			t.Fatal("a wrong password was taken")
		}
	}
	w.wants("guessing", err, jmap.SetRateLimit, "")
}

// TestStoredPasswords: one goes to no server that it was not given for.
func TestStoredPasswords(t *testing.T) {
	w := newWorld(t)
	a := w.added(method.Proof{Password: "right"})
	for what, change := range map[string]func(*jmap.BridgeAccount){
		"another host":          func(a *jmap.BridgeAccount) { a.Incoming.Host = "evil.example" },
		"another outgoing host": func(a *jmap.BridgeAccount) { a.Outgoing.Host = "evil.example" },
		"no encryption":         func(a *jmap.BridgeAccount) { a.Incoming.Security, a.Incoming.Port = "none", 143 },
	} {
		changed := a
		change(&changed)
		w.wants(what, w.accounts.Update(t.Context(), changed, method.Proof{}), jmap.SetInvalidProperties, "password")
		if _, err := w.accounts.Try(t.Context(), changed, method.Proof{}); err == nil {
			t.Errorf("%s is tried", what)
		}
		if len(w.tried) > 0 {
			t.Fatalf("%s: the password went to %+v", what, w.tried)
		}
	}
	moved := a
	moved.Incoming.Port, moved.Incoming.Security = 143, "starttls"
	if err := w.accounts.Update(t.Context(), moved, method.Proof{}); err != nil || w.secret() != "right" {
		t.Errorf("another port of the same server: %v, %s", err, w.secret())
	}
	named := moved
	named.Name, w.tried = "Office", nil
	if err := w.accounts.Update(t.Context(), named, method.Proof{}); err != nil || len(w.tried) > 0 {
		t.Errorf("another name: %v, tried %v", err, w.tried)
	}
	if trial, err := w.accounts.Try(t.Context(), named, method.Proof{}); err != nil || !trial.Incoming[0].Ok || w.secret() != "right" {
		t.Errorf("%+v, %v", trial, err)
	}
	away := named
	away.Incoming.Host = "new.work.example"
	if err := w.accounts.Update(t.Context(), away, method.Proof{Password: "right"}); err != nil {
		t.Errorf("another host, with the password: %v", err)
	}
	w.wants("a wrong one", w.accounts.Update(t.Context(), away, method.Proof{Password: "wrong"}), jmap.SetServerRefused, "password")
	gone := away
	gone.Id = "none"
	if err := w.accounts.Update(t.Context(), gone, method.Proof{}); !errors.Is(err, method.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}

// TestGrants: what a provider gave takes the place of a password.
func TestGrants(t *testing.T) {
	w := newWorld(t)
	_, err := w.accounts.Create(t.Context(), work(), method.Proof{Grant: "another's"})
	w.wants("a ticket of somebody else", err, jmap.SetInvalidProperties, "grant")
	a := w.added(method.Proof{Grant: "ticket"})
	if a.SignInWith != "Example" {
		t.Errorf("%+v", a)
	}
	evil := a
	evil.Incoming.Host = "evil.example"
	w.wants("another host", w.accounts.Update(t.Context(), evil, method.Proof{}), jmap.SetInvalidProperties, "password")
	if err := w.accounts.Update(t.Context(), a, method.Proof{Password: "right"}); err != nil {
		t.Fatal(err)
	}
	all, err := w.accounts.List(t.Context())
	if err != nil || all[1].SignInWith != "" || w.tried[len(w.tried)-1].Grant != nil {
		t.Errorf("with a password again: %+v, %v", all, err)
	}
}

// TestDestroy: the own account stays, what waits to be sent keeps one, and what could not
// be wiped is wiped at the next start.
func TestDestroy(t *testing.T) {
	w := newWorld(t)
	a := w.added(method.Proof{Password: "right"})
	w.wants("the own account", w.accounts.Destroy(t.Context(), "own", true), jmap.SetForbidden, "")
	if err := w.accounts.Destroy(t.Context(), "none", true); !errors.Is(err, method.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	w.waiting = 2
	w.wants("with something to send", w.accounts.Destroy(t.Context(), a.Id, false), jmap.SetSubmissionsWaiting, "")
	if w.count() != 2 || len(w.wiped) > 0 {
		t.Errorf("%d accounts, wiped %v", w.count(), w.wiped)
	}
	w.wipeFail = errors.New("the disk does not answer")
	if err := w.accounts.Destroy(t.Context(), a.Id, true); !errors.Is(err, w.wipeFail) || w.count() != 1 {
		t.Errorf("%v, %d accounts", err, w.count())
	}
	w.wipeFail, w.wiped = nil, nil
	for range 2 {
		if err := w.roster.Sweep(t.Context()); err != nil || !slices.Equal(w.wiped, []jmap.Id{a.Id}) {
			t.Errorf("%v, wiped %v", err, w.wiped)
		}
	}
}
