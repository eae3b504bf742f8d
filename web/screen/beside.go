package screen

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// beside is how a person looks at a message of the open conversation: it is forgotten
// with the conversation.
type beside struct {
	rev    uint64  // rises whenever something below changes
	quotes bool    // the quote at its end is shown
	plain  bool    // its text is shown where it has HTML too
	heavy  bool    // it is shown although it is very large
	zoom   float64 // how large it is shown, 0: as it fits
	files  map[jmap.Id]*enclosed
}

// look is how a message is looked at.
func (s *Screen) look(id jmap.Id) *beside {
	if s.talk.looks == nil {
		s.talk.looks = map[jmap.Id]*beside{}
	}
	b := s.talk.looks[id]
	if b == nil {
		b = new(beside)
		s.talk.looks[id] = b
	}
	return b
}

// lookAt changes how a message is looked at.
func (s *Screen) lookAt(id jmap.Id, change func(b *beside)) {
	b := s.look(id)
	change(b)
	b.rev++
	s.open = ""
	s.changed()
}

// emailOf is a message whose body is there, else nil.
func (s *Screen) emailOf(id jmap.Id) *jmap.Email {
	a := s.account()
	if a == nil {
		return nil
	}
	e := a.Email(id)
	if e == nil || e.Body() != store.BodyReady {
		return nil
	}
	return e.Email()
}
