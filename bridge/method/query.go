package method

import (
	"encoding/json"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// hits is the whole result of a query, which may be far too long to write out.
type hits interface {
	Len() int
	At(i int) jmap.Id
	Index(id jmap.Id) (int, bool)
}

// idList is hits that are at hand.
type idList []jmap.Id

func (l idList) Len() int         { return len(l) }
func (l idList) At(i int) jmap.Id { return l[i] }
func (l idList) Index(id jmap.Id) (int, bool) {
	i := slices.Index(l, id)
	return i, i >= 0
}

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
		end = min(start+*args.Limit, total)
	}
	answer := jmap.QueryResponse{
		AccountId:  args.AccountId,
		QueryState: state,
		Position:   start,
		Ids:        []jmap.Id{},
	}
	if start >= total {
		// RFC 8620 §5.5: beyond the end the list is empty, and that is no error.
		answer.Position = max(start, 0)
	}
	for i := start; i < end; i++ {
		answer.Ids = append(answer.Ids, all.At(i))
	}
	if args.CalculateTotal {
		answer.Total = &total
	}
	return answer, nil
}

// checkFilter refuses a filter with conditions that are not known: to leave one out
// would find what was not asked for (RFC 8620 §5.5).
func checkFilter(args json.RawMessage, conditions []string) error {
	var of struct {
		Filter json.RawMessage `json:"filter"`
	}
	if err := json.Unmarshal(args, &of); err != nil {
		return jmap.Failf(jmap.InvalidArguments, "%s", plainJSONError(err))
	}
	return checkConditions(of.Filter, conditions)
}

func checkConditions(filter json.RawMessage, conditions []string) error {
	var fields map[string]json.RawMessage
	if len(filter) == 0 || string(filter) == "null" {
		return nil
	}
	if json.Unmarshal(filter, &fields) != nil {
		return jmap.Failf(jmap.InvalidArguments, "a filter is an object")
	}
	if operator, ok := fields["operator"]; ok {
		var below []json.RawMessage
		if !slices.Contains([]string{`"AND"`, `"OR"`, `"NOT"`}, string(operator)) || json.Unmarshal(fields["conditions"], &below) != nil || below == nil {
			return jmap.Failf(jmap.InvalidArguments, "an operator is AND, OR or NOT, with an array of conditions")
		}
		for _, f := range below {
			if err := checkConditions(f, conditions); err != nil {
				return err
			}
		}
		return nil
	}
	for name := range fields {
		if !slices.Contains(conditions, name) {
			return jmap.Failf(jmap.UnsupportedFilter, "there is no condition %s", name)
		}
	}
	return nil
}
