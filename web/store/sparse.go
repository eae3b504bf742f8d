package store

import (
	"slices"
	"sort"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// sparse is a long row of ids of which only some stretches are known.
type sparse struct {
	total int
	runs  []run           // in order, apart from each other
	index map[jmap.Id]int // nil: to be built again
}

// run is a stretch of known ids.
type run struct {
	start int
	ids   []jmap.Id
}

func (r run) end() int { return r.start + len(r.ids) }

// at gives the id at position p.
func (s *sparse) at(p int) (jmap.Id, bool) {
	i := s.after(p)
	if i == 0 || p >= s.runs[i-1].end() {
		return "", false
	}
	r := s.runs[i-1]
	return r.ids[p-r.start], true
}

// after is the index of the first run that starts after p.
func (s *sparse) after(p int) int {
	return sort.Search(len(s.runs), func(i int) bool { return s.runs[i].start > p })
}

// find gives the position of id.
func (s *sparse) find(id jmap.Id) (int, bool) {
	if s.index == nil {
		s.index = make(map[jmap.Id]int, s.known())
		for _, r := range s.runs {
			for i, id := range r.ids {
				s.index[id] = r.start + i
			}
		}
	}
	p, ok := s.index[id]
	return p, ok
}

// known is the number of ids known.
func (s *sparse) known() int {
	n := 0
	for _, r := range s.runs {
		n += len(r.ids)
	}
	return n
}

// put writes ids from position p on.
func (s *sparse) put(p int, ids []jmap.Id) {
	if len(ids) == 0 {
		return
	}
	s.index = nil
	fresh := run{p, slices.Clone(ids)}
	var out []run
	for _, r := range s.runs {
		if left := fresh.start - r.start; left > 0 && r.end() > fresh.start {
			out = append(out, run{r.start, r.ids[:left:left]})
			if r.end() > fresh.end() {
				out = append(out, run{fresh.end(), r.ids[fresh.end()-r.start:]})
			}
		} else if r.start < fresh.end() && r.end() > fresh.end() {
			out = append(out, run{fresh.end(), r.ids[fresh.end()-r.start:]})
		} else if r.end() <= fresh.start || r.start >= fresh.end() {
			out = append(out, r)
		}
	}
	out = append(out, fresh)
	slices.SortFunc(out, func(a, b run) int { return a.start - b.start })
	s.runs = joined(out)
	s.total = max(s.total, fresh.end())
}

// joined makes one run of those that touch.
func joined(runs []run) []run {
	out := runs[:0]
	for _, r := range runs {
		if len(r.ids) == 0 {
			continue
		}
		if n := len(out); n > 0 && out[n-1].end() == r.start {
			out[n-1].ids = append(out[n-1].ids, r.ids...)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// remove takes out position p, whatever is known of it; what follows moves up.
func (s *sparse) remove(p int) {
	s.index = nil
	for i := range s.runs {
		r := &s.runs[i]
		switch {
		case r.start > p:
			r.start--
		case p < r.end():
			r.ids = slices.Delete(r.ids, p-r.start, p-r.start+1)
		}
	}
	s.runs = joined(s.runs)
	s.total--
}

// insert puts id at position p; what was there and follows moves down.
func (s *sparse) insert(p int, id jmap.Id) {
	s.index = nil
	done := false
	var out []run
	for _, r := range s.runs {
		switch {
		case r.end() < p:
			out = append(out, r)
		case done || r.start > p:
			out = append(out, run{r.start + 1, r.ids})
		default: // p lies in r or at one of its ends
			out = append(out, run{r.start, slices.Insert(r.ids, p-r.start, id)})
			done = true
		}
	}
	if !done {
		out = append(out, run{p, []jmap.Id{id}})
		slices.SortFunc(out, func(a, b run) int { return a.start - b.start })
	}
	s.runs = joined(out)
	s.total++
}

// keep forgets what lies outside of [from, to).
func (s *sparse) keep(from, to int) {
	s.index = nil
	var out []run
	for _, r := range s.runs {
		lo, hi := max(r.start, from), min(r.end(), to)
		if lo < hi {
			out = append(out, run{lo, slices.Clone(r.ids[lo-r.start : hi-r.start])})
		}
	}
	s.runs = out
}
