package client

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// RecentlySent fetches the recipients of the latest messages in Sent, in one request. It is a
// convenience: what fails is left, and done not called.
func (c *Client) RecentlySent(a *store.Account, most int, done func([]jmap.Email)) {
	sent := a.Role(jmap.RoleSent)
	if sent == nil {
		return
	}
	c.enqueue(&job{wire: c.accounts[a.Id()], build: func(b *batch) func(error) {
		q := ask[jmap.QueryResponse](b, "Email/query", jmap.QueryRequest[jmap.EmailFilter]{
			AccountId: a.Id(), Filter: &jmap.EmailFilter{InMailbox: sent.Id}, Limit: &most,
		})
		got := ask[jmap.GetResponse[jmap.Email]](b, "Email/get", jmap.GetRequest{
			AccountId: a.Id(), IdsRef: q.ref("/ids"), Properties: []string{"id", "to", "cc", "bcc", "receivedAt"},
		})
		return func(err error) {
			if firstError(err, got.Err()) == nil {
				done(got.Value.List)
			}
		}
	}})
}
