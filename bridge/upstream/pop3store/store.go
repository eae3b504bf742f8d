package pop3store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/pop3wire"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Config is what a Store needs. Zero durations mean the defaults.
type Config struct {
	Dir    string // the account's own folder; made when missing
	Server upstream.Server
	// Password, Tokens and Auth are as in pop3wire.Config.
	Password upstream.Secret
	Tokens   upstream.Tokens
	Auth     string
	Keep     upstream.Keep
	Dialer   pop3wire.Dialer
	Log      *slog.Logger

	Poll    time.Duration // between looks at the server
	Silence time.Duration // a server may be silent for
}

// poll is how often the server is looked at: often enough for a person who waits, and
// seldom enough for a server that locks the maildrop meanwhile.
const poll = 3 * time.Minute

// delimiter is between the levels of a mailbox's name.
const delimiter = "/"

// Store is one account whose mail is kept here.
type Store struct {
	cfg    Config
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup // what Watch started
	wake   chan struct{}  // see FetchNow
	turn   sync.Mutex     // held during a session

	loading sync.Mutex
	db      *sql.DB // guarded by loading; nil until it is first asked for
	closed  bool    // guarded by loading

	mu      sync.Mutex // held while something is written
	epoch   uint32     // guarded by mu, as all below
	boxes   []*box     // in the order they were made, INBOX first
	modSeq  uint64     // the last that was given out
	content int64      // the last id that was given out
	before  int64      // the last that was given out before the start

	listeners upstream.Listeners
	tasks     tasks
}

var (
	_ upstream.Store   = (*Store)(nil)
	_ upstream.Fetcher = (*Store)(nil)
)

// box is one mailbox. What is in it is guarded by Store.mu.
type box struct {
	id           int64
	name, role   string
	aside        bool // not subscribed
	uidNext      uint32
	modSeq       uint64
	uids, unread upstream.UIDSet
}

// New makes a Store. Nothing is read or asked until it is used.
func New(cfg Config) *Store {
	if cfg.Poll == 0 {
		cfg.Poll = poll
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{cfg: cfg, wake: make(chan struct{}, 1)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Check signs in to the server and hangs up.
func (s *Store) Check(ctx context.Context) error { return pop3wire.Check(ctx, s.wire()) }

func (s *Store) wire() pop3wire.Config {
	return pop3wire.Config{Server: s.cfg.Server, Password: s.cfg.Password, Tokens: s.cfg.Tokens, Auth: s.cfg.Auth, Dialer: s.cfg.Dialer, Silence: s.cfg.Silence}
}

// Close ends what is under way and closes the database.
func (s *Store) Close() error {
	s.cancel()
	s.work.Wait()
	s.loading.Lock()
	defer s.loading.Unlock()
	s.closed = true
	if s.db == nil {
		return nil
	}
	s.mu.Lock() // whoever writes has finished
	defer s.mu.Unlock()
	db := s.db
	s.db = nil
	return db.Close()
}

var errClosed = errors.New("the store is closed")

// open gives the database, and loads what is known when it is first asked for.
func (s *Store) open(ctx context.Context) (*sql.DB, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	if s.closed || s.ctx.Err() != nil {
		return nil, errClosed
	}
	if s.db != nil {
		return s.db, nil
	}
	if err := os.MkdirAll(filepath.Join(s.cfg.Dir, mailDir), 0o700); err != nil { //nolint:gosec // the administrator's folder
		return nil, err
	}
	db, err := database.Open(s.cfg.Dir)
	if err != nil {
		return nil, err
	}
	// Loading is for everybody: it does not end with who asked first.
	ctx = context.WithoutCancel(ctx)
	if err := errors.Join(database.Migrate(ctx, db, "pop3", schema), s.load(ctx, db)); err != nil {
		return nil, errors.Join(fmt.Errorf("the mail of a POP3 account: %w", err), db.Close())
	}
	s.db = db
	return db, nil
}

// usual is the mailboxes that an account has from the start.
var usual = []box{
	{name: "INBOX", role: jmap.RoleInbox},
	{name: "Drafts", role: jmap.RoleDrafts},
	{name: "Sent", role: jmap.RoleSent},
	{name: "Archive", role: jmap.RoleArchive},
	{name: "Junk", role: jmap.RoleJunk},
	{name: "Trash", role: jmap.RoleTrash},
}

func (s *Store) load(ctx context.Context, db *sql.DB) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := db.QueryRowContext(ctx, `SELECT epoch FROM about`).Scan(&s.epoch)
	if errors.Is(err, sql.ErrNoRows) {
		s.epoch = uint32(time.Now().Unix())
		if err = begin(ctx, db, s.epoch); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if err := s.loadBoxes(ctx, db); err != nil {
		return err
	}
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'content'`).Scan(&s.content)
	s.before = s.content
	return err
}

// begin makes the mailboxes of a new account.
func begin(ctx context.Context, db *sql.DB, epoch uint32) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, `INSERT INTO about (epoch) VALUES (?)`, epoch); err != nil {
		return err
	}
	for _, b := range usual {
		if _, err := tx.ExecContext(ctx, `INSERT INTO box (name, role) VALUES (?, ?)`, b.name, b.role); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (s *Store) loadBoxes(ctx context.Context, db *sql.DB) error {
	s.boxes = nil
	found, err := db.QueryContext(ctx, `SELECT id, name, role, NOT subscribed, uid_next, mod_seq FROM box ORDER BY id`)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		b := new(box)
		if err := found.Scan(&b.id, &b.name, &b.role, &b.aside, &b.uidNext, &b.modSeq); err != nil {
			return err
		}
		s.modSeq = max(s.modSeq, b.modSeq)
		s.boxes = append(s.boxes, b)
	}
	if err := found.Err(); err != nil {
		return err
	}
	for _, b := range s.boxes {
		if err := b.load(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

func (b *box) load(ctx context.Context, db *sql.DB) error {
	found, err := db.QueryContext(ctx, `SELECT uid, keywords FROM message WHERE box = ? ORDER BY uid`, b.id)
	if err != nil {
		return err
	}
	defer found.Close()
	var all, unread upstream.UIDSetBuilder
	for found.Next() {
		var uid uint32
		var keywords string
		if err := found.Scan(&uid, &keywords); err != nil {
			return err
		}
		all.AddRange(uid, uid)
		if isUnread(keywords) {
			unread.AddRange(uid, uid)
		}
	}
	b.uids, b.unread = all.Set(), unread.Set()
	return found.Err()
}

func (s *Store) find(name string) *box {
	for _, b := range s.boxes {
		if b.name == name || b.role == jmap.RoleInbox && equalFold(name, b.name) {
			return b
		}
	}
	return nil
}

func (s *Store) validity(b *box) uint32 { return s.epoch + uint32(b.id) }

func (s *Store) status(b *box) upstream.Status {
	return upstream.Status{
		UIDValidity: s.validity(b), UIDNext: b.uidNext, HighestModSeq: b.modSeq,
		Messages: uint32(b.uids.Len()), Unseen: uint32(b.unread.Len()),
	}
}

// look runs f with what is known of the mailboxes, which it must not change.
func (s *Store) look(ctx context.Context, f func(db *sql.DB) error) error {
	db, err := s.open(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(db)
}

// in gives a copy of a mailbox whose UIDs mean what the caller thinks.
func (s *Store) in(ctx context.Context, mb upstream.MailboxRef) (*sql.DB, box, error) {
	var out box
	var db *sql.DB
	err := s.look(ctx, func(d *sql.DB) error {
		b, err := s.known(mb)
		if err == nil {
			out, db = *b, d
		}
		return err
	})
	return db, out, err
}

func (s *Store) known(mb upstream.MailboxRef) (*box, error) {
	b := s.find(mb.Name)
	switch {
	case b == nil:
		return nil, upstream.ErrNoMailbox
	case s.validity(b) != mb.UIDValidity:
		return nil, upstream.ErrUIDValidity
	}
	return b, nil
}

// write runs f in a transaction, and when that is committed what f returns, which makes
// the same change in memory.
func (s *Store) write(ctx context.Context, f func(tx *sql.Tx) (done func(), err error)) error {
	db, err := s.open(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// What has begun is not broken off: the caller could not tell what became of it.
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	done, err := f(tx)
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if done != nil {
		done()
	}
	return nil
}

// touch gives a mailbox that changes a new number, in a transaction. What it returns
// makes it so in memory.
func (s *Store) touch(tx *sql.Tx, b *box, uidNext uint32) (modSeq uint64, done func(), err error) {
	modSeq = s.modSeq + 1
	s.modSeq = modSeq // if the transaction fails a number is left out, which harms nobody
	_, err = tx.Exec(`UPDATE box SET mod_seq = ?, uid_next = ? WHERE id = ?`, int64(modSeq), uidNext, b.id)
	return modSeq, func() {
		b.modSeq, b.uidNext = modSeq, uidNext
		s.listeners.Tell(upstream.Event{Mailbox: b.name})
	}, err
}
