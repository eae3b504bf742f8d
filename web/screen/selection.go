package screen

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// selection is the messages that are ticked.
type selection struct {
	ids    map[jmap.Id]bool
	anchor int // the line a range starts from
	seen   uint64
	whole  bool // everything the list has, ids being what is loaded of it
}

// has reports whether a message is ticked.
func (x *selection) has(id jmap.Id) bool { return x.whole || x.ids[id] }

// all reports whether all of some messages are ticked.
func (x *selection) all(ids []jmap.Id) bool {
	return !slices.ContainsFunc(ids, func(id jmap.Id) bool { return !x.has(id) })
}

// set ticks messages, or unticks them.
func (x *selection) set(ids []jmap.Id, on bool) {
	if x.ids == nil {
		x.ids = map[jmap.Id]bool{}
	}
	for _, id := range ids {
		if on {
			x.ids[id] = true
		} else {
			delete(x.ids, id)
		}
	}
}

// tick ticks or unticks what a line stands for.
func (s *Screen) tick(i int) {
	ln, known := s.lines().at(i)
	if !known {
		return
	}
	ids := s.meant(ln)
	s.selection.set(ids, !s.selection.all(ids))
	s.selection.anchor, s.selection.whole = i, false
}

// tickTo ticks all lines from the anchor to one.
func (s *Screen) tickTo(line int) {
	l, x := s.lines(), &s.selection
	x.whole = false
	for i := min(x.anchor, line); i <= max(x.anchor, line); i++ {
		if ln, known := l.at(i); known {
			x.set(s.meant(ln), true)
		}
	}
}

// prune drops what is no longer in the list.
func (x *selection) prune(l *store.List) {
	if l == nil || len(x.ids) == 0 || l.Revision() == x.seen {
		return
	}
	x.seen = l.Revision()
	a := l.Account()
	for id := range x.ids {
		_, listed := l.IndexOf(id)
		if !listed && a.Email(id) == nil {
			delete(x.ids, id)
		}
	}
}

// targets are the messages an action is about: those ticked, else the open one,
// else the one under the cursor.
func (s *Screen) targets() []jmap.Id {
	if len(s.selection.ids) > 0 {
		ids := make([]jmap.Id, 0, len(s.selection.ids))
		for id := range s.selection.ids {
			ids = append(ids, id)
		}
		return ids
	}
	ln, known := s.lines().at(s.cursor)
	if s.route.Email != "" && (!known || ln.id != s.route.Email) {
		return []jmap.Id{s.route.Email}
	}
	if !known {
		return nil
	}
	return s.meant(ln)
}
