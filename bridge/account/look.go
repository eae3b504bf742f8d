package account

import (
	"context"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// look is what the server says of a mailbox, and what is new in it.
type look struct {
	id    jmap.Id
	known upstream.Known
	snap  *upstream.Snapshot
	came  []upstream.Fact // nil when it is looked at for the first time, or too much came
}

// factsAtOnce is the most new messages that are taken into the index before anybody is
// told of them; the indexer takes the others.
const factsAtOnce = 1000

func (a *Account) look(ctx context.Context, id jmap.Id) (*look, error) {
	l := &look{id: id}
	var name string
	err := a.ask(ctx, func(s *state) error {
		m, err := s.byID(id)
		if err != nil {
			return err
		}
		name = m.info.Name
		l.known = upstream.Known{UIDValidity: m.uidValidity, HighestModSeq: m.modSeq, UIDs: m.uids, Watched: s.watched(m)}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if l.snap, err = a.store.Sync(ctx, name, l.known); err != nil {
		return nil, err
	}
	came := l.snap.UIDs.Minus(l.known.UIDs)
	if l.known.UIDValidity != l.snap.UIDValidity || came.Len() == 0 || came.Len() > factsAtOnce {
		return l, nil
	}
	err = a.store.Index(ctx, upstream.MailboxRef{Name: name, UIDValidity: l.snap.UIDValidity}, came, func(piece []upstream.Fact) error {
		l.came = append(l.came, piece...)
		return nil
	})
	if isGone(err) { // already: the next look will say so
		err = nil
	}
	return l, err
}

// whereElse looks at the mailboxes that messages may have been moved from or to: where
// the server gives messages names of their own, such messages keep their ids. It costs
// a round trip to find them when something is gone, and none when not.
func (a *Account) whereElse(ctx context.Context, looks []*look) ([]*look, error) {
	var ids []jmap.Id
	lost := false
	err := a.ask(ctx, func(s *state) error {
		ids, lost = s.movedFrom(looks)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if lost {
		statuses, err := a.store.Statuses(ctx)
		if err != nil {
			return nil, err
		}
		err = a.ask(ctx, func(s *state) error {
			ids = append(ids, s.different(statuses, looks)...)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	var out []*look
	for _, id := range slices.Compact(ids) {
		l, err := a.look(ctx, id)
		if isGone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}
