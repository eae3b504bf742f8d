package imapstore

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
)

// translate makes an upstream.Error of what went wrong in a command.
func (c *conn) translate(err error) error { return c.failed("talking to the server", err) }

// failed is translate for a step on this connection.
func (c *conn) failed(step string, err error) error { return translate(c.server, step, err) }

func translate(server, step string, err error) error {
	var known *upstream.Error
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, upstream.ErrUIDValidity), errors.Is(err, upstream.ErrGone),
		errors.Is(err, upstream.ErrNoMailbox), errors.Is(err, upstream.ErrUnsupported), errors.Is(err, context.Canceled), errors.Is(err, errBody),
		errors.Is(err, imapwire.ErrCannotSay):
		return err
	}
	e := &upstream.Error{Kind: upstream.KindProtocol, Server: server, Step: step, Err: err}
	var refused *imap.Error
	var network net.Error
	switch {
	case errors.As(err, &refused):
		e.Kind, e.Code, e.Text = kindOf(refused), string(refused.Code), refused.Text
		if e.Kind == upstream.KindRefused && (refused.Code == imap.ResponseCodeNonExistent || refused.Code == imap.ResponseCodeTryCreate) {
			return errors.Join(upstream.ErrNoMailbox, e)
		}
	case errors.Is(err, imapwire.ErrProtocol), errors.Is(err, imapwire.ErrTooMuch):
		// what the server said is at fault, whatever became of the connection
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		e.Kind = upstream.KindTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.As(err, &network):
		e.Kind = upstream.KindLost
	}
	return e
}

// kindOf sorts what a server refuses by its response code (RFC 5530).
func kindOf(e *imap.Error) upstream.Kind {
	text := strings.ToLower(e.Text)
	switch e.Code {
	case imap.ResponseCodeLimit, "THROTTLED": // the second is Gmail's
		return upstream.KindLimit
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeServerBug:
		return upstream.KindUnavailable
	case imap.ResponseCodeOverQuota:
		return upstream.KindOverQuota
	case imap.ResponseCodePrivacyRequired:
		return upstream.KindNoAuth
	}
	switch {
	case strings.Contains(text, "maximum number of connections"), strings.Contains(text, "too many"):
		return upstream.KindLimit
	case e.Type == imap.StatusResponseTypeBye, strings.Contains(text, "deleted under us"):
		// The second is Dovecot 2.3 on a connection that cannot open the mailbox made anew.
		return upstream.KindLost
	case e.Type == imap.StatusResponseTypeBad:
		return upstream.KindProtocol
	}
	return upstream.KindRefused
}

// broken reports whether a connection cannot be used after an error.
func broken(err error) bool {
	switch upstream.KindOf(err) {
	case upstream.KindTimeout, upstream.KindLost, upstream.KindProtocol, upstream.KindConnect:
		return true
	}
	return errors.Is(err, errBody)
}
