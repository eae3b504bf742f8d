package account

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

func isGone(err error) bool {
	return errors.Is(err, upstream.ErrGone) || errors.Is(err, upstream.ErrUIDValidity) || errors.Is(err, upstream.ErrNoMailbox)
}

// each runs f for the emails of each mailbox, holding the turn. Emails that turn
// out to be gone are in notFound.
func (a *Account) each(ctx context.Context, ids []jmap.Id, f func(g *group) error) (notFound []jmap.Id, err error) {
	groups, notFound, err := a.locateAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	a.turn.Lock()
	defer a.turn.Unlock()
	for _, g := range groups {
		err := f(g)
		if isGone(err) {
			for _, uid := range g.uids {
				notFound = append(notFound, g.ids[uid])
			}
			a.background(func(ctx context.Context) { a.logBackground(ctx, "mailbox not synchronised", a.sync(ctx, g.mailbox)) })
			continue
		}
		if err != nil {
			return notFound, err
		}
	}
	return notFound, nil
}

// SetKeywords adds and removes keywords of emails. One round trip a mailbox.
func (a *Account) SetKeywords(ctx context.Context, ids []jmap.Id, add, remove []string) ([]jmap.Id, error) {
	return a.each(ctx, ids, func(g *group) error {
		if _, err := a.store.SetKeywords(ctx, g.ref, g.uids, add, remove); err != nil {
			return err
		}
		return a.ask(ctx, func(s *state) error {
			m, err := s.byID(g.mailbox)
			if err != nil {
				return err
			}
			var entries []entry
			unseen := m.unseen
			for _, uid := range g.uids {
				id := g.ids[uid]
				if row, ok := s.rows.get(id); ok {
					was := row.Keywords
					row.Keywords = changeKeywords(was, add, remove)
					unseen += seen(was) - seen(row.Keywords)
				}
				entries = append(entries, entry{"Email", id, opUpdated})
			}
			return a.saveCounts(s, append(entries, s.setCounts(m, m.total, unseen)...))
		})
	})
}

func changeKeywords(was map[string]bool, add, remove []string) map[string]bool {
	now := maps.Clone(was)
	if now == nil {
		now = map[string]bool{}
	}
	for _, k := range add {
		now[k] = true
	}
	for _, k := range remove {
		delete(now, k)
	}
	return now
}

// seen is 1 for a message that was read.
func seen(keywords map[string]bool) int {
	if keywords[jmap.KeywordSeen] {
		return 1
	}
	return 0
}

// Move moves emails to a mailbox; their ids stay where the server says which UID
// each got (UIDPLUS). One round trip a mailbox.
func (a *Account) Move(ctx context.Context, ids []jmap.Id, to jmap.Id) ([]jmap.Id, error) {
	target, err := a.ref(ctx, to)
	if err != nil {
		return nil, &jmap.SetError{Type: jmap.SetInvalidProperties, Description: "there is no such mailbox", Properties: []string{"mailboxIds"}}
	}
	return a.each(ctx, ids, func(g *group) error {
		if g.mailbox == to {
			return nil
		}
		moved, err := a.store.Move(ctx, g.ref, g.uids, target.Name)
		if err != nil {
			return err
		}
		return a.ask(ctx, func(s *state) error { return a.applyMove(s, g, to, moved) })
	})
}

func (a *Account) applyMove(s *state, g *group, to jmap.Id, moved upstream.Moved) error {
	from, err := s.byID(g.mailbox)
	if err != nil {
		return err
	}
	target, err := s.byID(to)
	if err != nil {
		return err
	}
	if target.uidValidity == 0 {
		target.uidValidity = moved.UIDValidity
	}
	known := moved.UIDValidity != 0 && target.uidValidity == moved.UIDValidity
	var entries []entry
	var left []uint32
	var arrived []uint32
	return a.commit(s, &entries, func(tx *sql.Tx) error {
		fromUnseen, toUnseen := from.unseen, target.unseen
		for _, uid := range g.uids {
			newUID, ok := moved.UIDs[uid]
			if !ok && !slices.Contains(moved.Gone, uid) {
				continue
			}
			id := g.ids[uid]
			left = append(left, uid)
			if row, cached := s.rows.get(id); cached && seen(row.Keywords) == 0 {
				fromUnseen--
				toUnseen++
			}
			was := place{from.row, from.gen, uid}
			delete(s.aliasOf, was)
			if !known || !ok {
				delete(s.alias, id)
				s.rows.remove(id)
				entries = append(entries, entry{"Email", id, opDestroyed})
				continue
			}
			if err := a.alias(tx, s, id, place{target.row, target.gen, newUID}); err != nil {
				return err
			}
			if row, cached := s.rows.get(id); cached {
				row.UID = newUID
			}
			arrived = append(arrived, newUID)
			entries = append(entries, entry{"Email", id, opUpdated})
		}
		from.uids = from.uids.Minus(upstream.NewUIDSet(left...))
		if !target.syncedAt.IsZero() {
			target.uids = target.uids.With(arrived...)
		}
		entries = append(entries, s.setCounts(from, from.total-len(left), fromUnseen)...)
		entries = append(entries, s.setCounts(target, target.total+len(left), toUnseen)...)
		if err := a.saveMailbox(tx, target, upstream.UIDSet{}); err != nil {
			return err
		}
		return a.saveMailbox(tx, from, upstream.UIDSet{})
	})
}

// alias remembers where an email lies that does not lie where its id says. One
// that came back to where it began needs none.
func (a *Account) alias(tx *sql.Tx, s *state, id jmap.Id, p place) error {
	if p.emailID() == id {
		delete(s.alias, id)
		_, err := tx.Exec(`DELETE FROM account_alias WHERE account = ? AND id = ?`, a.cfg.ID, id)
		return err
	}
	s.alias[id], s.aliasOf[p] = p, id
	_, err := tx.Exec(`INSERT INTO account_alias (account, id, mailbox, gen, uid) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (account, id) DO UPDATE SET mailbox = excluded.mailbox, gen = excluded.gen, uid = excluded.uid`,
		a.cfg.ID, id, p.mailbox, p.gen, p.uid)
	return err
}

// Destroy removes emails for good.
func (a *Account) Destroy(ctx context.Context, ids []jmap.Id) ([]jmap.Id, error) {
	return a.each(ctx, ids, func(g *group) error {
		if err := a.store.Expunge(ctx, g.ref, g.uids); err != nil {
			return err
		}
		return a.ask(ctx, func(s *state) error {
			m, err := s.byID(g.mailbox)
			if err != nil {
				return err
			}
			var entries []entry
			unseen := m.unseen
			for _, uid := range g.uids {
				id := g.ids[uid]
				if row, ok := s.rows.get(id); ok {
					unseen -= 1 - seen(row.Keywords)
				}
				s.rows.remove(id)
				delete(s.alias, id)
				delete(s.aliasOf, place{m.row, m.gen, uid})
				entries = append(entries, entry{"Email", id, opDestroyed})
			}
			gone := upstream.NewUIDSet(g.uids...)
			m.uids = m.uids.Minus(gone)
			entries = append(entries, s.setCounts(m, m.total-len(g.uids), unseen)...)
			return a.commit(s, &entries, func(tx *sql.Tx) error { return a.saveMailbox(tx, m, gone) })
		})
	})
}

// Append files a message in a mailbox and gives its id.
func (a *Account) Append(ctx context.Context, mailbox jmap.Id, msg upstream.NewMessage) (jmap.Id, error) {
	if _, err := a.Spine(ctx, mailbox); err != nil {
		return "", err
	}
	a.turn.Lock()
	target, err := a.ref(ctx, mailbox)
	if err != nil {
		a.turn.Unlock()
		return "", err
	}
	ref, uid, err := a.store.Append(ctx, target.Name, msg)
	if err != nil {
		a.turn.Unlock()
		return "", err
	}
	var id jmap.Id
	if uid != 0 && ref.UIDValidity == target.UIDValidity {
		err = a.ask(ctx, func(s *state) error {
			m, err := s.byID(mailbox)
			if err != nil {
				return err
			}
			id = s.emailID(place{m.row, m.gen, uid})
			m.uids = m.uids.With(uid)
			entries := append([]entry{{"Email", id, opCreated}}, s.setCounts(m, m.total+1, m.unseen+1-seen(msg.Keywords))...)
			return a.commit(s, &entries, func(tx *sql.Tx) error { return a.saveMailbox(tx, m, upstream.UIDSet{}) })
		})
	}
	a.turn.Unlock()
	if err != nil || id != "" {
		return id, err
	}
	return a.newest(ctx, mailbox)
}

// newest is the id of the latest message of a mailbox: what was just appended to
// a server without UIDPLUS.
func (a *Account) newest(ctx context.Context, mailbox jmap.Id) (jmap.Id, error) {
	if err := a.sync(ctx, mailbox); err != nil {
		return "", err
	}
	spine, err := a.Spine(ctx, mailbox)
	if err != nil {
		return "", err
	}
	if spine.UIDs.Len() == 0 {
		return "", method.ErrNotFound
	}
	return spine.EmailID(spine.UIDs.At(spine.UIDs.Len() - 1)), nil
}
