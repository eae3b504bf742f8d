package store

import (
	"slices"
	"strconv"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// MailboxChange is what a person does with one mailbox; nil leaves a property as it is.
type MailboxChange struct {
	Id         jmap.Id // "" makes a new one
	Name       *string
	Parent     *jmap.Id // "" is the top level
	Subscribed *bool
	Destroy    bool // with all that is in it
}

// MailboxOp is a MailboxChange the bridge has not confirmed yet. It is shown from
// BeginMailbox on and ends with SettleMailbox.
type MailboxOp struct {
	MailboxChange
	shownAs jmap.Id
}

// New reports whether a mailbox is shown that the bridge has not made yet: nothing can
// be done with it.
func (a *Account) New(id jmap.Id) bool {
	return slices.ContainsFunc(a.mailboxes.ops, func(op *MailboxOp) bool { return op.Id == "" && op.shownAs == id })
}

// BeginMailbox shows a change at once, and keeps it on top of whatever the bridge says
// until SettleMailbox.
func (a *Account) BeginMailbox(c MailboxChange) *MailboxOp {
	op := &MailboxOp{MailboxChange: c, shownAs: c.Id}
	if c.Id == "" {
		a.store.nextId++
		op.shownAs = jmap.Id("new " + strconv.Itoa(a.store.nextId)) // no bridge's id has a space
	}
	a.mailboxes.ops = append(a.mailboxes.ops, op)
	a.mailboxesChanged()
	return op
}

// SettleMailbox ends an op. When it was done, id is the mailbox's; else the change is
// taken back.
func (a *Account) SettleMailbox(op *MailboxOp, id jmap.Id, done bool) {
	m := &a.mailboxes
	m.ops = slices.DeleteFunc(m.ops, func(o *MailboxOp) bool { return o == op })
	if done {
		op.shownAs = id
		op.apply(m.stored)
	}
	a.mailboxesChanged()
}

// apply makes the change to mailboxes by id.
func (op *MailboxOp) apply(all map[jmap.Id]*jmap.Mailbox) {
	if op.Destroy {
		delete(all, op.shownAs)
		return
	}
	box := all[op.shownAs]
	switch {
	case box != nil:
	case op.Id != "":
		return // it is gone
	default:
		box = &jmap.Mailbox{Id: op.shownAs, IsSubscribed: true}
		all[op.shownAs] = box
	}
	if op.Name != nil {
		box.Name = *op.Name
	}
	if op.Parent != nil {
		box.ParentId = nil
		if *op.Parent != "" {
			box.ParentId = op.Parent
		}
	}
	if op.Subscribed != nil {
		box.IsSubscribed = *op.Subscribed
	}
}

// Below reports whether a mailbox is another one or lies anywhere inside it.
func (a *Account) Below(id, ancestor jmap.Id) bool {
	for range len(a.mailboxes.shown) + 1 { // parents may go round in a circle
		if id == ancestor {
			return true
		}
		box := a.mailboxes.shown[id]
		if box == nil || box.ParentId == nil {
			return false
		}
		id = *box.ParentId
	}
	return false
}
