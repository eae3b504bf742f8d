package store

import "github.com/hearthmail/hearthmail/shared/jmap"

// Window is a stretch of a list to ask for, in the bridge's positions, and which
// request it is.
type Window struct {
	Position, Limit int
	// Anchor, when set, is an email to find the stretch by, Offset rows from its
	// start, however much came in above it.
	Anchor jmap.Id
	Offset int

	seq uint64
}

// Need gives the smallest stretch with all positions from first to last that are
// not known.
func (l *List) Need(first, last int) (position, limit int, needed bool) {
	first = max(0, first)
	if !l.loaded {
		return first, last - first + 1, true
	}
	lo, hi := -1, -1
	for i := first; i <= min(last, l.Total()-1); i++ {
		if _, ok := l.At(i); !ok {
			if lo < 0 {
				lo = i
			}
			hi = i
		}
	}
	if lo < 0 {
		return 0, 0, false
	}
	from, _ := l.toConfirmed(lo)
	to, _ := l.toConfirmed(hi)
	return from, to - from + 1, true
}

// Behind reports whether the list has moved on from what the bridge told, by
// own changes: then any answer replaces it, and a stretch to ask for should be
// the whole of Around.
func (l *List) Behind() bool { return l.loaded && l.queryState == "" }

// Ask begins a request for a stretch by position; each needs one Apply or Fail.
func (l *List) Ask(position, limit int) Window {
	l.asked++
	l.inflight++
	l.changed()
	return Window{Position: position, Limit: limit, seq: l.asked}
}

// Around begins a request for the viewport and margin rows on both sides,
// wherever it stands by now: by the first row known in it, or by position when
// the viewport is at the top, where new mail is to be seen. Like Ask.
func (l *List) Around(margin int) Window {
	from := max(0, l.first-margin)
	position, _ := l.toConfirmed(from)
	last, _ := l.toConfirmed(l.last + margin)
	w := l.Ask(position, last-position+1)
	if l.first == 0 {
		return w
	}
	for i := l.first; i <= l.last && i < l.Total(); i++ {
		p, inserted := l.toConfirmed(i)
		if id, ok := l.confirmed.at(p); ok && inserted == "" {
			w.Anchor, w.Offset = id, position-p
			break
		}
	}
	return w
}

// Apply takes over the answer to w. It reports false when the answer is of an
// older version than what is known, and nothing was taken over.
func (l *List) Apply(w Window, r *jmap.QueryResponse) bool {
	l.inflight--
	l.err = nil
	same := l.loaded && r.QueryState == l.queryState
	if !same && w.seq < l.asOf {
		l.changed()
		return false
	}
	total := r.Position + len(r.Ids)
	switch {
	case r.Total != nil:
		total = max(total, *r.Total)
	case same:
		total = max(total, l.confirmed.total)
	}
	same = same && total == l.confirmed.total && l.agrees(r)
	known := l.loaded
	moved := l.keepView(func() {
		if !same {
			l.confirmed = sparse{}
			l.queryState, l.asOf, l.loaded = r.QueryState, w.seq, true
		}
		l.confirmed.total = total
		l.confirmed.put(r.Position, r.Ids)
		l.forgetFar()
		l.makeEdits()
	})
	if known && moved > 0 {
		l.arrived += moved
	}
	return true
}

// ApplyEarly shows the first rows of a list before the bridge has found all of them. It
// reports false when they come too late, or are none.
func (l *List) ApplyEarly(ids []jmap.Id) bool {
	if l.loaded || len(ids) == 0 {
		return false
	}
	l.confirmed = sparse{total: len(ids)}
	l.confirmed.put(0, ids)
	l.early = true
	l.changed()
	return true
}

// agrees reports whether an answer of the same version fits what is known; a
// bridge that lies is believed in its last word only.
func (l *List) agrees(r *jmap.QueryResponse) bool {
	for i, id := range r.Ids {
		if p, ok := l.confirmed.find(id); ok && p != r.Position+i {
			return false
		}
		if known, ok := l.confirmed.at(r.Position + i); ok && known != id {
			return false
		}
	}
	return true
}

// forgetFar bounds the memory of a list that was scrolled through.
func (l *List) forgetFar() {
	if l.confirmed.known() > maxIds {
		l.confirmed.keep(l.first-farIds, l.last+farIds)
	}
}

// Fail ends a request that brought no answer. A nil err says that this is
// nobody's fault, such as a lost connection.
func (l *List) Fail(err error) {
	l.inflight--
	l.err = err
	l.changed()
}

// SetErr records why rows of the list did not come.
func (l *List) SetErr(err error) {
	l.err = err
	l.changed()
}
