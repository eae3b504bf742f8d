package sieve

import (
	"context"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// maxText is how much of a server's words is shown, in octets.
const maxText = 2000

// failure says what an error of the connection means, or of what came from it.
func (c *conn) failure(ctx context.Context, step string, err error) error {
	e := &upstream.Error{Kind: upstream.LinkKind(ctx, err), Server: c.cfg.Server.Addr(), Step: step, Err: err}
	switch {
	case e.Kind == "":
		e.Kind, e.Text = upstream.KindProtocol, "the server does not speak ManageSieve as it should"
	case ctx.Err() != nil && e.Kind == upstream.KindLost:
		e.Err = ctx.Err()
	}
	return e
}

// refusal is the error for an answer that says NO or BYE.
func (c *conn) refusal(step string, a answer) error {
	text := strings.ToValidUTF8(a.text[:min(len(a.text), maxText)], "")
	e := &upstream.Error{
		Kind: kindOf(step, a), Server: c.cfg.Server.Addr(), Step: step,
		Code: a.code, Text: strings.TrimSpace(c.cfg.Password.Strike(c.cfg.Server.User, text)),
	}
	if a.code == "NONEXISTENT" {
		e.Err = upstream.ErrNoScript
	}
	return e
}

// kindOf reads the response code (RFC 5804 §1.3).
func kindOf(step string, a answer) upstream.Kind {
	code, _, _ := strings.Cut(a.code, "/")
	switch {
	case code == "QUOTA":
		return upstream.KindOverQuota
	case code == "TRYLATER":
		return upstream.KindUnavailable
	case code == "AUTH-TOO-WEAK", code == "ENCRYPT-NEEDED", code == "TRANSITION-NEEDED":
		return upstream.KindNoAuth
	case a.status == "BYE" && step != stepSignIn:
		return upstream.KindUnavailable
	case step == stepSignIn:
		return upstream.KindAuth
	case step == stepEncrypt:
		return upstream.KindNoSTARTTLS
	}
	return upstream.KindRefused
}
