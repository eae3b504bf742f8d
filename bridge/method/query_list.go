package method

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Types of which an account has few are queried by looking at all of them.

// listChanges is the arguments of a /queryChanges of such a type (RFC 8620 §5.6).
type listChanges[F any] struct {
	AccountId       jmap.Id           `json:"accountId"`
	Filter          *F                `json:"filter"`
	Sort            []jmap.Comparator `json:"sort"`
	SinceQueryState jmap.State        `json:"sinceQueryState"`
	MaxChanges      *int              `json:"maxChanges"`
	CalculateTotal  bool              `json:"calculateTotal"`
}

// answer says what became of a result: found is what it is now, removed what may have
// left it or moved within it, came what may be new in it or at another place.
func (args *listChanges[F]) answer(now jmap.State, found idList, removed, came []jmap.Id) (any, error) {
	added := []record{}
	for i, id := range found {
		if slices.Contains(came, id) {
			added = append(added, record{"id": id, "index": i})
		}
	}
	if args.MaxChanges != nil && len(removed)+len(added) > *args.MaxChanges {
		return nil, &jmap.MethodError{Type: jmap.TooManyChanges}
	}
	answer := record{
		"accountId": args.AccountId, "oldQueryState": args.SinceQueryState, "newQueryState": now,
		"removed": orEmpty(removed), "added": added,
	}
	if args.CalculateTotal {
		answer["total"] = len(found)
	}
	return answer, nil
}

// orderBy sorts a list; known says how each property is compared.
func orderBy[T any](list []T, sort []jmap.Comparator, known map[string]func(a, b T) int) error {
	for _, by := range slices.Backward(sort) {
		compare, ok := known[by.Property]
		if !ok {
			return jmap.Failf(jmap.UnsupportedSort, "these are not sorted by %s", by.Property)
		}
		slices.SortStableFunc(list, func(a, b T) int {
			if by.Ascending() {
				return compare(a, b)
			}
			return compare(b, a)
		})
	}
	return nil
}
