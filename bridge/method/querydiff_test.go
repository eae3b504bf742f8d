package method

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestDiff: who takes out what is removed and puts in what is added has the new list,
// and nothing that stayed where it was is touched.
func TestDiff(t *testing.T) {
	list := rapid.SliceOfNDistinct(rapid.SampledFrom([]jmap.Id{"a", "b", "c", "d", "e", "f", "g", "h"}), 0, 8, rapid.ID[jmap.Id])
	rapid.Check(t, func(t *rapid.T) {
		before, now := idList(list.Draw(t, "before")), idList(list.Draw(t, "now"))
		removed, added := diff(before, now)
		var got idList
		for i, id := range before {
			if !slices.Contains(removed, i) {
				got = append(got, id)
			}
		}
		moved := 0
		for _, i := range added {
			if slices.Contains(before, now[i]) {
				moved++
			}
			got = slices.Insert(got, i, now[i])
		}
		if !slices.Equal(got, now) || !slices.IsSorted(added) {
			t.Fatalf("%v, without %v and with %v, is %v and not %v", before, removed, added, got, now)
		}
		if slices.Equal(before, now) && len(removed)+len(added) > 0 || moved > max(len(before)-1, 0) {
			t.Fatalf("%v to %v needs no %v, %v", before, now, removed, added)
		}
	})
}

// TestChangesUpToAnID: what lies beyond the last id that the client knows is left out.
func TestChangesUpToAnID(t *testing.T) {
	before, now := idList{"a", "b", "c", "d", "e"}, idList{"x", "a", "c", "y", "e"}
	removed, added := diff(before, now)
	if !slices.Equal(removed, []int{1, 3}) || !slices.Equal(added, []int{0, 3}) {
		t.Fatal(removed, added)
	}
	for id, want := range map[jmap.Id][2][]int{
		"c":    {{1}, {0}},
		"e":    {{1, 3}, {0, 3}},
		"a":    {{}, {0}},
		"d":    {{1, 3}, {0, 3}}, // it is gone: nothing is left out
		"nope": {{1, 3}, {0, 3}},
	} {
		r, a := upTo(id, before, now, slices.Clone(removed), slices.Clone(added))
		if !slices.Equal(r, want[0]) || !slices.Equal(a, want[1]) {
			t.Errorf("%s: %v, %v", id, r, a)
		}
	}
}

// TestMemoryIsBounded: however much is asked, only the latest results are kept.
func TestMemoryIsBounded(t *testing.T) {
	var m Memory
	big := make(idList, resultOctets/40/3)
	for i := range 100 {
		m.remember(&result{query: string(rune('a' + i)), state: "s", hits: idList{"x"}})
	}
	if m.results.Len() != resultsKept || m.recall("a", withState("s")) != nil || m.recall(string(rune('a'+99)), withState("s")) == nil {
		t.Error(m.results.Len())
	}
	for range 5 {
		m.remember(&result{query: "big", state: jmap.State(rune('a' + m.results.Len())), hits: big})
	}
	if m.octets > resultOctets {
		t.Error(m.octets)
	}
	huge := &result{query: "huge", hits: make(idList, resultOctets/40)}
	m.remember(huge)
	if huge.kept {
		t.Error("what does not fit is kept")
	}
}
