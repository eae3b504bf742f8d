package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// quotaFresh is how long what the server said of its limits is believed, if nothing
	// is known to have come or gone.
	quotaFresh = time.Minute
	// quotaSettle is how long what follows a change is waited for before listeners are
	// told what is used now.
	quotaSettle = 2 * time.Second
)

// Quotas is the limits of the account, and what of them is used. It costs a round trip
// when that may have changed; upstream.ErrUnsupported where the server has none to tell.
func (a *Account) Quotas(ctx context.Context) ([]jmap.Quota, error) {
	stale := false
	err := a.ask(ctx, func(s *state) error { stale = time.Since(s.quotaAt) > quotaFresh; return nil })
	if err != nil {
		return nil, err
	}
	if stale {
		if err := a.once(ctx, "quotas", a.refreshQuotas); err != nil {
			return nil, err
		}
	}
	var out []jmap.Quota
	err = a.ask(ctx, func(s *state) error { out = slices.Clone(s.quotas); return nil })
	return out, err
}

func (a *Account) refreshQuotas(ctx context.Context) error {
	began := time.Now()
	limits, err := a.store.Quotas(ctx)
	if err != nil {
		return err
	}
	var quotas []jmap.Quota
	for _, l := range limits {
		if q, ok := jmapQuota(l); ok {
			quotas = append(quotas, q)
		}
	}
	return a.ask(ctx, func(s *state) error { return a.applyQuotas(s, quotas, began) })
}

// jmapQuota is a limit in JMAP's words (RFC 9425 §4); false for what it has none for.
func jmapQuota(l upstream.Quota) (jmap.Quota, bool) {
	q := jmap.Quota{
		Id: jmap.Id("q" + hash(l.Resource+" "+l.Root)), Name: l.Root,
		Used: unsigned(l.Used), HardLimit: unsigned(l.Limit), Scope: "account",
	}
	name := ""
	switch l.Resource {
	case "STORAGE":
		q.ResourceType, q.Types, name = jmap.QuotaOctets, []string{"Email"}, "Storage"
	case "MESSAGE":
		q.ResourceType, q.Types, name = jmap.QuotaCount, []string{"Email"}, "Messages"
	case "MAILBOX":
		q.ResourceType, q.Types, name = jmap.QuotaCount, []string{"Mailbox"}, "Mailboxes"
	default:
		return q, false
	}
	if q.Name == "" {
		q.Name = name
	}
	return q, true
}

// unsigned keeps a number within UnsignedInt (RFC 8620 §1.3).
func unsigned(n int64) int64 { return min(max(n, 0), 1<<53-1) }

// applyQuotas takes over what the server said, and journals what is different.
func (a *Account) applyQuotas(s *state, quotas []jmap.Quota, began time.Time) error {
	var entries []entry
	for _, q := range quotas {
		i := slices.IndexFunc(s.quotas, func(old jmap.Quota) bool { return old.Id == q.Id })
		switch {
		case i < 0:
			entries = append(entries, entry{"Quota", q.Id, opCreated})
		case s.quotas[i].HardLimit != q.HardLimit || s.quotas[i].Name != q.Name:
			entries = append(entries, entry{"Quota", q.Id, opUpdated})
		case s.quotas[i].Used != q.Used:
			entries = append(entries, entry{"Quota", q.Id, opCounts})
		}
	}
	for _, old := range s.quotas {
		if !slices.ContainsFunc(quotas, func(q jmap.Quota) bool { return q.Id == old.Id }) {
			entries = append(entries, entry{"Quota", old.Id, opDestroyed})
		}
	}
	if len(entries) > 0 {
		raw, err := json.Marshal(quotas)
		if err != nil {
			return err
		}
		err = a.commit(s, &entries, func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO account_quota (account, quotas) VALUES (?, ?)
				ON CONFLICT (account) DO UPDATE SET quotas = excluded.quotas`, a.cfg.ID, string(raw))
			return err
		})
		if err != nil {
			return err
		}
	}
	s.quotas = quotas
	if s.quotaStale.Before(began) {
		s.quotaAt = began
	}
	return nil
}

func loadQuotas(ctx context.Context, cfg Config, s *state) error {
	raw, err := loadText(ctx, cfg.DB, `SELECT quotas FROM account_quota WHERE account = ?`, cfg.ID)
	if err != nil || raw == "" {
		return err
	}
	return json.Unmarshal([]byte(raw), &s.quotas)
}

// quotaChanged looks at what is journalled: mail that came or went changes what is used.
func (a *Account) quotaChanged(s *state, entries []entry) {
	if !slices.ContainsFunc(entries, func(e entry) bool { return e.typ == "Email" && (e.op == opCreated || e.op == opDestroyed) }) {
		return
	}
	s.quotaAt, s.quotaStale = time.Time{}, time.Now()
	if len(s.listeners) == 0 {
		return // whoever comes later will ask
	}
	select {
	case a.quotaWake <- struct{}{}:
	default: // it will look anyway
	}
}

// followQuotas tells listeners what is used, soon after mail came or went, at most once
// a minute.
func (a *Account) followQuotas(ctx context.Context) {
	pause := func(d time.Duration) bool {
		select {
		case <-time.After(d):
			return true
		case <-ctx.Done():
			return false
		}
	}
	for {
		select {
		case <-a.quotaWake:
		case <-ctx.Done():
			return
		}
		if !pause(quotaSettle) {
			return
		}
		if !a.offersIt(jmap.CapabilityQuota) {
			continue
		}
		_, err := a.Quotas(ctx)
		if !errors.Is(err, upstream.ErrUnsupported) {
			a.logBackground(ctx, "quotas not read", err)
		}
		if !pause(quotaFresh) {
			return
		}
	}
}
