package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
)

// Kind says what went wrong, so that the caller knows what to do and the person
// can be told.
type Kind string

// Kinds of Error.
const (
	KindPolicy      Kind = "policy"      // the address policy forbids this server
	KindResolve     Kind = "resolve"     // the name has no address
	KindConnect     Kind = "connect"     // nobody answers there, or refuses
	KindTimeout     Kind = "timeout"     // silence for too long
	KindTLS         Kind = "tls"         // the handshake failed
	KindCertificate Kind = "certificate" // expired, for another name, or of an unknown issuer
	KindNoSTARTTLS  Kind = "noSTARTTLS"  // the server does not offer the encryption that was chosen
	KindProtocol    Kind = "protocol"    // it does not speak the protocol, or breaks it
	KindAuth        Kind = "auth"        // the password was refused
	KindNoAuth      Kind = "noAuth"      // no way of signing in that both sides know
	KindLimit       Kind = "limit"       // too many connections, or too fast: wait
	KindUnavailable Kind = "unavailable" // a temporary failure of the server
	KindRefused     Kind = "refused"     // the command was refused for good; see Code and Text
	KindOverQuota   Kind = "overQuota"
	KindLost        Kind = "lost"      // the connection broke in the middle
	KindMaybeSent   Kind = "maybeSent" // it broke after the message's last octet (RFC 1047)
)

// Error is what a mail server, or the way to it, did wrong.
type Error struct {
	Kind   Kind
	Server string // host:port
	Step   string // what was being done, in plain words: "connecting", "signing in" …
	Code   string // IMAP response code or SMTP status, where there was one
	Text   string // the server's words: hostile until shown as text
	Err    error  // the cause, for the log
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s: %s", e.Server, e.Step, e.Kind)
	if e.Code != "" {
		s += " [" + e.Code + "]"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Words says what went wrong in a clause for people that begins with the server and
// has no full stop. The server's own words are not in it: see Text.
func (e *Error) Words() string {
	if e.Kind == KindCertificate && e.Text != "" {
		return e.Server + " cannot be trusted: " + e.Text
	}
	if words, ok := kindWords[e.Kind]; ok {
		return e.Server + " " + words
	}
	return e.Server + " refused"
}

var kindWords = map[Kind]string{
	KindPolicy:      "cannot be used: the bridge may only reach public mail servers and those its owner allows",
	KindResolve:     "was not found",
	KindConnect:     "does not answer",
	KindTimeout:     "did not answer in time",
	KindTLS:         "does not speak TLS as expected",
	KindCertificate: "cannot be trusted: its certificate is not valid for this name",
	KindNoSTARTTLS:  "does not offer STARTTLS, so your password was not sent",
	KindProtocol:    "does not answer like a mail server",
	KindAuth:        "refused the password",
	KindNoAuth:      "offers no way of signing in that the bridge knows",
	KindLimit:       "allows no more connections right now",
	KindUnavailable: "is not available right now",
	KindOverQuota:   "says that the mailbox is full",
	KindLost:        "hung up",
	KindMaybeSent:   "did not say whether it took the message",
}

// Sentence is Words, and what to do, for people.
func (e *Error) Sentence() string {
	if advice, ok := advice[e.Kind]; ok {
		return e.Words() + ". " + advice
	}
	return e.Words() + "."
}

var advice = map[Kind]string{
	KindResolve:     "Check the server's name.",
	KindConnect:     "Check the server's name and port.",
	KindTimeout:     "The server may be down, or the port or encryption may be another.",
	KindTLS:         "Check the port and the kind of encryption.",
	KindNoSTARTTLS:  "Try TLS instead.",
	KindProtocol:    "Check the port and the kind of encryption.",
	KindNoAuth:      "Try another kind of encryption.",
	KindLimit:       "Try again in a few minutes.",
	KindUnavailable: "Try again in a few minutes.",
	KindLost:        "Try again in a moment.",
}

// Quote is what the server itself said, hostile until shown as text; "" where Text is our
// own, and said by Words.
func (e *Error) Quote() string {
	switch e.Kind {
	case KindPolicy, KindResolve, KindConnect, KindTimeout, KindTLS, KindCertificate, KindNoSTARTTLS, KindLost:
		return ""
	}
	return e.Text
}

func (e *Error) Unwrap() error { return e.Err }

// Temporary reports whether the same call may succeed later.
func (e *Error) Temporary() bool {
	switch e.Kind {
	case KindConnect, KindTimeout, KindLimit, KindUnavailable, KindLost, KindResolve:
		return true
	}
	return false
}

// KindOf gives the Kind of an error that has an *Error in its chain, else "".
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// CodeOf gives the Code of an error that has an *Error in its chain, else "".
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

var (
	// ErrUIDValidity: the mailbox's UIDs mean other messages now (RFC 3501 §2.3.1.1).
	ErrUIDValidity = errors.New("UIDVALIDITY changed")
	// ErrGone: the message is no longer there.
	ErrGone = errors.New("message is gone")
	// ErrNoMailbox: the mailbox is no longer there.
	ErrNoMailbox = errors.New("mailbox is gone")
	// ErrUnsupported: this server cannot do it.
	ErrUnsupported = errors.New("not supported by the server")
)

// LinkKind says what an error of a connection means: KindTimeout, KindLost, or "" when
// it is none of the connection but of what was said on it.
func LinkKind(ctx context.Context, err error) Kind {
	var timeout net.Error
	var network *net.OpError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return KindTimeout
	case ctx.Err() != nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.As(err, &network):
		return KindLost
	}
	return ""
}
