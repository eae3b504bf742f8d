package client

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// sweepStep is how many emails a sweep changes at once: few enough that its progress is
// seen, and that other changes come in between.
const sweepStep = 250

// Sweep does a sweep to its end, or until it is cancelled. done gets what went wrong, nil
// when all was done.
func (c *Client) Sweep(a *store.Account, s *store.Sweep, done func(error)) {
	a.BeginSweep(s)
	c.sweep(a, s, func(err error) {
		a.EndSweep(s)
		done(err)
	})
}

func (c *Client) sweep(a *store.Account, s *store.Sweep, done func(error)) {
	w := c.accounts[a.Id()]
	if s.Cancelled {
		done(nil)
		return
	}
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		filter := jmap.EmailFilter{InMailbox: s.Mailbox}
		if s.Unread {
			filter.NotKeyword = jmap.KeywordSeen
		}
		limit := min(sweepStep, c.limits.MaxObjectsInSet)
		// What was not changed is found again each time, and passed over.
		found := ask[jmap.QueryResponse](b, "Email/query", jmap.QueryRequest[jmap.EmailFilter]{
			AccountId: a.Id(), Filter: &filter, Position: s.Same + s.Refused, Limit: &limit, CalculateTotal: true,
		})
		return func(err error) {
			switch {
			case lost(err):
				c.sweep(a, s, done) // goes out once the way is open again
			case firstError(err, found.Err()) != nil:
				done(firstError(err, found.Err()))
			case len(found.Value.Ids) == 0:
				done(nil)
			default:
				if t := found.Value.Total; t != nil {
					s.Total = s.Done + *t
				}
				c.sweepSome(a, s, found.Value.Ids, done)
			}
		}
	}})
}

// sweepSome changes some emails, and goes on.
func (c *Client) sweepSome(a *store.Account, s *store.Sweep, ids []jmap.Id, done func(error)) {
	a.SweepChanged()
	changes := make(map[jmap.Id]store.Change, len(ids))
	for _, id := range ids {
		changes[id] = s.Change
	}
	op := a.Begin(changes)
	if op.Empty() { // they are on their way to it
		s.Same += len(ids)
		c.sweep(a, s, done)
		return
	}
	c.Commit(a, op, func(refused map[jmap.Id]error) {
		s.Done += len(ids) - len(refused)
		s.Refused += len(refused)
		a.SweepChanged()
		if len(refused) == len(ids) { // it would not go better with the next ones
			for _, err := range refused {
				done(err)
				return
			}
		}
		c.sweep(a, s, done)
	})
}
