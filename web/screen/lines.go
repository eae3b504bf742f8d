package screen

import (
	"slices"
	"sort"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// The grid has a line for each row of the list, and below the row of a conversation that is
// unfolded one for each of its messages. All lines are of one height, so that what is seen
// follows from where the list is scrolled to.

// line is one line of the grid.
type line struct {
	id    jmap.Id // "" while it is not known
	row   int     // of the list: the one it is, or stands below
	sub   int     // which of the messages below the row it is, from 1; 0 for the row itself
	below int     // how many messages stand below the row, 0 while it is folded
}

// unfolding is an unfolded conversation: its row, and the messages below that.
type unfolding struct {
	row int
	ids []jmap.Id
}

// listing is what the grid shows.
type listing struct {
	list interface { // nil for none
		At(row int) (jmap.Id, bool)
		IndexOf(id jmap.Id) (int, bool)
		Total() int
	}
	spans []unfolding // in order
}

// lines are those of the list on screen.
func (s *Screen) lines() listing {
	if s.list == nil {
		return listing{}
	}
	l := listing{list: s.list}
	for talk := range s.unfolds {
		if row, ids := s.talkRow(talk); len(ids) > 1 {
			l.spans = append(l.spans, unfolding{row, ids})
		}
	}
	slices.SortFunc(l.spans, func(a, b unfolding) int { return a.row - b.row })
	return l
}

// total is how many lines there are.
func (l listing) total() int {
	if l.list == nil {
		return 0
	}
	n := l.list.Total()
	for _, u := range l.spans {
		n += len(u.ids)
	}
	return n
}

// at gives a line; it is known unless its message has yet to be looked up.
func (l listing) at(i int) (ln line, known bool) {
	if l.list == nil || i < 0 || i >= l.total() {
		return line{}, false
	}
	for _, u := range l.spans {
		switch below := i - u.row; {
		case below < 0:
			// Rows before the next unfolded one are those of the list.
		case below == 0:
			id, known := l.list.At(u.row)
			return line{id: id, row: u.row, below: len(u.ids)}, known
		case below <= len(u.ids):
			return line{id: u.ids[below-1], row: u.row, sub: below, below: len(u.ids)}, true
		default:
			i -= len(u.ids)
			continue
		}
		break
	}
	id, known := l.list.At(i)
	return line{id: id, row: i}, known
}

// of is the line of a row of the list.
func (l listing) of(row int) int {
	i := row
	for _, u := range l.spans {
		if u.row < row {
			i += len(u.ids)
		}
	}
	return i
}

// find gives the line of a message: its row, or the one below the row of its conversation.
func (l listing) find(id jmap.Id, sub bool) (int, bool) {
	if l.list == nil {
		return 0, false
	}
	if !sub {
		row, listed := l.list.IndexOf(id)
		return l.of(row), listed
	}
	for _, u := range l.spans {
		if i := slices.Index(u.ids, id); i >= 0 {
			return l.of(u.row) + 1 + i, true
		}
	}
	return 0, false
}

// follow gives the line at which stands what stood at line i of was, when rows of the list
// have moved by so many.
func (l listing) follow(was listing, i, moved int) int {
	before := sort.Search(len(was.spans), func(k int) bool { return was.of(was.spans[k].row) > i }) // spans that begin at or above it
	row, sub := i, 0
	for _, u := range was.spans[:before] {
		row -= len(u.ids)
	}
	if before > 0 {
		if u := was.spans[before-1]; row <= u.row { // it is one of those below
			row, sub = u.row, i-was.of(u.row)
		}
	}
	row += moved
	for _, u := range l.spans {
		if u.row == row {
			return l.of(row) + min(sub, len(u.ids))
		}
	}
	return l.of(row)
}
