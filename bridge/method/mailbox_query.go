package method

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// mailboxFilter is a FilterOperator when Operator is set, else a FilterCondition. The
// null of ParentId and Role means something: none.
type mailboxFilter struct {
	Operator     string          `json:"operator"`
	Conditions   []mailboxFilter `json:"conditions"`
	Name         string          `json:"name"`
	ParentId     json.RawMessage `json:"parentId"`
	Role         json.RawMessage `json:"role"`
	HasAnyRole   *bool           `json:"hasAnyRole"`
	IsSubscribed *bool           `json:"isSubscribed"`
}

// mailboxConditions is every property of a FilterCondition (RFC 8621 §2.3).
var mailboxConditions = []string{"parentId", "name", "role", "hasAnyRole", "isSubscribed"}

// mailboxQuery answers Mailbox/query (RFC 8621 §2.3).
func mailboxQuery(ctx context.Context, c *call) (any, error) {
	var args struct {
		jmap.QueryRequest[mailboxFilter]
		SortAsTree   bool `json:"sortAsTree"`
		FilterAsTree bool `json:"filterAsTree"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if err := checkFilter(c.args, mailboxConditions); err != nil {
		return nil, err
	}
	mailboxes, state, err := mailboxesAt(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := sortMailboxes(mailboxes, args.Sort); err != nil {
		return nil, err
	}
	if args.SortAsTree {
		mailboxes = asTree(mailboxes, nil)
	}
	matches := map[jmap.Id]bool{}
	for _, m := range mailboxes {
		ok, err := args.Filter.match(m)
		if err != nil {
			return nil, err
		}
		matches[m.Id] = ok
	}
	byID := map[jmap.Id]jmap.Mailbox{}
	for _, m := range mailboxes {
		byID[m.Id] = m
	}
	ids := []jmap.Id{}
	for _, m := range mailboxes {
		keep := matches[m.Id]
		for up := m.ParentId; keep && args.FilterAsTree && up != nil; up = byID[*up].ParentId {
			keep = matches[*up]
		}
		if keep {
			ids = append(ids, m.Id)
		}
	}
	return queryAnswer(&args.QueryRequest, state, idList(ids))
}

func (f *mailboxFilter) match(m jmap.Mailbox) (bool, error) {
	if f == nil {
		return true, nil
	}
	if f.Operator != "" {
		return matchOperator(f.Operator, f.Conditions, func(c *mailboxFilter) (bool, error) { return c.match(m) })
	}
	if f.ParentId != nil {
		var parent *jmap.Id
		if err := json.Unmarshal(f.ParentId, &parent); err != nil {
			return false, jmap.Failf(jmap.InvalidArguments, "parentId must be an id or null")
		}
		if (parent == nil) != (m.ParentId == nil) || parent != nil && *parent != *m.ParentId {
			return false, nil
		}
	}
	if f.Role != nil {
		var role *string
		if err := json.Unmarshal(f.Role, &role); err != nil {
			return false, jmap.Failf(jmap.InvalidArguments, "role must be a string or null")
		}
		if (role == nil) != (m.Role == nil) || role != nil && *role != *m.Role {
			return false, nil
		}
	}
	return (f.Name == "" || strings.Contains(strings.ToLower(m.Name), strings.ToLower(f.Name))) &&
		(f.HasAnyRole == nil || *f.HasAnyRole == (m.Role != nil)) &&
		(f.IsSubscribed == nil || *f.IsSubscribed == m.IsSubscribed), nil
}

// matchOperator combines conditions (RFC 8620 §5.5).
func matchOperator[F any](operator string, conditions []F, match func(*F) (bool, error)) (bool, error) {
	hits := 0
	for i := range conditions {
		ok, err := match(&conditions[i])
		if err != nil {
			return false, err
		}
		if ok {
			hits++
		}
	}
	switch operator {
	case "AND":
		return hits == len(conditions), nil
	case "OR":
		return hits > 0, nil
	case "NOT":
		return hits == 0, nil
	}
	return false, jmap.Failf(jmap.InvalidArguments, "operator can be AND, OR and NOT")
}

func sortMailboxes(mailboxes []jmap.Mailbox, sort []jmap.Comparator) error {
	for _, by := range sort {
		if by.Property != "name" && by.Property != "sortOrder" && by.Property != "parentId" {
			return &jmap.MethodError{Type: jmap.UnsupportedSort}
		}
	}
	slices.SortStableFunc(mailboxes, func(a, b jmap.Mailbox) int {
		for _, by := range sort {
			var order int
			switch by.Property {
			case "name":
				order = strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
			case "sortOrder":
				order = cmp.Compare(a.SortOrder, b.SortOrder)
			}
			if !by.Ascending() {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return 0
	})
	return nil
}

// asTree puts each mailbox after its parent, siblings in the order they had
// (RFC 8621 §2.3).
func asTree(mailboxes []jmap.Mailbox, parent *jmap.Id) []jmap.Mailbox {
	var out []jmap.Mailbox
	for _, m := range mailboxes {
		if parent == nil && m.ParentId == nil || parent != nil && m.ParentId != nil && *parent == *m.ParentId {
			out = append(out, m)
			out = append(out, asTree(mailboxes, &m.Id)...)
		}
	}
	return out
}
