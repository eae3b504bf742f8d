package store

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Sweep is work on all emails of a mailbox that takes a while: it is done in steps, and
// can be stopped between two of them.
type Sweep struct {
	Mailbox jmap.Id
	// Change is what becomes of each email; Unread says that only unread ones are meant.
	Change Change
	Unread bool
	// Done of Total emails are done; of the others so many were refused, or are being
	// changed in the same way already.
	Done, Total, Refused, Same int
	Cancelled                  bool
}

// Sweeps are the ones at work.
func (a *Account) Sweeps() []*Sweep { return a.sweeps }

// BeginSweep notes a sweep that begins.
func (a *Account) BeginSweep(w *Sweep) {
	a.sweeps = append(a.sweeps, w)
	a.store.changed(PartMailboxes)
}

// SweepChanged has a sweep's figures shown.
func (a *Account) SweepChanged() { a.store.changed(PartMailboxes) }

// EndSweep forgets a sweep.
func (a *Account) EndSweep(w *Sweep) {
	a.sweeps = slices.DeleteFunc(a.sweeps, func(o *Sweep) bool { return o == w })
	a.store.changed(PartMailboxes)
}
