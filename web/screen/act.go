package screen

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// What keys, buttons and rows do with messages. Each is about targets, unless it
// is told which.

// remove does what takes messages out of the list, and shows what comes next.
func (s *Screen) remove(ids []jmap.Id, do func(a *store.Account, ids []jmap.Id)) {
	shares := s.shares(s.whole(ids))
	if len(shares) == 0 {
		return
	}
	then := s.leaving(ids)
	for _, of := range shares {
		do(of.account, of.ids)
	}
	s.selection = selection{}
	s.open = ""
	then()
	s.changed()
}

func (s *Screen) archive(ids []jmap.Id) {
	if s.bulk(ids, s.do.ArchiveAll) {
		return
	}
	s.remove(ids, func(a *store.Account, ids []jmap.Id) { s.do.Archive(a, ids...) })
}

func (s *Screen) junk(ids []jmap.Id) {
	if s.bulk(ids, func(l *store.List) { s.do.JunkAll(l, !s.junkShown()) }) {
		return
	}
	s.remove(ids, func(a *store.Account, ids []jmap.Id) {
		if s.junkShown() {
			s.do.NotJunk(a, ids...)
			return
		}
		s.do.Junk(a, ids...)
	})
}

// junkShown reports whether the mailbox on screen is the one for junk.
func (s *Screen) junkShown() bool {
	m := s.account().Mailbox(s.route.Mailbox)
	return m != nil && m.HasRole(jmap.RoleJunk)
}

// moveTo moves messages to a mailbox, which may be another account's.
func (s *Screen) moveTo(to *store.Account, mailbox jmap.Id, ids []jmap.Id) {
	if s.list != nil && to == s.list.Account() && s.bulk(ids, func(l *store.List) { s.do.MoveAll(l, mailbox) }) {
		return
	}
	s.remove(ids, func(a *store.Account, ids []jmap.Id) { s.do.MoveTo(a, to, mailbox, ids...) })
}

// remove for good is asked about first.
func (s *Screen) delete(ids []jmap.Id) {
	if s.account() == nil || len(ids) == 0 || s.bulk(ids, s.deleteAll) {
		return
	}
	then := s.leaving(ids)
	ask := false
	for _, of := range s.shares(s.whole(ids)) {
		ask = s.do.Delete(of.account, false, of.ids...) || ask
	}
	if ask {
		s.ask(confirmation{
			Title: wordsDeleteForever(len(ids)), Text: words.T("This cannot be undone."), Button: words.T("Delete for good"),
			do: func() {
				s.remove(ids, func(a *store.Account, ids []jmap.Id) { s.do.Delete(a, true, ids...) })
			},
		})
		return
	}
	s.selection = selection{}
	then()
	s.changed()
}

// star sets the star of all, or takes it away where all have it: of a conversation, the
// star of its newest message, or any it has.
func (s *Screen) star(ids []jmap.Id) {
	on := !s.allStarred(ids)
	if len(ids) == 0 || s.bulk(ids, func(l *store.List) { s.do.MarkAll(l, jmap.KeywordFlagged, on) }) {
		return
	}
	if !on {
		ids = s.whole(ids)
	}
	for _, of := range s.shares(ids) {
		s.do.Star(of.account, on, of.ids...)
	}
	s.changed()
}

// unread reports whether any of the messages is unread.
func (s *Screen) unread(ids []jmap.Id) bool {
	for _, id := range s.whole(ids) {
		if e := s.accountOf(id).Email(id); e != nil && !e.Has(jmap.KeywordSeen) {
			return true
		}
	}
	return false
}

func (s *Screen) mark(read bool, ids []jmap.Id) {
	if len(ids) == 0 || s.bulk(ids, func(l *store.List) { s.do.MarkAll(l, jmap.KeywordSeen, read) }) {
		return
	}
	if read {
		ids = s.whole(ids)
	}
	for _, of := range s.shares(ids) {
		if read {
			s.do.MarkRead(of.account, of.ids...)
		} else {
			s.do.MarkUnread(of.account, of.ids...)
		}
	}
	s.changed()
}

// turnStar takes the star of those that have one, else it gives one: of a conversation, to
// its newest message.
func (s *Screen) turnStar(ids []jmap.Id) {
	starred := slices.DeleteFunc(slices.Clone(ids), func(id jmap.Id) bool { return !s.hasStar(id) })
	if len(starred) == 0 {
		starred = ids[:1]
	}
	s.star(starred)
}

// turnRead marks as read what is unread, else all of it as unread: of a conversation, its
// newest message.
func (s *Screen) turnRead(ids []jmap.Id) { s.mark(s.unread(ids), ids) }

func (s *Screen) compose() {
	if a := s.account(); a != nil {
		s.drawer = false
		s.composerOpened(s.do.ComposeNew(a))
	}
}

// answer opens a composer with an answer to the open message.
func (s *Screen) answer(make func(a *store.Account, id jmap.Id) *store.Composer) {
	if s.opened() != nil {
		s.answerTo(s.route.Email, make)
	}
}

// answerTo opens a composer with an answer to a message of the conversation.
func (s *Screen) answerTo(id jmap.Id, make func(a *store.Account, id jmap.Id) *store.Composer) {
	if a := s.account(); a != nil {
		if c := make(a, id); c != nil {
			s.open = ""
			s.composerOpened(c)
		}
	}
}

// forwardAttached opens a composer that passes messages on as files.
func (s *Screen) forwardAttached(ids ...jmap.Id) {
	if a := s.account(); a != nil {
		if c := s.do.ForwardAttached(a, ids...); c != nil {
			s.open, s.selection = "", selection{}
			s.composerOpened(c)
		}
	}
}
