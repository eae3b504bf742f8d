package imapstore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
	"github.com/hearthmail/hearthmail/bridge/upstream/signin"
	"github.com/hearthmail/hearthmail/shared/jmap"
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
	if err == nil {
		s.mu.Lock()
		s.open++
		s.mu.Unlock()
	}
	return c, err
}

// maxLoan is the most octets a server may send for one command: what it can make us
// hold.
const maxLoan = 256 << 20

// dial opens a connection and signs in; told is called for what the server tells
// unasked.
func (s *Store) dial(ctx context.Context, told func(imapwire.Told)) (*conn, error) {
	c, err := signin.Connect(ctx, s.cfg.Password, s.cfg.Tokens, func(secret upstream.Secret) (*conn, error) {
		return s.dialBy(ctx, secret, told)
	})
	if upstream.KindOf(err) == upstream.KindAuth {
		s.mu.Lock()
		s.refused = err
		s.mu.Unlock()
	}
	return c, err
}

func (s *Store) dialBy(ctx context.Context, secret upstream.Secret, told func(imapwire.Told)) (*conn, error) {
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
	c := &conn{
		Conn:     imapwire.New(secured, imapwire.Options{Silence: s.cfg.Silence, Budget: maxLoan, Told: told}),
		server:   s.cfg.Server.Addr(),
		features: &s.features,
		names:    &s.names,
		near:     isNear(raw.RemoteAddr()),
		shared:   &s.writes,
	}
	err = s.signIn(ctx, c, secret)
	if err == nil {
		upstream.Reached(ctx, jmap.StepSignIn, s.cfg.Server.User)
		err = c.failed("signing in", s.introduce(c))
	}
	if err != nil {
		c.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	c.lastUsed = time.Now()
	return c, nil
}

// greetingLimit is how long a server may take to say hello: what a person waits for
// when the port is a wrong one.
const greetingLimit = 10 * time.Second

// greet waits for the server to say hello. It has said so in clear text where encryption
// was started.
func (s *Store) greet(c *conn) error {
	if s.cfg.Server.Security == upstream.STARTTLS {
		return nil
	}
	const step = "waiting for the greeting"
	hello, err := c.Greeting(min(greetingLimit, s.cfg.Silence))
	switch {
	case err != nil:
		return c.failed(step, fmt.Errorf("no greeting: %w", err))
	case hello.Type == imap.StatusResponseTypeBye:
		return c.failed(step, hello.Err())
	case hello.Type != imap.StatusResponseTypeOK:
		// RFC 9051 §7.1.4: whose mail would this be?
		return &upstream.Error{Kind: upstream.KindProtocol, Server: c.server, Step: step, Text: "the server signs in by itself"}
	}
	return nil
}

func (s *Store) signIn(ctx context.Context, c *conn, secret upstream.Secret) error {
	if err := s.greet(c); err != nil {
		return err
	}
	if s.cfg.Server.Security != upstream.STARTTLS {
		upstream.Reached(ctx, jmap.StepGreet, "IMAP")
	}
	if !c.CapsKnown() {
		if err := c.Capability().Do(); err != nil {
			return c.failed("signing in", err)
		}
	}
	who := signin.Credentials{User: s.cfg.Server.User, Secret: secret, Token: s.cfg.Tokens != nil, Insist: s.cfg.Auth}
	ways := who.Ways(s.cfg.Server.Security, func(way string) bool {
		if way == signin.Commands {
			return !c.Has(imap.CapLoginDisabled)
		}
		return who.Mechanism(way) != nil && c.Has(imap.AuthCap(way))
	})
	if len(ways) == 0 {
		return &upstream.Error{Kind: upstream.KindNoAuth, Server: c.server, Step: "signing in", Text: "the server takes no password on this connection"}
	}
	err := signin.Try(ways, func(way string) error {
		if way == signin.Commands {
			return c.signInError(c.Login(who.User, who.Secret.Reveal()).Do())
		}
		exchange := who.Mechanism(way)
		if err := c.Authenticate(exchange); err != nil || exchange.Done() {
			return c.signInError(err)
		}
		return &upstream.Error{Kind: upstream.KindProtocol, Server: c.server, Step: "signing in", Text: "the server did not prove that it knows the password"}
	})
	if err == nil && !c.CapsKnown() {
		err = c.signInError(c.Capability().Do())
	}
	return err
}

// introduce says who we are and asks what there is to know of the server before
// anything else. Nothing is waited for but what changes how later commands are
// written.
func (s *Store) introduce(c *conn) error {
	if c.can(imap.CapEnable) || c.Has(imap.CapIMAP4rev2) {
		var caps []imap.Cap
		for _, name := range []imap.Cap{imap.CapQResync, imap.CapUTF8Accept} {
			if c.can(name) {
				caps = append(caps, name)
			}
		}
		if len(caps) > 0 {
			cmd := c.Enable(caps...)
			if err := cmd.Send(); err != nil {
				return err
			}
			if c.Has(imap.CapUTF8Accept) {
				if err := cmd.Wait(); err != nil && !refusedOnly(err) {
					return err
				}
			}
		}
	}
	if c.can(imap.CapID) {
		if err := s.identify(c); err != nil {
			return err
		}
	}
	if c.can(imap.CapNamespace) && !s.names.isKnown() {
		c.asked = c.Namespace()
		return c.asked.Send()
	}
	return nil
}

// identify asks who the server is; the answer is taken when it comes.
func (s *Store) identify(c *conn) error {
	return c.ID("Hearthmail", s.features.identified).Send()
}

// compress begins compression on a new connection for what nobody waits for: it costs a
// round trip, and is much saved on the index of a mailbox. On this machine it would cost
// more than it saves.
func (s *Store) compress(ctx context.Context, c *conn, l loan) error {
	if !s.cfg.compressAll && (!l.background || c.near) || !c.can(capCompress) {
		return nil
	}
	defer context.AfterFunc(ctx, c.Close)()
	err := c.Compress()
	if err != nil && refusedOnly(err) {
		c.features.off(capCompress, true)
		return nil
	}
	return c.translate(err)
}

// isNear reports whether an address is on this machine.
func isNear(remote net.Addr) bool {
	tcp, ok := remote.(*net.TCPAddr)
	return !ok || tcp.IP.IsLoopback()
}

// refusedOnly: the server said no, and the connection goes on.
func refusedOnly(err error) bool {
	e := new(imap.Error)
	return errors.As(err, &e) && e.Type != imap.StatusResponseTypeBye
}

// signInError tells a wrong password from everything else that can go wrong.
func (c *conn) signInError(err error) error {
	if err == nil {
		return nil
	}
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
	upstream.Reached(ctx, jmap.StepGreet, "IMAP")
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
	return secured, nil // and no second greeting
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
