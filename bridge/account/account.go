package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Config is what an Account needs.
type Config struct {
	ID      jmap.Id
	Name    string // of the person, for From; may be ""
	Address string
	DB      *sql.DB
	Dir     string // of the bridge's data; the account keeps to folders of its own below it
	Store   upstream.Store
	Sender  upstream.Sender
	Scripts upstream.Scripts // nil: there are none
	Host    string           // of the incoming server; whose word on who sent a mail counts
	Web     *http.Client     // to public servers only; nil: there is no way to the web
	Log     *slog.Logger
	// OnRefused is told when the server no longer takes the password, and when it does
	// again; nil: nobody is.
	OnRefused func(ctx context.Context, id jmap.Id)
}

// Account is one mail account at work. It takes over cfg.Store and cfg.Scripts.
type Account struct {
	cfg    Config
	store  upstream.Store
	box    *outbox.Box
	events chan func(*state)
	ctx    context.Context // ends when the account closes
	cancel context.CancelFunc
	done   chan struct{}  // closed when the owner goroutine has ended
	work   sync.WaitGroup // background goroutines

	closing sync.Mutex // held while one is started, and while the account ends

	memory method.Memory // of queries

	used    atomic.Int64 // Unix nanoseconds
	refused atomic.Bool  // the server does not take the password
	syncs   singleflight.Group
	turn    sync.Mutex // held by who changes a mailbox or reads its spine

	offers    *offers
	scripts   sync.Mutex    // held by who reads or changes the filter scripts
	quotaWake chan struct{} // see quotaChanged

	wake        chan struct{} // see wakeIndexer
	indexed     chan struct{} // closed once threads are complete
	indexedOnce sync.Once
}

var _ method.Account = (*Account)(nil)

// Open starts an account: what it knew is loaded, the server's changes are
// watched. No round trip is made.
func Open(ctx context.Context, cfg Config) (*Account, error) {
	s, err := load(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", cfg.ID, err)
	}
	a := &Account{
		cfg:    cfg,
		store:  cfg.Store,
		events: make(chan func(*state)),
		done:   make(chan struct{}),

		quotaWake: make(chan struct{}, 1),

		wake:    make(chan struct{}, 1),
		indexed: make(chan struct{}),
	}
	if s.indexed {
		a.indexedOnce.Do(func() { close(a.indexed) })
	}
	if a.offers, err = loadOffers(ctx, cfg); err != nil {
		return nil, fmt.Errorf("account %s: %w", cfg.ID, err)
	}
	a.ctx, a.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if a.box, err = a.openOutbox(); err != nil {
		a.cancel()
		return nil, err
	}
	go a.own(s)
	events := cfg.Store.Watch(a.ctx) // from now on, not from when somebody gets round to it
	a.background(func(ctx context.Context) { a.watch(ctx, events) })
	a.background(a.indexer)
	a.background(a.sweep)
	a.background(a.learn)
	a.background(a.followQuotas)
	return a, nil
}

// own runs what asks for the state, one at a time.
func (a *Account) own(s *state) {
	defer close(a.done)
	for {
		select {
		case f := <-a.events:
			f(s)
		case <-a.ctx.Done():
			return
		}
	}
}

var errClosed = errors.New("the account is closed")

// ask has the owner goroutine run f and gives its error. It is safe to call from
// any goroutine but the owner's.
func (a *Account) ask(ctx context.Context, f func(*state) error) error {
	answer := make(chan error, 1)
	select {
	case a.events <- func(s *state) { answer <- f(s) }:
		return <-answer
	case <-ctx.Done():
		return ctx.Err()
	case <-a.ctx.Done():
		return errClosed
	}
}

// background runs f until the account closes.
func (a *Account) background(f func(ctx context.Context)) {
	a.closing.Lock()
	defer a.closing.Unlock()
	if a.ctx.Err() != nil {
		return // nobody would wait for it
	}
	a.work.Go(func() {
		f(a.ctx)
	})
}

// Close ends the account's work and its connections.
func (a *Account) Close() error {
	a.closing.Lock()
	a.cancel()
	a.closing.Unlock()
	<-a.done
	a.box.Close()
	err := a.store.Close()
	if a.cfg.Scripts != nil {
		err = errors.Join(err, a.cfg.Scripts.Close())
	}
	a.work.Wait()
	return err
}

// ID is the account's JMAP id.
func (a *Account) ID() jmap.Id { return a.cfg.ID }

// Memory is what queries remember of the account.
func (a *Account) Memory() *method.Memory { return &a.memory }

// Outbox is where the account's messages wait to be sent.
func (a *Account) Outbox() *outbox.Box { return a.box }

// State is the newest state of a type.
func (a *Account) State(typ string) jmap.State {
	var out jmap.State
	// An account that is closing has no state; its callers fail by themselves.
	_ = a.ask(a.ctx, func(s *state) error { out = s.journal.state(typ); return nil })
	return out
}

// commit makes changes, which write may add to, and what they mean for clients in
// one transaction, and tells the listeners. Called by the owner goroutine.
func (a *Account) commit(s *state, entries *[]entry, write func(tx *sql.Tx) error) error {
	ctx := context.WithoutCancel(a.ctx)
	tx, err := a.cfg.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if write != nil {
		if err := write(tx); err != nil {
			return err
		}
	}
	next := s.journal
	if err := next.write(ctx, tx, a.cfg.ID, *entries); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.journal, s.counts = next, nil
	a.quotaChanged(s, *entries)
	if len(*entries) > 0 {
		for l := range s.listeners {
			select {
			case l <- struct{}{}:
			default: // it has not looked since the last time; it will
			}
		}
	}
	return nil
}

// load reads what the account knew.
func load(ctx context.Context, cfg Config) (*state, error) {
	s := &state{
		mailboxes: map[int64]*mailbox{},
		rows:      newRowCache(),
		index:     newIndex(),
		alias:     map[jmap.Id]place{},
		aliasOf:   map[place]jmap.Id{},
		also:      map[jmap.Id][]place{},
		listeners: map[chan<- struct{}]bool{},
	}
	var err error
	if s.journal, err = loadJournal(ctx, cfg.DB, cfg.ID); err != nil {
		return nil, err
	}
	if err := s.journal.prune(ctx, cfg.DB, cfg.ID); err != nil {
		return nil, err
	}
	if err := loadMailboxes(ctx, cfg, s); err != nil {
		return nil, err
	}
	for _, m := range s.mailboxes {
		if err := loadFacts(ctx, cfg.DB, s, m); err != nil {
			return nil, err
		}
	}
	err = cfg.DB.QueryRowContext(ctx, `SELECT indexed FROM account_meta WHERE account = ?`, cfg.ID).Scan(&s.indexed)
	if err != nil {
		return nil, err
	}
	if s.indexed {
		s.index.settle()
	}
	if err := errors.Join(loadQuotas(ctx, cfg, s), loadVacation(ctx, cfg, s)); err != nil {
		return nil, err
	}
	if err := loadAliases(ctx, cfg, s); err != nil {
		return nil, err
	}
	return s, loadCopies(ctx, cfg, s)
}

func loadMailboxes(ctx context.Context, cfg Config, s *state) error {
	found, err := cfg.DB.QueryContext(ctx, `SELECT id, name, object_id, gen, uid_validity, mod_seq, uids, total, unseen, sort_order, own_role
		FROM account_mailbox WHERE account = ?`, cfg.ID)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		m := new(mailbox)
		var uids []byte
		if err := found.Scan(&m.row, &m.info.Name, &m.info.ObjectID, &m.gen, &m.uidValidity, &m.modSeq, &uids, &m.total, &m.unseen, &m.order, &m.ownRole); err != nil {
			return err
		}
		if err := m.uids.UnmarshalBinary(uids); err != nil {
			return err
		}
		s.mailboxes[m.row] = m
	}
	return found.Err()
}

func loadAliases(ctx context.Context, cfg Config, s *state) error {
	found, err := cfg.DB.QueryContext(ctx, `SELECT id, mailbox, gen, uid FROM account_alias WHERE account = ?`, cfg.ID)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var id jmap.Id
		var p place
		if err := found.Scan(&id, &p.mailbox, &p.gen, &p.uid); err != nil {
			return err
		}
		s.alias[id], s.aliasOf[p] = p, id
	}
	return found.Err()
}

// timeout bounds work that nobody waits for.
const timeout = 2 * time.Minute
