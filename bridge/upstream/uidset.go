package upstream

import (
	"cmp"
	"encoding/binary"
	"errors"
	"iter"
	"slices"
	"sort"
)

// UIDSet is a set of UIDs, kept as ranges: the spine of a mailbox of a million
// messages is a few kilobytes. The zero value is empty. A UIDSet is never
// changed once made, so it may be shared.
type UIDSet struct {
	ranges []uidRange
}

type uidRange struct {
	first, last uint32
	before      int // UIDs in the ranges before this one
}

// NewUIDSet makes a set of UIDs in any order.
func NewUIDSet(uids ...uint32) UIDSet {
	sorted := slices.Clone(uids)
	slices.Sort(sorted)
	var b UIDSetBuilder
	for _, uid := range sorted {
		b.AddRange(uid, uid)
	}
	return b.Set()
}

// UIDSetBuilder makes a UIDSet of ranges that come in rising order.
type UIDSetBuilder struct {
	ranges []uidRange
	n      int
}

// AddRange adds first to last, which must not lie below what was added before;
// what overlaps is added once. A range with first > last or a zero UID is ignored.
func (b *UIDSetBuilder) AddRange(first, last uint32) {
	if len(b.ranges) > 0 {
		end := &b.ranges[len(b.ranges)-1]
		if first <= end.last {
			if end.last == ^uint32(0) {
				return
			}
			first = end.last + 1
		}
		if first <= last && first == end.last+1 {
			b.n += int(last-first) + 1
			end.last = last
			return
		}
	}
	if first == 0 || first > last {
		return
	}
	b.ranges = append(b.ranges, uidRange{first, last, b.n})
	b.n += int(last-first) + 1
}

// Set gives what was built. The builder must not be used afterwards.
func (b *UIDSetBuilder) Set() UIDSet { return UIDSet{b.ranges} }

// Len counts the UIDs.
func (s UIDSet) Len() int {
	if len(s.ranges) == 0 {
		return 0
	}
	end := s.ranges[len(s.ranges)-1]
	return end.before + int(end.last-end.first) + 1
}

// At gives the UID at index i, smallest first. It panics when i is out of range,
// as a slice would.
func (s UIDSet) At(i int) uint32 {
	k := sort.Search(len(s.ranges), func(k int) bool { return s.ranges[k].before > i }) - 1
	return s.ranges[k].first + uint32(i-s.ranges[k].before)
}

// Index gives the place of uid, smallest first, and whether it is in the set.
func (s UIDSet) Index(uid uint32) (int, bool) {
	k := sort.Search(len(s.ranges), func(k int) bool { return s.ranges[k].last >= uid })
	if k == len(s.ranges) || s.ranges[k].first > uid {
		return 0, false
	}
	return s.ranges[k].before + int(uid-s.ranges[k].first), true
}

// Contains reports whether uid is in the set.
func (s UIDSet) Contains(uid uint32) bool {
	_, ok := s.Index(uid)
	return ok
}

// Ranges yields the set as rising, disjoint ranges.
func (s UIDSet) Ranges() iter.Seq2[uint32, uint32] {
	return func(yield func(first, last uint32) bool) {
		for _, r := range s.ranges {
			if !yield(r.first, r.last) {
				return
			}
		}
	}
}

// Minus gives the UIDs of s that are not in t. Its cost is that of the ranges,
// not of the UIDs.
func (s UIDSet) Minus(t UIDSet) UIDSet {
	var b UIDSetBuilder
	k := 0
	for _, r := range s.ranges {
		first := r.first
		for k < len(t.ranges) && t.ranges[k].last < first {
			k++
		}
		covered := false
		for j := k; j < len(t.ranges) && t.ranges[j].first <= r.last; j++ {
			if t.ranges[j].first > first {
				b.AddRange(first, t.ranges[j].first-1)
			}
			if t.ranges[j].last >= r.last {
				covered = true
				break
			}
			first = t.ranges[j].last + 1
		}
		if !covered {
			b.AddRange(first, r.last)
		}
	}
	return b.Set()
}

// With gives s and uids.
func (s UIDSet) With(uids ...uint32) UIDSet { return s.Union(NewUIDSet(uids...)) }

// Union gives the UIDs of s or t. Its cost is that of the ranges, not of the UIDs.
func (s UIDSet) Union(t UIDSet) UIDSet {
	merged := slices.Concat(s.ranges, t.ranges)
	slices.SortFunc(merged, func(a, b uidRange) int { return cmp.Compare(a.first, b.first) })
	var b UIDSetBuilder
	for _, r := range merged {
		b.AddRange(r.first, r.last)
	}
	return b.Set()
}

// Equal reports whether s and t have the same UIDs.
func (s UIDSet) Equal(t UIDSet) bool { return slices.Equal(s.ranges, t.ranges) }

// Intersect gives the UIDs of both s and t. Its cost is that of the ranges.
func (s UIDSet) Intersect(t UIDSet) UIDSet {
	var b UIDSetBuilder
	for i, j := 0, 0; i < len(s.ranges) && j < len(t.ranges); {
		x, y := s.ranges[i], t.ranges[j]
		b.AddRange(max(x.first, y.first), min(x.last, y.last)) // ignored where they do not meet
		if x.last < y.last {
			i++
		} else {
			j++
		}
	}
	return b.Set()
}

// All lists the UIDs, smallest first.
func (s UIDSet) All() []uint32 {
	all := make([]uint32, 0, s.Len())
	for _, r := range s.ranges {
		for uid := r.first; ; uid++ {
			all = append(all, uid)
			if uid == r.last {
				break
			}
		}
	}
	return all
}

// MarshalBinary writes the ranges as varint gaps and lengths.
func (s UIDSet) MarshalBinary() ([]byte, error) {
	var out []byte
	at := uint32(0)
	for _, r := range s.ranges {
		out = binary.AppendUvarint(out, uint64(r.first-at))
		out = binary.AppendUvarint(out, uint64(r.last-r.first))
		at = r.last
	}
	return out, nil
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (s *UIDSet) UnmarshalBinary(data []byte) error {
	var b UIDSetBuilder
	at := uint64(0)
	for len(data) > 0 {
		gap, n := binary.Uvarint(data)
		if n <= 0 {
			return errUIDSet
		}
		data = data[n:]
		length, n := binary.Uvarint(data)
		if n <= 0 {
			return errUIDSet
		}
		data = data[n:]
		first := at + gap
		last := first + length
		if gap == 0 || last < first || last > 1<<32-1 {
			return errUIDSet
		}
		b.AddRange(uint32(first), uint32(last))
		at = last
	}
	*s = b.Set()
	return nil
}

var errUIDSet = errors.New("a stored UID set is damaged")
