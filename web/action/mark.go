package action

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// MarkRead marks messages as read.
func (x *Actions) MarkRead(a *store.Account, ids ...jmap.Id) {
	x.keyword(a, ids, jmap.KeywordSeen, true)
}

// MarkUnread marks messages as unread.
func (x *Actions) MarkUnread(a *store.Account, ids ...jmap.Id) {
	x.keyword(a, ids, jmap.KeywordSeen, false)
}

// Star sets or takes away the star of messages.
func (x *Actions) Star(a *store.Account, on bool, ids ...jmap.Id) {
	x.keyword(a, ids, jmap.KeywordFlagged, on)
}

func (x *Actions) keyword(a *store.Account, ids []jmap.Id, keyword string, on bool) {
	x.change(a, each(ids, store.Change{Keywords: map[string]bool{keyword: on}}), textNotMarked.String())
}

// each makes the same change to every email.
func each(ids []jmap.Id, c store.Change) map[jmap.Id]store.Change {
	changes := make(map[jmap.Id]store.Change, len(ids))
	for _, id := range ids {
		changes[id] = c
	}
	return changes
}

// change shows changes, sends them, and says so when they are refused.
func (x *Actions) change(a *store.Account, changes map[jmap.Id]store.Change, refusal string) *store.Op {
	op := a.Begin(changes)
	if op.Empty() {
		return op
	}
	x.client.Commit(a, op, func(refused map[jmap.Id]error) {
		if len(refused) > 0 {
			x.store.Notify(store.Notice{Kind: store.Failure, Text: refusalText(refusal, refused)})
		}
	})
	return op
}
