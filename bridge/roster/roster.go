// Package roster is where members see to their mail accounts: it answers for
// BridgeAccount of the room method, keeps what changes in household, and has it carried
// out at the mail servers and among the running accounts.
//
// Nothing is kept that the servers have not accepted. A stored password goes to no server
// but the one it was given for: whoever changes a server gives it again, so that a device
// left open, or a script, cannot have it sent elsewhere.
package roster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Pool is the running accounts: *account.Pool.
type Pool interface {
	// Refused reports whether an account's server no longer takes its password.
	Refused(id jmap.Id) bool
	// Waiting counts what an account has yet to send.
	Waiting(ctx context.Context, id jmap.Id) (int, error)
	// Wipe ends an account and removes all that is kept of it.
	Wipe(ctx context.Context, id jmap.Id) error
	// Record notes what became of the accounts of a member, with their own account.
	Record(ctx context.Context, own jmap.Id, change method.Changes) error
}

// Config is what a Roster needs.
type Config struct {
	House   *household.House
	Limiter *household.Limiter // of wrong passwords
	Pool    Pool
	// Verify signs in to both servers of an account. An *upstream.Error says which refused what.
	Verify func(ctx context.Context, a household.Account) error
	// Try does the same step by step.
	Try func(ctx context.Context, a household.Account) jmap.BridgeTrial
	// Discover finds the servers of an address; none is no error.
	Discover func(ctx context.Context, address string) (jmap.BridgeDiscovery, error)
	// Grant is what came of a member's signing in with a provider; false where nothing did.
	Grant func(member, ticket string) (household.Grant, bool)
	Log   *slog.Logger
}

// Roster is all members' accounts. It is safe to use from any goroutine.
type Roster struct{ cfg Config }

// New makes a Roster.
func New(cfg Config) *Roster { return &Roster{cfg} }

// Sweep removes what is left of accounts that were being removed when the bridge stopped.
func (r *Roster) Sweep(ctx context.Context) error {
	ids, err := r.cfg.House.Removed(ctx)
	for _, id := range ids {
		err = errors.Join(err, r.wipe(ctx, id))
	}
	return err
}

func (r *Roster) wipe(ctx context.Context, id jmap.Id) error {
	if err := r.cfg.Pool.Wipe(ctx, id); err != nil {
		return fmt.Errorf("account %s is removed, but not all that was kept of it: %w", id, err)
	}
	return r.cfg.House.Forget(ctx, id)
}

// Refused tells the owner of an account that its server no longer takes the password, or
// takes it again.
func (r *Roster) Refused(ctx context.Context, id jmap.Id) error {
	own, err := r.cfg.House.OwnerOf(ctx, id)
	if err != nil || own == "" {
		return err
	}
	return r.cfg.Pool.Record(ctx, own, method.Changes{Updated: []jmap.Id{id}})
}

// Attend gives the accounts of a session.
func (r *Roster) Attend(s *household.Session) *Accounts { return &Accounts{r, s} }

// Accounts is the accounts of one session's member.
type Accounts struct {
	r *Roster
	s *household.Session
}

var _ method.BridgeAccounts = (*Accounts)(nil)

// Own is the account the member signed in with.
func (u *Accounts) Own() jmap.Id { return u.s.Own }

// List gives the accounts, the member's own first.
func (u *Accounts) List(ctx context.Context) ([]jmap.BridgeAccount, error) {
	all, err := u.all(ctx)
	out := make([]jmap.BridgeAccount, len(all))
	for i, a := range all {
		out[i] = u.shown(a)
	}
	return out, err
}

// all is the accounts as they are now.
func (u *Accounts) all(ctx context.Context) ([]household.Account, error) {
	now, err := u.r.cfg.House.Again(ctx, u.s)
	if err != nil {
		return nil, err
	}
	return now.Accounts, nil
}

func (u *Accounts) find(ctx context.Context, id jmap.Id) (household.Account, error) {
	all, err := u.all(ctx)
	at := slices.IndexFunc(all, func(a household.Account) bool { return a.ID == id })
	if err == nil && at < 0 {
		err = method.ErrNotFound
	}
	if err != nil {
		return household.Account{}, err
	}
	return all[at], nil
}

// Create keeps a new account that its servers accept.
func (u *Accounts) Create(ctx context.Context, want jmap.BridgeAccount, proof method.Proof) (jmap.BridgeAccount, error) {
	if u.s.Member == "" {
		return jmap.BridgeAccount{}, &jmap.SetError{Type: jmap.SetForbidden, Description: "Sign in to the app first: nothing is kept for who only sends a password."}
	}
	all, err := u.all(ctx)
	if err != nil {
		return jmap.BridgeAccount{}, err
	}
	a := household.Account{}
	take(&a, want)
	if err := u.prove(&a, proof); err != nil {
		return jmap.BridgeAccount{}, err
	}
	if slices.ContainsFunc(all, func(b household.Account) bool { return sameServer(a.Incoming, b.Incoming) }) {
		return jmap.BridgeAccount{}, &jmap.SetError{Type: jmap.SetAlreadyExists, Description: "This account is here already.", Properties: []string{"address"}}
	}
	if err := u.verify(ctx, a); err != nil {
		return jmap.BridgeAccount{}, err
	}
	a, err = u.r.cfg.House.AddAccount(ctx, u.s, a)
	if errors.Is(err, household.ErrTooMany) {
		return jmap.BridgeAccount{}, &jmap.SetError{Type: jmap.SetOverQuota, Description: "There are too many accounts."}
	}
	if err != nil {
		return jmap.BridgeAccount{}, err
	}
	return u.shown(a), u.record(ctx, method.Changes{Created: []jmap.Id{a.ID}})
}

// Update keeps what became of an account.
func (u *Accounts) Update(ctx context.Context, want jmap.BridgeAccount, proof method.Proof) error {
	was, err := u.find(ctx, want.Id)
	if err != nil {
		return err
	}
	now := was
	take(&now, want)
	if err := u.prove(&now, proof); err != nil {
		return err
	}
	// Whatever has to do with signing in is tried; a password that is given, even if it is
	// the one that was known: that the server refused it may have changed.
	if proof != (method.Proof{}) || now.Protocol != was.Protocol || now.Incoming != was.Incoming || now.Outgoing != was.Outgoing || now.OutgoingAuth != was.OutgoingAuth {
		if proof == (method.Proof{}) && asksAgain(was, now) {
			return &jmap.SetError{Type: jmap.SetInvalidProperties, Properties: []string{"password"}, Description: "Enter the password: it would go to a server that it was not given for."}
		}
		if err := u.verify(ctx, now); err != nil {
			return err
		}
		now.Locked = false
	}
	if now.Locked { // its settings without the secret are not sealed: there is nothing to seal with it
		return &jmap.SetError{Type: jmap.SetInvalidProperties, Properties: []string{"password"}, Description: "Enter the password first."}
	}
	if err := u.r.cfg.House.ChangeAccount(ctx, u.s, now); err != nil {
		if errors.Is(err, household.ErrNoAccount) {
			return method.ErrNotFound
		}
		return err
	}
	return u.record(ctx, method.Changes{Updated: []jmap.Id{now.ID}})
}

// Destroy removes an account with all that the bridge keeps of it. Mail on the servers
// stays.
func (u *Accounts) Destroy(ctx context.Context, id jmap.Id, discard bool) error {
	a, err := u.find(ctx, id)
	if err != nil {
		return err
	}
	if id == u.s.Own {
		return &jmap.SetError{Type: jmap.SetForbidden, Description: "This is the account you signed in with."}
	}
	waiting, err := u.r.cfg.Pool.Waiting(ctx, id)
	if err != nil {
		return err
	}
	if waiting > 0 && !discard {
		return &jmap.SetError{Type: jmap.SetSubmissionsWaiting, Description: stillToBeSent(waiting, a.Address)}
	}
	if err := u.r.cfg.House.RemoveAccount(ctx, u.s, id); err != nil {
		if errors.Is(err, household.ErrNoAccount) {
			return method.ErrNotFound
		}
		return err
	}
	return errors.Join(u.record(ctx, method.Changes{Destroyed: []jmap.Id{id}}), u.r.wipe(ctx, id))
}

func stillToBeSent(n int, address string) string {
	if n == 1 {
		return fmt.Sprintf("1 message of %s is still to be sent: send or cancel it first.", address)
	}
	return fmt.Sprintf("%d messages of %s are still to be sent: send or cancel them first.", n, address)
}

// Discover finds the servers of an address.
func (u *Accounts) Discover(ctx context.Context, address string) (jmap.BridgeDiscovery, error) {
	return u.r.cfg.Discover(ctx, address)
}

// Try finds out how far the way to the servers is open.
func (u *Accounts) Try(ctx context.Context, want jmap.BridgeAccount, proof method.Proof) (jmap.BridgeTrial, error) {
	a := household.Account{}
	take(&a, want)
	if err := u.prove(&a, proof); err != nil {
		return jmap.BridgeTrial{}, jmap.Failf(jmap.InvalidArguments, "%s", err.Description)
	}
	if want.Id != "" && proof == (method.Proof{}) {
		was, err := u.find(ctx, want.Id)
		if errors.Is(err, method.ErrNotFound) {
			return jmap.BridgeTrial{}, jmap.Failf(jmap.InvalidArguments, "there is no such account")
		}
		if err != nil {
			return jmap.BridgeTrial{}, err
		}
		if asksAgain(was, a) {
			return jmap.BridgeTrial{}, jmap.Failf(jmap.InvalidArguments, "Enter the password: it would go to a server that it was not given for.")
		}
		a.Password, a.Grant = was.Password, was.Grant
	}
	if wait := u.wait(a); wait > 0 {
		return jmap.BridgeTrial{}, jmap.Failf(jmap.ServerUnavailable, "%s", tooMany(wait))
	}
	trial := u.r.cfg.Try(ctx, a)
	for _, steps := range [][]jmap.BridgeStep{trial.Incoming, trial.Outgoing} {
		if n := len(steps); n > 0 && steps[n-1].Step == jmap.StepSignIn && !steps[n-1].Ok {
			u.r.cfg.Limiter.Failed(a.Address, u.who())
		}
	}
	return trial, nil
}

// prove gives an account what it is to be signed in to with; without proof it keeps what it
// has.
func (u *Accounts) prove(a *household.Account, proof method.Proof) *jmap.SetError {
	switch {
	case proof.Grant != "":
		g, ok := u.r.cfg.Grant(u.s.Member, proof.Grant)
		if !ok {
			return &jmap.SetError{Type: jmap.SetInvalidProperties, Properties: []string{"grant"}, Description: "Sign in with the provider again: that was too long ago."}
		}
		a.Password, a.Grant = "", &g
	case proof.Password != "":
		a.Password, a.Grant = proof.Password, nil
	}
	return nil
}

// verify has the servers accept an account.
func (u *Accounts) verify(ctx context.Context, a household.Account) error {
	if wait := u.wait(a); wait > 0 {
		return &jmap.SetError{Type: jmap.SetRateLimit, Description: tooMany(wait)}
	}
	err := u.r.cfg.Verify(ctx, a)
	var e *upstream.Error
	if !errors.As(err, &e) {
		return err
	}
	u.r.cfg.Log.InfoContext(ctx, "mail server refused", slog.String("server", e.Server), slog.String("step", e.Step), slog.String("kind", string(e.Kind)))
	where := "incoming"
	switch {
	case e.Kind == upstream.KindAuth:
		u.r.cfg.Limiter.Failed(a.Address, u.who())
		where = "password"
	case e.Server == a.Outgoing.Addr() && e.Server != a.Incoming.Addr():
		where = "outgoing"
	}
	words := e.Sentence()
	if quote := e.Quote(); quote != "" {
		words += " It said: " + quote
	}
	return &jmap.SetError{Type: jmap.SetServerRefused, Properties: []string{where}, Description: words, Server: e.Server, Step: e.Step}
}

func (u *Accounts) wait(a household.Account) time.Duration {
	return u.r.cfg.Limiter.Wait(a.Address, u.who())
}

// who guesses, for the limiter.
func (u *Accounts) who() household.Guesser { return household.FromMember(u.s.Own) }

func tooMany(wait time.Duration) string {
	return fmt.Sprintf("Too many wrong passwords. Try again in %d seconds.", int(math.Ceil(wait.Seconds())))
}

func (u *Accounts) record(ctx context.Context, change method.Changes) error {
	return u.r.cfg.Pool.Record(ctx, u.s.Own, change)
}
