package method

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// maxRowsRead is how many rows one query may have the mail server read, where
	// neither it nor the spine can answer: a second or two for each ten thousand.
	maxRowsRead = 20_000
	// rowsSlice of them are read at once.
	rowsSlice = 500
)

// matcher finds out which emails of an account match and in which order, for one query.
type matcher struct {
	account Account
	spines  []Spine // of the mailboxes that are looked at, in order of their ids
	// single: it is one mailbox that is asked for, and is there.
	single bool
	every  []Spine // of all mailboxes, once they are needed
	// searched is what the server found in this query already, by mailbox and keyword.
	searched map[jmap.Id]map[string]upstream.UIDSet
	dates    map[ref]int64 // of messages that are not indexed yet
	rowsRead int
}

// match gives those of the messages within that a filter holds for. A tree that the
// server can answer costs one search; of others, what it can answer does, and the rest is
// worked out here, the cheapest first.
func (m *matcher) match(ctx context.Context, s Spine, f *emailFilter, within upstream.UIDSet) (upstream.UIDSet, error) {
	switch {
	case within.Len() == 0 || f.isNone():
		return upstream.UIDSet{}, nil
	case f.isEvery():
		return within, nil
	case f.property == "hasKeyword" || f.property == "notKeyword":
		return m.matchKeyword(ctx, s, f, within)
	case f.isByServer():
		found, err := m.search(ctx, s, f.forServer(), firstOf(within, s))
		return found.Intersect(within), err
	case looksAtDates(f.property):
		return m.matchDate(ctx, s, f, within)
	case looksAtThreads(f.property):
		return m.matchThread(ctx, s, f, within)
	case f.property == "hasAttachment":
		return m.matchAttachment(ctx, s, *f.condition.HasAttachment, within)
	}
	return m.matchOperator(ctx, s, f, within)
}

// firstOf is the UID from which on the server is to look: a server without an index reads
// each message it is to look at. 0: at all of the mailbox.
func firstOf(within upstream.UIDSet, s Spine) uint32 {
	if first := within.At(0); first != s.UIDs.At(0) {
		return first
	}
	return 0
}

// search has the server search; in a mailbox that is gone meanwhile nothing is found.
func (m *matcher) search(ctx context.Context, s Spine, filter *jmap.EmailFilter, from uint32) (upstream.UIDSet, error) {
	found, err := m.account.Search(ctx, s.Mailbox, filter, from)
	if isGone(err) {
		return upstream.UIDSet{}, nil
	}
	return found, err
}

func (m *matcher) matchOperator(ctx context.Context, s Spine, f *emailFilter, within upstream.UIDSet) (upstream.UIDSet, error) {
	left := within // AND: what held so far; OR, NOT: what nothing held for
	for _, below := range f.steps() {
		found, err := m.match(ctx, s, &below, left)
		if err != nil {
			return found, err
		}
		if f.operator == "AND" {
			left = found
		} else {
			left = left.Minus(found)
		}
	}
	if f.operator == "OR" {
		return within.Minus(left), nil
	}
	return left, nil
}

// steps is what is below an operator in the order it is worked out, with all that the
// server can answer as one. Where dates bound a search, the server is told of them, a
// day more than is asked for: it compares days, in a zone of its own.
func (f *emailFilter) steps() []emailFilter {
	together := emailFilter{operator: f.operator}
	if f.operator == "NOT" {
		together.operator = "OR"
	}
	var out []emailFilter
	for _, below := range f.below {
		if below.isByServer() {
			together.below = append(together.below, below)
		} else {
			out = append(out, below)
		}
	}
	slices.SortStableFunc(out, func(a, b emailFilter) int { return a.cost() - b.cost() })
	if len(together.below) == 0 {
		return out
	}
	if f.operator == "AND" {
		for _, below := range out {
			switch below.property {
			case "before":
				together.below = append(together.below, emailFilter{property: "before", condition: jmap.EmailFilter{Before: below.date().Add(24 * time.Hour)}})
			case "after":
				together.below = append(together.below, emailFilter{property: "after", condition: jmap.EmailFilter{After: below.date().Add(-24 * time.Hour)}})
			}
		}
		together = emailFilter{property: wholeFilter, condition: *together.forServer()}
	}
	at := slices.IndexFunc(out, func(b emailFilter) bool { return b.cost() > 0 })
	if at < 0 {
		at = len(out)
	}
	return slices.Insert(out, at, together)
}

// cost orders conditions by what they need: the spine, a search in every mailbox, rows.
func (f *emailFilter) cost() int {
	switch {
	case f.any(func(property string) bool { return property == "hasAttachment" }):
		return 2
	case f.any(looksAtThreads):
		return 1
	}
	return 0
}

// matchKeyword asks the server once a query for a keyword.
func (m *matcher) matchKeyword(ctx context.Context, s Spine, f *emailFilter, within upstream.UIDSet) (upstream.UIDSet, error) {
	having, err := m.having(ctx, s, *f.text())
	if f.property == "notKeyword" {
		return within.Minus(having), err
	}
	return within.Intersect(having), err
}

// having gives the messages of a mailbox that have a keyword.
func (m *matcher) having(ctx context.Context, s Spine, keyword string) (upstream.UIDSet, error) {
	if found, ok := m.searched[s.Mailbox][keyword]; ok || s.UIDs.Len() == 0 {
		return found, nil
	}
	found, err := m.search(ctx, s, &jmap.EmailFilter{HasKeyword: keyword}, 0)
	if err != nil {
		return found, err
	}
	if m.searched == nil {
		m.searched = map[jmap.Id]map[string]upstream.UIDSet{}
	}
	if m.searched[s.Mailbox] == nil {
		m.searched[s.Mailbox] = map[string]upstream.UIDSet{}
	}
	m.searched[s.Mailbox][keyword] = found
	return found, nil
}

// matchDate compares the dates of the spine. What is not indexed yet is asked of the
// server as far as its days go, and rows for the rest.
func (m *matcher) matchDate(ctx context.Context, s Spine, f *emailFilter, within upstream.UIDSet) (upstream.UIDSet, error) {
	holds := func(received time.Time) bool { return received.Before(f.date()) == (f.property == "before") }
	var found, unknown upstream.UIDSetBuilder
	for first, last := range within.Ranges() {
		for uid := uint64(first); uid <= uint64(last); uid++ {
			received, ok := s.ReceivedAt(uint32(uid))
			switch {
			case !ok:
				unknown.AddRange(uint32(uid), uint32(uid))
			case holds(received):
				found.AddRange(uint32(uid), uint32(uid))
			}
		}
	}
	open := unknown.Set()
	if open.Len() == 0 {
		return found.Set(), nil
	}
	certain, doubtful, err := m.matchDays(ctx, s, f, open)
	if err != nil {
		return upstream.UIDSet{}, err
	}
	var more []uint32
	err = m.rows(ctx, s, doubtful, func(uid uint32, row *Row) {
		if holds(row.ReceivedAt) {
			more = append(more, uid)
		}
	})
	return found.Set().Union(certain).With(more...), err
}

// matchDays has the server compare days: those that surely match, and those that may.
func (m *matcher) matchDays(ctx context.Context, s Spine, f *emailFilter, open upstream.UIDSet) (certain, doubtful upstream.UIDSet, err error) {
	if open.Len() <= rowsSlice {
		return certain, open, nil
	}
	const margin = 48 * time.Hour
	at := func(d time.Duration) *jmap.EmailFilter {
		if f.property == "before" {
			return &jmap.EmailFilter{Before: f.date().Add(d)}
		}
		return &jmap.EmailFilter{After: f.date().Add(-d)}
	}
	possible, err := m.search(ctx, s, at(margin), 0)
	if err != nil {
		return certain, doubtful, err
	}
	certain, err = m.search(ctx, s, at(-margin), 0)
	certain = certain.Intersect(open)
	return certain, possible.Intersect(open).Minus(certain), err
}

// matchAttachment reads rows, newest first, of what is not known from earlier queries.
// Ten thousand take a second or two the first time, and none later.
func (m *matcher) matchAttachment(ctx context.Context, s Spine, want bool, within upstream.UIDSet) (upstream.UIDSet, error) {
	memory := m.account.Memory()
	known := memory.attachmentsOf(s.mark())
	var looked, with []uint32
	err := m.rows(ctx, s, within.Minus(known.known), func(uid uint32, row *Row) {
		looked = append(looked, uid)
		if row.Root != nil && row.Root.HasAttachment() {
			with = append(with, uid)
		}
	})
	memory.keepAttachments(s.mark(), upstream.NewUIDSet(looked...), upstream.NewUIDSet(with...))
	if err != nil {
		return upstream.UIDSet{}, err
	}
	known = memory.attachmentsOf(s.mark())
	if want {
		return within.Intersect(known.with), nil
	}
	return within.Intersect(known.known).Minus(known.with), nil
}

var errTooManyRows = errors.New("more rows than one query may read")

// rows reads rows slice by slice, newest first. More than a query may read is
// errTooManyRows, and what was read until then was given to take.
func (m *matcher) rows(ctx context.Context, s Spine, uids upstream.UIDSet, take func(uid uint32, row *Row)) error {
	for end := uids.Len(); end > 0; end -= rowsSlice {
		start := max(end-rowsSlice, 0)
		if m.rowsRead += end - start; m.rowsRead > maxRowsRead {
			return errTooManyRows
		}
		ids := make([]jmap.Id, 0, end-start)
		of := make(map[jmap.Id]uint32, end-start)
		for i := end - 1; i >= start; i-- {
			uid := uids.At(i)
			id := s.EmailID(uid)
			ids = append(ids, id)
			of[id] = uid
		}
		rows, err := m.account.Rows(ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if row, ok := rows[id]; ok {
				take(of[id], &row)
			}
		}
	}
	return nil
}

// spineOf reads the spine of a mailbox; false when it is not there, or holds no emails.
func spineOf(ctx context.Context, a Account, mailbox jmap.Id) (Spine, bool, error) {
	s, err := a.Spine(ctx, mailbox)
	if isGone(err) {
		return s, false, nil
	}
	return s, err == nil, err
}

// everySpine reads the spines of all mailboxes, in order of their ids.
func (m *matcher) everySpine(ctx context.Context) ([]Spine, error) {
	if m.every != nil {
		return m.every, nil
	}
	if err := m.account.Memory().refresh(ctx, m.account); err != nil {
		return nil, err
	}
	mailboxes, err := m.account.Mailboxes(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]jmap.Id, 0, len(mailboxes))
	for _, mb := range mailboxes {
		if mb.MyRights.MayReadItems {
			ids = append(ids, mb.Id)
		}
	}
	m.every, err = m.spinesOf(ctx, ids)
	return m.every, err
}

func (m *matcher) spinesOf(ctx context.Context, ids []jmap.Id) ([]Spine, error) {
	slices.SortFunc(ids, compareIDs)
	out := make([]Spine, 0, len(ids))
	for _, id := range ids {
		s, ok, err := spineOf(ctx, m.account, id)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, s)
		}
	}
	return out, nil
}

// compareIDs orders ids as the numbers in them are: shorter ones first.
func compareIDs(a, b jmap.Id) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
