package method

import (
	"cmp"
	"context"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxDatesRead is how many emails of a mailbox have their rows read for the date, while
// the index of dates is still being made.
const maxDatesRead = 1000

// unknownDate is before all others.
const unknownDate = -1 << 62

// dated is a message with when it was received, in Unix seconds.
type dated struct {
	at int64
	ref
}

// newestReceived sorts newest first; of one second, as the mailboxes come, and in each
// the highest UID first.
func newestReceived(all []dated) []ref {
	slices.SortFunc(all, func(a, b dated) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.spine, b.spine), cmp.Compare(b.uid, a.uid))
	})
	out := make([]ref, len(all))
	for i, d := range all {
		out[i] = d.ref
	}
	return out
}

// receivedAt is when a message was received, in Unix seconds, or unknownDate.
func (m *matcher) receivedAt(r ref) int64 {
	if at, ok := m.dates[r]; ok {
		return at
	}
	if at, ok := m.spines[r.spine].ReceivedAt(r.uid); ok {
		return at.Unix()
	}
	return unknownDate
}

// merged gives messages of all spines, newest received first.
func (m *matcher) merged(ctx context.Context, found []upstream.UIDSet) ([]ref, error) {
	all := []dated{}
	for i, uids := range found {
		list, _, err := m.withDates(ctx, i, uids)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return m.once(newestReceived(all)), nil
}

// once leaves out what was listed already: an email that is in several mailboxes.
func (m *matcher) once(refs []ref) []ref {
	seen := map[jmap.Id]bool{}
	return slices.DeleteFunc(refs, func(r ref) bool {
		s := &m.spines[r.spine]
		if !s.Shared[r.uid] {
			return false
		}
		id := s.EmailID(r.uid)
		again := seen[id]
		seen[id] = true
		return again
	})
}

// byDate gives messages of the only spine, newest received first. The order of a whole
// mailbox is remembered, and brought up to date when messages came and went.
func (m *matcher) byDate(ctx context.Context, uids upstream.UIDSet) ([]ref, error) {
	s, memory := m.spines[0], m.account.Memory()
	whole := uids.Len() == s.UIDs.Len()
	if o := memory.order(s.mark()); whole && o != nil {
		if refs, ok := m.updated(o, uids); ok {
			memory.keepOrder(&dateOrder{s.mark(), uids, refs})
			return refs, nil
		}
	}
	all, complete, err := m.withDates(ctx, 0, uids)
	if err != nil {
		return nil, err
	}
	refs := newestReceived(all)
	if whole && complete {
		memory.keepOrder(&dateOrder{s.mark(), uids, refs})
	}
	return refs, nil
}

// updated brings an order up to date, where that is less work than to sort anew.
func (m *matcher) updated(o *dateOrder, uids upstream.UIDSet) ([]ref, bool) {
	came, gone := uids.Minus(o.uids), o.uids.Minus(uids)
	if came.Len()+gone.Len() == 0 {
		return o.refs, true
	}
	if came.Len() > 1000 {
		return nil, false
	}
	fresh := make([]dated, 0, came.Len())
	for _, uid := range came.All() {
		at := m.receivedAt(ref{0, uid})
		if at == unknownDate {
			return nil, false
		}
		fresh = append(fresh, dated{at, ref{0, uid}})
	}
	add := newestReceived(fresh)
	out := make([]ref, 0, uids.Len())
	for _, r := range o.refs {
		for len(add) > 0 && m.isNewer(add[0], r) {
			out, add = append(out, add[0]), add[1:]
		}
		if gone.Len() == 0 || !gone.Contains(r.uid) {
			out = append(out, r)
		}
	}
	return append(out, add...), true
}

func (m *matcher) isNewer(a, b ref) bool {
	return cmp.Or(cmp.Compare(m.receivedAt(a), m.receivedAt(b)), cmp.Compare(a.uid, b.uid)) > 0
}

// withDates finds the dates of messages. Of those that are not indexed yet the newest
// have their rows read; the others are taken to be older than all, in order of UIDs, and
// complete is false.
func (m *matcher) withDates(ctx context.Context, spine int, uids upstream.UIDSet) (all []dated, complete bool, err error) {
	all = make([]dated, 0, uids.Len())
	var unknown upstream.UIDSetBuilder
	for first, last := range uids.Ranges() {
		for uid := uint64(first); uid <= uint64(last); uid++ {
			r := ref{uint32(spine), uint32(uid)}
			at := m.receivedAt(r)
			if at == unknownDate {
				unknown.AddRange(r.uid, r.uid)
				continue
			}
			all = append(all, dated{at, r})
		}
	}
	open := unknown.Set()
	if open.Len() == 0 {
		return all, true, nil
	}
	if m.dates == nil {
		m.dates = map[ref]int64{}
	}
	err = m.rows(ctx, m.spines[spine], newestOf(open, maxDatesRead), func(uid uint32, row *Row) {
		m.dates[ref{uint32(spine), uid}] = row.ReceivedAt.Unix()
	})
	for _, uid := range open.All() {
		r := ref{uint32(spine), uid}
		all = append(all, dated{m.receivedAt(r), r})
	}
	return all, false, err
}

// newestOf is the n highest of some UIDs.
func newestOf(uids upstream.UIDSet, n int) upstream.UIDSet {
	if uids.Len() <= n {
		return uids
	}
	var older upstream.UIDSetBuilder
	older.AddRange(1, uids.At(uids.Len()-n-1))
	return uids.Minus(older.Set())
}
