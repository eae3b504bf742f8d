package screen

import "github.com/hearthmail/hearthmail/shared/jmap"

// The cursor stands on a message, not on a place: it goes where that goes. When the message
// leaves the list the cursor stays in its place, and when it comes back, so does the cursor,
// unless a person has moved it since.

// standing is what the cursor stands on.
type standing struct {
	id  jmap.Id
	sub bool // below the row of its conversation
}

// setCursor puts the cursor on a line, -1 for none.
func (s *Screen) setCursor(i int) {
	s.cursor, s.stands, s.stood = i, standing{}, standing{}
	s.keepCursor()
}

// cursorToOpen puts the cursor on the open message, unless it is there already.
func (s *Screen) cursorToOpen() {
	l := s.lines()
	if ln, known := l.at(s.cursor); known && ln.id == s.route.Email {
		return
	}
	i, there := l.find(s.route.Email, false)
	if !there {
		i, there = l.find(s.route.Email, true)
	}
	if there {
		s.setCursor(i)
	}
}

// keepCursor has the cursor follow what it stands on.
func (s *Screen) keepCursor() {
	l := s.lines()
	if i, back := s.place(l, s.stood); back && s.route.Email == "" {
		s.cursor, s.stood = i, standing{}
	} else if i, there := s.place(l, s.stands); there {
		s.cursor = i
	} else if s.stands.id != "" {
		s.stood = s.stands
		s.cursor = min(s.cursor, l.total()-1)
	}
	if ln, known := l.at(s.cursor); known {
		s.stands = standing{ln.id, ln.sub > 0}
	}
}

// place is the line of what the cursor stands on: of a conversation it is the row, whichever
// of its messages that shows.
func (s *Screen) place(l listing, on standing) (int, bool) {
	if on.id == "" {
		return 0, false
	}
	i, there := l.find(on.id, on.sub)
	if there || on.sub || !s.inThreads() {
		return i, there
	}
	for _, id := range s.accountOf(on.id).Conversation(on.id) {
		if i, there := l.find(id, false); there {
			return i, true
		}
	}
	return 0, false
}
