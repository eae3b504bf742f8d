package sieve

import (
	"context"
	"net"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

const (
	// patience is how long the server may be silent: it compiles a script while we wait.
	patience = 30 * time.Second
	// keptFor is how long a connection stays open without being used.
	keptFor = time.Minute
)

// Config is one account's way to its filter scripts.
type Config struct {
	Server   upstream.Server
	Password upstream.Secret
	Tokens   upstream.Tokens // nil: Password it is
	Dialer   Dialer
}

// Dialer opens connections; *dialer.Dialer is one.
type Dialer interface {
	Dial(ctx context.Context, s upstream.Server) (net.Conn, error)
	StartTLS(ctx context.Context, conn net.Conn, s upstream.Server) (net.Conn, error)
}

// Client is an upstream.Scripts over ManageSieve.
type Client struct {
	cfg      Config
	patience time.Duration
	keptFor  time.Duration

	turn    chan *slot      // holds what one call at a time works with
	closing context.Context // ends what is under way
	close   context.CancelFunc
}

// slot is the connection between calls.
type slot struct {
	conn *conn       // nil: none is open
	idle *time.Timer // hangs up; nil without a connection
}

var _ upstream.Scripts = (*Client)(nil)

// New makes a Client. It connects only when asked for something.
func New(cfg Config) *Client {
	c := &Client{cfg: cfg, patience: patience, keptFor: keptFor, turn: make(chan *slot, 1)}
	c.closing, c.close = context.WithCancel(context.Background())
	c.turn <- &slot{}
	return c
}

// Close ends the connection, and what is under way.
func (c *Client) Close() error {
	c.close()
	s := <-c.turn
	s.hangUp()
	c.turn <- s
	return nil
}

func (s *slot) hangUp() {
	if s.conn != nil {
		s.idle.Stop()
		s.conn.net.HangUp()
		s.conn = nil
	}
}

// do lends a connection to f. A kept one may have been closed by the server in the
// meantime: then f is done again on a new one, which every command of ours bears.
func (c *Client) do(ctx context.Context, f func(ctx context.Context, k *conn) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.closing, cancel)() //nolint:contextcheck // Close ends it as well as the caller
	var s *slot
	select {
	case s = <-c.turn:
	case <-ctx.Done():
		return &upstream.Error{Kind: upstream.KindLost, Server: c.cfg.Server.Addr(), Step: stepTurn, Err: ctx.Err()}
	}
	defer func() { c.turn <- s }()
	if s.conn != nil {
		err := s.lend(ctx, f)
		if kind := upstream.KindOf(err); ctx.Err() != nil || kind != upstream.KindLost && kind != upstream.KindUnavailable {
			c.keep(s)
			return err
		}
		s.hangUp()
	}
	k, err := c.open(ctx)
	if err != nil {
		return err
	}
	s.conn = k
	s.idle = time.AfterFunc(c.keptFor, c.rest)
	err = s.lend(ctx, f)
	c.keep(s)
	return err
}

// lend runs f, and hangs up when ctx ends it, or when what the connection is in the
// middle of is not known.
func (s *slot) lend(ctx context.Context, f func(ctx context.Context, k *conn) error) error {
	stop := context.AfterFunc(ctx, s.conn.net.HangUp)
	err := f(ctx, s.conn)
	usable := stop()
	switch upstream.KindOf(err) {
	case "", upstream.KindRefused, upstream.KindOverQuota:
	default:
		usable = false
	}
	if !usable {
		s.hangUp()
	}
	return err
}

// keep has the connection wait for more calls, for a while.
func (c *Client) keep(s *slot) {
	if s.conn != nil {
		s.idle.Reset(c.keptFor)
	}
}

// rest closes a connection that nobody used for a while.
func (c *Client) rest() {
	select {
	case s := <-c.turn:
		s.hangUp()
		c.turn <- s
	default: // it is in use: keep renews the timer
	}
}
