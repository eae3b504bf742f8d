package screen

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// selection is the messages that are ticked.
type selection struct {
	ids    map[jmap.Id]bool
	anchor int // the row a range starts from
	seen   uint64
	whole  bool // everything the list has, ids being what is loaded of it
}

// has reports whether a message is ticked.
func (x *selection) has(id jmap.Id) bool { return x.whole || x.ids[id] }

// toggle ticks or unticks the message of a row.
func (x *selection) toggle(row int, id jmap.Id) {
	if x.ids == nil {
		x.ids = map[jmap.Id]bool{}
	}
	if x.has(id) {
		delete(x.ids, id)
	} else {
		x.ids[id] = true
	}
	x.anchor, x.whole = row, false
}

// extend ticks all rows from the anchor to a row.
func (x *selection) extend(l *store.List, row int) {
	if x.ids == nil {
		x.ids = map[jmap.Id]bool{}
	}
	x.whole = false
	for i := min(x.anchor, row); i <= max(x.anchor, row); i++ {
		if id, ok := l.At(i); ok {
			x.ids[id] = true
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
	if s.route.Email != "" {
		return []jmap.Id{s.route.Email}
	}
	if s.list != nil && s.cursor >= 0 {
		if id, ok := s.list.At(s.cursor); ok {
			return []jmap.Id{id}
		}
	}
	return nil
}
