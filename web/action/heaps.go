package action

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// heap is messages of one account.
type heap struct {
	account *store.Account
	ids     []jmap.Id
}

// heaps are messages of several accounts, one account after the other.
type heaps []heap

func (h heaps) size() int {
	n := 0
	for _, one := range h {
		n += len(one.ids)
	}
	return n
}

// add puts messages behind those of their account.
func (h heaps) add(a *store.Account, ids []jmap.Id) heaps {
	for i := range h {
		if h[i].account == a {
			h[i].ids = append(h[i].ids, ids...)
			return h
		}
	}
	return append(h, heap{a, slices.Clone(ids)})
}

// take takes out the first few, which are of one account. There must be some.
func (h *heaps) take(most int) (*store.Account, []jmap.Id) {
	for len((*h)[0].ids) == 0 {
		*h = (*h)[1:]
	}
	first := &(*h)[0]
	ids := first.ids[:min(len(first.ids), most)]
	first.ids = first.ids[len(ids):]
	return first.account, ids
}

// of is the messages of an account.
func (h heaps) of(a *store.Account) []jmap.Id {
	var out []jmap.Id
	for _, one := range h {
		if one.account == a {
			out = append(out, one.ids...)
		}
	}
	return out
}

// without is those of the other accounts.
func (h heaps) without(a *store.Account) heaps {
	return slices.DeleteFunc(h, func(one heap) bool { return one.account == a })
}

func (h heaps) clone() heaps {
	var out heaps
	for _, one := range h {
		out = out.add(one.account, one.ids)
	}
	return out
}
