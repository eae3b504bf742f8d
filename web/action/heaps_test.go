package action

import (
	"slices"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// TestHeaps: messages are taken out a few at a time, those of one account together.
func TestHeaps(t *testing.T) {
	a, b := new(store.Account), new(store.Account)
	given := []jmap.Id{"1", "2", "3"}
	h := heaps(nil).add(a, nil).add(b, given).add(a, []jmap.Id{"4"}).add(b, []jmap.Id{"5"})
	copied := h.clone()
	if h.size() != 5 || copied.size() != 5 || !slices.Equal(h.of(b), []jmap.Id{"1", "2", "3", "5"}) {
		t.Errorf("%d, %d, %v", h.size(), copied.size(), h.of(b))
	}
	var taken []jmap.Id
	for h.size() > 0 {
		account, ids := h.take(2)
		if len(ids) == 0 || len(ids) > 2 || slices.Contains(ids, "4") != (account == a) {
			t.Fatalf("took %v", ids)
		}
		taken = append(taken, ids...)
	}
	if !slices.Equal(taken, []jmap.Id{"4", "1", "2", "3", "5"}) || !slices.Equal(given, []jmap.Id{"1", "2", "3"}) {
		t.Errorf("took %v of %v", taken, given)
	}
	if left := copied.without(b); left.size() != 1 || left.of(b) != nil {
		t.Errorf("%v is left", left)
	}
}
