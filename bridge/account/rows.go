package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// group is emails of one mailbox.
type group struct {
	mailbox jmap.Id
	row     int64
	gen     int
	ref     upstream.MailboxRef
	uids    []uint32
	ids     map[uint32]jmap.Id
}

// locateAll groups emails by the mailbox they are in, at those of their places that are
// asked for; ids that lead nowhere are in notFound.
func (a *Account) locateAll(ctx context.Context, ids []jmap.Id, where places) (groups []*group, notFound []jmap.Id, err error) {
	if err := a.ensureListed(ctx); err != nil {
		return nil, nil, err
	}
	err = a.ask(ctx, func(s *state) error {
		byRow := map[int64]*group{}
		for _, id := range ids {
			found := where(s, id)
			if len(found) == 0 {
				notFound = append(notFound, id)
			}
			for _, p := range found {
				g := byRow[p.mailbox]
				if g == nil {
					m := s.mailboxes[p.mailbox]
					g = &group{mailbox: m.id(), row: m.row, gen: m.gen, ref: m.ref(), ids: map[uint32]jmap.Id{}}
					byRow[p.mailbox] = g
					groups = append(groups, g)
				}
				if _, twice := g.ids[p.uid]; !twice {
					g.uids = append(g.uids, p.uid)
				}
				g.ids[p.uid] = id
			}
		}
		return nil
	})
	return groups, notFound, err
}

// Rows gives what lists show of these emails.
func (a *Account) Rows(ctx context.Context, ids []jmap.Id) (map[jmap.Id]method.Row, error) {
	out := make(map[jmap.Id]method.Row, len(ids))
	groups, _, err := a.locateAll(ctx, ids, whereRead)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if err := a.groupRows(ctx, g, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *Account) groupRows(ctx context.Context, g *group, out map[jmap.Id]method.Row) error {
	var missing []uint32
	err := a.ask(ctx, func(s *state) error {
		for _, uid := range g.uids {
			if row, ok := s.rows.get(g.ids[uid]); ok {
				out[g.ids[uid]] = s.methodRow(place{g.row, g.gen, uid}, *row)
			} else {
				missing = append(missing, uid)
			}
		}
		return nil
	})
	if err != nil || len(missing) == 0 {
		return err
	}
	rows, err := a.store.Rows(ctx, g.ref, missing)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.ask(ctx, func(s *state) error {
		for _, row := range rows {
			id, asked := g.ids[row.UID]
			if !asked {
				continue
			}
			if p, ok := s.locate(id); ok && p == (place{g.row, g.gen, row.UID}) {
				s.rows.put(id, row)
			}
			out[id] = s.methodRow(place{g.row, g.gen, row.UID}, row)
		}
		return nil
	})
}

func (s *state) methodRow(p place, row upstream.Row) method.Row {
	return method.Row{Row: row, Mailboxes: s.mailboxesOf(s.emailID(p), p), Thread: s.threadOf(p, &row)}
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:12])
}

// one locates a single email.
func (a *Account) one(ctx context.Context, id jmap.Id) (upstream.MailboxRef, uint32, error) {
	groups, notFound, err := a.locateAll(ctx, []jmap.Id{id}, whereRead)
	if err == nil && len(notFound) > 0 {
		err = method.ErrNotFound
	}
	if err != nil {
		return upstream.MailboxRef{}, 0, err
	}
	return groups[0].ref, groups[0].uids[0], nil
}

// Read reads sections of one email in one round trip.
func (a *Account) Read(ctx context.Context, id jmap.Id, sections []upstream.Section) ([][]byte, error) {
	ref, uid, err := a.one(ctx, id)
	if err != nil {
		return nil, err
	}
	return a.store.Read(ctx, ref, uid, sections)
}

// ref is a mailbox as the server must be told.
func (a *Account) ref(ctx context.Context, id jmap.Id) (upstream.MailboxRef, error) {
	var ref upstream.MailboxRef
	err := a.ask(ctx, func(s *state) error {
		m, err := s.byID(id)
		if err == nil {
			ref = m.ref()
		}
		return err
	})
	return ref, err
}

// Search gives the messages of a mailbox that match, of those with UIDs from the given
// one on (0: all).
func (a *Account) Search(ctx context.Context, mailbox jmap.Id, filter *jmap.EmailFilter, from uint32) (upstream.UIDSet, error) {
	ref, err := a.ref(ctx, mailbox)
	if err != nil {
		return upstream.UIDSet{}, err
	}
	return a.store.Search(ctx, ref, filter, from)
}

// Sort gives the messages of a mailbox that match, in order.
func (a *Account) Sort(ctx context.Context, mailbox jmap.Id, filter *jmap.EmailFilter, sort []jmap.Comparator) ([]uint32, error) {
	ref, err := a.ref(ctx, mailbox)
	if err != nil {
		return nil, err
	}
	return a.store.Sort(ctx, ref, filter, sort)
}
