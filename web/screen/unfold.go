package screen

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// A conversation can be unfolded in the list. Then each of its messages is acted on by
// itself, and what is done to its row is done to all that lie in the mailbox.

// talkKey names a conversation of an account.
type talkKey struct{ account, thread jmap.Id }

// talkOf is the conversation of a message, as far as it is known.
func (s *Screen) talkOf(id jmap.Id) (talkKey, bool) {
	a := s.accountOf(id)
	e := a.Email(id)
	if e == nil || !s.inThreads() {
		return talkKey{}, false
	}
	return talkKey{a.Id(), e.Email().ThreadId}, true
}

// talkRow is the row of a conversation and its messages in the order of the list, none where
// it is not in the list.
func (s *Screen) talkRow(talk talkKey) (row int, ids []jmap.Id) {
	a := s.store.Account(talk.account)
	if a == nil {
		return 0, nil
	}
	for _, id := range a.Thread(talk.thread) {
		row, listed := s.list.IndexOf(id)
		if !listed {
			continue
		}
		ids = slices.Clone(a.Conversation(id))
		if s.list.Query().Sort != store.Oldest {
			slices.Reverse(ids)
		}
		return row, ids
	}
	return 0, nil
}

// apart reports whether a message is meant alone: its conversation is unfolded.
func (s *Screen) apart(id jmap.Id) bool {
	if len(s.unfolds) == 0 {
		return false
	}
	talk, ok := s.talkOf(id)
	return ok && s.unfolds[talk]
}

// meant is the messages that a line stands for: an unfolded row for all below it that lie in
// the mailbox on screen.
func (s *Screen) meant(ln line) []jmap.Id {
	if ln.below == 0 || ln.sub > 0 {
		return []jmap.Id{ln.id}
	}
	a := s.accountOf(ln.id)
	return a.Together([]jmap.Id{ln.id}, s.boxOf(a))
}

// turnRow unfolds the conversation of a line, or folds it.
func (s *Screen) turnRow(ln line) {
	talk, ok := s.talkOf(ln.id)
	if !ok {
		return
	}
	open := !s.unfolds[talk]
	s.selectTurned(ln, open)
	at, inside := s.lines().at(s.cursor)
	inside = inside && at.sub > 0 && at.row == ln.row
	if open {
		s.unfolds[talk] = true
	} else {
		delete(s.unfolds, talk)
	}
	if inside {
		s.setCursor(s.lines().of(ln.row))
	}
	s.showWindow()
	s.keepCursor()
	s.changed()
}

// selectTurned keeps what is selected true: a row that is ticked stands for all below it,
// and one of which only some are ticked is not ticked when it is folded.
func (s *Screen) selectTurned(ln line, open bool) {
	if id, known := s.list.At(ln.row); known {
		a := s.accountOf(id)
		all := a.Together([]jmap.Id{id}, s.boxOf(a))
		if open && s.selection.ids[id] {
			s.selection.set(all, true)
		}
		if !open {
			whole := s.selection.all(all)
			s.selection.set(a.Conversation(id), false)
			s.selection.set([]jmap.Id{id}, whole)
		}
	}
}

// turnKey unfolds or folds the conversation under the cursor.
func (s *Screen) turnKey(key string) bool {
	into, out := "ArrowRight", "ArrowLeft"
	if words.Current().RightToLeft {
		into, out = out, into
	}
	ln, known := s.lines().at(s.cursor)
	if !known || key != into && key != out || !browser.FocusInside(idGrid) && browser.Focused() != "" {
		return false
	}
	switch {
	case key == into && ln.below == 0 && len(s.accountOf(ln.id).Conversation(ln.id)) > 1 && s.inThreads():
		s.turnRow(ln)
	case key == out && ln.below > 0:
		s.turnRow(ln)
		s.scroll.reveal(s.cursor)
	default:
		return false
	}
	return true
}
