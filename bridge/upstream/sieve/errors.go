package sieve

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"os"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// maxText is how much of a server's words is shown, in octets.
const maxText = 2000

// failure says what an error of the connection means, or of what came from it.
func (c *conn) failure(ctx context.Context, step string, err error) error {
	var timeout net.Error
	var network *net.OpError
	e := &upstream.Error{Kind: upstream.KindProtocol, Server: c.cfg.Server.Addr(), Step: step, Err: err}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Kind = upstream.KindTimeout
	case ctx.Err() != nil:
		e.Kind, e.Err = upstream.KindLost, ctx.Err()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.As(err, &network):
		e.Kind = upstream.KindLost
	default:
		e.Text = "the server does not speak ManageSieve as it should"
	}
	return e
}

// refusal is the error for an answer that says NO or BYE.
func (c *conn) refusal(step string, a answer) error {
	text := strings.ToValidUTF8(a.text[:min(len(a.text), maxText)], "")
	e := &upstream.Error{
		Kind: kindOf(step, a), Server: c.cfg.Server.Addr(), Step: step,
		Code: a.code, Text: strings.TrimSpace(c.withoutSecrets(text)),
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

// withoutSecrets takes the password out of words of the server: some repeat the line
// they did not understand, and their words are shown and logged.
func (c *conn) withoutSecrets(text string) string {
	password := c.cfg.Password.Reveal()
	if password == "" {
		return text
	}
	plain := "\x00" + c.cfg.Server.User + "\x00" + password
	return strings.NewReplacer(
		base64.StdEncoding.EncodeToString([]byte(plain)), "***",
		base64.StdEncoding.EncodeToString([]byte(password)), "***",
		password, "***",
	).Replace(text)
}
