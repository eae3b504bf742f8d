package account

import (
	"database/sql"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// What another program moved keeps its id where the server gives messages names that
// go along (EMAILID of RFC 8474, X-GM-MSGID, X-GUID).

// movedFrom finds the mailboxes that what is new in looks may have come from; lost says
// that something went where nobody has looked.
func (s *state) movedFrom(looks []*look) (ids []jmap.Id, lost bool) {
	for _, l := range looks {
		m, err := s.byID(l.id)
		if err != nil || len(l.came) == 0 {
			continue
		}
		for _, other := range s.index.find(m.row, objectsOf(l.came)) {
			if id := mailboxID(other.row); !lookedAt(looks, id) {
				ids = append(ids, id)
			}
		}
	}
	var came []upstream.Fact
	for _, l := range looks {
		came = append(came, l.came...)
	}
	found := objectsOf(came)
	for _, l := range looks {
		m, err := s.byID(l.id)
		if err != nil || m.uidValidity != l.snap.UIDValidity {
			continue
		}
		gone := m.uids.Minus(l.snap.UIDs)
		if gone.Len() > factsAtOnce {
			continue // more than is followed one by one
		}
		for _, uid := range gone.All() {
			f, _ := s.index.get(m.row, uid)
			lost = lost || f.object != 0 && !found[f.object]
		}
	}
	return ids, lost
}

func objectsOf(facts []upstream.Fact) map[uint64]bool {
	out := map[uint64]bool{}
	for _, f := range facts {
		if f.ObjectID != "" {
			out[hashOf(f.ObjectID)] = true
		}
	}
	return out
}

func lookedAt(looks []*look, id jmap.Id) bool {
	for _, l := range looks {
		if l.id == id {
			return true
		}
	}
	return false
}

// different lists the mailboxes whose numbers are not those of the last look; looks are
// left out, and so is what nobody ever looked at.
func (s *state) different(statuses map[string]upstream.Status, looks []*look) []jmap.Id {
	var ids []jmap.Id
	for _, m := range s.mailboxes {
		st, ok := statuses[m.info.Name]
		if !ok || m.uidValidity == 0 || lookedAt(looks, m.id()) {
			continue
		}
		same := m.uidNext != 0 && st.UIDValidity == m.uidValidity && st.UIDNext == m.uidNext && int(st.Messages) == m.uids.Len()
		if st.HighestModSeq != 0 {
			same = same && st.HighestModSeq == m.modSeq
		} else {
			same = same && int(st.Unseen) == m.unread.Len()
		}
		if !same {
			ids = append(ids, m.id())
		}
	}
	return ids
}

// match pairs what is gone with what came: where each message lies now, and where it
// lay. own is messages that we moved and the server did not say where to, by the hash
// of their Message-ID.
func (s *state) match(diffs []*diff, own map[uint64]place) map[place]place {
	gone := map[uint64]place{}
	for _, d := range diffs {
		if d.m.uidValidity != d.snap.UIDValidity || d.gone.Len() > factsAtOnce {
			continue
		}
		for _, uid := range d.gone.All() {
			if f, _ := s.index.get(d.m.row, uid); f.object != 0 {
				gone[f.object] = place{d.m.row, d.m.gen, uid}
			}
		}
	}
	moved := map[place]place{}
	taken := map[place]bool{}
	pair := func(to, from place, ok bool) {
		if ok && !taken[from] && moved[to] == (place{}) && from.mailbox != to.mailbox && len(inMailbox(mailboxID(to.mailbox))(s, s.emailID(from))) == 0 {
			moved[to], taken[from] = from, true
		}
	}
	for _, d := range diffs {
		for _, f := range d.came {
			to := place{d.m.row, d.m.gen, f.UID}
			if f.ObjectID != "" {
				from, ok := gone[hashOf(f.ObjectID)]
				pair(to, from, ok)
			}
			if len(f.MessageID) > 0 {
				from, ok := own[hashOf(f.MessageID[0])]
				pair(to, from, ok)
			}
		}
	}
	return moved
}

// rename gives the message that lies at to the id it had at from, and all that is known
// of it.
func (a *Account) rename(tx *sql.Tx, s *state, from, to place) error {
	id := s.emailID(from)
	if i := slices.Index(s.also[id], from); i >= 0 {
		if err := a.forgetCopy(tx, s, id, i); err != nil {
			return err
		}
		if err := a.joinPlace(tx, s, id, to); err != nil {
			return err
		}
		return a.moveFact(tx, s, from, to)
	}
	delete(s.aliasOf, from)
	if err := a.alias(tx, s, id, to); err != nil {
		return err
	}
	if row, cached := s.rows.get(id); cached {
		row.UID = to.uid
	}
	return a.moveFact(tx, s, from, to)
}

// moveFact takes what the index knows of a message along.
func (a *Account) moveFact(tx *sql.Tx, s *state, from, to place) error {
	f, ok := s.index.get(from.mailbox, from.uid)
	source, target := s.mailboxes[from.mailbox], s.mailboxes[to.mailbox]
	if !ok || source == nil || target == nil {
		return nil
	}
	saved, err := savedFacts(tx, source, []uint32{from.uid})
	if err != nil {
		return err
	}
	f.id, f.uid = saved[from.uid].id, to.uid
	s.index.move(target.row, f)
	return saveFacts(tx, target, []fact{f})
}
