package screen

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// conversation is what the reader shows: the open message and those it belongs with.
//
// What it costs does not depend on how many they are. Opening it is one request: the bodies
// of what it opens with (store.Account.OpensWith: at most 14 messages) and that they were
// read. The rows of a thread came with the list; those that did not are fetched for the
// lines near the viewport, some 35 at a time and about 0.5 KB each. In the page are those
// messages and lines and nothing of the others: see arrange.
type conversation struct {
	ids   []jmap.Id
	fresh map[jmap.Id]bool // was unread when it came to be seen
	turns map[jmap.Id]bool // folded or unfolded by hand: true, unfolded
	lines map[jmap.Id]bool // was among "earlier messages" that were asked for
	facts map[jmap.Id]bool // whose details are shown
	looks map[jmap.Id]*beside
	seen  map[jmap.Id]lineWindow // which lines are drawn, by the first of the stretch
	focus string                 // the element that gets the focus once it is drawn
}

// attend puts the conversation of the open message into the reader, and what came to it
// since. It fetches what is unfolded, and marks it read.
func (s *Screen) attend(a *store.Account) {
	if s.route.Email == "" || s.draft != "" {
		return
	}
	ids := []jmap.Id{s.route.Email}
	if s.inThreads() {
		ids = slices.DeleteFunc(a.Conversation(s.route.Email), func(id jmap.Id) bool {
			e := a.Email(id)
			return id != s.route.Email && e != nil && e.Has(jmap.KeywordDraft)
		})
	}
	if slices.Equal(ids, s.talk.ids) {
		return
	}
	if !slices.Contains(s.talk.ids, s.route.Email) {
		s.talk = conversation{
			fresh: map[jmap.Id]bool{}, turns: map[jmap.Id]bool{}, lines: map[jmap.Id]bool{}, facts: map[jmap.Id]bool{},
			seen: map[jmap.Id]lineWindow{},
		}
	}
	for _, id := range a.OpensWith(ids, s.route.Email) {
		if e := a.Email(id); e != nil && !e.Has(jmap.KeywordSeen) && !slices.Contains(s.talk.ids, id) {
			s.talk.fresh[id] = true
		}
	}
	s.talk.ids = ids
	s.read(a, s.do.OpenEmails(a, s.nearIds(), s.unfolded))
	s.showWindow() // and the rows of its lines
	s.changed()
}

// inThreads reports whether the list shows conversations.
func (s *Screen) inThreads() bool { return s.list != nil && s.list.Query().Threads }

// unfolded reports whether a message of the conversation is shown whole: the one that was
// opened, the last, what was unread, and what the person unfolded.
func (s *Screen) unfolded(id jmap.Id) bool {
	if open, chosen := s.talk.turns[id]; chosen {
		return open
	}
	last := len(s.talk.ids) - 1
	return id == s.route.Email || s.talk.fresh[id] || last >= 0 && s.talk.ids[last] == id
}

// unfold shows a message whole, or its first line only.
func (s *Screen) unfold(id jmap.Id) {
	s.talk.turns[id] = !s.unfolded(id)
	s.talk.focus = idTurn(id)
	if a := s.account(); a != nil && s.talk.turns[id] {
		s.read(a, s.do.OpenEmails(a, s.nearIds(), func(other jmap.Id) bool { return other == id }))
	}
	s.changed()
}

// whole is the messages that an action on rows is about: of a conversation, all that lie
// in the mailbox on screen, unless it is unfolded.
func (s *Screen) whole(ids []jmap.Id) []jmap.Id {
	if !s.inThreads() {
		return ids
	}
	var out []jmap.Id
	for _, of := range s.shares(ids) {
		rows := slices.DeleteFunc(slices.Clone(of.ids), s.apart)
		alone := slices.DeleteFunc(slices.Clone(of.ids), func(id jmap.Id) bool { return !s.apart(id) })
		out = append(append(out, of.account.Together(rows, s.boxOf(of.account))...), alone...)
	}
	return out
}

// talkRev rises whenever a message of a conversation changes.
func talkRev(a *store.Account, ids []jmap.Id) uint64 {
	rev := uint64(len(ids))
	for _, id := range ids {
		if e := a.Email(id); e != nil {
			rev = max(rev, e.Revision())
		}
	}
	return rev
}
