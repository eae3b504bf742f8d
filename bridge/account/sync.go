package account

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"maps"
	"time"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// fresh is how long the spine of a mailbox that the server does not tell about is
// believed. INBOX is watched; the others are looked at in turn.
const fresh = 15 * time.Second

// Spine gives which messages a mailbox has. It costs a round trip or two when the
// mailbox was not looked at lately, else none.
func (a *Account) Spine(ctx context.Context, id jmap.Id) (method.Spine, error) {
	if err := a.ensureListed(ctx); err != nil {
		return method.Spine{}, err
	}
	stale := false
	err := a.ask(ctx, func(s *state) error {
		m, err := s.byID(id)
		if err == nil {
			stale = m.info.Selectable && (m.syncedAt.IsZero() || m.info.Name != "INBOX" && time.Since(m.syncedAt) > fresh)
		}
		return err
	})
	if err != nil {
		return method.Spine{}, err
	}
	if stale {
		if err := a.sync(ctx, id); err != nil {
			return method.Spine{}, err
		}
	}
	var out method.Spine
	err = a.ask(ctx, func(s *state) error {
		m, err := s.byID(id)
		if err != nil {
			return err
		}
		row, gen := m.row, m.gen
		// Only what moved goes by another id than its place says.
		moved := map[uint32]jmap.Id{}
		for p, id := range s.aliasOf {
			if p.mailbox == row && p.gen == gen {
				moved[p.uid] = id
			}
		}
		ids := maps.Clone(moved)
		out = method.Spine{Mailbox: id, UIDs: m.uids}
		out.EmailID = func(uid uint32) jmap.Id {
			if id, ok := ids[uid]; ok {
				return id
			}
			return place{row, gen, uid}.emailID()
		}
		out.UID = func(id jmap.Id) (uint32, bool) {
			for uid, known := range ids {
				if known == id {
					return uid, true
				}
			}
			p, ok := parseEmailID(id)
			_, taken := ids[p.uid]
			return p.uid, ok && !taken && p.mailbox == row && p.gen == gen
		}
		return nil
	})
	return out, err
}

// sync brings a mailbox's spine up to date.
func (a *Account) sync(ctx context.Context, id jmap.Id) error {
	return a.once(ctx, "sync "+string(id), func(ctx context.Context) error {
		a.turn.Lock()
		defer a.turn.Unlock()
		var name string
		var known upstream.Known
		err := a.ask(ctx, func(s *state) error {
			m, err := s.byID(id)
			if err != nil {
				return err
			}
			name = m.info.Name
			known = upstream.Known{UIDValidity: m.uidValidity, HighestModSeq: m.modSeq, UIDs: m.uids, Watched: s.watched(m)}
			return nil
		})
		if err != nil {
			return err
		}
		snap, err := a.store.Sync(ctx, name, known)
		if errors.Is(err, upstream.ErrNoMailbox) {
			return errors.Join(err, a.list(ctx))
		}
		if err != nil {
			return err
		}
		changed := false
		err = a.ask(ctx, func(s *state) error {
			m, err := s.byID(id)
			if err != nil {
				return err
			}
			changed, err = a.applySnapshot(s, m, snap)
			return err
		})
		if changed {
			a.background(func(ctx context.Context) { a.recount(ctx, name) })
		}
		return err
	})
}

// watched is the messages of a mailbox whose keywords somebody has seen.
func (s *state) watched(m *mailbox) []uint32 {
	var uids []uint32
	for _, id := range s.rows.ids() {
		if p, ok := s.locate(id); ok && p.mailbox == m.row {
			uids = append(uids, p.uid)
		}
	}
	return uids
}

// applySnapshot takes over what the server said of a mailbox and journals what is
// different; changed says whether counts may be.
func (a *Account) applySnapshot(s *state, m *mailbox, snap *upstream.Snapshot) (changed bool, err error) {
	var entries []entry
	first := m.uidValidity == 0
	if !first && m.uidValidity != snap.UIDValidity {
		entries = append(entries, s.newGeneration(m)...)
		a.cfg.Log.Warn("UIDVALIDITY changed", slog.String("account", string(a.cfg.ID)), slog.Int64("mailbox", m.row))
	}
	gone, came := m.uids.Minus(snap.UIDs), snap.UIDs.Minus(m.uids)
	for _, uid := range gone.All() {
		id := s.emailID(place{m.row, m.gen, uid})
		s.rows.remove(id)
		entries = append(entries, entry{"Email", id, opDestroyed})
	}
	if !first {
		for _, uid := range came.All() {
			entries = append(entries, entry{"Email", s.emailID(place{m.row, m.gen, uid}), opCreated})
		}
	}
	for _, k := range snap.Changed {
		id := s.emailID(place{m.row, m.gen, k.UID})
		if came.Contains(k.UID) || !snap.UIDs.Contains(k.UID) {
			continue
		}
		if row, ok := s.rows.get(id); ok {
			if maps.Equal(row.Keywords, k.Set) {
				continue // our own change, told back
			}
			row.Keywords = k.Set
		}
		entries = append(entries, entry{"Email", id, opUpdated})
	}
	changed = len(entries) > 0 || first
	before := *m
	m.uidValidity, m.modSeq, m.uids, m.syncedAt = snap.UIDValidity, snap.HighestModSeq, snap.UIDs, time.Now()
	entries = append(entries, s.setCounts(m, m.uids.Len(), m.unseen)...)
	if !changed && len(entries) == 0 && before.modSeq == m.modSeq {
		return false, nil
	}
	err = a.commit(s, &entries, func(tx *sql.Tx) error { return a.saveMailbox(tx, m, gone) })
	return changed, err
}

// newGeneration forgets all that was known of a mailbox whose UIDs mean other
// messages now. The old ids are destroyed and never come back.
func (s *state) newGeneration(m *mailbox) []entry {
	var entries []entry
	for _, uid := range m.uids.All() {
		p := place{m.row, m.gen, uid}
		id := s.emailID(p)
		s.rows.remove(id)
		if s.aliasOf[p] != "" {
			delete(s.aliasOf, p)
			delete(s.alias, id)
		}
		entries = append(entries, entry{"Email", id, opDestroyed})
	}
	m.gen++
	m.uids = upstream.UIDSet{}
	m.modSeq = 0
	return entries
}

// saveMailbox writes a mailbox's spine, and drops the aliases of what is gone.
func (a *Account) saveMailbox(tx *sql.Tx, m *mailbox, gone upstream.UIDSet) error {
	uids, err := m.uids.MarshalBinary()
	if err != nil {
		return err
	}
	if uids == nil {
		uids = []byte{}
	}
	_, err = tx.Exec(`UPDATE account_mailbox SET gen = ?, uid_validity = ?, mod_seq = ?, uids = ?, total = ?, unseen = ? WHERE id = ?`,
		m.gen, m.uidValidity, int64(m.modSeq), uids, m.total, m.unseen, m.row)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM account_alias WHERE account = ? AND mailbox = ? AND gen < ?`, a.cfg.ID, m.row, m.gen)
	if err != nil {
		return err
	}
	for first, last := range gone.Ranges() {
		_, err := tx.Exec(`DELETE FROM account_alias WHERE account = ? AND mailbox = ? AND uid BETWEEN ? AND ?`, a.cfg.ID, m.row, first, last)
		if err != nil {
			return err
		}
	}
	return nil
}

// watch follows what the server tells until the account closes.
func (a *Account) watch(ctx context.Context) {
	for ev := range a.store.Watch(ctx) {
		switch {
		case ev.Err != nil:
			a.cfg.Log.InfoContext(ctx, "mail server lost", slog.String("account", string(a.cfg.ID)), slog.Any("err", ev.Err))
		case ev.Online, ev.Mailbox == "":
			a.resync(ctx)
		default:
			a.follow(ctx, ev.Mailbox)
		}
	}
}

// resync looks at everything that somebody has looked at.
func (a *Account) resync(ctx context.Context) {
	var ids []jmap.Id
	err := a.list(ctx)
	if err == nil {
		err = a.ask(ctx, func(s *state) error {
			for _, m := range s.mailboxes {
				if !m.syncedAt.IsZero() {
					ids = append(ids, m.id())
				}
			}
			return nil
		})
	}
	a.logBackground(ctx, "mailboxes not listed", err)
	for _, id := range ids {
		a.logBackground(ctx, "mailbox not synchronised", a.sync(ctx, id))
	}
	a.count(ctx)
}

// follow looks at a mailbox that the server says has changed. One that nobody
// opened yet has only its counts taken.
func (a *Account) follow(ctx context.Context, name string) {
	var id jmap.Id
	err := a.ask(ctx, func(s *state) error {
		if m := s.byName(name); m != nil && !m.syncedAt.IsZero() {
			id = m.id()
		}
		return nil
	})
	if err == nil && id != "" {
		err = a.sync(ctx, id)
	} else if err == nil {
		a.recount(ctx, name)
	}
	a.logBackground(ctx, "mailbox not synchronised", err)
}
