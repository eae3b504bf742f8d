package store

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Op is a set of changes to emails that the bridge has not confirmed yet. It is
// shown from Begin on and ends with Settle.
type Op struct {
	changes map[jmap.Id]Change
	inverse map[jmap.Id]Change
	counted []counted
}

// Changes are the changes by email: only those that do something.
func (op *Op) Changes() map[jmap.Id]Change { return op.changes }

// Inverse takes the op back, as far as there is a way back.
func (op *Op) Inverse() map[jmap.Id]Change { return op.inverse }

// Empty reports whether there is nothing to do.
func (op *Op) Empty() bool { return len(op.changes) == 0 }

// Mark is a moment between settled ops. Data asked for at a mark may lack what
// was settled later; Apply… puts that on top, so that a late answer does not
// bring back what is past.
type Mark uint64

type settledOp struct {
	op *Op
	at Mark
}

// Ask marks the moment a request for emails goes out. Each Ask needs one Answered.
func (a *Account) Ask() Mark {
	a.asked[a.mark]++
	return a.mark
}

// Answered says that the request marked m is over.
func (a *Account) Answered(m Mark) {
	if a.asked[m]--; a.asked[m] <= 0 {
		delete(a.asked, m)
	}
	a.settled = slices.DeleteFunc(a.settled, func(s settledOp) bool {
		for m := range a.asked {
			if s.at >= m {
				return false
			}
		}
		return true
	})
}

// Begin shows changes at once and keeps them on top of whatever the bridge says
// until Settle. What is so already is left out: an Empty op needs no Settle.
func (a *Account) Begin(changes map[jmap.Id]Change) *Op {
	op := &Op{changes: make(map[jmap.Id]Change, len(changes)), inverse: make(map[jmap.Id]Change, len(changes))}
	for id, c := range changes {
		if e := a.emails.byId[id]; e != nil {
			effective, inverse := c.on(&e.shown)
			if effective.empty() {
				continue
			}
			op.counted = append(op.counted, effective.countsOf(&e.shown)...)
			op.changes[id], op.inverse[id] = effective, inverse
		} else if !c.empty() { // a row that was forgotten: do it unseen
			op.changes[id] = c
			if !c.Whole {
				op.inverse[id] = c.flipped()
			}
		}
	}
	if op.Empty() {
		return op
	}
	a.ops = append(a.ops, op)
	a.showAll(op)
	if op.moves() {
		for _, l := range a.showing() {
			l.rearrange()
		}
	}
	a.countAll(op.counted, 1)
	return op
}

// Settle ends an op: what was refused is taken back, the rest is confirmed.
// refused may be nil.
func (a *Account) Settle(op *Op, refused func(jmap.Id) bool) {
	i := slices.Index(a.ops, op)
	if i < 0 {
		return
	}
	a.countAll(op.counted, -1)
	a.ops = slices.Delete(a.ops, i, i+1)
	all := &Op{changes: op.changes}
	if refused != nil {
		op.changes = make(map[jmap.Id]Change, len(all.changes))
		for id, c := range all.changes {
			if refused(id) {
				delete(op.inverse, id)
			} else {
				op.changes[id] = c
			}
		}
		op.counted = slices.DeleteFunc(op.counted, func(c counted) bool { return refused(c.email) })
	}
	if len(a.asked) > 0 {
		a.settled = append(a.settled, settledOp{op, a.mark})
	}
	a.mark++
	for _, c := range op.counted {
		a.count(c.mailbox, c.counts, true)
	}
	var destroyed []jmap.Id
	for id, c := range op.changes {
		if e := a.emails.byId[id]; e != nil {
			c.apply(&e.confirmed)
		}
		if c.Destroy {
			destroyed = append(destroyed, id)
		}
	}
	a.showAll(all)
	if all.moves() {
		for _, l := range a.showing() {
			l.settle(op)
		}
	}
	a.EmailsGone(destroyed)
}

// moves reports whether the op can make lists longer or shorter.
func (op *Op) moves() bool {
	for _, c := range op.changes {
		if len(c.Mailboxes) > 0 || c.Destroy {
			return true
		}
	}
	return false
}

// showAll shows the emails of op anew.
func (a *Account) showAll(op *Op) {
	for id := range op.changes {
		if e := a.emails.byId[id]; e != nil {
			a.show(e)
		}
	}
}

func (a *Account) countAll(list []counted, sign int) {
	for _, c := range list {
		a.count(c.mailbox, counts{sign * c.total, sign * c.unread}, false)
	}
}

// flipped takes the change back where nothing is known of what was before.
func (c Change) flipped() Change {
	f := Change{Keywords: make(map[string]bool, len(c.Keywords)), Mailboxes: make(map[jmap.Id]bool, len(c.Mailboxes))}
	for k, on := range c.Keywords {
		f.Keywords[k] = !on
	}
	for id, in := range c.Mailboxes {
		f.Mailboxes[id] = !in
	}
	return f
}
