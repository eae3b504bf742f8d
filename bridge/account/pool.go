package account

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// idle is how long an account that nobody uses stays signed in to its servers.
const idle = 15 * time.Minute

// Login is what it takes to start an account.
type Login struct {
	ID      jmap.Id
	Name    string
	Address string
	// Key is the same for the same servers, user and password, and tells nothing
	// about them.
	Key string
	// Connect makes the ways to the mail servers. With verify it signs in to both
	// now; without, nothing is asked of them, and it cannot fail.
	Connect func(ctx context.Context, verify bool) (upstream.Store, upstream.Sender, error)
	// Scripts makes the way to the filter scripts, and asks nothing; nil: there is none.
	Scripts func() upstream.Scripts
	Host    string       // of the incoming server
	Web     *http.Client // to public servers only; nil: there is none
	Look    Look
}

// Look is how a member sees an account among theirs.
type Look struct {
	Label     string // "": by its address
	Colour    string // "#rrggbb", or "" for none
	SortOrder int
}

// Pool keeps the running accounts, each once, however many devices use it.
type Pool struct {
	db     *sql.DB
	dir    string
	log    *slog.Logger
	cancel context.CancelFunc

	// OnRefused is told when an account's server no longer takes its password, and when it
	// does again; nil: nobody is. It is to be set before the first Open.
	OnRefused func(ctx context.Context, id jmap.Id)

	done chan struct{}

	mu      sync.Mutex
	entries map[jmap.Id]*poolEntry // guarded by mu
}

// poolEntry is one account that runs, or is being started.
type poolEntry struct {
	mu      sync.Mutex
	account *Account // guarded by mu; nil: not running
	key     string   // guarded by mu
	// running is account, for who must not wait for mu.
	running atomic.Pointer[Account]
}

// set says which account runs; mu is held.
func (e *poolEntry) set(a *Account) {
	e.account = a
	e.running.Store(a)
}

// NewPool makes an empty pool. Accounts keep their state in db and below dir.
func NewPool(db *sql.DB, dir string, log *slog.Logger) *Pool {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Pool{db: db, dir: dir, log: log, cancel: cancel, done: make(chan struct{}), entries: map[jmap.Id]*poolEntry{}}
	go p.sweep(ctx)
	return p
}

// Open gives the accounts of these logins, starting those that do not run. With
// verify each is signed in to its servers now, even if it runs already, and an
// *upstream.Error says which server refused. Without, a mail server that is down
// keeps nobody from their other accounts, nor from what the bridge knows of this one.
func (p *Pool) Open(ctx context.Context, logins []Login, verify bool) (*Set, error) {
	set := &Set{accounts: map[jmap.Id]*Account{}, looks: map[jmap.Id]Look{}}
	for _, l := range logins {
		a, err := p.open(ctx, p.entry(l.ID), l, verify)
		if err != nil {
			return nil, err
		}
		set.accounts[l.ID], set.looks[l.ID] = a, l.Look
	}
	return set, nil
}

// entry is the place of an account.
func (p *Pool) entry(id jmap.Id) *poolEntry {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[id]
	if e == nil {
		e = new(poolEntry)
		p.entries[id] = e
	}
	return e
}

// running is an account that runs, nil for none.
func (p *Pool) running(id jmap.Id) *Account { return p.entry(id).running.Load() }

// Refused reports whether an account's server no longer takes its password.
func (p *Pool) Refused(id jmap.Id) bool {
	a := p.running(id)
	return a != nil && a.refused.Load()
}

// Record notes what became of a member's accounts with their own, which runs.
func (p *Pool) Record(_ context.Context, own jmap.Id, change method.Changes) error {
	a := p.running(own)
	if a == nil {
		return errClosed
	}
	return a.RecordAccounts(change)
}

// RecordAccounts notes in the journal what became of the accounts of the member whose own
// this is.
func (a *Account) RecordAccounts(change method.Changes) error {
	var entries []entry
	for what, ids := range map[op][]jmap.Id{opCreated: change.Created, opUpdated: change.Updated, opDestroyed: change.Destroyed} {
		for _, id := range ids {
			entries = append(entries, entry{"BridgeAccount", id, what})
		}
	}
	return a.ask(a.ctx, func(s *state) error { return a.commit(s, &entries, nil) })
}

func (p *Pool) open(ctx context.Context, e *poolEntry, l Login, verify bool) (*Account, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	same := e.account != nil && e.key == l.Key
	if same && !verify {
		e.account.touch()
		return e.account, nil
	}
	store, sender, err := l.Connect(ctx, verify)
	if err != nil {
		return nil, err
	}
	if same {
		e.account.touch()
		return e.account, store.Close()
	}
	if e.account != nil { // the password or a server changed
		p.closeEntry(ctx, e)
	}
	var scripts upstream.Scripts
	if l.Scripts != nil {
		scripts = l.Scripts()
	}
	a, err := Open(ctx, Config{
		ID: l.ID, Name: l.Name, Address: l.Address,
		DB: p.db, Dir: p.dir, Store: store, Sender: sender, Scripts: scripts, Host: l.Host, Web: l.Web, Log: p.log,
		OnRefused: p.OnRefused,
	})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	a.touch()
	e.set(a)
	e.key = l.Key
	if verify {
		a.waitForOffers(ctx)
	}
	return a, nil
}

// sweep closes accounts that nobody has used for a while.
func (p *Pool) sweep(ctx context.Context) {
	defer close(p.done)
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		p.mu.Lock()
		entries := make([]*poolEntry, 0, len(p.entries))
		for _, e := range p.entries {
			entries = append(entries, e)
		}
		p.mu.Unlock()
		for _, e := range entries {
			e.mu.Lock()
			if e.account != nil && e.account.unused(ctx) {
				p.closeEntry(ctx, e)
			}
			e.mu.Unlock()
		}
	}
}

// closeEntry closes an entry's account; its lock is held.
func (p *Pool) closeEntry(ctx context.Context, e *poolEntry) {
	if err := e.account.Close(); err != nil {
		p.log.WarnContext(ctx, "account not closed cleanly", slog.Any("err", err))
	}
	e.set(nil)
}

// Close closes every account.
func (p *Pool) Close() {
	p.cancel()
	<-p.done
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.entries {
		e.mu.Lock()
		if e.account != nil {
			p.closeEntry(context.Background(), e)
		}
		e.mu.Unlock()
	}
}

// touch says that the account is used now.
func (a *Account) touch() { a.used.Store(time.Now().UnixNano()) }

// unused reports whether nobody has called or listened for a while, and nothing
// waits to be sent.
func (a *Account) unused(ctx context.Context) bool {
	if time.Since(time.Unix(0, a.used.Load())) < idle {
		return false
	}
	listeners := 0
	if a.ask(ctx, func(s *state) error { listeners = len(s.listeners); return nil }) != nil || listeners > 0 {
		return false
	}
	busy, err := a.box.Busy(ctx)
	return err == nil && !busy
}
