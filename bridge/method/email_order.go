package method

import (
	"context"
	"errors"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// EmailSorts is what Email/query sorts by (RFC 8621 §4.4.2).
var EmailSorts = []string{
	"receivedAt", "sentAt", "size", "from", "to", "subject", "hasKeyword", "allInThreadHaveKeyword", "someInThreadHaveKeyword",
}

// serverSorts is what the server is asked to sort by; see order.
var serverSorts = []string{"size", "sentAt", "subject"}

func isEmailSort(by jmap.Comparator) bool { return slices.Contains(EmailSorts, by.Property) }

// order puts what was found in order, found being the messages of each spine.
//
// One mailbox that is asked for without a sort is in the order of its UIDs, newest first: that is the order
// of arrival there, and costs nothing. Several are merged by receivedAt, newest first.
// Whatever a sort finds equal stays in that order.
//
// receivedAt is known here. For size, sentAt and subject of one mailbox the server sorts,
// where it can: RFC 8621 means for these what RFC 5256 says. It never does for from and
// to, where its order is that of addresses, not of the names people see. Which of them
// sorts depends on nothing but the query and the server, so that an account's order is
// always the same. What is left is sorted here by what rows say, of at most maxRowsRead
// emails that are not known yet.
func (m *matcher) order(ctx context.Context, found []upstream.UIDSet, sort []jmap.Comparator) (*emailHits, error) {
	out := &emailHits{spines: m.spines}
	var err error
	switch {
	case m.single && len(sort) == 0:
		return newestFirst(m.spines[0], found[0]), nil
	case m.single && isByServerSort(sort):
		if out.refs, err = m.serverSort(ctx, found[0], sort); !errors.Is(err, upstream.ErrUnsupported) {
			return out, err
		}
	case !m.single:
		if out.refs, err = m.merged(ctx, found); err != nil || len(sort) == 0 {
			return out, err
		}
	case sort[0].Property == "receivedAt" && !sort[0].Ascending():
		if out.refs, err = m.byDate(ctx, found[0]); err != nil || len(sort) == 1 {
			return out, err
		}
		out.refs = slices.Clone(out.refs) // the order is remembered as it is
	}
	if out.refs == nil {
		out.refs = newestFirst(m.spines[0], found[0]).all()
	}
	return out, m.sort(ctx, out, sort)
}

func isByServerSort(sort []jmap.Comparator) bool {
	return slices.Contains(serverSorts, sort[0].Property) && !slices.ContainsFunc(sort, func(by jmap.Comparator) bool {
		return by.Property != "receivedAt" && !slices.Contains(serverSorts, by.Property)
	})
}

// serverSort has the server sort the messages of the only spine.
func (m *matcher) serverSort(ctx context.Context, found upstream.UIDSet, sort []jmap.Comparator) ([]ref, error) {
	// RFC 5256 §3: what is equal is in the order of the mailbox, oldest first, also under
	// REVERSE. So the opposite is asked for, and read from its end.
	opposite := make([]jmap.Comparator, len(sort))
	for i, by := range sort {
		up := !by.Ascending()
		opposite[i] = jmap.Comparator{Property: by.Property, IsAscending: &up}
	}
	uids, err := m.account.Sort(ctx, m.spines[0].Mailbox, nil, opposite)
	if err != nil {
		return nil, err
	}
	refs := make([]ref, 0, found.Len())
	listed := make(map[uint32]bool, found.Len())
	for _, uid := range slices.Backward(uids) {
		if found.Contains(uid) && !listed[uid] {
			listed[uid] = true
			refs = append(refs, ref{0, uid})
		}
	}
	return refs, nil // without what was expunged meanwhile
}
