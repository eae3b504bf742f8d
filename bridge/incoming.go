package main

import (
	"context"
	"errors"
	"time"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapstore"
	"github.com/hearthmail/hearthmail/bridge/upstream/pop3store"
)

// incoming makes the way to the server that an account's mail is read from, and with
// verify signs in to it.
func (w *ways) incoming(ctx context.Context, a household.Account, verify bool) (upstream.Store, error) {
	if a.Protocol == upstream.POP3 {
		store := pop3store.New(pop3store.Config{
			Dir: account.MailDir(w.data, a.ID), Server: a.Incoming, Password: a.Password, Tokens: w.tokens(a, nil), Keep: a.Keep,
			Poll: time.Duration(a.Poll) * time.Minute, Dialer: w.dialer, Log: w.log,
		})
		if !verify {
			return store, nil
		}
		if err := store.Check(ctx); err != nil {
			return nil, errors.Join(err, store.Close())
		}
		return store, nil
	}
	config := imapstore.Config{Server: a.Incoming, Password: a.Password, Tokens: w.tokens(a, nil), Dialer: w.dialer, Log: w.log}
	if !verify {
		return imapstore.New(config), nil
	}
	store, err := imapstore.Open(ctx, config)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}
