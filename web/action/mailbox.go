package action

import (
	"strings"
	"unicode"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// maxMailboxName is in octets (RFC 8621 §2).
const maxMailboxName = 255

// CheckMailboxName says what is wrong with a name for a mailbox inside parent ("" for the
// top level), "" if nothing is. id is the mailbox that is to have it, "" for a new one.
func CheckMailboxName(a *store.Account, id, parent jmap.Id, name string) string {
	switch {
	case name == "":
		return textNameMissing.String()
	case len(name) > maxMailboxName:
		return textNameLong.String()
	case strings.ContainsFunc(name, unicode.IsControl):
		return textNameBad.String()
	}
	for _, row := range a.Mailboxes() {
		m := row.Mailbox
		above := jmap.Id("")
		if m.ParentId != nil {
			above = *m.ParentId
		}
		if m.Id != id && above == parent && strings.EqualFold(m.Name, name) {
			return textNameTaken.String()
		}
	}
	return ""
}

// CreateMailbox makes a mailbox inside parent, "" for the top level. made, which may be
// nil, gets its id.
func (x *Actions) CreateMailbox(a *store.Account, parent jmap.Id, name string, made func(jmap.Id)) {
	c := store.MailboxChange{Name: &name}
	if parent != "" {
		c.Parent = &parent
	}
	x.changeMailbox(a, c, textNotCreated.String(), made)
}

// RenameMailbox gives a mailbox another name.
func (x *Actions) RenameMailbox(a *store.Account, id jmap.Id, name string) {
	x.changeMailbox(a, store.MailboxChange{Id: id, Name: &name}, textNotRenamed.String(), nil)
}

// MoveMailbox puts a mailbox inside another, "" for the top level.
func (x *Actions) MoveMailbox(a *store.Account, id, parent jmap.Id) {
	x.changeMailbox(a, store.MailboxChange{Id: id, Parent: &parent}, textMailboxNotMoved.String(), nil)
}

// SubscribeMailbox has a mailbox shown in the tree, or not.
func (x *Actions) SubscribeMailbox(a *store.Account, id jmap.Id, on bool) {
	x.changeMailbox(a, store.MailboxChange{Id: id, Subscribed: &on}, textNotSubscribed.String(), nil)
}

// DeleteMailbox destroys a mailbox and all that is in it. Ask first.
func (x *Actions) DeleteMailbox(a *store.Account, id jmap.Id) {
	x.changeMailbox(a, store.MailboxChange{Id: id, Destroy: true}, textMailboxNotDeleted.String(), nil)
}

func (x *Actions) changeMailbox(a *store.Account, c store.MailboxChange, refusal string, made func(jmap.Id)) {
	x.client.CommitMailbox(a, a.BeginMailbox(c), func(id jmap.Id, err error) {
		switch {
		case err != nil:
			x.store.Notify(store.Notice{Kind: store.Failure, Text: refusal + ": " + Reason(err)})
		case made != nil:
			made(id)
		}
	})
}

// EmptyMailbox destroys all messages of a mailbox for good. Ask first.
func (x *Actions) EmptyMailbox(a *store.Account, id jmap.Id) {
	x.sweep(a, &store.Sweep{Mailbox: id, Change: store.Change{Destroy: true}}, textNotEmptied.String())
}

// MarkMailboxRead marks all messages of a mailbox as read.
func (x *Actions) MarkMailboxRead(a *store.Account, id jmap.Id) {
	read := store.Change{Keywords: map[string]bool{jmap.KeywordSeen: true}}
	x.sweep(a, &store.Sweep{Mailbox: id, Change: read, Unread: true}, textNotMarked.String())
}

// sweep begins a sweep, unless the mailbox has one.
func (x *Actions) sweep(a *store.Account, s *store.Sweep, refusal string) {
	for _, other := range a.Sweeps() {
		if other.Mailbox == s.Mailbox {
			return
		}
	}
	x.client.Sweep(a, s, func(err error) {
		switch {
		case err != nil:
			x.store.Notify(store.Notice{Kind: store.Failure, Text: refusal + ": " + Reason(err)})
		case s.Refused > 0:
			x.store.Notify(store.Notice{Kind: store.Failure, Text: refusal})
		}
	})
}

// StopSweep ends a sweep after the step it is at. What is done stays done.
func (x *Actions) StopSweep(a *store.Account, s *store.Sweep) {
	s.Cancelled = true
	a.SweepChanged()
}
