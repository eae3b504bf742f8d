package store

import (
	"slices"
	"time"
)

// NoticeKind is what a notice is about.
type NoticeKind int

// Kinds of notices.
const (
	Info    NoticeKind = iota // something was done
	Warning                   // something was not done, and nothing is lost
	Failure                   // something was refused or went wrong
)

// Notice is a short word to the person: a toast.
type Notice struct {
	Id   int
	Kind NoticeKind
	Text string // for people; may hold a server's words: text, never markup
	Undo func() // nil when there is nothing to take back
	More []NoticeButton
	Last time.Duration // how long it is shown, 0: as long as such notices are
}

// NoticeButton is something else to do about a notice. It goes then.
type NoticeButton struct {
	Name string
	Do   func()
}

// maxNotices bounds what piles up when nobody looks.
const maxNotices = 20

// Notices are the ones that have not been dismissed, oldest first.
func (s *Store) Notices() []Notice { return s.notices }

// Notify adds a notice and gives its id.
func (s *Store) Notify(n Notice) int {
	s.nextId++
	n.Id = s.nextId
	s.notices = append(s.notices, n)
	if len(s.notices) > maxNotices {
		s.notices = slices.Delete(s.notices, 0, len(s.notices)-maxNotices)
	}
	s.changed(PartNotices)
	return n.Id
}

// Dismiss removes a notice.
func (s *Store) Dismiss(id int) {
	n := len(s.notices)
	s.notices = slices.DeleteFunc(s.notices, func(n Notice) bool { return n.Id == id })
	if len(s.notices) != n {
		s.changed(PartNotices)
	}
}
