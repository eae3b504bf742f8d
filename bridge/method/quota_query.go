package method

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// quotaFilter is a FilterOperator when Operator is set, else a FilterCondition.
type quotaFilter struct {
	Operator     string        `json:"operator"`
	Conditions   []quotaFilter `json:"conditions"`
	Name         *string       `json:"name"`
	Scope        *string       `json:"scope"`
	ResourceType *string       `json:"resourceType"`
	Type         *string       `json:"type"`
}

// quotaConditions is every property of a FilterCondition (RFC 9425 §4.3).
var quotaConditions = []string{"name", "scope", "resourceType", "type"}

// quotaQuery answers Quota/query (RFC 9425 §4.3).
func quotaQuery(ctx context.Context, c *call) (any, error) {
	var args jmap.QueryRequest[quotaFilter]
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	found, state, err := findQuotas(ctx, c, args.Filter, args.Sort)
	if err != nil {
		return nil, err
	}
	answer, err := queryAnswer(&args, state, found)
	answer.CanCalculateChanges = !usesUsed(args.Sort)
	return answer, err
}

// quotaQueryChanges answers Quota/queryChanges (RFC 9425 §4.4). What is used changes
// no result, but for one that is sorted by it.
func quotaQueryChanges(ctx context.Context, c *call) (any, error) {
	var args listChanges[quotaFilter]
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	found, _, err := findQuotas(ctx, c, args.Filter, args.Sort)
	if err != nil {
		return nil, err
	}
	if usesUsed(args.Sort) {
		return nil, &jmap.MethodError{Type: jmap.CannotCalculateChanges}
	}
	changes, err := c.account.Changes(ctx, "Quota", args.SinceQueryState, 0)
	if err != nil {
		return nil, err
	}
	removed, came := changes.Destroyed, changes.Created
	if !changes.CountsOnly { // a name may be another
		removed, came = slices.Concat(removed, changes.Updated), slices.Concat(came, changes.Updated)
	}
	return args.answer(changes.New, found, removed, came)
}

func usesUsed(sort []jmap.Comparator) bool {
	return slices.ContainsFunc(sort, func(by jmap.Comparator) bool { return by.Property == "used" })
}

func findQuotas(ctx context.Context, c *call, filter *quotaFilter, sort []jmap.Comparator) (idList, jmap.State, error) {
	if err := checkFilter(c.args, quotaConditions); err != nil {
		return nil, "", err
	}
	quotas, state, err := quotasAt(ctx, c)
	if err != nil {
		return nil, "", err
	}
	slices.SortFunc(quotas, func(a, b jmap.Quota) int { return cmp.Compare(a.Id, b.Id) })
	if err := orderBy(quotas, sort, quotaOrder); err != nil {
		return nil, "", err
	}
	ids := idList{}
	for _, q := range quotas {
		if filter.matches(q) {
			ids = append(ids, q.Id)
		}
	}
	return ids, state, nil
}

var quotaOrder = map[string]func(a, b jmap.Quota) int{
	"name": func(a, b jmap.Quota) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) },
	"used": func(a, b jmap.Quota) int { return cmp.Compare(a.Used, b.Used) },
}

// matches: a nil filter takes all.
func (f *quotaFilter) matches(q jmap.Quota) bool {
	if f == nil {
		return true
	}
	if f.Operator != "" {
		return operate(f.Operator, f.Conditions, func(c quotaFilter) bool { return c.matches(q) })
	}
	is := func(want *string, has string) bool { return want == nil || *want == has }
	return is(f.Scope, q.Scope) && is(f.ResourceType, q.ResourceType) &&
		(f.Type == nil || slices.Contains(q.Types, *f.Type)) &&
		(f.Name == nil || strings.Contains(strings.ToLower(q.Name), strings.ToLower(*f.Name)))
}
