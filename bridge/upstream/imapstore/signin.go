package imapstore

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// connect opens a connection and signs in.
func (s *Store) connect(ctx context.Context) (*conn, error) {
	s.mu.Lock()
	refused := s.refused
	s.mu.Unlock()
	if refused != nil {
		return nil, refused
	}
	c, err := s.dial(ctx, nil)
	if upstream.KindOf(err) == upstream.KindAuth {
		s.mu.Lock()
		s.refused = err
		s.mu.Unlock()
	}
	return c, err
}

// dial opens a connection and signs in; told is called for what the server tells
// unasked.
func (s *Store) dial(ctx context.Context, told *imapclient.UnilateralDataHandler) (*conn, error) {
	raw, err := s.cfg.Dialer.Dial(ctx, s.cfg.Server)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	secured, err := s.startTLS(ctx, raw)
	if err != nil {
		_ = raw.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, translate(s.cfg.Server.Addr(), "starting encryption", err)
	}
	l := newLink(secured, s.cfg.Silence)
	c := &conn{
		Client: imapclient.New(l, &imapclient.Options{UnilateralDataHandler: told}),
		server: s.cfg.Server.Addr(),
		link:   l,
		shared: &s.writes,
	}
	if err := s.signIn(c); err != nil {
		c.hangUp()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	c.lastUsed = time.Now()
	l.busy(false)
	return c, nil
}

// greetingLimit is how long a server may take to say hello: what a person waits for
// when the port is a wrong one.
const greetingLimit = 10 * time.Second

func (s *Store) waitGreeting(c *conn) error {
	var late atomic.Bool
	limit := time.AfterFunc(min(greetingLimit, s.cfg.Silence), func() {
		late.Store(true)
		c.hangUp()
	})
	defer limit.Stop()
	err := c.WaitGreeting()
	switch {
	case late.Load():
		return &upstream.Error{Kind: upstream.KindTimeout, Server: c.server, Step: "waiting for the greeting"}
	case err != nil:
		return c.failed("waiting for the greeting", greetingError(err))
	}
	return nil
}

func (s *Store) signIn(c *conn) error {
	if err := s.waitGreeting(c); err != nil {
		return err
	}
	if c.State() != imap.ConnStateNotAuthenticated {
		// RFC 9051 §7.1.4: whose mail would this be?
		return &upstream.Error{Kind: upstream.KindProtocol, Server: c.server, Step: "waiting for the greeting", Text: "the server signs in by itself"}
	}
	caps := c.Caps()
	var err error
	switch {
	case caps.Has(imap.AuthCap("PLAIN")):
		err = c.Authenticate(sasl.NewPlainClient("", s.cfg.Server.User, s.cfg.Password.Reveal()))
	case caps.Has(imap.CapLoginDisabled):
		return &upstream.Error{Kind: upstream.KindNoAuth, Server: c.server, Step: "signing in", Text: "the server takes no password on this connection"}
	default:
		err = c.Login(s.cfg.Server.User, s.cfg.Password.Reveal()).Wait()
	}
	if err != nil {
		return c.signInError(err)
	}
	if c.caps = c.Caps(); c.caps == nil {
		return &upstream.Error{Kind: upstream.KindLost, Server: c.server, Step: "signing in"}
	}
	return nil
}

// greetingError: what is no IMAP at all is said so.
func greetingError(err error) error {
	if refused := new(imap.Error); errors.As(err, &refused) {
		return err
	}
	return fmt.Errorf("no greeting: %w", err)
}

// signInError tells a wrong password from everything else that can go wrong.
func (c *conn) signInError(err error) error {
	translated := c.failed("signing in", err)
	var e *upstream.Error
	if errors.As(translated, &e) && e.Kind == upstream.KindRefused {
		e.Kind = upstream.KindAuth
	}
	return translated
}

var errSTARTTLS = errors.New("the server does not offer STARTTLS")

// startTLS does what is left to do until the connection is as secure as chosen.
// STARTTLS is spoken here, before the library sees the connection: the greeting
// must not be PREAUTH, nothing may follow the server's OK in clear text, and nothing
// said before encryption is believed (RFC 9051 §6.2.1).
func (s *Store) startTLS(ctx context.Context, raw net.Conn) (net.Conn, error) {
	if s.cfg.Server.Security != upstream.STARTTLS {
		return raw, nil
	}
	if err := raw.SetDeadline(time.Now().Add(min(greetingLimit, s.cfg.Silence))); err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(raw, 8192)
	greeting, err := readLine(r)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(strings.ToUpper(greeting), "* OK") {
		return nil, notOK(greeting)
	}
	if _, err := raw.Write([]byte("t STARTTLS\r\n")); err != nil {
		return nil, err
	}
	for {
		line, err := readLine(r)
		if err != nil {
			return nil, err
		}
		answer, ok := strings.CutPrefix(line, "t ")
		if !ok {
			continue // untagged, in clear text: not believed
		}
		if !strings.HasPrefix(strings.ToUpper(answer), "OK") {
			return nil, &upstream.Error{Kind: upstream.KindNoSTARTTLS, Server: s.cfg.Server.Addr(), Step: "starting encryption", Err: errSTARTTLS}
		}
		break
	}
	if r.Buffered() > 0 {
		return nil, errors.New("clear text follows the start of encryption")
	}
	if err := raw.SetDeadline(time.Time{}); err != nil {
		return nil, err
	}
	secured, err := s.cfg.Dialer.StartTLS(ctx, raw, s.cfg.Server)
	if err != nil {
		return nil, err
	}
	// There is no second greeting; the library wants one.
	return &greeted{Conn: secured, greeting: bytes.NewReader([]byte("* OK encrypted\r\n"))}, nil
}

// notOK is why a greeting ends it: a server that says BYE may say why.
func notOK(greeting string) error {
	text, bye := strings.CutPrefix(strings.ToUpper(greeting), "* BYE ")
	if !bye {
		return errors.New("the greeting is not OK")
	}
	code, _, _ := strings.Cut(strings.TrimPrefix(text, "["), "]")
	return &imap.Error{Type: imap.StatusResponseTypeBye, Code: imap.ResponseCode(code), Text: greeting[len("* BYE "):]}
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	return strings.TrimRight(string(line), "\r\n"), err
}

// greeted is a connection that begins with a greeting of ours.
type greeted struct {
	net.Conn
	greeting *bytes.Reader
}

func (g *greeted) Read(p []byte) (int, error) {
	if g.greeting.Len() > 0 {
		return g.greeting.Read(p)
	}
	return g.Conn.Read(p)
}
