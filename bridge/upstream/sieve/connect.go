package sieve

import (
	"context"
	"errors"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/signin"
)

// The steps of Error.Step.
const (
	stepTurn     = "waiting for the connection"
	stepGreeting = "waiting for the greeting"
	stepEncrypt  = "encrypting the connection"
	stepSignIn   = "signing in"
	stepOffers   = "asking what the server can do"
	stepList     = "listing the filter scripts"
	stepGet      = "reading a filter script"
	stepPut      = "keeping a filter script"
	stepActive   = "switching a filter script on"
	stepDelete   = "removing a filter script"
)

var errUnasked = errors.New("the server spoke before it was asked")

// open connects, encrypts as chosen, signs in, and asks what the server offers to
// whoever is signed in.
func (c *Client) open(ctx context.Context) (*conn, error) {
	return signin.Connect(ctx, c.cfg.Password, c.cfg.Tokens, func(secret upstream.Secret) (*conn, error) {
		cfg := c.cfg
		cfg.Password = secret
		return c.openBy(ctx, &cfg)
	})
}

func (c *Client) openBy(ctx context.Context, cfg *Config) (*conn, error) {
	raw, err := cfg.Dialer.Dial(ctx, cfg.Server)
	if err != nil {
		return nil, err
	}
	k := newConn(cfg, c.patience, raw)
	stop := context.AfterFunc(ctx, k.net.HangUp)
	defer func() { stop() }()
	if err := k.greeting(ctx); err != nil {
		k.net.HangUp()
		return nil, err
	}
	if cfg.Server.Security == upstream.STARTTLS {
		if err := k.startTLS(ctx); err != nil {
			k.net.HangUp()
			return nil, err
		}
		secure, err := cfg.Dialer.StartTLS(ctx, raw, cfg.Server)
		if err != nil {
			return nil, err
		}
		// Nothing said before TLS is believed: the server announces itself anew.
		stop()
		k = newConn(cfg, c.patience, secure)
		stop = context.AfterFunc(ctx, k.net.HangUp)
		if err := k.greeting(ctx); err != nil {
			k.net.HangUp()
			return nil, err
		}
	}
	err = k.signIn(ctx)
	if err == nil {
		var a answer
		if a, err = k.command(ctx, stepOffers, "CAPABILITY"); err == nil {
			k.capabilities(a)
		}
	}
	if err != nil {
		k.net.HangUp()
		return nil, err
	}
	return k, nil
}

// greeting reads what the server announces unasked: when it is connected to, and
// again once TLS protects what it says (RFC 5804 §1.7, §2.2).
func (c *conn) greeting(ctx context.Context) error {
	a, err := c.read(ctx, stepGreeting, false)
	if err != nil {
		return err
	}
	c.capabilities(a)
	if _, ok := c.offers["SIEVE"]; !ok {
		return c.failure(ctx, stepGreeting, errSyntax)
	}
	return nil
}

// startTLS asks for TLS. A server that does not offer it gets nothing: what a person
// chose to encrypt is never sent in the clear.
func (c *conn) startTLS(ctx context.Context) error {
	if _, ok := c.offers["STARTTLS"]; !ok {
		return &upstream.Error{
			Kind: upstream.KindNoSTARTTLS, Server: c.cfg.Server.Addr(), Step: stepEncrypt,
			Text: "the server does not offer encryption",
		}
	}
	if _, err := c.command(ctx, stepEncrypt, "STARTTLS"); err != nil {
		return err
	}
	if c.r.buffered() {
		// What was slipped in before TLS must not count as protected. Nobody does it
		// by mistake.
		return c.failure(ctx, stepEncrypt, errUnasked)
	}
	return nil
}
