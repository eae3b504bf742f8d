package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// askEvery is when a server is asked once more that could not say what it offers.
	askEvery = 10 * time.Minute
	// firstLook is how long a sign-in waits for what is offered, the first time an
	// account is used: most servers have answered by then, and the client that signs in
	// need not read the session object again.
	firstLook = time.Second
)

// offers is what an account's servers can do that not every one can: by capability.
// It is learnt in the background, since a session must not wait for it, and remembered
// in SQLite.
type offers struct {
	first bool // nothing was known when the account started
	mu    sync.RWMutex
	known map[string]bool // guarded by mu; not there: not known yet
	once  sync.Once
	asked chan struct{} // closed when the servers were asked for the first time
	again chan struct{} // see askAgain
}

func loadOffers(ctx context.Context, cfg Config) (*offers, error) {
	o := &offers{known: map[string]bool{}, asked: make(chan struct{}), again: make(chan struct{}, 1)}
	found, err := cfg.DB.QueryContext(ctx, `SELECT capability, offered FROM account_offer WHERE account = ?`, cfg.ID)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var capability string
		var offered bool
		if err := found.Scan(&capability, &offered); err != nil {
			return nil, err
		}
		o.known[capability] = offered
	}
	o.first = len(o.known) == 0
	return o, found.Err()
}

// offersIt reports whether the account has a capability.
func (a *Account) offersIt(capability string) bool {
	a.offers.mu.RLock()
	defer a.offers.mu.RUnlock()
	return a.offers.known[capability]
}

// addOffers adds the capabilities that depend on the servers (RFC 8620 §2).
func (a *Account) addOffers(to map[string]json.RawMessage) {
	for _, capability := range []string{jmap.CapabilityVacation, jmap.CapabilityQuota} {
		if a.offersIt(capability) {
			to[capability] = json.RawMessage(`{}`)
		}
	}
}

// learn finds out what the servers offer, and asks again later what they could not say.
func (a *Account) learn(ctx context.Context) {
	for {
		var vacation, quota bool
		var both sync.WaitGroup
		both.Go(func() { vacation = a.learnOne(ctx, jmap.CapabilityVacation, a.askVacation) })
		both.Go(func() { quota = a.learnOne(ctx, jmap.CapabilityQuota, a.askQuota) })
		both.Wait()
		a.offers.once.Do(func() { close(a.offers.asked) })
		if vacation && quota {
			return
		}
		select {
		case <-time.After(askEvery):
		case <-a.offers.again:
		case <-ctx.Done():
			return
		}
	}
}

// askAgain has servers asked now that could not say what they offer: one is back.
func (o *offers) askAgain() {
	select {
	case o.again <- struct{}{}:
	default: // they will be asked anyway
	}
}

// learnOne asks for one capability; sure is false when it must be asked again. What was
// remembered holds as long as the server cannot be asked.
func (a *Account) learnOne(ctx context.Context, capability string, ask func(ctx context.Context) (bool, error)) (sure bool) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	offered, err := ask(ctx)
	if err != nil {
		a.cfg.Log.DebugContext(ctx, "not offered", slog.String("account", string(a.cfg.ID)), slog.String("capability", capability), slog.Any("err", err))
	}
	var server *upstream.Error
	if errors.As(err, &server) && server.Temporary() || ctx.Err() != nil {
		return false
	}
	a.logBackground(ctx, "what is offered is not remembered", a.remember(ctx, capability, offered && err == nil))
	return true
}

// remember keeps what was learnt before anybody is told.
func (a *Account) remember(ctx context.Context, capability string, offered bool) error {
	_, err := a.cfg.DB.ExecContext(context.WithoutCancel(ctx), `INSERT INTO account_offer (account, capability, offered) VALUES (?, ?, ?)
		ON CONFLICT (account, capability) DO UPDATE SET offered = excluded.offered`, a.cfg.ID, capability, offered)
	a.offers.mu.Lock()
	defer a.offers.mu.Unlock()
	a.offers.known[capability] = offered
	return err
}

// waitForOffers waits a moment for what the servers offer, if nothing was known of it.
func (a *Account) waitForOffers(ctx context.Context) {
	if !a.offers.first {
		return
	}
	wait := time.NewTimer(firstLook)
	defer wait.Stop()
	select {
	case <-a.offers.asked:
	case <-wait.C:
	case <-ctx.Done():
	}
}

// askQuota: a server without QUOTA has none to tell; one with it may limit nothing.
func (a *Account) askQuota(ctx context.Context) (bool, error) {
	err := a.refreshQuotas(ctx)
	if errors.Is(err, upstream.ErrUnsupported) {
		return false, nil
	}
	return err == nil, err
}

// askVacation: the account needs a server for its filters, which can reply.
func (a *Account) askVacation(ctx context.Context) (bool, error) {
	if a.cfg.Scripts == nil {
		return false, nil
	}
	offers, err := a.cfg.Scripts.Offers(ctx)
	return offers.Has("vacation"), err
}

// loadText reads one text that the account keeps, "" for none.
func loadText(ctx context.Context, db *sql.DB, query string, id jmap.Id) (string, error) {
	var text string
	err := db.QueryRowContext(ctx, query, id).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return text, err
}
