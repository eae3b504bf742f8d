package method

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// mailboxQuery answers Mailbox/query (RFC 8621 §2.3).
func mailboxQuery(ctx context.Context, c *call) (any, error) {
	var args jmap.QueryRequest[json.RawMessage]
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	args.Anchor = c.real(args.Anchor)
	now, err := findMailboxes(ctx, c)
	if err != nil {
		return nil, err
	}
	return resultAnswer(&args, now)
}

// mailboxQueryChanges answers Mailbox/queryChanges (RFC 8621 §2.4).
func mailboxQueryChanges(ctx context.Context, c *call) (any, error) {
	var args queryChangesArgs
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	now, err := findMailboxes(ctx, c)
	if err != nil {
		return nil, err
	}
	return queryChangesSince(c.account.Memory(), &args, now, false)
}

// findMailboxes gives the mailboxes a query asks for, and remembers them.
func findMailboxes(ctx context.Context, c *call) (*result, error) {
	var args struct {
		Filter       json.RawMessage   `json:"filter"`
		Sort         []jmap.Comparator `json:"sort"`
		SortAsTree   bool              `json:"sortAsTree"`
		FilterAsTree bool              `json:"filterAsTree"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	budget := filterBudget(maxConditions)
	filter, err := readMailboxFilter(c, args.Filter, 0, &budget)
	if err != nil {
		return nil, err
	}
	if err := checkSort(args.Sort, isMailboxSort); err != nil {
		return nil, err
	}
	mailboxes, err := c.account.Mailboxes(ctx)
	if err != nil {
		return nil, err
	}
	sortMailboxes(mailboxes, args.Sort)
	if args.SortAsTree {
		mailboxes = asTree(mailboxes)
	}
	matches := map[jmap.Id]bool{}
	parents := map[jmap.Id]*jmap.Id{}
	for _, m := range mailboxes {
		matches[m.Id], parents[m.Id] = filter(m), m.ParentId
	}
	ids := idList{}
	for _, m := range mailboxes {
		keep := matches[m.Id]
		for up := m.ParentId; keep && args.FilterAsTree && up != nil; up = parents[*up] {
			keep = matches[*up]
		}
		if keep {
			ids = append(ids, m.Id)
		}
	}
	query, err := json.Marshal(args)
	out := &result{query: "Mailbox " + string(query), hits: ids, state: ids.state()}
	c.account.Memory().remember(out)
	return out, err
}

// mailboxFilter reports whether a mailbox matches.
type mailboxFilter func(m jmap.Mailbox) bool

// readMailboxFilter reads a filter (RFC 8621 §2.3). The null of parentId and role means
// something: none.
func readMailboxFilter(c *call, raw json.RawMessage, depth int, budget *filterBudget) (mailboxFilter, error) {
	shape, err := readFilter(raw, slices.Collect(maps.Keys(mailboxConditions)))
	if err != nil {
		return nil, err
	}
	if err := budget.spend(shape, depth); err != nil {
		return nil, err
	}
	var below []mailboxFilter
	for _, raw := range shape.below {
		f, err := readMailboxFilter(c, raw, depth+1, budget)
		if err != nil {
			return nil, err
		}
		below = append(below, f)
	}
	for property, value := range shape.properties {
		f, ok := mailboxConditions[property](c, value)
		if !ok {
			return nil, jmap.Failf(jmap.InvalidArguments, "the condition %s has a value of another type", property)
		}
		below = append(below, f)
	}
	return func(m jmap.Mailbox) bool {
		return operate(cmp.Or(shape.operator, "AND"), below, func(f mailboxFilter) bool { return f(m) })
	}, nil
}

// mailboxConditions is every property of a FilterCondition.
var mailboxConditions = map[string]func(c *call, raw json.RawMessage) (f mailboxFilter, ok bool){
	"parentId": func(c *call, raw json.RawMessage) (mailboxFilter, bool) {
		var parent *jmap.Id
		ok := json.Unmarshal(raw, &parent) == nil
		return func(m jmap.Mailbox) bool {
			return (parent == nil) == (m.ParentId == nil) && (parent == nil || c.real(*parent) == *m.ParentId)
		}, ok
	},
	"name": func(_ *call, raw json.RawMessage) (mailboxFilter, bool) {
		var part string
		ok := json.Unmarshal(raw, &part) == nil
		return func(m jmap.Mailbox) bool { return strings.Contains(strings.ToLower(m.Name), strings.ToLower(part)) }, ok
	},
	"role": func(_ *call, raw json.RawMessage) (mailboxFilter, bool) {
		var role *string
		ok := json.Unmarshal(raw, &role) == nil
		return func(m jmap.Mailbox) bool {
			return (role == nil) == (m.Role == nil) && (role == nil || *role == *m.Role)
		}, ok
	},
	"hasAnyRole": func(_ *call, raw json.RawMessage) (mailboxFilter, bool) {
		var want *bool
		ok := json.Unmarshal(raw, &want) == nil
		return func(m jmap.Mailbox) bool { return want == nil || *want == (m.Role != nil) }, ok
	},
	"isSubscribed": func(_ *call, raw json.RawMessage) (mailboxFilter, bool) {
		var want *bool
		ok := json.Unmarshal(raw, &want) == nil
		return func(m jmap.Mailbox) bool { return want == nil || *want == m.IsSubscribed }, ok
	},
}

func isMailboxSort(by jmap.Comparator) bool {
	return slices.Contains([]string{"name", "sortOrder", "parentId"}, by.Property)
}

// sortMailboxes sorts; what is equal stays in the order of Mailbox/get. Names are in the
// order of the Unicode Collation Algorithm; those without a parent come before others.
func sortMailboxes(mailboxes []jmap.Mailbox, sort []jmap.Comparator) {
	names := map[jmap.Id][]byte{}
	var buf collate.Buffer
	order := collate.New(language.Und)
	for _, m := range mailboxes {
		names[m.Id] = bytes.Clone(order.KeyFromString(&buf, m.Name))
		buf.Reset()
	}
	compare := map[string]func(a, b jmap.Mailbox) int{
		"name":      func(a, b jmap.Mailbox) int { return bytes.Compare(names[a.Id], names[b.Id]) },
		"sortOrder": func(a, b jmap.Mailbox) int { return cmp.Compare(a.SortOrder, b.SortOrder) },
		"parentId": func(a, b jmap.Mailbox) int {
			return compareIDs(parentOrNone(a), parentOrNone(b))
		},
	}
	slices.SortStableFunc(mailboxes, func(a, b jmap.Mailbox) int {
		for _, by := range sort {
			order := compare[by.Property](a, b)
			if !by.Ascending() {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return 0
	})
}

func parentOrNone(m jmap.Mailbox) jmap.Id {
	if m.ParentId == nil {
		return ""
	}
	return *m.ParentId
}

// asTree puts each mailbox after its parent, siblings in the order they had
// (RFC 8621 §2.3).
func asTree(mailboxes []jmap.Mailbox) []jmap.Mailbox {
	children := map[jmap.Id][]jmap.Mailbox{}
	for _, m := range mailboxes {
		children[parentOrNone(m)] = append(children[parentOrNone(m)], m)
	}
	out := make([]jmap.Mailbox, 0, len(mailboxes))
	var add func(parent jmap.Id)
	add = func(parent jmap.Id) {
		for _, m := range children[parent] {
			out = append(out, m)
			add(m.Id)
		}
	}
	add("")
	return out
}
