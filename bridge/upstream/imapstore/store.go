// Package imapstore is an upstream.Store over IMAP (RFC 9051, 3501), on imapwire.
//
// Connections are lent to a function and come back, whatever happened; at most two, and a
// third watches (watch.go). What nobody waits for keeps to one of the two, and gives it back
// between pieces, so that what a person waits for finds a connection (pool.go).
//
// What a server cannot do is done in another way that is as right, if slower; what it
// says it can and then does not know is not asked of it again (features.go). Of its words
// for mailboxes names.go knows, of the meaning of its errors errors.go.
package imapstore

import (
	"context"
	"errors"
	"log/slog"
	"net"
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
	Tokens   upstream.Tokens // nil: Password it is
	Auth     string          // a way of the room signin to insist on; "": the best
	Dialer   Dialer
	Log      *slog.Logger

	Silence time.Duration // a server may be silent for in the middle of a command
	Poll    time.Duration // between looks at the mailboxes that are not watched
	Renew   time.Duration // of IDLE

	compressAll bool // all connections that can, for tests
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
	behind chan struct{} // held by what nobody waits for
	going  chan struct{} // held by what makes a mailbox go
	ctx    context.Context
	cancel context.CancelFunc

	writes   atomic.Uint64 // see conn.refresh
	features features
	names    names
	notified atomic.Bool // the server tells of all mailboxes

	mu   sync.Mutex
	idle []*conn   // guarded by mu; the one used last is at the end
	open int       // guarded by mu: connections, idle or lent, without the watcher's
	full time.Time // guarded by mu: until then the server is not asked for more of them
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
	s := &Store{cfg: cfg, places: make(chan struct{}, maxConns), behind: make(chan struct{}, 1), going: make(chan struct{}, 1)}
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
		c.Close()
	}
	s.idle = nil
	return nil
}

var errClosed = errors.New("the store is closed")

// do lends a connection to f, which may be called again when the connection turns
// out to have been lost while it lay idle.
func (s *Store) do(ctx context.Context, f func(c *conn) error) error {
	return s.lend(ctx, loan{again: true}, f)
}

// doOnce is do for what must not be done twice.
func (s *Store) doOnce(ctx context.Context, f func(c *conn) error) error {
	return s.lend(ctx, loan{}, f)
}

// in lends a connection on which mb is selected, as do does. UIDs mean what the
// caller thinks, or it is ErrUIDValidity.
func (s *Store) in(ctx context.Context, mb upstream.MailboxRef, f func(c *conn) error) error {
	return s.lend(ctx, loan{mailbox: mb.Name, again: true}, func(c *conn) error { return c.in(mb, f) })
}

// inOnce is in for what must not be done twice. A server that hangs up because the mailbox
// was deleted under it (Dovecot 2.3) is asked whether that is so.
func (s *Store) inOnce(ctx context.Context, mb upstream.MailboxRef, f func(c *conn) error) error {
	err := s.lend(ctx, loan{mailbox: mb.Name}, func(c *conn) error { return c.in(mb, f) })
	if e := new(imap.Error); !errors.As(err, &e) || e.Type != imap.StatusResponseTypeBye && !outdated(e) {
		return err
	}
	now := s.in(ctx, mb, func(*conn) error { return nil })
	if errors.Is(now, upstream.ErrUIDValidity) || errors.Is(now, upstream.ErrNoMailbox) {
		return now
	}
	return err
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
