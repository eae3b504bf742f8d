package action

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// Archive moves messages to the Archive mailbox.
func (x *Actions) Archive(a *store.Account, ids ...jmap.Id) {
	x.moveToRole(a, ids, jmap.RoleArchive, nil, textArchived)
}

// Junk moves messages to the Junk mailbox and marks them as junk.
func (x *Actions) Junk(a *store.Account, ids ...jmap.Id) {
	x.moveToRole(a, ids, jmap.RoleJunk, map[string]bool{jmap.KeywordJunk: true, jmap.KeywordNotJunk: false}, textJunked)
}

// NotJunk moves messages from Junk to the Inbox and marks them as wanted.
func (x *Actions) NotJunk(a *store.Account, ids ...jmap.Id) {
	x.moveToRole(a, ids, jmap.RoleInbox, map[string]bool{jmap.KeywordJunk: false, jmap.KeywordNotJunk: true}, textMoved)
}

// Delete moves messages to Trash. What is in Trash already is destroyed for
// good, and only when confirmed; else Delete reports true: ask the person, then
// call it again. What waits to be sent is not sent any more.
func (x *Actions) Delete(a *store.Account, confirmed bool, ids ...jmap.Id) (ask bool) {
	trash := a.Role(jmap.RoleTrash)
	if trash == nil {
		x.fail(textNoRole[jmap.RoleTrash].String())
		return false
	}
	var out, gone []jmap.Id
	for _, id := range ids {
		if e := a.Email(id); e != nil && e.Email().MailboxIds[trash.Id] {
			gone = append(gone, id)
		} else {
			out = append(out, id)
		}
	}
	if len(gone) > 0 && !confirmed {
		return true
	}
	if len(gone) > 0 {
		x.change(a, each(gone, store.Change{Destroy: true}), textNotDeleted.String())
	}
	x.move(a, out, trash, nil, textDeleted)
	for _, id := range ids {
		if s := a.Leaving(id); s != nil {
			x.StopSending(a, s, func() { x.store.Notify(store.Notice{Kind: store.Info, Text: textNotGoing.String()}) })
		}
	}
	return false
}

// Move moves messages to a mailbox.
func (x *Actions) Move(a *store.Account, to jmap.Id, ids ...jmap.Id) {
	if m := a.Mailbox(to); m != nil {
		x.move(a, ids, m, nil, textMoved)
	}
}

// MoveTo moves messages of an account to a mailbox of the same or another one. To another
// they are copied; what was copied well is then taken away here.
func (x *Actions) MoveTo(a, to *store.Account, mailbox jmap.Id, ids ...jmap.Id) {
	m := to.Mailbox(mailbox)
	switch {
	case a == to:
		x.Move(a, mailbox, ids...)
	case m != nil:
		x.moveAcross(a, to, m, ids)
	}
}

func (x *Actions) moveAcross(a, to *store.Account, m *jmap.Mailbox, ids []jmap.Id) {
	from := map[jmap.Id]jmap.Id{} // where it comes from, for the way back
	for _, id := range ids {
		if e := a.Email(id); e != nil {
			for box := range e.Email().MailboxIds {
				from[id] = box
			}
		}
	}
	op := a.Begin(each(ids, store.Change{Destroy: true}))
	if op.Empty() {
		return
	}
	x.client.MoveAcross(a, to, m.Id, op, func(moved map[jmap.Id]jmap.Id, refused map[jmap.Id]error) {
		if len(refused) > 0 {
			x.store.Notify(store.Notice{Kind: store.Failure, Text: refusalText(textNotMoved.String(), refused)})
		}
		if len(moved) == 0 {
			return
		}
		back := map[jmap.Id][]jmap.Id{}
		for was, is := range moved {
			if box := from[was]; box != "" {
				back[box] = append(back[box], is)
			}
		}
		undo := once(func() {
			x.last = nil
			for box, ids := range back {
				x.MoveTo(to, a, box, ids...)
			}
		})
		x.last = undo
		x.store.Notify(store.Notice{Kind: store.Info, Text: textMoved(len(moved), m.Name+" ("+to.Name()+")"), Undo: undo})
	})
}

func (x *Actions) moveToRole(a *store.Account, ids []jmap.Id, role string, keywords map[string]bool, said text) {
	to := a.Role(role)
	if to == nil {
		x.fail(textNoRole[role].String())
		return
	}
	x.move(a, ids, to, keywords, said)
}

func (x *Actions) move(a *store.Account, ids []jmap.Id, to *jmap.Mailbox, keywords map[string]bool, said text) {
	changes := make(map[jmap.Id]store.Change, len(ids))
	for _, id := range ids {
		boxes := map[jmap.Id]bool{to.Id: true}
		e := a.Email(id)
		known := e != nil && len(e.Email().MailboxIds) > 0
		if known {
			for from := range e.Email().MailboxIds {
				if from != to.Id {
					boxes[from] = false
				}
			}
		}
		changes[id] = store.Change{Mailboxes: boxes, Keywords: keywords, Whole: !known}
	}
	op := x.change(a, changes, textNotMoved.String())
	if op.Empty() {
		return
	}
	undo := once(func() {
		x.last = nil
		x.change(a, op.Inverse(), textNotUndone.String())
	})
	x.last = undo
	x.store.Notify(store.Notice{Kind: store.Info, Text: said(len(op.Changes()), MailboxName(to)), Undo: undo})
}

// Undo takes back the last move, archive, delete or junk; nothing when there is
// none. Each is taken back once, here or by its notice.
func (x *Actions) Undo() {
	if x.last != nil {
		x.last()
	}
}

func (x *Actions) fail(t string) {
	x.store.Notify(store.Notice{Kind: store.Warning, Text: t})
}
