package pop3wire

import (
	"context"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// The steps of Error.Step.
const (
	stepGreeting = "waiting for the greeting"
	stepOffers   = "asking what the server can do"
	stepEncrypt  = "encrypting the connection"
	stepSignIn   = "signing in"
	stepList     = "listing the messages"
	stepRead     = "reading a message"
	stepDelete   = "deleting a message"
	stepQuit     = "ending the session"
)

// CodeInUse is the Code of the Error that another session has the maildrop (RFC 2449
// §8.1.2): the password was right.
const CodeInUse = "IN-USE"

// maxText is how much of a server's words is shown, in octets.
const maxText = 500

// failure says what an error of the connection means, or of what came from it.
func (c *Conn) failure(ctx context.Context, step string, err error) error {
	e := &upstream.Error{Kind: upstream.LinkKind(ctx, err), Server: c.cfg.Server.Addr(), Step: step, Err: err}
	switch {
	case e.Kind == "":
		e.Kind, e.Text = upstream.KindProtocol, "the server does not speak POP3 as it should"
	case ctx.Err() != nil && e.Kind == upstream.KindLost:
		e.Err = ctx.Err()
	}
	return e
}

// refusal is the error for an answer that says no.
func (c *Conn) refusal(step string, a reply) error {
	text := strings.ToValidUTF8(a.text[:min(len(a.text), maxText)], "")
	e := &upstream.Error{
		Kind: kindOf(step, a), Server: c.cfg.Server.Addr(), Step: step, Code: a.code,
		Text: c.cfg.Password.Strike(c.cfg.Server.User, text),
	}
	if e.Kind == upstream.KindLimit && e.Code == "" {
		e.Code = CodeInUse
	}
	return e
}

// kindOf reads the response code (RFC 2449 §8.1, RFC 3206 §4, RFC 6856 §5).
func kindOf(step string, a reply) upstream.Kind {
	switch a.code {
	case CodeInUse, "LOGIN-DELAY":
		return upstream.KindLimit
	case "SYS/TEMP":
		return upstream.KindUnavailable
	case "SYS/PERM":
		return upstream.KindRefused
	case "AUTH", "UTF8":
		return upstream.KindAuth
	}
	switch {
	case step == stepGreeting:
		return upstream.KindUnavailable
	case step == stepEncrypt:
		return upstream.KindNoSTARTTLS
	case step != stepSignIn:
		return upstream.KindRefused
	case taken(a.text):
		return upstream.KindLimit
	}
	return upstream.KindAuth
}

// taken reports whether a server without response codes says in its words that another
// session has the maildrop: qpopper's "maildrop lock busy", Courier's "already locked" …
func taken(text string) bool {
	text = strings.ToLower(text)
	for _, words := range []string{"lock", "in use", "busy", "already open"} {
		if strings.Contains(text, words) && !strings.Contains(text, "account") { // "account is locked" is another matter
			return true
		}
	}
	return false
}
