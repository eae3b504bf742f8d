package action

import (
	"maps"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// What is done to all messages of a list, also to those that were never looked at: their
// ids are collected first, so that what comes in meanwhile is left alone; then it is done
// to some at a time, oldest first: a mailbox shows last what came into it first, so that
// they stand there as they stood here. How far it is, what was refused and the way back show
// in store.Bulks and, when it is over, as a notice.

const (
	// bulkPage is how many ids are asked for at once.
	bulkPage = 500
	// bulkStep is how many messages are changed at once: few enough that the progress
	// moves, and that little is under way when somebody cancels.
	bulkStep = 200
)

// deed is what is done to each message.
type deed struct {
	doing  string
	done   text
	name   string // of the mailbox, for done
	change func(e *jmap.Email) store.Change
}

// bulk is a deed under way.
type bulk struct {
	x       *Actions
	account *store.Account
	deed    deed
	shown   *store.Bulk
	left    []jmap.Id
	failed  []jmap.Id
	why     error
	changed []jmap.Id // oldest first
	back    map[jmap.Id]store.Change
	stopped bool
}

// ArchiveAll moves all messages of a list to the Archive mailbox.
func (x *Actions) ArchiveAll(l *store.List) {
	x.moveAllToRole(l, jmap.RoleArchive, nil, textArchived)
}

// JunkAll moves all messages of a list to Junk, or as wanted ones from there to the Inbox.
func (x *Actions) JunkAll(l *store.List, junk bool) {
	keywords := map[string]bool{jmap.KeywordJunk: junk, jmap.KeywordNotJunk: !junk}
	if junk {
		x.moveAllToRole(l, jmap.RoleJunk, keywords, textJunked)
		return
	}
	x.moveAllToRole(l, jmap.RoleInbox, keywords, textMoved)
}

// DeleteAll moves all messages of a list to Trash.
func (x *Actions) DeleteAll(l *store.List) {
	x.moveAllToRole(l, jmap.RoleTrash, nil, textDeleted)
}

// MoveAll moves all messages of a list to a mailbox.
func (x *Actions) MoveAll(l *store.List, to jmap.Id) {
	if m := l.Account().Mailbox(to); m != nil {
		x.begin(l, moving(m, nil, textMoved))
	}
}

// DestroyAll destroys all messages of a list for good. There is no way back: ask first.
func (x *Actions) DestroyAll(l *store.List) {
	x.begin(l, deed{doing: textDestroying.String(), done: textDestroyed, change: func(*jmap.Email) store.Change {
		return store.Change{Destroy: true}
	}})
}

// MarkAll sets a keyword of all messages of a list, or takes it away.
func (x *Actions) MarkAll(l *store.List, keyword string, on bool) {
	x.begin(l, deed{doing: textMarking.String(), done: textMarked, change: func(e *jmap.Email) store.Change {
		return store.Change{Keywords: differing(e.Keywords, map[string]bool{keyword: on})}
	}})
}

func (x *Actions) moveAllToRole(l *store.List, role string, keywords map[string]bool, said text) {
	to := l.Account().Role(role)
	if to == nil {
		x.fail(textNoRole[role].String())
		return
	}
	x.begin(l, moving(to, keywords, said))
}

// moving is a move out of wherever a message lies.
func moving(to *jmap.Mailbox, keywords map[string]bool, said text) deed {
	return deed{doing: textMoving.String(), done: said, name: MailboxName(to), change: func(e *jmap.Email) store.Change {
		boxes := map[jmap.Id]bool{to.Id: true}
		for from := range e.MailboxIds {
			if from != to.Id {
				boxes[from] = false
			}
		}
		return store.Change{Mailboxes: differing(e.MailboxIds, boxes), Keywords: differing(e.Keywords, keywords)}
	}}
}

// differing is the part of changes that does something to set.
func differing[K comparable](set, changes map[K]bool) map[K]bool {
	out := maps.Clone(changes)
	maps.DeleteFunc(out, func(k K, on bool) bool { return set[k] == on })
	return out
}

// begin collects the messages of l and does it to them.
func (x *Actions) begin(l *store.List, d deed) {
	b := x.newBulk(l.Account(), d)
	b.shown.Cancel = func() { // nothing was done yet
		b.stopped = true
		x.store.DropBulk(b.shown)
	}
	found := func(int) bool { return !b.stopped }
	q := l.Query()
	q.Sort = store.Newest
	x.client.FindAll(b.account, q, bulkPage, found, func(ids []jmap.Id, err error) {
		if err != nil {
			x.store.DropBulk(b.shown)
			x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textNotFound, err)})
			return
		}
		slices.Reverse(ids)
		b.run(ids)
	})
}

func (x *Actions) newBulk(a *store.Account, d deed) *bulk {
	b := &bulk{x: x, account: a, deed: d, back: make(map[jmap.Id]store.Change), shown: &store.Bulk{Text: d.doing}}
	x.store.AddBulk(b.shown)
	return b
}

// run does it to these, after what was done before.
func (b *bulk) run(ids []jmap.Id) {
	b.left, b.failed, b.why, b.stopped = ids, nil, nil, false
	s := b.shown
	s.Text, s.Total, s.Failed, s.Over = b.deed.doing, s.Done+len(ids), 0, false
	s.Retry, s.Undo = nil, nil
	s.Cancel = func() {
		b.stopped = true
		s.Text, s.Cancel = textStopping.String(), nil
		b.x.store.BulkChanged()
	}
	b.step()
}

// step does it to the next few.
func (b *bulk) step() {
	b.x.store.BulkChanged()
	if b.stopped || len(b.left) == 0 {
		b.end()
		return
	}
	ids := b.left[:min(len(b.left), bulkStep)]
	b.left = b.left[len(ids):]
	b.x.client.Placed(b.account, ids, func(list []jmap.Email, err error) {
		if err != nil {
			b.refuse(ids, err)
			b.giveUp()
			return
		}
		changes := make(map[jmap.Id]store.Change, len(list))
		for i := range list {
			changes[list[i].Id] = b.deed.change(&list[i])
		}
		op := b.account.Begin(changes)
		if op.Empty() { // all of it is so, or gone
			b.shown.Done += len(ids)
			b.step()
			return
		}
		b.x.client.Commit(b.account, op, func(refused map[jmap.Id]error) { b.settle(ids, op, refused) })
	})
}

// settle counts what became of some.
func (b *bulk) settle(ids []jmap.Id, op *store.Op, refused map[jmap.Id]error) {
	inverse := op.Inverse()
	for _, id := range ids {
		if err := refused[id]; err != nil {
			b.refuse([]jmap.Id{id}, err)
			continue
		}
		b.shown.Done++
		if c := inverse[id]; len(c.Mailboxes)+len(c.Keywords) > 0 {
			b.back[id] = c
			b.changed = append(b.changed, id)
		}
	}
	if len(refused) == len(ids) {
		b.giveUp() // the rest would be refused as well
		return
	}
	b.step()
}

func (b *bulk) refuse(ids []jmap.Id, why error) {
	b.failed, b.why = append(b.failed, ids...), why
	b.shown.Failed = len(b.failed)
}

// giveUp leaves undone what is left.
func (b *bulk) giveUp() {
	if !b.stopped {
		b.refuse(b.left, b.why)
	}
	b.left = nil
	b.end()
}

// end says what was done, and what not.
func (b *bulk) end() {
	s := b.shown
	undo := b.undo()
	if len(b.failed) > 0 {
		s.Text, s.Over, s.Cancel, s.Undo = bulkFailure(s.Done, s.Done+len(b.failed), Reason(b.why)), true, nil, undo
		s.Retry = func() { b.run(b.failed) }
		b.x.store.BulkChanged()
		return
	}
	b.x.store.DropBulk(s)
	said := b.deed.done(s.Done, b.deed.name)
	if b.stopped {
		said = bulkStopped(s.Done, s.Total)
	}
	b.x.store.Notify(store.Notice{Kind: store.Info, Text: said, Undo: undo})
}

// undo takes back all that was done, once; nil when there is nothing to take back.
func (b *bulk) undo() func() {
	if len(b.changed) == 0 {
		return nil
	}
	x := b.x
	u := once(func() {
		x.last = nil
		x.store.DropBulk(b.shown)
		back := b.back
		x.newBulk(b.account, deed{doing: textUndoing.String(), done: textUndone, change: func(e *jmap.Email) store.Change {
			c := back[e.Id]
			return store.Change{Mailboxes: differing(e.MailboxIds, c.Mailboxes), Keywords: differing(e.Keywords, c.Keywords)}
		}}).run(slices.Clone(b.changed))
	})
	x.last = u
	return u
}
