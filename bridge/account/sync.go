package account

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"maps"
	"slices"
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
		out = s.spineOf(m)
		return nil
	})
	return out, err
}

// sync brings a mailbox's spine up to date, and with it those of mailboxes that its
// messages may have come from or gone to.
func (a *Account) sync(ctx context.Context, id jmap.Id) error {
	return a.once(ctx, "sync "+string(id), func(ctx context.Context) error {
		a.turn.Lock()
		defer a.turn.Unlock()
		return a.syncNow(ctx, nil, id)
	})
}

// syncNow is sync for who holds the turn already; own is as in match.
func (a *Account) syncNow(ctx context.Context, own map[uint64]place, ids ...jmap.Id) error {
	var looks []*look
	for _, id := range ids {
		l, err := a.look(ctx, id)
		if errors.Is(err, upstream.ErrNoMailbox) {
			return errors.Join(err, a.list(ctx))
		}
		if err != nil {
			return err
		}
		looks = append(looks, l)
	}
	others, err := a.whereElse(ctx, looks)
	if err != nil {
		return err
	}
	looks = append(looks, others...)
	if err := a.ask(ctx, func(s *state) error { return a.applyLooks(s, looks, own) }); err != nil {
		return err
	}
	for _, l := range looks {
		if len(l.came) < l.snap.UIDs.Minus(l.known.UIDs).Len() {
			a.wakeIndexer()
			break
		}
	}
	return nil
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

// applyLooks takes over what the server said of mailboxes and journals what is
// different, all at once; own is as in match.
func (a *Account) applyLooks(s *state, looks []*look, own map[uint64]place) error {
	diffs := make([]*diff, 0, len(looks))
	for _, l := range looks {
		m, err := s.byID(l.id)
		if err != nil {
			continue // it has gone meanwhile, which says nothing of the others
		}
		diffs = append(diffs, &diff{look: l, m: m, first: m.uidValidity == 0, gone: m.uids.Minus(l.snap.UIDs), arrived: l.snap.UIDs.Minus(m.uids)})
	}
	moved := s.match(diffs, own)
	quiet := true
	for _, d := range diffs {
		quiet = quiet && d.quiet()
	}
	if quiet {
		for _, d := range diffs {
			d.take()
		}
		return nil
	}
	var entries []entry
	return a.commit(s, &entries, func(tx *sql.Tx) error {
		for _, d := range diffs {
			if !d.first && d.m.uidValidity != d.snap.UIDValidity {
				a.cfg.Log.Warn("UIDVALIDITY changed", slog.String("account", string(a.cfg.ID)), slog.Int64("mailbox", d.m.row))
				lost, err := a.newGeneration(tx, s, d.m)
				if err != nil {
					return err
				}
				entries = append(entries, lost...)
				d.gone, d.arrived = upstream.UIDSet{}, d.snap.UIDs
			}
		}
		for to, from := range moved {
			entries = append(entries, entry{"Email", s.emailID(from), opUpdated})
			s.rows.remove(s.emailID(from)) // what was done to it meanwhile may have come too late
			if err := a.rename(tx, s, from, to); err != nil {
				return err
			}
		}
		for _, d := range diffs {
			more, err := a.applyDiff(tx, s, d, moved)
			if err != nil {
				return err
			}
			entries = append(entries, more...)
		}
		return nil
	})
}

// diff is what became of a mailbox.
type diff struct {
	*look
	m             *mailbox
	first         bool // nothing was known of it
	gone, arrived upstream.UIDSet
}

// quiet: nothing that anybody could see has happened.
func (d *diff) quiet() bool {
	return !d.first && d.m.uidValidity == d.snap.UIDValidity && d.gone.Len() == 0 && d.arrived.Len() == 0 &&
		len(d.snap.Changed) == 0 && d.m.modSeq == d.snap.HighestModSeq && d.m.unread.Equal(d.snap.Unread)
}

func (d *diff) take() {
	d.m.uidValidity, d.m.modSeq, d.m.uidNext = d.snap.UIDValidity, d.snap.HighestModSeq, d.snap.UIDNext
	d.m.uids, d.m.unread, d.m.syncedAt = d.snap.UIDs, d.snap.Unread, time.Now()
}

// applyDiff takes over one mailbox. Messages that moved have their new ids already.
func (a *Account) applyDiff(tx *sql.Tx, s *state, d *diff, moved map[place]place) ([]entry, error) {
	m := d.m
	left := map[place]bool{}
	for _, from := range moved {
		left[from] = true
	}
	var gone []uint32
	var places []place
	for _, uid := range d.gone.All() {
		if p := (place{m.row, m.gen, uid}); !left[p] {
			gone, places = append(gone, uid), append(places, p)
		}
	}
	entries, err := a.goneFrom(tx, s, places)
	if err != nil {
		return nil, err
	}
	if !d.first {
		read, unread := d.m.unread.Minus(d.snap.Unread), d.snap.Unread.Minus(d.m.unread)
		entries = append(entries, s.elsewhere(m, slices.Concat(read.All(), unread.All()))...)
	}
	d.take()
	if !d.first {
		for _, uid := range d.arrived.All() {
			if p := (place{m.row, m.gen, uid}); moved[p] == (place{}) {
				entries = append(entries, entry{"Email", s.emailID(p), opCreated})
			}
		}
	}
	if !d.first && d.arrived.Len() > 0 { // RFC 8621 §1.5
		entries = append(entries, entry{"EmailDelivery", "", opUpdated})
	}
	for _, k := range d.snap.Changed {
		at := place{m.row, m.gen, k.UID}
		id := s.emailID(at)
		if d.arrived.Contains(k.UID) || !d.snap.UIDs.Contains(k.UID) {
			continue
		}
		if read, ok := s.locate(id); ok && read != at {
			continue // an email has the keywords it has where it is read
		}
		if row, ok := s.rows.get(id); ok {
			if maps.Equal(row.Keywords, k.Set) {
				continue // our own change, told back
			}
			row.Keywords = k.Set
		}
		entries = append(entries, entry{"Email", id, opUpdated})
	}
	entries = append(entries, s.lostThreads(m, gone)...)
	s.index.remove(m.row, d.gone)
	if len(d.came) > 0 {
		threads, err := s.newFacts(tx, m, d.came)
		if err != nil {
			return nil, err
		}
		entries = append(entries, threads...)
	}
	entries = append(entries, s.counted(m)...)
	return entries, a.saveMailbox(tx, m, d.gone)
}

// newGeneration forgets all that was known of a mailbox whose UIDs mean other
// messages now. The old ids are destroyed and never come back.
func (a *Account) newGeneration(tx *sql.Tx, s *state, m *mailbox) ([]entry, error) {
	entries, err := a.allGone(tx, s, m)
	s.index.drop(m.row)
	m.gen++
	m.uids, m.unread = upstream.UIDSet{}, upstream.UIDSet{}
	m.modSeq = 0
	return entries, err
}

// allGone takes a mailbox from all emails that are in it.
func (a *Account) allGone(tx *sql.Tx, s *state, m *mailbox) ([]entry, error) {
	uids := m.uids.All()
	entries := s.lostThreads(m, uids)
	places := make([]place, len(uids))
	for i, uid := range uids {
		places[i] = place{m.row, m.gen, uid}
	}
	more, err := a.goneFrom(tx, s, places)
	return append(entries, more...), err
}

// forget drops what is in memory of an email that is gone from its only place.
func (s *state) forget(id jmap.Id, p place) {
	s.rows.remove(id)
	delete(s.alias, id)
	delete(s.aliasOf, p)
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
	_, err = tx.Exec(`DELETE FROM account_copy WHERE account = ? AND mailbox = ? AND gen < ?`, a.cfg.ID, m.row, m.gen)
	if err != nil {
		return err
	}
	if err := dropFacts(tx, m, false); err != nil {
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
func (a *Account) watch(ctx context.Context, events <-chan upstream.Event) {
	for ev := range events {
		switch {
		case ev.Tasks:
			a.tasksChanged(ctx)
		case ev.Err != nil:
			a.cfg.Log.InfoContext(ctx, "mail server lost", slog.String("account", string(a.cfg.ID)), slog.Any("err", ev.Err))
			if upstream.KindOf(ev.Err) == upstream.KindAuth {
				a.noteRefused(ctx, true)
			}
		case ev.Online:
			a.noteRefused(ctx, false)
			a.offers.askAgain()
			a.resync(ctx)
		case ev.Mailbox == "":
			a.resync(ctx)
		default:
			a.follow(ctx, ev.Mailbox)
		}
	}
}

// noteRefused notes whether the server takes the password. Where it does not, it is not
// asked again until there is another.
func (a *Account) noteRefused(ctx context.Context, refused bool) {
	if a.refused.Swap(refused) != refused && a.cfg.OnRefused != nil {
		a.cfg.OnRefused(ctx, a.cfg.ID)
	}
}

// resync looks at what is different from what was known, after the server may have
// changed unseen.
func (a *Account) resync(ctx context.Context) {
	err := a.list(ctx)
	if err == nil {
		err = a.RefreshAll(ctx)
	}
	a.logBackground(ctx, "mailboxes not synchronised", err)
}

// RefreshAll brings every mailbox that was ever looked at up to date: one round trip that
// says which are different, and one or two for each of those.
func (a *Account) RefreshAll(ctx context.Context) error {
	return a.once(ctx, "refresh", func(ctx context.Context) error {
		if err := a.ensureListed(ctx); err != nil {
			return err
		}
		statuses, err := a.store.Statuses(ctx)
		if err != nil {
			return err
		}
		var ids []jmap.Id
		err = a.ask(ctx, func(s *state) error {
			ids = s.different(statuses, nil)
			for _, m := range s.mailboxes {
				if !m.syncedAt.IsZero() && !slices.Contains(ids, m.id()) {
					m.syncedAt = time.Now()
				}
			}
			return a.takeStatuses(s, statuses)
		})
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := a.sync(ctx, id); err != nil && !isGone(err) {
				return err
			}
		}
		return nil
	})
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
