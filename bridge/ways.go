package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/discover"
	"github.com/hearthmail/hearthmail/bridge/downstream"
	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/oauth"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
	"github.com/hearthmail/hearthmail/bridge/upstream/smtpsend"
)

// ways is how mail servers are found and reached.
type ways struct {
	dialer  *dialer.Dialer
	finder  *discover.Finder
	filters map[string]upstream.Server // see config.filters
	data    string                     // the folder
	log     *slog.Logger
	key     []byte // for fingerprints of logins; new in each process
	keeper  *oauth.Keeper
}

func (c *config) ways(log *slog.Logger) (*ways, error) {
	allow, err := dialer.ParseAllowList(c.allowList())
	if err != nil {
		return nil, fmt.Errorf("upstream_allow: %w", err)
	}
	roots, err := c.roots()
	if err != nil {
		return nil, err
	}
	d := &dialer.Dialer{Allow: allow, Roots: roots}
	finder := &discover.Finder{Dialer: d}
	for _, p := range c.Providers {
		finder.Providers = append(finder.Providers, p.discover())
	}
	return &ways{
		dialer: d, finder: finder, filters: c.filters(), data: c.Data, log: log, key: []byte(rand.Text()),
		keeper: oauth.NewKeeper(c.oauthProviders(), d.HTTPClient()),
	}, nil
}

// discover finds the servers of an address.
func (w *ways) discover(ctx context.Context, address string) (*downstream.Found, error) {
	r, err := w.finder.Find(ctx, address)
	if err != nil {
		return nil, err
	}
	found := &downstream.Found{Protocol: upstream.IMAP, Incoming: r.IMAP, POP3: r.POP3, Outgoing: r.SMTP, Auth: r.SMTPAuth, SignInWith: r.SignInWith, Source: r.Source}
	if r.IMAP == nil {
		found.Protocol, found.Incoming = upstream.POP3, r.POP3
	}
	return found, nil
}

// logins says how to start the accounts of a session whose passwords are known.
func (w *ways) logins(house *household.House, session *household.Session) []account.Login {
	var out []account.Login
	for _, a := range session.Accounts {
		if a.Locked {
			continue
		}
		w.tokens(a, func(ctx context.Context, g household.Grant) error { return house.Renew(ctx, session, a.ID, g) })
		out = append(out, account.Login{
			ID: a.ID, Address: a.Address, Key: w.fingerprint(a),
			Connect: func(ctx context.Context, verify bool) (upstream.Store, upstream.Sender, error) {
				return w.connect(ctx, a, verify)
			},
			Scripts: func() upstream.Scripts { return w.scripts(a) },
			Host:    a.Incoming.Host, Web: w.dialer.HTTPClient(),
			Look: account.Look{Label: a.Name, Colour: a.Colour, SortOrder: a.SortOrder},
		})
	}
	return out
}

// fingerprint is the same for the same servers, users and password.
func (w *ways) fingerprint(a household.Account) string {
	mac := hmac.New(sha256.New, w.key)
	// Plain structs of ours always marshal.
	servers, _ := json.Marshal([]any{a.Protocol, a.Incoming, a.Keep, a.Poll, a.Outgoing, a.OutgoingAuth})
	mac.Write(servers)
	mac.Write([]byte(a.Password.Reveal()))
	if a.Grant != nil {
		mac.Write([]byte("\x00" + a.Grant.ID)) // the tokens come and go
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// tokens is what signs in to an account instead of its password; nil: there is nothing. keep
// stores them when they are new; nil: as was said before.
func (w *ways) tokens(a household.Account, keep oauth.Keep) upstream.Tokens {
	if a.Grant == nil {
		return nil
	}
	return w.keeper.Tokens(*a.Grant, keep)
}

// sender makes the way to an account's outgoing server.
func (w *ways) sender(a household.Account) *smtpsend.Sender {
	return smtpsend.New(smtpsend.Config{Server: a.Outgoing, Password: a.Password, Tokens: w.tokens(a, nil), Auth: a.OutgoingAuth, Dialer: w.dialer})
}

// connect makes the ways to an account's two servers, and with verify signs in to
// both, side by side.
func (w *ways) connect(ctx context.Context, a household.Account, verify bool) (upstream.Store, upstream.Sender, error) {
	sender := w.sender(a)
	if !verify {
		store, err := w.incoming(ctx, a, false)
		return store, sender, err
	}
	checked := make(chan error, 1)
	go func() { checked <- sender.Check(ctx) }()
	store, err := w.incoming(ctx, a, true)
	if err = errors.Join(err, <-checked); err != nil {
		if store != nil {
			err = errors.Join(err, store.Close())
		}
		return nil, nil, err
	}
	return store, sender, nil
}
