package account

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Set is the accounts a signed-in member may use.
type Set struct {
	accounts map[jmap.Id]*Account
	looks    map[jmap.Id]Look
	push     method.PushSubscriptions // nil: nothing is pushed
	roster   method.BridgeAccounts    // nil: nobody sees to the accounts
}

var _ jmap.Caller = (*Set)(nil)

// NewSet makes a set of running accounts.
func NewSet(accounts ...*Account) *Set {
	s := &Set{accounts: map[jmap.Id]*Account{}}
	for _, a := range accounts {
		s.accounts[a.ID()] = a
	}
	return s
}

// WithPush is the same accounts, for requests of the credential these push subscriptions
// belong to.
func (s *Set) WithPush(push method.PushSubscriptions) *Set {
	with := *s
	with.push = push
	return &with
}

// WithRoster is the same accounts, for requests of a member who sees to them there.
func (s *Set) WithRoster(roster method.BridgeAccounts) *Set {
	with := *s
	with.roster = roster
	return &with
}

// Call answers a request. The answer's sessionState is for whoever makes the session
// object to fill in.
func (s *Set) Call(ctx context.Context, req *jmap.Request) (*jmap.Response, error) {
	return method.Process(ctx, req, method.Member{Account: s.account, Push: s.push, Accounts: s.roster}), nil
}

// account gives the account of an id, nil where the member has none of that id.
func (s *Set) account(id jmap.Id) method.Account {
	a, ok := s.accounts[id]
	if !ok {
		return nil
	}
	a.touch()
	return a
}

// Accounts describes the accounts for the session object (RFC 8620 §2).
func (s *Set) Accounts() map[jmap.Id]jmap.Account {
	out := map[jmap.Id]jmap.Account{}
	for id, a := range s.accounts {
		account := jmap.Account{
			Name:       cmp.Or(s.looks[id].Label, a.cfg.Address),
			IsPersonal: true,
			AccountCapabilities: map[string]json.RawMessage{
				jmap.CapabilityMail: json.RawMessage(`{"maxMailboxesPerEmail":` + strconv.Itoa(method.MaxMailboxesPerEmail) + `,"maxMailboxDepth":null,"maxSizeMailboxName":255,` +
					`"maxSizeAttachmentsPerEmail":104857600,"emailQuerySortOptions":["` + strings.Join(method.EmailSorts, `","`) + `"],"mayCreateTopLevelMailbox":true}`),
				jmap.CapabilitySubmission: a.submissionCapability(),
				jmap.CapabilityBlob:       method.BlobCapability(),
				jmap.CapabilityBridge:     a.bridgeCapability(s.looks[id]),
			},
		}
		a.addOffers(account.AccountCapabilities)
		out[id] = account
	}
	return out
}

// Upload keeps a blob for an account.
func (s *Set) Upload(ctx context.Context, account jmap.Id, mediaType string, body io.Reader) (jmap.Upload, error) {
	a, ok := s.accounts[account]
	if !ok {
		return jmap.Upload{}, method.ErrNotFound
	}
	return a.Upload(ctx, mediaType, body)
}

// Download opens a blob; size is -1 where it is not known before it is read.
func (s *Set) Download(ctx context.Context, account, blob jmap.Id) (size int64, open func(ctx context.Context, offset int64) (io.ReadCloser, error), err error) {
	a, ok := s.accounts[account]
	if !ok {
		return 0, nil, method.ErrNotFound
	}
	b, err := a.OpenBlob(ctx, blob)
	if err != nil {
		return 0, nil, err
	}
	return b.Size(), b.Open, nil
}

// pushed is the types that listeners are told about.
var pushed = []string{"Mailbox", "Thread", "Email", "EmailDelivery", "EmailSubmission", "Identity", "VacationResponse", "Quota", "BridgeSettings", "BridgeAccount", "BridgeTask"}

// states is where every account's types stand.
type states map[jmap.Id]map[string]jmap.State

func (s *Set) states() states {
	now := states{}
	for id, a := range s.accounts {
		now[id] = map[string]jmap.State{}
		for _, typ := range pushed {
			now[id][typ] = a.State(typ)
		}
	}
	return now
}

// since lists what of now is different from before.
func (now states) since(before states) jmap.StateChange {
	change := jmap.StateChange{Changed: map[jmap.Id]map[string]jmap.State{}, PushState: now.encode()}
	for id, types := range now {
		for typ, state := range types {
			if before[id][typ] == state {
				continue
			}
			if change.Changed[id] == nil {
				change.Changed[id] = map[string]jmap.State{}
			}
			change.Changed[id][typ] = state
		}
	}
	return change
}

// encode makes a pushState of it (RFC 8887 §4.3.5.1).
func (now states) encode() string {
	raw, err := json.Marshal(now)
	if err != nil {
		return "" // maps of strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func decodeStates(pushState string) (states, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(pushState)
	var s states
	return s, err == nil && json.Unmarshal(raw, &s) == nil && s != nil
}

// Listen tells what changes from now on, or since a pushState. Changes that come
// faster than they are taken are told together, so a slow listener costs nothing.
// The channel is closed when ctx is done or an account closes.
func (s *Set) Listen(ctx context.Context, since string) <-chan jmap.StateChange {
	out := make(chan jmap.StateChange)
	signal := make(chan struct{}, 1)
	signal <- struct{}{} // look once before the first change
	ctx, cancel := context.WithCancel(ctx)
	for _, a := range s.accounts {
		a.listen(ctx, signal)
		context.AfterFunc(a.ctx, cancel)
	}
	before, ok := decodeStates(since)
	switch {
	case since == "":
		before = s.states()
	case !ok:
		before = nil // whoever cannot say where they were is told of everything
	}
	go func() {
		defer close(out)
		defer cancel()
		defer func() {
			for _, a := range s.accounts {
				a.unlisten(signal)
			}
		}()
		for {
			select {
			case <-signal:
			case <-ctx.Done():
				return
			}
			now := s.states()
			change := now.since(before)
			before = now
			if len(change.Changed) == 0 {
				continue
			}
			select {
			case out <- change:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (a *Account) listen(ctx context.Context, signal chan<- struct{}) {
	// An account that is closing has no more to tell.
	_ = a.ask(ctx, func(s *state) error { s.listeners[signal] = true; return nil })
}

func (a *Account) unlisten(signal chan<- struct{}) {
	_ = a.ask(a.ctx, func(s *state) error { delete(s.listeners, signal); return nil })
}
