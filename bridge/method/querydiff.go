package method

import (
	"slices"
	"sort"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// addedItem is an id and its place in the new result (RFC 8620 §5.6).
type addedItem struct {
	Id    jmap.Id `json:"id"`
	Index int     `json:"index"`
}

// queryChangesAnswer is the answer to a /queryChanges.
type queryChangesAnswer struct {
	AccountId     jmap.Id     `json:"accountId"`
	OldQueryState jmap.State  `json:"oldQueryState"`
	NewQueryState jmap.State  `json:"newQueryState"`
	Total         *int        `json:"total,omitzero"`
	Removed       []jmap.Id   `json:"removed"`
	Added         []addedItem `json:"added"`
}

// queryChangesArgs is what every /queryChanges takes beside filter and sort.
type queryChangesArgs struct {
	AccountId       jmap.Id    `json:"accountId"`
	SinceQueryState jmap.State `json:"sinceQueryState"`
	MaxChanges      *int       `json:"maxChanges"`
	UpToId          *jmap.Id   `json:"upToId"`
	CalculateTotal  bool       `json:"calculateTotal"`
}

// queryChangesSince answers a /queryChanges with the new result at hand. The old one is
// remembered, or the changes cannot be calculated. immutable: filter and sort look at
// nothing that can change, so that what is beyond upToId can be left out.
func queryChangesSince(memory *Memory, args *queryChangesArgs, now *result, immutable bool) (any, error) {
	if args.MaxChanges != nil && *args.MaxChanges <= 0 {
		return nil, jmap.Failf(jmap.InvalidArguments, "maxChanges must be positive")
	}
	answer := queryChangesAnswer{
		AccountId: args.AccountId, OldQueryState: args.SinceQueryState, NewQueryState: now.state,
		Removed: []jmap.Id{}, Added: []addedItem{},
	}
	if args.CalculateTotal {
		total := now.hits.Len()
		answer.Total = &total
	}
	if args.SinceQueryState == now.state {
		return answer, nil
	}
	before := memory.recall(now.query, withState(args.SinceQueryState))
	if before == nil {
		return nil, &jmap.MethodError{Type: jmap.CannotCalculateChanges}
	}
	removed, added := diff(before.hits, now.hits)
	if immutable && args.UpToId != nil {
		removed, added = upTo(*args.UpToId, before.hits, now.hits, removed, added)
	}
	if args.MaxChanges != nil && len(removed)+len(added) > *args.MaxChanges {
		return nil, &jmap.MethodError{Type: jmap.TooManyChanges}
	}
	for _, i := range removed {
		answer.Removed = append(answer.Removed, before.hits.At(i))
	}
	for _, i := range added {
		answer.Added = append(answer.Added, addedItem{now.hits.At(i), i})
	}
	return answer, nil
}

// upTo leaves out what is beyond the last id that the client knows.
func upTo(id jmap.Id, before, now hits, removed, added []int) ([]int, []int) {
	last, ok := before.Index(id)
	end, still := now.Index(id)
	if !ok || !still {
		return removed, added
	}
	beyond := func(limit int) func(int) bool { return func(i int) bool { return i > limit } }
	return slices.DeleteFunc(removed, beyond(last)), slices.DeleteFunc(added, beyond(end))
}

// numbering gives ids small numbers.
type numbering map[jmap.Id]uint32

func (n numbering) of(id jmap.Id) uint32 {
	number, ok := n[id]
	if !ok {
		number = uint32(len(n)) + 1
		n[id] = number
	}
	return number
}

// diff gives the places of before that are to be removed, and those of now that are to
// be put in, lowest first: what came and went, and as few as possible of those that
// changed places.
func diff(before, now hits) (removed, added []int) {
	in := numbering{}
	old, fresh := before.keys(in), now.keys(in)
	start := 0
	for start < len(old) && start < len(fresh) && old[start] == fresh[start] {
		start++
	}
	oldEnd, freshEnd := len(old), len(fresh)
	for oldEnd > start && freshEnd > start && old[oldEnd-1] == fresh[freshEnd-1] {
		oldEnd, freshEnd = oldEnd-1, freshEnd-1
	}
	places := make(map[uint64]int, freshEnd-start)
	for i := start; i < freshEnd; i++ {
		places[fresh[i]] = i
	}
	var both, at []int // places in old of what is in both, and where they are now
	for i := start; i < oldEnd; i++ {
		if place, ok := places[old[i]]; ok {
			both, at = append(both, i), append(at, place)
		}
	}
	stays, kept := make([]bool, len(old)), make([]bool, len(fresh))
	for _, k := range longestRising(at) {
		stays[both[k]], kept[at[k]] = true, true
	}
	for i := start; i < oldEnd; i++ {
		if !stays[i] {
			removed = append(removed, i)
		}
	}
	for i := start; i < freshEnd; i++ {
		if !kept[i] {
			added = append(added, i)
		}
	}
	return removed, added
}

// longestRising gives the places of a longest rising subsequence.
func longestRising(list []int) []int {
	var ends []int // place of the smallest end of a subsequence of each length
	before := make([]int, len(list))
	for i, v := range list {
		k := sort.Search(len(ends), func(k int) bool { return list[ends[k]] >= v })
		before[i] = -1
		if k > 0 {
			before[i] = ends[k-1]
		}
		if k == len(ends) {
			ends = append(ends, i)
		} else {
			ends[k] = i
		}
	}
	out := make([]int, len(ends))
	if len(ends) > 0 {
		for k, i := len(ends)-1, ends[len(ends)-1]; k >= 0; k, i = k-1, before[i] {
			out[k] = i
		}
	}
	return out
}
