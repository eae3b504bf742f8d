// Package imapstore is an upstream.Store over IMAP (RFC 9051, 3501), on the client
// of go-imap v2.
//
// Connections are lent to a function and come back, whatever happened; at most
// two, and a third watches. Everything known to go wrong with the client library
// is dealt with here and nowhere else: deadlines and cancellation are the
// connection's (link.go), STARTTLS is spoken before the library sees the connection
// (signin.go), and MOVE is never emulated by it (move.go).
package imapstore

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// Dialer opens connections: *dialer.Dialer.
type Dialer interface {
	Dial(ctx context.Context, s upstream.Server) (net.Conn, error)
	StartTLS(ctx context.Context, conn net.Conn, s upstream.Server) (net.Conn, error)
}

// Config is what a Store needs. Zero durations mean the defaults.
type Config struct {
	Server   upstream.Server
	Password upstream.Secret
	Dialer   Dialer
	Log      *slog.Logger

	Silence time.Duration // a server may be silent for in the middle of a command
	Poll    time.Duration // between looks at the mailboxes that are not watched
	Renew   time.Duration // of IDLE
}

const (
	silence = 60 * time.Second
	poll    = 60 * time.Second
	// RFC 2177 §3 allows 29 minutes; routers at home forget a silent connection
	// sooner.
	renew = 9 * time.Minute
	// maxConns besides the watcher's.
	maxConns = 2
)

// Store is one account on an IMAP server.
type Store struct {
	cfg    Config
	places chan struct{} // one token a connection that may be lent
	ctx    context.Context
	cancel context.CancelFunc

	writes atomic.Uint64 // see conn.refresh

	mu   sync.Mutex
	idle []*conn // guarded by mu; the one used last is at the end
	// refused is set when the server refused the password: no more attempts, or an
	// account would be locked.
	refused error // guarded by mu
}

var _ upstream.Store = (*Store)(nil)

// Open is New and a first connection, so that what is wrong with the settings shows
// at once.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s := New(cfg)
	return s, s.do(ctx, func(*conn) error { return nil })
}

// New makes a Store that connects when it is first asked for something.
func New(cfg Config) *Store {
	cfg.Silence = orDefault(cfg.Silence, silence)
	cfg.Poll = orDefault(cfg.Poll, poll)
	cfg.Renew = orDefault(cfg.Renew, renew)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{cfg: cfg, places: make(chan struct{}, maxConns)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	for range maxConns {
		s.places <- struct{}{}
	}
	return s
}

func orDefault(d, other time.Duration) time.Duration {
	if d == 0 {
		return other
	}
	return d
}

// Close ends all connections.
func (s *Store) Close() error {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.idle {
		c.hangUp()
	}
	s.idle = nil
	return nil
}

var errClosed = errors.New("the store is closed")

// do lends a connection to f, which may be called again when the connection turns
// out to have been lost while it lay idle.
func (s *Store) do(ctx context.Context, f func(c *conn) error) error {
	return s.lend(ctx, "", true, f)
}

// doOnce is do for what must not be done twice.
func (s *Store) doOnce(ctx context.Context, f func(c *conn) error) error {
	return s.lend(ctx, "", false, f)
}

// in lends a connection on which mb is selected, as do does. UIDs mean what the
// caller thinks, or it is ErrUIDValidity.
func (s *Store) in(ctx context.Context, mb upstream.MailboxRef, f func(c *conn) error) error {
	return s.lend(ctx, mb.Name, true, func(c *conn) error { return c.in(mb, f) })
}

// inOnce is in for what must not be done twice.
func (s *Store) inOnce(ctx context.Context, mb upstream.MailboxRef, f func(c *conn) error) error {
	return s.lend(ctx, mb.Name, false, func(c *conn) error { return c.in(mb, f) })
}

func (c *conn) in(mb upstream.MailboxRef, f func(c *conn) error) error {
	if c.mailbox == mb.Name && c.uidValidity == mb.UIDValidity {
		err := f(c)
		if !outdated(err) {
			return err
		}
	}
	if _, err := c.selectMailbox(mb.Name); err != nil {
		return err
	}
	if c.uidValidity != mb.UIDValidity {
		return upstream.ErrUIDValidity
	}
	return f(c)
}

// outdated: the server refused because of what has happened to the selected
// mailbox, and did nothing. Dovecot 2.3 answers so when messages are gone that it
// still shows, and (SERVERBUG) when the mailbox was deleted and made again.
func outdated(err error) bool {
	e := new(imap.Error)
	return errors.As(err, &e) && e.Type == imap.StatusResponseTypeNo &&
		(e.Code == "EXPUNGEISSUED" || e.Code == imap.ResponseCodeServerBug || strings.Contains(e.Text, "deleted under us"))
}

// lend gives f a connection, the one where a mailbox is selected if there is such,
// and takes it back. ctx ending breaks the connection off, and so does Close.
func (s *Store) lend(ctx context.Context, mailbox string, again bool, f func(c *conn) error) error {
	if s.ctx.Err() != nil {
		return errClosed
	}
	if ctx.Err() != nil { // nothing has been asked of the server, and nothing will be
		return ctx.Err()
	}
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)() //nolint:contextcheck // the Store ends it too
	select {
	case <-s.places:
		defer func() { s.places <- struct{}{} }()
	case <-within.Done():
		return s.ended(ctx)
	}
	for {
		idle, err := s.lendOne(within, mailbox, f)
		if err != nil && within.Err() != nil {
			return s.ended(ctx)
		}
		if !again || !idle || upstream.KindOf(err) != upstream.KindLost {
			return err
		}
	}
}

// ended is why a call was broken off.
func (s *Store) ended(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errClosed
}

// lendOne gives f one connection; idle says that it had been lying idle.
func (s *Store) lendOne(ctx context.Context, mailbox string, f func(c *conn) error) (idle bool, err error) {
	c := s.take(ctx, mailbox)
	idle = c != nil
	if c == nil {
		if c, err = s.connect(ctx); upstream.KindOf(err) == upstream.KindLimit {
			if c = s.wait(ctx); c != nil { // another caller's connection came back
				idle, err = true, nil
			}
		}
		if err != nil {
			return false, err
		}
	}
	stop := context.AfterFunc(ctx, c.hangUp)
	c.link.busy(true)
	err = c.translate(f(c))
	c.link.busy(false)
	if !stop() || broken(err) || c.closed() {
		c.hangUp()
		return idle, err
	}
	if upstream.KindOf(err) == upstream.KindUnavailable {
		c.mailbox = "" // to be selected again: something is wrong with it
	}
	s.giveBack(c)
	return idle, err
}

// take gives an idle connection that is still there, nil when none is.
func (s *Store) take(ctx context.Context, mailbox string) *conn {
	for {
		c := s.pop(mailbox)
		if c == nil || c.usable(ctx) {
			return c
		}
		c.hangUp()
	}
}

// pop takes a connection out of those that lie idle, if it can one where the
// mailbox is selected.
func (s *Store) pop(mailbox string) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == 0 {
		return nil
	}
	at := len(s.idle) - 1
	for i, c := range s.idle {
		if c.mailbox == mailbox && mailbox != "" {
			at = i
		}
	}
	c := s.idle[at]
	s.idle = slices.Delete(s.idle, at, at+1)
	return c
}

func (s *Store) giveBack(c *conn) {
	c.lastUsed = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		c.hangUp()
		return
	}
	s.idle = append(s.idle, c)
}

// wait waits for a connection to come back, when the server allows no more.
func (s *Store) wait(ctx context.Context) *conn {
	for range 50 {
		if len(s.places) == maxConns-1 { // ours is the only one lent: none will come back
			return s.take(ctx, "")
		}
		if c := s.take(ctx, ""); c != nil {
			return c
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil
		case <-s.ctx.Done():
			return nil
		}
	}
	return nil
}
