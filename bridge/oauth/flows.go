package oauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/hearthmail/hearthmail/bridge/household"
)

const (
	// patience is how long somebody may take to agree.
	patience = 15 * time.Minute
	// maxFlows of everybody; the oldest go.
	maxFlows = 1000
)

// Started is a flow that has begun.
type Started struct {
	Ticket string // by which the person's app asks how far it is
	// URL is the page where the person agrees.
	URL string
	// Code is what they enter there, of a device flow; else "".
	Code string
	// Binding is what their browser must show when it comes back; "" for a device flow.
	Binding string
}

// The states of a flow.
const (
	Waiting = "waiting"
	Agreed  = "agreed"
	Refused = "refused"
)

// Flows is who is signing in with a provider at the moment. It is safe to use from any
// goroutine.
type Flows struct {
	keeper *Keeper
	work   sync.WaitGroup
	ctx    context.Context
	cancel context.CancelFunc

	mu    sync.Mutex
	flows map[string]*flow // by ticket; guarded by mu, as what is in them
}

type flow struct {
	member   string
	provider Provider
	redirect string
	// state comes back in the answer, binding from the browser, verifier proves that the
	// code is for us (RFC 7636).
	state, binding, verifier string
	began                    time.Time
	used                     bool // an answer has come
	how                      string
	grant                    household.Grant
}

// NewFlows makes a Flows whose providers are the keeper's.
func NewFlows(k *Keeper) *Flows {
	f := &Flows{keeper: k, flows: map[string]*flow{}}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	return f
}

// Close ends what runs on.
func (f *Flows) Close() {
	f.cancel()
	f.work.Wait()
}

// ErrNoProvider: there is none of that name.
var ErrNoProvider = errors.New("there is no such provider")

// Begin has a member begin to sign in with a provider. redirect is where the browser comes
// back to, address what is suggested to the provider.
func (f *Flows) Begin(ctx context.Context, member, provider, address, redirect string) (Started, error) {
	p, ok := f.keeper.providers[provider]
	if !ok {
		return Started{}, ErrNoProvider
	}
	one := &flow{member: member, provider: p, redirect: redirect, began: time.Now(), how: Waiting}
	ticket := rand.Text()
	if p.AuthURL == "" {
		return f.beginDevice(ctx, one, ticket)
	}
	one.state, one.binding, one.verifier = rand.Text()+rand.Text(), rand.Text()+rand.Text(), oauth2.GenerateVerifier()
	page := p.config(redirect).AuthCodeURL(one.state, oauth2.S256ChallengeOption(one.verifier), oauth2.AccessTypeOffline,
		oauth2.SetAuthURLParam("login_hint", address), oauth2.SetAuthURLParam("prompt", "consent"))
	f.add(ticket, one)
	return Started{Ticket: ticket, URL: page, Binding: one.binding}, nil
}

// beginDevice is the device flow (RFC 8628): the bridge asks until the person has agreed.
func (f *Flows) beginDevice(ctx context.Context, one *flow, ticket string) (Started, error) {
	config := one.provider.config("")
	code, err := config.DeviceAuth(through(ctx, f.keeper.client))
	if err != nil {
		return Started{}, told(err)
	}
	f.add(ticket, one)
	f.work.Go(func() { //nolint:contextcheck // it goes on when the request has been answered
		ctx, cancel := context.WithTimeout(f.ctx, patience)
		defer cancel()
		t, err := config.DeviceAccessToken(through(ctx, f.keeper.client), code)
		f.end(one, t, err)
	})
	page := code.VerificationURI
	if u, err := url.Parse(page); err != nil || u.Scheme != "https" {
		return Started{}, errors.New("the provider's page has no https address")
	}
	return Started{Ticket: ticket, URL: page, Code: code.UserCode}, nil
}

func (f *Flows) add(ticket string, one *flow) {
	f.mu.Lock()
	defer f.mu.Unlock()
	oldest := ""
	for t, other := range f.flows {
		switch {
		case time.Since(other.began) > patience:
			delete(f.flows, t)
		case oldest == "" || other.began.Before(f.flows[oldest].began):
			oldest = t
		}
	}
	if len(f.flows) >= maxFlows {
		delete(f.flows, oldest)
	}
	f.flows[ticket] = one
}

// ErrForeign: an answer that nobody here asked for, or that is not from whom it should be.
var ErrForeign = errors.New("this answer belongs to nobody who is signing in here")

// Finish takes what the provider's page sends the browser back with. binding is what the
// browser was given at the beginning: an answer that somebody else was lured to is refused.
func (f *Flows) Finish(ctx context.Context, binding string, answer url.Values) error {
	one := f.answered(binding, answer.Get("state"))
	if one == nil {
		return ErrForeign
	}
	if from := answer.Get("iss"); from != "" && one.provider.Issuer != "" && from != one.provider.Issuer { // RFC 9207 §2.4
		f.end(one, nil, ErrForeign)
		return ErrForeign
	}
	if answer.Get("error") != "" || answer.Get("code") == "" {
		err := errors.New("the provider did not agree")
		f.end(one, nil, err)
		return err
	}
	t, err := one.provider.config(one.redirect).Exchange(through(ctx, f.keeper.client), answer.Get("code"), oauth2.VerifierOption(one.verifier))
	if err != nil {
		err = told(err)
	}
	f.end(one, t, err)
	return err
}

// answered finds the flow that an answer is for, once.
func (f *Flows) answered(binding, state string) *flow {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.flows {
		if one.state == "" || one.used || time.Since(one.began) > patience {
			continue
		}
		if subtle.ConstantTimeCompare([]byte(one.state), []byte(state)) == 1 {
			if subtle.ConstantTimeCompare([]byte(one.binding), []byte(binding)) != 1 {
				return nil
			}
			one.used = true
			return one
		}
	}
	return nil
}

func (f *Flows) end(one *flow, t *oauth2.Token, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || t.AccessToken == "" {
		one.how = Refused
		return
	}
	one.how, one.grant = Agreed, granted(rand.Text(), one.provider.Name, t)
}

// How says how far a member's flow is; Refused also where there is none.
func (f *Flows) How(member, ticket string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := f.flows[ticket]
	if one == nil || one.member != member || time.Since(one.began) > patience {
		return Refused
	}
	return one.how
}

// Grant is what came out of a member's flow; false where nothing did.
func (f *Flows) Grant(member, ticket string) (household.Grant, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := f.flows[ticket]
	if one == nil || one.member != member || one.how != Agreed || time.Since(one.began) > patience {
		return household.Grant{}, false
	}
	return one.grant, true
}
