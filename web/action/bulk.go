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
	change func(a *store.Account, e *jmap.Email) store.Change
}

// bulk is a deed under way.
type bulk struct {
	x       *Actions
	deed    deed
	shown   *store.Bulk
	left    heaps
	failed  heaps
	why     error
	changed heaps // oldest first
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
		x.begin(l, []*store.Account{l.Account()}, moving(toOne(m), nil, textMoved, MailboxName(m)))
	}
}

// DestroyAll destroys all messages of a list for good. There is no way back: ask first.
func (x *Actions) DestroyAll(l *store.List) {
	x.begin(l, l.Account().Parts(), deed{doing: textDestroying.String(), done: textDestroyed, change: func(*store.Account, *jmap.Email) store.Change {
		return store.Change{Destroy: true}
	}})
}

// MarkAll sets a keyword of all messages of a list, or takes it away.
func (x *Actions) MarkAll(l *store.List, keyword string, on bool) {
	x.begin(l, l.Account().Parts(), deed{doing: textMarking.String(), done: textMarked, change: func(_ *store.Account, e *jmap.Email) store.Change {
		return store.Change{Keywords: differing(e.Keywords, map[string]bool{keyword: on})}
	}})
}

func (x *Actions) moveAllToRole(l *store.List, role string, keywords map[string]bool, said text) {
	var able []*store.Account
	name := ""
	for _, a := range l.Account().Parts() {
		if to := a.Role(role); to != nil {
			able, name = append(able, a), MailboxName(to)
		}
	}
	if len(able) < len(l.Account().Parts()) {
		x.fail(textNoRole[role].String())
	}
	if len(able) > 0 {
		x.begin(l, able, moving(func(a *store.Account) *jmap.Mailbox { return a.Role(role) }, keywords, said, name))
	}
}

func toOne(m *jmap.Mailbox) func(*store.Account) *jmap.Mailbox {
	return func(*store.Account) *jmap.Mailbox { return m }
}

// moving is a move out of wherever a message lies, to a mailbox of its account.
func moving(into func(a *store.Account) *jmap.Mailbox, keywords map[string]bool, said text, name string) deed {
	return deed{doing: textMoving.String(), done: said, name: name, change: func(a *store.Account, e *jmap.Email) store.Change {
		to := into(a)
		if to == nil { // it was taken away meanwhile
			return store.Change{}
		}
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

// begin collects the messages of l that are of some accounts, and does it to them.
func (x *Actions) begin(l *store.List, accounts []*store.Account, d deed) {
	b := x.newBulk(d)
	b.shown.Cancel = func() { // nothing was done yet
		b.stopped = true
		x.store.DropBulk(b.shown)
	}
	b.collect(l, accounts, nil)
}

// collect looks up the messages of l, account by account; all is what was found so far.
func (b *bulk) collect(l *store.List, accounts []*store.Account, all heaps) {
	if len(accounts) == 0 {
		b.run(all)
		return
	}
	a, rest := accounts[0], accounts[1:]
	q := l.Query()
	q.Sort = store.Newest
	if q.Filter = l.FilterFor(a); q.Filter == nil { // it has nothing of the kind
		b.collect(l, rest, all)
		return
	}
	found := func(int) bool { return !b.stopped }
	b.x.client.FindAll(a, q, bulkPage, found, func(ids []jmap.Id, err error) {
		if err != nil {
			b.x.store.DropBulk(b.shown)
			b.x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textNotFound, err)})
			return
		}
		slices.Reverse(ids)
		b.collect(l, rest, all.add(a, ids))
	})
}

func (x *Actions) newBulk(d deed) *bulk {
	b := &bulk{x: x, deed: d, back: make(map[jmap.Id]store.Change), shown: &store.Bulk{Text: d.doing}}
	x.store.AddBulk(b.shown)
	return b
}

// run does it to these, after what was done before.
func (b *bulk) run(all heaps) {
	b.left, b.failed, b.why, b.stopped = all, nil, nil, false
	s := b.shown
	s.Text, s.Total, s.Failed, s.Over = b.deed.doing, s.Done+all.size(), 0, false
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
	if b.stopped || b.left.size() == 0 {
		b.end()
		return
	}
	a, ids := b.left.take(bulkStep)
	b.x.client.Placed(a, ids, func(list []jmap.Email, err error) {
		if err != nil {
			b.refuse(a, ids, err)
			b.giveUp(a)
			return
		}
		changes := make(map[jmap.Id]store.Change, len(list))
		for i := range list {
			changes[list[i].Id] = b.deed.change(a, &list[i])
		}
		op := a.Begin(changes)
		if op.Empty() { // all of it is so, or gone
			b.shown.Done += len(ids)
			b.step()
			return
		}
		b.x.client.Commit(a, op, func(refused map[jmap.Id]error) { b.settle(a, ids, op, refused) })
	})
}

// settle counts what became of some.
func (b *bulk) settle(a *store.Account, ids []jmap.Id, op *store.Op, refused map[jmap.Id]error) {
	inverse := op.Inverse()
	for _, id := range ids {
		if err := refused[id]; err != nil {
			b.refuse(a, []jmap.Id{id}, err)
			continue
		}
		b.shown.Done++
		if c := inverse[id]; len(c.Mailboxes)+len(c.Keywords) > 0 {
			b.back[id] = c
			b.changed = b.changed.add(a, []jmap.Id{id})
		}
	}
	if len(refused) == len(ids) {
		b.giveUp(a) // the rest would be refused as well
		return
	}
	b.step()
}

func (b *bulk) refuse(a *store.Account, ids []jmap.Id, why error) {
	b.failed, b.why = b.failed.add(a, ids), why
	b.shown.Failed = b.failed.size()
}

// giveUp leaves undone what is left of an account.
func (b *bulk) giveUp(a *store.Account) {
	left := b.left.of(a)
	b.left = b.left.without(a)
	if !b.stopped {
		b.refuse(a, left, b.why)
	}
	b.step()
}

// end says what was done, and what not.
func (b *bulk) end() {
	s := b.shown
	undo := b.undo()
	if b.failed.size() > 0 {
		s.Text, s.Over, s.Cancel, s.Undo = bulkFailure(s.Done, s.Done+b.failed.size(), Reason(b.why)), true, nil, undo
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
	if b.changed.size() == 0 {
		return nil
	}
	x := b.x
	u := once(func() {
		x.last = nil
		x.store.DropBulk(b.shown)
		back := b.back
		x.newBulk(deed{doing: textUndoing.String(), done: textUndone, change: func(_ *store.Account, e *jmap.Email) store.Change {
			c := back[e.Id]
			return store.Change{Mailboxes: differing(e.MailboxIds, c.Mailboxes), Keywords: differing(e.Keywords, c.Keywords)}
		}}).run(b.changed.clone())
	})
	x.last = u
	return u
}
