package client

import (
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// earlySpan is how far back the first look of a search goes. A mail server that has no
// index of words reads each message: a week of them is read at once, all of them are not.
const earlySpan = 7 * 24 * time.Hour

// early asks for the newest of what a search finds, beside the search itself: they are
// shown while the bridge looks for the rest. Lists of results are newest first, so that
// they are its first rows.
func (c *Client) early(w *wire, l *store.List) {
	f := l.Query().Filter
	if f == nil || l.Account().IsAll() || l.Known() || bounded(f) {
		return
	}
	a := w.account
	limit := page
	c.enqueue(&job{wire: w, alone: true, build: func(b *batch) func(error) {
		if l != c.followed || l.Known() {
			return nil
		}
		recent := jmap.EmailFilter{Operator: "AND", Conditions: []jmap.EmailFilter{{After: time.Now().Add(-earlySpan).UTC().Truncate(time.Second)}, *f}}
		q := ask[jmap.QueryResponse](b, "Email/query", jmap.QueryRequest[jmap.EmailFilter]{AccountId: a.Id(), Filter: &recent, Limit: &limit})
		rows := ask[jmap.GetResponse[jmap.Email]](b, "Email/get",
			jmap.GetRequest{AccountId: a.Id(), IdsRef: q.ref("/ids"), Properties: rowProperties})
		mark := a.Ask()
		return func(err error) {
			if err == nil && q.Err() == nil && rows.Err() == nil && l.ApplyEarly(q.Value.Ids) {
				c.sawState(a, rows.Value.State)
				a.ApplyEmails(rows.Value.List, mark)
				c.snippets(w, l)
			}
			a.Answered(mark)
		}
	}})
}

// bounded reports whether a filter says since when: then the first look is the whole.
func bounded(f *jmap.EmailFilter) bool {
	if f.Operator == "AND" {
		for i := range f.Conditions {
			if bounded(&f.Conditions[i]) {
				return true
			}
		}
	}
	return f.Operator == "" && !f.After.IsZero()
}
