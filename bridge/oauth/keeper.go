package oauth

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// early is how long before its end an access token is no longer used.
const early = time.Minute

// Keep stores a grant that has new tokens.
type Keep func(ctx context.Context, g household.Grant) error

// Keeper has the tokens of all grants that are in use. It is safe to use from any goroutine.
type Keeper struct {
	providers map[string]Provider
	client    *http.Client

	mu      sync.Mutex
	sources map[string]*source // by grant; guarded by mu
}

// NewKeeper makes a Keeper that asks by way of client.
func NewKeeper(providers []Provider, client *http.Client) *Keeper {
	k := &Keeper{providers: map[string]Provider{}, client: client, sources: map[string]*source{}}
	for _, p := range providers {
		k.providers[p.Name] = p
	}
	return k
}

// Tokens gives the tokens of a grant. However often it is asked for those of one, they are
// the same: what was renewed once is not renewed by somebody who has the old ones. keep is
// how they are stored; nil: as it was said before, or not at all yet.
func (k *Keeper) Tokens(g household.Grant, keep Keep) upstream.Tokens {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.sources[g.ID]
	if s == nil {
		s = &source{keeper: k, grant: g, turn: make(chan struct{}, 1)}
		k.sources[g.ID] = s
	}
	if keep != nil {
		s.keep.Store(&keep)
	}
	return s
}

// source is the tokens of one grant.
type source struct {
	keeper *Keeper
	keep   atomic.Pointer[Keep] // nil: not known yet
	turn   chan struct{}        // held while one looks after the tokens: the others wait

	grant   household.Grant // guarded by turn, as all below
	unkept  bool            // grant is newer than what is stored
	revoked error           // no more tokens
}

// Token implements upstream.Tokens.
func (s *source) Token(ctx context.Context, refused upstream.Secret) (upstream.Secret, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if s.revoked != nil {
		return "", s.revoked
	}
	g := &s.grant
	if g.Access == "" || g.Access == refused || !g.Expires.IsZero() && time.Until(g.Expires) < early {
		if err := s.renew(ctx); err != nil {
			return "", err
		}
	}
	if keep := s.keep.Load(); s.unkept && keep != nil {
		// Whoever stops waiting has not undone what the server did.
		if err := (*keep)(context.WithoutCancel(ctx), s.grant); err != nil {
			return "", s.failure(upstream.KindUnavailable, err)
		}
		s.unkept = false
	}
	return g.Access, nil
}

// renew gets new tokens (RFC 6749 §6).
func (s *source) renew(ctx context.Context) error {
	p, ok := s.keeper.providers[s.grant.Provider]
	if !ok {
		return s.failure(upstream.KindAuth, errors.New("the provider is no longer in the configuration"))
	}
	if s.grant.Refresh == "" {
		s.revoked = s.failure(upstream.KindAuth, errors.New("the tokens have ended"))
		return s.revoked
	}
	old := &oauth2.Token{RefreshToken: s.grant.Refresh.Reveal()}
	t, err := p.config("").TokenSource(through(ctx, s.keeper.client), old).Token()
	var refusal *oauth2.RetrieveError
	switch {
	case errors.As(err, &refusal) && refusal.ErrorCode == "invalid_grant":
		s.revoked = s.failure(upstream.KindAuth, errors.New("the provider no longer knows the grant"))
		return s.revoked
	case err != nil:
		return s.failure(upstream.KindUnavailable, told(err))
	}
	s.grant = granted(s.grant.ID, s.grant.Provider, t)
	s.unkept = true
	return nil
}

func granted(id, provider string, t *oauth2.Token) household.Grant {
	return household.Grant{
		ID: id, Provider: provider, Expires: t.Expiry,
		Access: upstream.Secret(t.AccessToken), Refresh: upstream.Secret(t.RefreshToken),
	}
}

// told is an error without what the server answered: there may be tokens in it.
func told(err error) error {
	var refusal *oauth2.RetrieveError
	if errors.As(err, &refusal) {
		return errors.New(cmp.Or(refusal.ErrorCode, "the answer could not be understood"))
	}
	return err
}

func (s *source) failure(kind upstream.Kind, err error) error {
	server := s.grant.Provider
	if u, parseErr := url.Parse(s.keeper.providers[server].TokenURL); parseErr == nil && u.Host != "" {
		server = u.Host
	}
	return &upstream.Error{Kind: kind, Server: server, Step: "renewing the permission", Err: err}
}
