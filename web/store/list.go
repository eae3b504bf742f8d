package store

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// maxIds is how many ids of a list are kept; beyond that, those more than
	// farIds away from the viewport are forgotten.
	maxIds = 4000
	farIds = 1000
	// maxLists is how many lists of an account are kept.
	maxLists = 16
)

// List is the emails of a query, in order. Its length is known, but of a long
// one only the stretches that were looked at. Positions are as shown: what a
// pending change takes out or puts in has moved already.
type List struct {
	account *Account
	query   Query

	confirmed  sparse // as the bridge said, and own settled changes
	edits      []edit // what pending changes do to it, by position
	loaded     bool
	early      bool       // confirmed is what ApplyEarly gave
	queryState jmap.State // "" after an own change: no answer is of this version
	asked      uint64     // numbers the requests
	asOf       uint64     // the request confirmed is of; older answers do not count

	first, last int // viewport, as shown, both inclusive
	beside      []jmap.Id
	shifted     int
	arrived     int
	inflight    int
	used        uint64
	err         error
	revision    uint64
	snippets    map[jmap.Id]jmap.SearchSnippet
}

// List is the list of a query; there is one for each. Those least lately asked
// for are forgotten.
func (a *Account) List(q Query) *List {
	l := a.lists[q.key()]
	if l == nil {
		l = &List{account: a, query: q}
		a.lists[q.key()] = l
	}
	a.store.clock++
	l.used = a.store.clock
	if len(a.lists) > maxLists {
		oldest := l
		for _, o := range a.lists {
			if o.used < oldest.used {
				oldest = o
			}
		}
		delete(a.lists, oldest.query.key())
	}
	return l
}

// Account is the account of the list.
func (l *List) Account() *Account { return l.account }

// Query is the list's query.
func (l *List) Query() Query { return l.query }

// Known reports whether the bridge has answered at all: before that, Total says nothing.
func (l *List) Known() bool { return l.loaded || l.early }

// Early reports whether only the newest of the list are known, and not how many there
// are: the bridge is still looking for the rest.
func (l *List) Early() bool { return l.early && !l.loaded }

// Total is the number of emails, however many are known.
func (l *List) Total() int {
	if n := len(l.edits); n > 0 {
		return l.confirmed.total + l.edits[n-1].delta
	}
	return l.confirmed.total
}

// At gives the email at position i; not known means that it is on its way once
// the viewport is there. Its row may still be missing: see Account.Email.
func (l *List) At(i int) (id jmap.Id, known bool) {
	if i < 0 || i >= l.Total() {
		return "", false
	}
	p, inserted := l.toConfirmed(i)
	if inserted != "" {
		return inserted, true
	}
	return l.confirmed.at(p)
}

// IndexOf gives the position of an email, if it is known.
func (l *List) IndexOf(id jmap.Id) (int, bool) {
	for _, e := range l.edits {
		if e.id == id {
			return e.shownAt, e.insert
		}
	}
	p, ok := l.confirmed.find(id)
	if !ok {
		return 0, false
	}
	return l.toShown(p), true
}

// Revision rises whenever the list changes.
func (l *List) Revision() uint64 { return l.revision }

// Shifted counts by how many rows what stood in the viewport has moved down in
// all (up counts less). A screen that remembers the count it drew moves its
// scroll position by the difference, and nothing jumps. A viewport at the very
// top stays at the top and does not count.
func (l *List) Shifted() int { return l.shifted }

// Arrived counts the emails that came in above what was known, in all.
func (l *List) Arrived() int { return l.arrived }

// Loading reports whether rows of the viewport are on their way.
func (l *List) Loading() bool {
	if l.inflight == 0 {
		return false
	}
	if !l.loaded {
		return true
	}
	_, _, lacks := l.Need(l.first, l.last)
	return lacks || len(l.account.Lacking(l.Visible(0))) > 0
}

// Err is why the last attempt to fetch did not work, nil after one that did.
func (l *List) Err() error { return l.err }

// Viewport is what is on screen: first and last position.
func (l *List) Viewport() (first, last int) { return l.first, l.last }

// SetViewport says what is on screen.
func (l *List) SetViewport(first, last int) {
	l.first = max(0, first)
	l.last = max(l.first, last)
}

// ShowBeside says which emails are on screen that belong with those of the list: their rows
// are fetched, too.
func (l *List) ShowBeside(ids []jmap.Id) { l.beside = ids }

// Beside is what ShowBeside said.
func (l *List) Beside() []jmap.Id { return l.beside }

// Visible gives the known ids of the viewport and margin rows on both sides.
func (l *List) Visible(margin int) []jmap.Id {
	var ids []jmap.Id
	for i := max(0, l.first-margin); i <= l.last+margin && i < l.Total(); i++ {
		if id, ok := l.At(i); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// Loaded gives all ids that are known.
func (l *List) Loaded() []jmap.Id {
	out := make([]jmap.Id, 0, l.confirmed.known())
	gone := make(map[jmap.Id]bool)
	for _, e := range l.edits {
		if e.insert {
			out = append(out, e.id)
		} else {
			gone[e.id] = true
		}
	}
	for _, r := range l.confirmed.runs {
		for _, id := range r.ids {
			if !gone[id] {
				out = append(out, id)
			}
		}
	}
	return out
}

// changed says that the list is to be drawn again.
func (l *List) changed() { l.revision = l.account.store.changed(PartLists) }

// keepView does something to the list and follows what stands in the viewport.
func (l *List) keepView(do func()) (moved int) {
	type anchor struct {
		id jmap.Id
		at int
	}
	var anchors []anchor
	for i := l.first; i <= l.last && i < l.Total(); i++ {
		if id, ok := l.At(i); ok {
			anchors = append(anchors, anchor{id, i})
		}
	}
	do()
	for _, a := range anchors {
		if i, ok := l.IndexOf(a.id); ok {
			moved = i - a.at
			break
		}
	}
	if l.first > 0 && moved != 0 {
		size := l.last - l.first
		l.first = max(0, l.first+moved)
		l.last = l.first + size
		l.shifted += moved
	}
	l.changed()
	return moved
}
