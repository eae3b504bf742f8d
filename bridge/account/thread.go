package account

import (
	"context"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Threads gives the emails of threads, oldest first.
func (a *Account) Threads(ctx context.Context, ids []jmap.Id) (map[jmap.Id][]jmap.Id, error) {
	if err := a.Indexed(ctx); err != nil {
		return nil, err
	}
	out := map[jmap.Id][]jmap.Id{}
	err := a.ask(ctx, func(s *state) error {
		for _, id := range ids {
			thread, ok := method.ParseThreadID(id)
			if !ok {
				continue
			}
			for _, m := range s.index.members(thread) {
				box := s.mailboxes[m.row]
				if box == nil {
					continue
				}
				if email := s.emailID(place{m.row, box.gen, m.uid}); !slices.Contains(out[id], email) {
					out[id] = append(out[id], email)
				}
			}
		}
		return nil
	})
	return out, err
}

// lostThreads says what it means for threads that messages of a mailbox are gone. The
// index still has them.
func (s *state) lostThreads(m *mailbox, gone []uint32) []entry {
	if len(gone) > journalMost { // nobody will be told one by one
		return nil
	}
	lost := map[uint64]int{}
	for _, uid := range gone {
		if f, ok := s.index.get(m.row, uid); ok {
			lost[f.thread]++
		}
	}
	var entries []entry
	for thread, n := range lost {
		what := opUpdated
		if len(s.index.members(thread)) == n {
			what = opDestroyed
		}
		entries = append(entries, entry{"Thread", method.ThreadID(thread), what})
	}
	return entries
}

// threadOf is the thread of a message as far as the index goes, else what its own
// header says.
func (s *state) threadOf(p place, row *upstream.Row) jmap.Id {
	if f, ok := s.index.get(p.mailbox, p.uid); ok {
		return method.ThreadID(f.thread)
	}
	return method.ThreadID(s.index.guess(&upstream.Fact{
		MessageID: row.Envelope.MessageID, InReplyTo: row.Envelope.InReplyTo, References: row.Envelope.References, ThreadID: row.ThreadID,
	}, string(p.emailID())))
}

// spineOf is a mailbox's messages with what the index says of them.
func (s *state) spineOf(m *mailbox) method.Spine {
	row, gen, x := m.row, m.gen, s.index
	// Only what moved goes by another id than its place says.
	moved, places, shared := map[uint32]jmap.Id{}, map[jmap.Id]uint32{}, map[uint32]bool{}
	for p, id := range s.aliasOf {
		if p.mailbox == row && p.gen == gen {
			moved[p.uid], places[id] = id, p.uid
		}
	}
	for id := range s.also {
		for _, p := range s.places(id) {
			if p.mailbox == row && p.gen == gen {
				shared[p.uid] = true
			}
		}
	}
	return method.Spine{
		Mailbox: m.id(),
		UIDs:    m.uids,
		Shared:  shared,
		EmailID: func(uid uint32) jmap.Id {
			if id, ok := moved[uid]; ok {
				return id
			}
			return place{row, gen, uid}.emailID()
		},
		UID: func(id jmap.Id) (uint32, bool) {
			if uid, ok := places[id]; ok {
				return uid, true
			}
			p, ok := parseEmailID(id)
			_, taken := moved[p.uid]
			return p.uid, ok && !taken && p.mailbox == row && p.gen == gen
		},
		Thread: func(uid uint32) (uint64, bool) {
			f, ok := x.get(row, uid)
			return f.thread, ok
		},
		ReceivedAt: func(uid uint32) (time.Time, bool) {
			f, ok := x.get(row, uid)
			return time.Unix(int64(f.at), 0).UTC(), ok
		},
	}
}

// elsewhere says which other mailboxes' counts are others when messages of one were read
// or are unread again: those that have something of the same threads.
func (s *state) elsewhere(m *mailbox, uids []uint32) []entry {
	if len(uids) > factsAtOnce || !s.indexed { // each mailbox is told soon anyway
		return nil
	}
	rows := map[int64]bool{m.row: true}
	var entries []entry
	for _, uid := range uids {
		f, ok := s.index.get(m.row, uid)
		if !ok {
			continue
		}
		for _, other := range s.index.members(f.thread) {
			if box := s.mailboxes[other.row]; box != nil && !rows[other.row] {
				rows[other.row] = true
				entries = append(entries, entry{"Mailbox", box.id(), opCounts})
			}
		}
	}
	return entries
}
