package client

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// found is the answer to the query for a stretch of a list: of one account, or of all.
type found struct {
	one *answer[jmap.QueryResponse]
	all *answer[jmap.BridgeQueryResponse]
}

// askQuery adds the query for a stretch. Over several accounts it is one query too, of the
// member's own, which merges what each has (BridgeEmail/query).
func (c *Client) askQuery(b *batch, l *store.List, win store.Window) *found {
	if !l.Account().IsAll() {
		return &found{one: ask[jmap.QueryResponse](b, "Email/query", query(l, win))}
	}
	r := query(l, win)
	all := jmap.BridgeQueryRequest{
		AccountId: c.wireOf(l).account.Id(), Filters: map[jmap.Id]*jmap.EmailFilter{},
		Position: r.Position, Anchor: r.Anchor, AnchorOffset: r.AnchorOffset,
		Limit: r.Limit, CalculateTotal: true, CollapseThreads: r.CollapseThreads,
	}
	for _, w := range c.parts(l) {
		if f := l.FilterFor(w.account); f != nil {
			all.Filters[w.account.Id()] = f
		}
	}
	return &found{all: ask[jmap.BridgeQueryResponse](b, "BridgeEmail/query", all)}
}

// Err is why there is no answer.
func (f *found) Err() error {
	if f.one != nil {
		return f.one.Err()
	}
	return f.all.Err()
}

func (f *found) response() *jmap.QueryResponse {
	if f.one != nil {
		return &f.one.Value
	}
	return &f.all.Value.QueryResponse
}

// idsOf points at the ids of an account in the answer.
func (f *found) idsOf(a *store.Account) *jmap.ResultReference {
	if f.one != nil {
		return f.one.ref("/ids")
	}
	return f.all.ref("/accounts/" + string(a.Id()))
}

// tell says whose the emails are, before they are shown.
func (f *found) tell(l *store.List) {
	if f.all != nil {
		l.Account().SetOwners(f.all.Value.Accounts)
	}
}

// knowsInbox has the list of all inboxes asked for anew: it is known which another
// account's is.
func (c *Client) knowsInbox(a *store.Account) {
	l := c.followed
	if l == nil || !l.Account().IsAll() || !l.Covers(a) {
		return
	}
	c.windowsOf(l).budget = fetchBudget
	if !l.Known() {
		c.fill(l)
		return
	}
	c.enqueue(&job{wire: c.wireOf(l), key: "inboxes", build: func(b *batch) func(error) { return c.askAround(l, b) }})
}

// anyFilter reports whether it is known what to ask an account for: of inboxes, which
// mailbox they are.
func (c *Client) anyFilter(l *store.List) bool {
	for _, w := range c.parts(l) {
		if l.FilterFor(w.account) != nil {
			return true
		}
	}
	return false
}
