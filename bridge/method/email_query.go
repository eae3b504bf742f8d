package method

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// emailQuery answers Email/query (RFC 8621 §4.4). A mailbox without further conditions is
// answered from the spine, newest UID first, without a round trip and whatever its size.
// What the server is asked is at most one search a mailbox, and what match and order say.
func emailQuery(ctx context.Context, c *call) (any, error) {
	var args jmap.QueryRequest[json.RawMessage]
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	args.Anchor = c.real(args.Anchor)
	search, err := readEmailSearch(c)
	if err != nil {
		return nil, err
	}
	found, err := search.run(ctx, c.account)
	if err != nil {
		return nil, err
	}
	return resultAnswer(&args, found)
}

// emailQueryChanges answers Email/queryChanges (RFC 8621 §4.5), from the results that are
// remembered.
func emailQueryChanges(ctx context.Context, c *call) (any, error) {
	var args queryChangesArgs
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	search, err := readEmailSearch(c)
	if err != nil {
		return nil, err
	}
	now, err := search.run(ctx, c.account)
	if err != nil {
		return nil, err
	}
	return queryChangesSince(c.account.Memory(), &args, now, search.immutable())
}

// emailSearch is what an Email/query asks: which emails, in which order.
type emailSearch struct {
	filter   emailFilter
	sort     []jmap.Comparator
	collapse bool
}

func readEmailSearch(c *call) (*emailSearch, error) {
	var args struct {
		Filter          json.RawMessage   `json:"filter"`
		Sort            []jmap.Comparator `json:"sort"`
		CollapseThreads bool              `json:"collapseThreads"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	filter, err := readEmailFilter(c, args.Filter)
	if err != nil {
		return nil, err
	}
	if err := checkSort(args.Sort, isEmailSort); err != nil {
		return nil, err
	}
	for _, by := range args.Sort {
		if strings.HasSuffix(by.Property, "Keyword") && by.Keyword == "" {
			return nil, jmap.Failf(jmap.InvalidArguments, "a sort by %s has a keyword", by.Property)
		}
	}
	return &emailSearch{filter, args.Sort, args.CollapseThreads}, nil
}

// key is the same for searches that ask the same.
func (q *emailSearch) key() string {
	var b strings.Builder
	b.WriteString("Email " + q.filter.key())
	for _, by := range q.sort {
		fmt.Fprintf(&b, " %s %v %s", by.Property, by.Ascending(), by.Keyword)
	}
	fmt.Fprint(&b, " ", q.collapse)
	return b.String()
}

// any reports whether a condition or comparator is of such a property.
func (q *emailSearch) any(is func(property string) bool) bool {
	for _, by := range q.sort {
		if is(by.Property) {
			return true
		}
	}
	return q.filter.any(is)
}

func (q *emailSearch) immutable() bool { return !q.collapse && !q.any(looksAtMutable) }

// looksAtIndex: dates or threads matter.
func (q *emailSearch) looksAtIndex() bool {
	ids, limited := q.filter.mailboxes()
	return q.collapse || !limited || len(ids) > 1 ||
		q.any(func(property string) bool { return looksAtThreads(property) || looksAtDates(property) })
}

// run finds the emails, or remembers what they were when nothing has changed.
func (q *emailSearch) run(ctx context.Context, a Account) (*result, error) {
	complete := true
	if q.looksAtIndex() {
		if err := a.Indexed(ctx); err != nil {
			return nil, err
		}
		complete = a.IndexReady()
	}
	m := &matcher{account: a}
	now := q.basis(a) // from before the spines are read
	filters, err := q.readSpines(ctx, m)
	if err != nil {
		return nil, err
	}
	now.spines = m.spines
	out := &result{query: q.key()}
	if complete {
		out.basis = now
		known := a.Memory().recall(out.query, func(r *result) bool { return r.basis.holds(now) })
		if known != nil {
			// The ids of what moved are those of now.
			fresh := *known
			fresh.hits = known.hits.(*emailHits).in(m.spines)
			return &fresh, nil
		}
	}
	if q.any(looksAtKeywords) {
		now.expires = time.Now().Add(searchBelieved)
	}
	hits, err := q.find(ctx, m, filters)
	if err != nil {
		return nil, err
	}
	out.hits = hits
	if out.state, err = hits.state(); err != nil {
		return nil, err
	}
	a.Memory().remember(out)
	return out, nil
}

// basis is what a result depends on beside which messages there are. Dates and texts
// never change; so a query that does not look at keywords is not found anew whenever one
// is set.
func (q *emailSearch) basis(a Account) *basis {
	b := &basis{}
	if q.any(looksAtKeywords) {
		b.email = a.State("Email")
	}
	if q.collapse || q.any(looksAtThreads) {
		b.thread = a.State("Thread")
	}
	return b
}

// readSpines reads the spines of the mailboxes that emails may be found in, and gives
// what is asked of each.
func (q *emailSearch) readSpines(ctx context.Context, m *matcher) ([]emailFilter, error) {
	var spines []Spine
	ids, limited := q.filter.mailboxes()
	var err error
	if limited && len(ids) <= maxMailboxesOneByOne {
		spines, err = m.spinesOf(ctx, ids)
	} else {
		spines, err = m.everySpine(ctx)
	}
	var filters []emailFilter
	for _, s := range spines {
		if f := q.filter.in(s.Mailbox); !f.isNone() {
			m.spines, filters = append(m.spines, s), append(filters, f)
		}
	}
	m.single = limited && len(ids) == 1 && len(m.spines) == 1
	return filters, err
}

// maxMailboxesOneByOne is how many mailboxes are looked at without a refresh of all.
const maxMailboxesOneByOne = 3

func (q *emailSearch) find(ctx context.Context, m *matcher, filters []emailFilter) (*emailHits, error) {
	found := make([]upstream.UIDSet, len(m.spines))
	for i, s := range m.spines {
		var err error
		if found[i], err = m.match(ctx, s, &filters[i], s.UIDs); err != nil {
			return nil, tooMany(err, jmap.UnsupportedFilter)
		}
	}
	hits, err := m.order(ctx, found, q.sort)
	if err != nil {
		return nil, tooMany(err, jmap.UnsupportedSort)
	}
	if q.collapse {
		hits = hits.collapse()
	}
	return hits, nil
}

// tooMany says what a person can do when there is too much to look at.
func tooMany(err error, kind string) error {
	if !errors.Is(err, errTooManyRows) {
		return err
	}
	return jmap.Failf(kind, "too many emails to look at: %d were; ask again for what is left, or for fewer emails", maxRowsRead)
}
