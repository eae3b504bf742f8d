package account

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

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
}

// Pool keeps the running accounts, each once, however many devices use it.
type Pool struct {
	db     *sql.DB
	dir    string
	log    *slog.Logger
	cancel context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex
	entries map[jmap.Id]*poolEntry // guarded by mu
}

// poolEntry is one account that runs, or is being started.
type poolEntry struct {
	mu      sync.Mutex
	account *Account // guarded by mu; nil: not running
	key     string   // guarded by mu
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
	accounts := make([]*Account, 0, len(logins))
	for _, l := range logins {
		p.mu.Lock()
		e := p.entries[l.ID]
		if e == nil {
			e = new(poolEntry)
			p.entries[l.ID] = e
		}
		p.mu.Unlock()
		a, err := p.open(ctx, e, l, verify)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, a)
	}
	return NewSet(accounts...), nil
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
		if err := e.account.Close(); err != nil {
			p.log.WarnContext(ctx, "account not closed cleanly", slog.Any("err", err))
		}
		e.account = nil
	}
	var scripts upstream.Scripts
	if l.Scripts != nil {
		scripts = l.Scripts()
	}
	a, err := Open(ctx, Config{
		ID: l.ID, Name: l.Name, Address: l.Address,
		DB: p.db, Dir: p.dir, Store: store, Sender: sender, Scripts: scripts, Host: l.Host, Web: l.Web, Log: p.log,
	})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	a.touch()
	e.account, e.key = a, l.Key
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
	e.account = nil
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
