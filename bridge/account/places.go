package account

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// An email may be in several mailboxes (RFC 8621 §4.1.1), a message over IMAP in one. What
// a member puts into another mailbox as well is copied there, and both messages are one
// email: one place is where it is read, the others are remembered here. What other programs
// copy is an email of its own.

// places is everywhere an email lies, first where it is read.
func (s *state) places(id jmap.Id) []place {
	p, ok := s.locate(id)
	if !ok {
		return nil
	}
	return append([]place{p}, s.also[id]...)
}

// mailboxesOf is the mailboxes of an email that is read at p.
func (s *state) mailboxesOf(id jmap.Id, p place) []jmap.Id {
	out := []jmap.Id{mailboxID(p.mailbox)}
	for _, other := range s.also[id] {
		if other != p {
			out = append(out, mailboxID(other.mailbox))
		}
	}
	return out
}

// joinPlace makes a message a further place of an email.
func (a *Account) joinPlace(tx *sql.Tx, s *state, id jmap.Id, p place) error {
	s.also[id] = append(s.also[id], p)
	s.aliasOf[p] = id
	_, err := tx.Exec(`INSERT INTO account_copy (account, mailbox, gen, uid, id) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (account, mailbox, gen, uid) DO UPDATE SET id = excluded.id`, a.cfg.ID, p.mailbox, p.gen, p.uid, id)
	return err
}

// leave takes a place from an email, and reports whether it still lies somewhere.
func (a *Account) leave(tx *sql.Tx, s *state, id jmap.Id, p place) (stays bool, err error) {
	others := s.also[id]
	if i := slices.Index(others, p); i >= 0 {
		return true, a.forgetCopy(tx, s, id, i)
	}
	if len(others) == 0 {
		s.forget(id, p)
		return false, nil
	}
	next := others[0]
	if err := a.forgetCopy(tx, s, id, 0); err != nil {
		return true, err
	}
	delete(s.aliasOf, p)
	s.rows.remove(id) // it is read from there from now on
	return true, a.alias(tx, s, id, next)
}

// forgetCopy drops a further place of an email.
func (a *Account) forgetCopy(tx *sql.Tx, s *state, id jmap.Id, i int) error {
	p := s.also[id][i]
	s.also[id] = slices.Delete(slices.Clone(s.also[id]), i, i+1)
	if len(s.also[id]) == 0 {
		delete(s.also, id)
	}
	delete(s.aliasOf, p)
	_, err := tx.Exec(`DELETE FROM account_copy WHERE account = ? AND mailbox = ? AND gen = ? AND uid = ?`, a.cfg.ID, p.mailbox, p.gen, p.uid)
	return err
}

// goneFrom takes places from emails that are no longer there, and says what became of
// them.
func (a *Account) goneFrom(tx *sql.Tx, s *state, places []place) ([]entry, error) {
	entries := make([]entry, 0, len(places))
	for _, p := range places {
		id := s.emailID(p)
		stays, err := a.leave(tx, s, id, p)
		if err != nil {
			return nil, err
		}
		what := opDestroyed
		if stays {
			what = opUpdated
		}
		entries = append(entries, entry{"Email", id, what})
	}
	return entries, nil
}

// Refile puts emails, which all lie in the same mailboxes, into exactly these. What goes
// from one into another is moved, one round trip; each further mailbox costs a round trip
// more.
func (a *Account) Refile(ctx context.Context, ids []jmap.Id, to []jmap.Id) (notFound []jmap.Id, err error) {
	for _, box := range to {
		if err := a.ready(ctx, box); err != nil {
			return nil, err
		}
	}
	var from []jmap.Id
	err = a.ask(ctx, func(s *state) error {
		for _, id := range ids {
			if p, ok := s.locate(id); ok {
				from = s.mailboxesOf(id, p)
			} else {
				notFound = append(notFound, id)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	without := func(list, other []jmap.Id) []jmap.Id {
		return slices.DeleteFunc(slices.Clone(list), func(id jmap.Id) bool { return slices.Contains(other, id) })
	}
	ids = without(ids, notFound)
	adds, removes := without(to, from), without(from, to)
	for len(adds) > 0 && len(removes) > 0 {
		gone, err := a.move(ctx, ids, removes[0], adds[0])
		if err != nil {
			return gone, err
		}
		notFound, ids = append(notFound, gone...), without(ids, gone)
		adds, removes = adds[1:], removes[1:]
	}
	for _, box := range adds {
		gone, err := a.copy(ctx, ids, box)
		if err != nil {
			return gone, err
		}
		notFound, ids = append(notFound, gone...), without(ids, gone)
	}
	for _, box := range removes {
		gone, err := a.each(ctx, ids, inMailbox(box), func(g *group) error { return a.expunge(ctx, g) })
		if err != nil {
			return gone, err
		}
		notFound, ids = append(notFound, gone...), without(ids, gone)
	}
	return notFound, nil
}

// copy puts emails into a further mailbox.
func (a *Account) copy(ctx context.Context, ids []jmap.Id, to jmap.Id) ([]jmap.Id, error) {
	return a.each(ctx, ids, whereRead, func(g *group) error {
		if _, g = a.alreadyIn(ctx, g, to); len(g.uids) == 0 {
			return nil
		}
		target, err := a.ref(ctx, to)
		if err != nil {
			return err
		}
		copied, err := a.store.Copy(ctx, g.ref, g.uids, target.Name)
		if err != nil {
			return err
		}
		if copied.UIDValidity != target.UIDValidity { // they are there, as emails of their own
			return setError(jmap.SetTooManyMailboxes, "the mail server does not say where it put the copy", "mailboxIds")
		}
		return a.ask(ctx, func(s *state) error { return a.applyCopy(s, g, to, copied) })
	})
}

// alreadyIn parts emails that lie in a mailbox as well from those that do not.
func (a *Account) alreadyIn(ctx context.Context, g *group, mailbox jmap.Id) (there, others *group) {
	one, two := *g, *g
	there, others = &one, &two
	there.uids, others.uids = nil, nil
	// Where the account is closing nothing is there, and what follows fails by itself.
	_ = a.ask(ctx, func(s *state) error {
		for _, uid := range g.uids {
			if len(inMailbox(mailbox)(s, g.ids[uid])) > 0 {
				there.uids = append(there.uids, uid)
			} else {
				others.uids = append(others.uids, uid)
			}
		}
		return nil
	})
	return there, others
}

func (a *Account) applyCopy(s *state, g *group, to jmap.Id, copied upstream.Moved) error {
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
		saved, err := savedFacts(tx, from, g.uids)
		if err != nil {
			return err
		}
		var arrived, unread []uint32
		var news []fact
		for _, uid := range g.uids {
			newUID, ok := copied.UIDs[uid]
			if !ok {
				continue
			}
			id := g.ids[uid]
			if err := a.joinPlace(tx, s, id, place{target.row, target.gen, newUID}); err != nil {
				return err
			}
			arrived = append(arrived, newUID)
			if from.unread.Contains(uid) {
				unread = append(unread, newUID)
			}
			if f, known := saved[uid]; known {
				f.uid = newUID
				s.index.move(target.row, f)
				news = append(news, f)
			}
			entries = append(entries, entry{"Email", id, opUpdated})
		}
		target.uids, target.unread = target.uids.With(arrived...), target.unread.With(unread...)
		entries = append(entries, s.counted(target)...)
		if err := saveFacts(tx, target, news); err != nil {
			return err
		}
		return a.saveMailbox(tx, target, upstream.UIDSet{})
	})
}

// expunge removes the messages of a group for good.
func (a *Account) expunge(ctx context.Context, g *group) error {
	if err := a.store.Expunge(ctx, g.ref, g.uids); err != nil {
		return err
	}
	return a.ask(ctx, func(s *state) error {
		m, err := s.byID(g.mailbox)
		if err != nil {
			return err
		}
		entries := s.lostThreads(m, g.uids)
		return a.commit(s, &entries, func(tx *sql.Tx) error {
			places := make([]place, len(g.uids))
			for i, uid := range g.uids {
				places[i] = place{m.row, m.gen, uid}
			}
			more, err := a.goneFrom(tx, s, places)
			if err != nil {
				return err
			}
			gone := upstream.NewUIDSet(g.uids...)
			s.index.remove(m.row, gone)
			m.uids, m.unread = m.uids.Minus(gone), m.unread.Minus(gone)
			entries = append(append(entries, more...), s.counted(m)...)
			return a.saveMailbox(tx, m, gone)
		})
	})
}

// ready makes sure that there is a mailbox to put emails into.
func (a *Account) ready(ctx context.Context, mailbox jmap.Id) error {
	_, err := a.Spine(ctx, mailbox)
	if isGone(err) || errors.Is(err, method.ErrNotFound) {
		return setError(jmap.SetInvalidProperties, "there is no such mailbox", "mailboxIds")
	}
	return err
}

// Which places of an email something is done at.
type places func(s *state, id jmap.Id) []place

func whereRead(s *state, id jmap.Id) []place {
	if p, ok := s.locate(id); ok {
		return []place{p}
	}
	return nil
}

func everywhere(s *state, id jmap.Id) []place { return s.places(id) }

func inMailbox(mailbox jmap.Id) places {
	return func(s *state, id jmap.Id) []place {
		return slices.DeleteFunc(s.places(id), func(p place) bool { return mailboxID(p.mailbox) != mailbox })
	}
}

func loadCopies(ctx context.Context, cfg Config, s *state) error {
	found, err := cfg.DB.QueryContext(ctx, `SELECT id, mailbox, gen, uid FROM account_copy WHERE account = ?`, cfg.ID)
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
		s.also[id] = append(s.also[id], p)
		s.aliasOf[p] = id
	}
	return found.Err()
}
