// Package smtpsend hands messages to a submission server (RFC 6409) or a relay:
// it is the upstream.Sender of real accounts.
//
// It speaks through go-smtp's client, which knows the commands, and keeps three
// things in its own hands, because a message must never be lost, doubled or cut
// short: the wire (wire.go: deadlines, one reply for one command, what the
// server really said), the way into TLS (connect.go: nothing that came before it
// is believed), and the judgement of what became of the message (errors.go).
package smtpsend

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// Config is one account's way of sending.
type Config struct {
	Server   upstream.Server
	Password upstream.Secret
	Tokens   upstream.Tokens // nil: Password it is
	// Auth is a SASL mechanism to insist on one way of signing in, "none" to send
	// without, and "" for the best that the server offers, if there is a password.
	Auth   string
	Dialer Dialer
	// HelloName is what the bridge calls itself (RFC 5321 §4.1.1.1): a domain
	// name or an address literal; "" is "[127.0.0.1]", which tells nothing.
	HelloName string
}

// Dialer opens connections; *dialer.Dialer is one.
type Dialer interface {
	Dial(ctx context.Context, s upstream.Server) (net.Conn, error)
	StartTLS(ctx context.Context, conn net.Conn, s upstream.Server) (net.Conn, error)
}

// Sender sends one account's messages, each over a connection of its own. It is
// safe to use from any goroutine.
type Sender struct {
	cfg      Config
	patience patience

	mu      sync.Mutex
	dsn     bool  // guarded by mu: the server offered DSN when it was last spoken to
	maxSize int64 // guarded by mu: and said that this is the largest message
}

var _ upstream.Sender = (*Sender)(nil)

// New makes a Sender. It connects only when asked to send or check.
func New(cfg Config) *Sender {
	if cfg.HelloName == "" {
		cfg.HelloName = "[127.0.0.1]"
	}
	return &Sender{cfg: cfg, patience: rfcPatience}
}

// OffersDSN reports whether the server tells what becomes of messages (RFC 3461), as it
// last said; false when it was not spoken to yet.
func (s *Sender) OffersDSN() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dsn
}

// MaxSize is the largest message the server takes, in octets, as it last said; 0 for
// any, or when it was not spoken to yet.
func (s *Sender) MaxSize() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.maxSize
}

// remember keeps what the server offers, for those who ask before they send.
func (s *Sender) remember(c *conversation) {
	dsn, _ := c.client.Extension("DSN")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dsn, s.maxSize = dsn, c.maxSize()
}

// patience is how long the server may be silent. The person's own patience is
// in the context.
type patience struct {
	command time.Duration // before the reply to a command
	block   time.Duration // before it takes the next block of the message
	receipt time.Duration // before the reply to the whole message
	bye     time.Duration // before the reply to QUIT, which changes nothing
}

// rfcPatience is that of RFC 5321 §4.5.3.2.
var rfcPatience = patience{
	command: 5 * time.Minute,
	block:   3 * time.Minute,
	receipt: 10 * time.Minute,
	bye:     2 * time.Second,
}

// Check implements upstream.Sender.
func (s *Sender) Check(ctx context.Context) error {
	c, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer c.hangUp()
	c.quit()
	return nil
}

// Send implements upstream.Sender. The receipt is filled also beside an error:
// with the reply to each recipient, or the one that ended the attempt for all of
// them (RFC 8621 §7 smtpReply); a recipient that was not reached has the zero Reply.
func (s *Sender) Send(ctx context.Context, msg upstream.Outgoing) (upstream.Receipt, error) {
	if err := checkAddresses(s.cfg.Server.Addr(), msg); err != nil {
		return upstream.Receipt{}, err
	}
	c, err := s.open(ctx)
	if err != nil {
		return upstream.Receipt{}, err
	}
	defer c.hangUp()
	return c.send(msg)
}
