package method

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// maxFilterDepth and maxConditions bound a filter: one that is more complex is an
	// unsupportedFilter (RFC 8620 §5.5).
	maxFilterDepth = 32
	maxConditions  = 500
	// maxComparators is the same for a sort.
	maxComparators = 16
)

// hits is the whole result of a query, which may be far too long to write out.
type hits interface {
	Len() int
	At(i int) jmap.Id
	Index(id jmap.Id) (int, bool)
	// keys gives each place a key that is the same in other results of the same query if,
	// and only if, it is the same record. The numbers are those of in.
	keys(in numbering) []uint64
	// weight is about how many octets it holds.
	weight() int
}

// idList is hits that are at hand.
type idList []jmap.Id

func (l idList) Len() int         { return len(l) }
func (l idList) At(i int) jmap.Id { return l[i] }
func (l idList) Index(id jmap.Id) (int, bool) {
	i := slices.Index(l, id)
	return i, i >= 0
}

func (l idList) keys(in numbering) []uint64 {
	out := make([]uint64, len(l))
	for i, id := range l {
		out[i] = uint64(in.of(id))
	}
	return out
}

func (l idList) weight() int { return 40 * len(l) }

// state is what the list is known by: another list has another.
func (l idList) state() jmap.State {
	sum := sha256.New()
	for _, id := range l {
		sum.Write([]byte(id + "\n"))
	}
	return queryState(sum.Sum(nil))
}

// queryState names a result by its content, so that it changes when, and only when, the
// result does.
func queryState(sum []byte) jmap.State { return jmap.State("q" + hex.EncodeToString(sum[:8])) }

// queryAnswer cuts the window out of a query's result (RFC 8620 §5.5).
func queryAnswer[F any](args *jmap.QueryRequest[F], state jmap.State, all hits) (jmap.QueryResponse, error) {
	total := all.Len()
	start := args.Position
	switch {
	case args.Anchor != "":
		at, ok := all.Index(args.Anchor)
		if !ok {
			return jmap.QueryResponse{}, &jmap.MethodError{Type: jmap.AnchorNotFound}
		}
		start = max(at+args.AnchorOffset, 0)
	case start < 0:
		start = max(total+start, 0)
	}
	end := total
	if args.Limit != nil {
		if *args.Limit < 0 {
			return jmap.QueryResponse{}, jmap.Failf(jmap.InvalidArguments, "limit is negative")
		}
		if *args.Limit < total-start {
			end = start + *args.Limit
		}
	}
	answer := jmap.QueryResponse{
		AccountId:  args.AccountId,
		QueryState: state,
		Position:   start, // RFC 8620 §5.5: beyond the end the list is empty, and that is no error
		Ids:        []jmap.Id{},
	}
	for i := start; i < end; i++ {
		answer.Ids = append(answer.Ids, all.At(i))
	}
	if args.CalculateTotal {
		answer.Total = &total
	}
	return answer, nil
}

// resultAnswer is queryAnswer for a result whose changes can be calculated while it is
// remembered.
func resultAnswer[F any](args *jmap.QueryRequest[F], r *result) (jmap.QueryResponse, error) {
	answer, err := queryAnswer(args, r.state, r.hits)
	answer.CanCalculateChanges = r.kept
	return answer, err
}

// checkSort refuses comparators that no type has, and collations: the session lists none
// (RFC 8620 §5.5).
func checkSort(sort []jmap.Comparator, known func(jmap.Comparator) bool) error {
	if len(sort) > maxComparators {
		return jmap.Failf(jmap.UnsupportedSort, "a sort has at most %d comparators", maxComparators)
	}
	for _, by := range sort {
		switch {
		case by.Property == "":
			return jmap.Failf(jmap.InvalidArguments, "a comparator has a property")
		case !known(by):
			return jmap.Failf(jmap.UnsupportedSort, "there is no sort by %s", by.Property)
		case by.Collation != "":
			return jmap.Failf(jmap.UnsupportedSort, "the collation cannot be chosen")
		}
	}
	return nil
}

// filterShape is a filter taken apart one level: an operator with what is below it, or
// the properties of a condition.
type filterShape struct {
	operator   string
	below      []json.RawMessage
	properties map[string]json.RawMessage
}

// readFilter takes a filter apart, null being a condition without properties. To leave a
// condition out would find what was not asked for, so that one not in conditions is
// refused (RFC 8620 §5.5).
func readFilter(raw json.RawMessage, conditions []string) (filterShape, error) {
	var fields map[string]json.RawMessage
	if len(raw) == 0 || string(raw) == "null" {
		return filterShape{}, nil
	}
	if json.Unmarshal(raw, &fields) != nil {
		return filterShape{}, jmap.Failf(jmap.InvalidArguments, "a filter is an object")
	}
	if operator, ok := fields["operator"]; ok {
		var shape filterShape
		_ = json.Unmarshal(operator, &shape.operator) // what is no string is none of them
		if !slices.Contains([]string{"AND", "OR", "NOT"}, shape.operator) || json.Unmarshal(fields["conditions"], &shape.below) != nil || shape.below == nil {
			return filterShape{}, jmap.Failf(jmap.InvalidArguments, "an operator is AND, OR or NOT, with an array of conditions")
		}
		return shape, nil
	}
	for name := range fields {
		if !slices.Contains(conditions, name) {
			return filterShape{}, jmap.Failf(jmap.UnsupportedFilter, "there is no condition %s", name)
		}
	}
	return filterShape{properties: fields}, nil
}

// operate reports whether a FilterOperator (RFC 8620 §5.5), one that readFilter let
// through, holds over what is below it.
func operate[F any](operator string, below []F, holds func(F) bool) bool {
	switch operator {
	case "OR":
		return slices.ContainsFunc(below, holds)
	case "NOT":
		return !slices.ContainsFunc(below, holds)
	}
	return !slices.ContainsFunc(below, func(f F) bool { return !holds(f) })
}

// checkFilter refuses a filter with conditions that are not known, anywhere in it.
func checkFilter(args json.RawMessage, conditions []string) error {
	var of struct {
		Filter json.RawMessage `json:"filter"`
	}
	if err := json.Unmarshal(args, &of); err != nil {
		return jmap.Failf(jmap.InvalidArguments, "%s", plainJSONError(err))
	}
	budget := filterBudget(maxConditions)
	return eachFilter(of.Filter, conditions, 0, &budget)
}

func eachFilter(raw json.RawMessage, conditions []string, depth int, budget *filterBudget) error {
	shape, err := readFilter(raw, conditions)
	if err == nil {
		err = budget.spend(shape, depth)
	}
	for _, below := range shape.below {
		if err == nil {
			err = eachFilter(below, conditions, depth+1, budget)
		}
	}
	return err
}

// filterBudget is how many conditions a filter may still have.
type filterBudget int

// spend counts one level of a filter, so deep in it.
func (b *filterBudget) spend(shape filterShape, depth int) error {
	if depth > maxFilterDepth {
		return errTooComplex
	}
	return b.take(1 + len(shape.properties))
}

func (b *filterBudget) take(n int) error {
	if *b -= filterBudget(n); *b < 0 {
		return errTooComplex
	}
	return nil
}

var errTooComplex = jmap.Failf(jmap.UnsupportedFilter, "the filter is too complex")
