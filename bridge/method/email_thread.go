package method

import (
	"context"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// matchThread looks at the keywords of all emails of a thread, in whatever mailbox. It
// costs a search in every mailbox for each keyword, once a query.
func (m *matcher) matchThread(ctx context.Context, s Spine, f *emailFilter, within upstream.UIDSet) (upstream.UIDSet, error) {
	keyword := *f.text()
	var found upstream.UIDSet
	var err error
	if f.property == "allInThreadHaveKeyword" {
		found, err = m.withThread(ctx, s, keyword, true, within)
	} else {
		found, err = m.withThread(ctx, s, keyword, false, within)
	}
	if f.property == "someInThreadHaveKeyword" {
		return found, err
	}
	return within.Minus(found), err
}

// withThread gives those of some messages in whose thread an email has a keyword or, with
// lacking, one has not.
func (m *matcher) withThread(ctx context.Context, s Spine, keyword string, lacking bool, within upstream.UIDSet) (upstream.UIDSet, error) {
	every, err := m.everySpine(ctx)
	if err != nil {
		return upstream.UIDSet{}, err
	}
	var threads []uint64
	for _, other := range every {
		emails, err := m.emailsWith(ctx, other, keyword, lacking)
		if err != nil {
			return upstream.UIDSet{}, err
		}
		threads = appendThreads(threads, other, emails)
	}
	slices.Sort(threads)
	threads = slices.Compact(threads)
	own, err := m.emailsWith(ctx, s, keyword, lacking)
	if err != nil {
		return upstream.UIDSet{}, err
	}
	var out upstream.UIDSetBuilder
	for first, last := range within.Ranges() {
		for uid := uint64(first); uid <= uint64(last); uid++ {
			holds := own.Contains(uint32(uid)) // right for an email that is its own thread
			if t, ok := s.Thread(uint32(uid)); ok && !holds {
				_, holds = slices.BinarySearch(threads, t)
			}
			if holds {
				out.AddRange(uint32(uid), uint32(uid))
			}
		}
	}
	return out.Set(), nil
}

// emailsWith gives the messages of a mailbox that have a keyword or, with lacking, have
// it not.
func (m *matcher) emailsWith(ctx context.Context, s Spine, keyword string, lacking bool) (upstream.UIDSet, error) {
	having, err := m.having(ctx, s, keyword)
	if err != nil || !lacking {
		return having, err
	}
	return s.UIDs.Minus(having), nil
}

// appendThreads adds the threads of some messages.
func appendThreads(threads []uint64, s Spine, emails upstream.UIDSet) []uint64 {
	for first, last := range emails.Ranges() {
		for uid := uint64(first); uid <= uint64(last); uid++ {
			if t, ok := s.Thread(uint32(uid)); ok {
				threads = append(threads, t)
			}
		}
	}
	return threads
}
