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

// isGone: what was asked about is not there any more, on the server or, since somebody
// else has looked meanwhile, here.
func isGone(err error) bool {
	return errors.Is(err, upstream.ErrGone) || errors.Is(err, upstream.ErrUIDValidity) ||
		errors.Is(err, upstream.ErrNoMailbox) || errors.Is(err, method.ErrNotFound)
}

// each runs f for the emails of each mailbox, at those of their places that are asked for,
// holding the turn. Emails that turn out to be gone are in notFound.
func (a *Account) each(ctx context.Context, ids []jmap.Id, where places, f func(g *group) error) (notFound []jmap.Id, err error) {
	if err := a.ensureListed(ctx); err != nil {
		return nil, err
	}
	a.turn.Lock() // before they are looked for: what is found must still be there when f acts
	defer a.turn.Unlock()
	groups, notFound, err := a.locateAll(ctx, ids, where)
	if err != nil {
		return nil, err
	}
	done := map[jmap.Id]bool{} // at one place at least
	var gone []jmap.Id
	for _, g := range groups {
		err := f(g)
		if isGone(err) {
			for _, uid := range g.uids {
				gone = append(gone, g.ids[uid])
			}
			a.background(func(ctx context.Context) { a.logBackground(ctx, "mailbox not synchronised", a.sync(ctx, g.mailbox)) })
			continue
		}
		if err != nil {
			return notFound, err
		}
		for _, id := range g.ids {
			done[id] = true
		}
	}
	for _, id := range gone {
		if !done[id] {
			notFound = append(notFound, id)
		}
	}
	return notFound, nil
}

// SetKeywords adds and removes keywords of emails. One round trip a mailbox.
func (a *Account) SetKeywords(ctx context.Context, ids []jmap.Id, add, remove []string) ([]jmap.Id, error) {
	return a.each(ctx, ids, everywhere, func(g *group) error {
		if _, err := a.store.SetKeywords(ctx, g.ref, g.uids, add, remove); err != nil {
			return err
		}
		return a.ask(ctx, func(s *state) error {
			m, err := s.byID(g.mailbox)
			if err != nil {
				return err
			}
			var entries []entry
			var read, unread []uint32
			for _, uid := range g.uids {
				id := g.ids[uid]
				now := changeKeywords(nil, add, remove)
				if row, ok := s.rows.get(id); ok {
					row.Keywords = changeKeywords(row.Keywords, add, remove)
					now = row.Keywords
				}
				switch {
				case !isUnread(now):
					read = append(read, uid)
				case slices.Contains(remove, jmap.KeywordSeen) || slices.Contains(remove, jmap.KeywordDraft):
					unread = append(unread, uid)
				}
				entries = append(entries, entry{"Email", id, opUpdated})
			}
			m.unread = m.unread.Minus(upstream.NewUIDSet(read...)).With(unread...)
			entries = append(entries, s.elsewhere(m, slices.Concat(read, unread))...)
			return a.saveCounts(s, append(entries, s.counted(m)...))
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

// isUnread: RFC 8621 §2, unreadEmails.
func isUnread(keywords map[string]bool) bool {
	return !keywords[jmap.KeywordSeen] && !keywords[jmap.KeywordDraft]
}

// Move moves emails to a mailbox, out of all others; their ids stay.
func (a *Account) Move(ctx context.Context, ids []jmap.Id, to jmap.Id) ([]jmap.Id, error) {
	return a.Refile(ctx, ids, []jmap.Id{to})
}

// move moves emails from one mailbox to another. One round trip where the server says
// which UID each got (UIDPLUS); else a look at both mailboxes finds out.
func (a *Account) move(ctx context.Context, ids []jmap.Id, from, to jmap.Id) ([]jmap.Id, error) {
	return a.each(ctx, ids, inMailbox(from), func(g *group) error {
		there, g := a.alreadyIn(ctx, g, to)
		if len(there.uids) > 0 { // by somebody else's hand meanwhile
			if err := a.expunge(ctx, there); err != nil {
				return err
			}
		}
		if len(g.uids) == 0 {
			return nil
		}
		target, err := a.ref(ctx, to)
		if err != nil {
			return err
		}
		moved, err := a.store.Move(ctx, g.ref, g.uids, target.Name)
		if err != nil {
			return err
		}
		if moved.UIDValidity != target.UIDValidity {
			own, err := a.ownIDs(ctx, g)
			if err != nil {
				return err
			}
			return a.syncNow(ctx, own, g.mailbox, to)
		}
		return a.ask(ctx, func(s *state) error { return a.applyMove(s, g, to, moved) })
	})
}

// ownIDs is the places of messages by the hash of their Message-ID, of those that have
// one that no other of them has. Their rows were read before it was said what to do with
// them.
func (a *Account) ownIDs(ctx context.Context, g *group) (map[uint64]place, error) {
	own := map[uint64]place{}
	err := a.ask(ctx, func(s *state) error {
		for _, uid := range g.uids {
			row, ok := s.rows.get(g.ids[uid])
			if !ok || len(row.Envelope.MessageID) == 0 {
				continue
			}
			id := hashOf(row.Envelope.MessageID[0])
			if _, twice := own[id]; twice {
				own[id] = place{}
			} else {
				own[id] = place{g.row, g.gen, uid}
			}
		}
		return nil
	})
	maps.DeleteFunc(own, func(_ uint64, p place) bool { return p == place{} })
	return own, err
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
	var entries []entry
	return a.commit(s, &entries, func(tx *sql.Tx) error {
		var left, arrived, unread []uint32
		for _, uid := range g.uids {
			was, id := place{from.row, from.gen, uid}, g.ids[uid]
			newUID, ok := moved.UIDs[uid]
			switch {
			case ok:
				now := place{target.row, target.gen, newUID}
				if err := a.rename(tx, s, was, now); err != nil {
					return err
				}
				arrived = append(arrived, newUID)
				if from.unread.Contains(uid) {
					unread = append(unread, newUID)
				}
				entries = append(entries, entry{"Email", id, opUpdated})
			case slices.Contains(moved.Gone, uid):
				entries = append(entries, s.lostThreads(from, []uint32{uid})...)
				more, err := a.goneFrom(tx, s, []place{was})
				if err != nil {
					return err
				}
				entries = append(entries, more...)
			default:
				continue // still there
			}
			left = append(left, uid)
		}
		gone := upstream.NewUIDSet(left...)
		s.index.remove(from.row, gone)
		from.uids, from.unread = from.uids.Minus(gone), from.unread.Minus(gone)
		target.uids, target.unread = target.uids.With(arrived...), target.unread.With(unread...)
		entries = append(entries, s.counted(from)...)
		entries = append(entries, s.counted(target)...)
		if err := a.saveMailbox(tx, target, upstream.UIDSet{}); err != nil {
			return err
		}
		return a.saveMailbox(tx, from, gone)
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

// Destroy removes emails for good, from all mailboxes they are in.
func (a *Account) Destroy(ctx context.Context, ids []jmap.Id) ([]jmap.Id, error) {
	return a.each(ctx, ids, everywhere, func(g *group) error { return a.expunge(ctx, g) })
}

// Append files a message in a mailbox and gives its id. Two round trips: the second
// reads what its thread and its place in lists are made of.
func (a *Account) Append(ctx context.Context, mailbox jmap.Id, msg upstream.NewMessage) (jmap.Id, error) {
	if _, err := a.Spine(ctx, mailbox); err != nil {
		return "", err
	}
	a.turn.Lock()
	defer a.turn.Unlock()
	target, err := a.ref(ctx, mailbox)
	if err != nil {
		return "", err
	}
	ref, uid, err := a.store.Append(ctx, target.Name, msg)
	if err != nil {
		return "", err
	}
	if uid == 0 || ref.UIDValidity != target.UIDValidity {
		return a.newest(ctx, mailbox)
	}
	var facts []upstream.Fact
	err = a.store.Index(ctx, ref, upstream.NewUIDSet(uid), func(piece []upstream.Fact) error {
		facts = append(facts, piece...)
		return nil
	})
	a.logBackground(ctx, "a filed message not indexed", err)
	if len(facts) == 0 { // the connection that reads it may not have seen it yet
		a.wakeIndexer()
	}
	var id jmap.Id
	err = a.ask(ctx, func(s *state) error {
		m, err := s.byID(mailbox)
		if err != nil {
			return err
		}
		id = s.emailID(place{m.row, m.gen, uid})
		m.uids = m.uids.With(uid)
		if isUnread(msg.Keywords) {
			m.unread = m.unread.With(uid)
		}
		entries := append([]entry{{"Email", id, opCreated}}, s.counted(m)...)
		return a.commit(s, &entries, func(tx *sql.Tx) error {
			threads, err := s.newFacts(tx, m, facts)
			if err != nil {
				return err
			}
			entries = append(entries, threads...)
			return a.saveMailbox(tx, m, upstream.UIDSet{})
		})
	})
	return id, err
}

// newest is the id of the latest message of a mailbox: what was just appended to
// a server without UIDPLUS.
func (a *Account) newest(ctx context.Context, mailbox jmap.Id) (jmap.Id, error) {
	if err := a.syncNow(ctx, nil, mailbox); err != nil {
		return "", err
	}
	var id jmap.Id
	err := a.ask(ctx, func(s *state) error {
		m, err := s.byID(mailbox)
		if err != nil {
			return err
		}
		if m.uids.Len() == 0 {
			return method.ErrNotFound
		}
		id = s.emailID(place{m.row, m.gen, m.uids.At(m.uids.Len() - 1)})
		return nil
	})
	return id, err
}
