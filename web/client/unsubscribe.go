package client

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// unsubscribeRequest are the arguments of BridgeEmail/unsubscribe.
type unsubscribeRequest struct {
	AccountId jmap.Id `json:"accountId"`
	EmailId   jmap.Id `json:"emailId"`
}

// Unsubscribe has the bridge leave the mailing list that an email came by. done gets the
// host that took it, or why it did not. It is asked once: what became of it when the answer
// is lost, nobody knows.
func (c *Client) Unsubscribe(a *store.Account, id jmap.Id, done func(host string, err error)) {
	c.enqueue(&job{wire: c.accounts[a.Id()], build: func(b *batch) func(error) {
		got := ask[struct {
			Host string `json:"host"`
		}](b, "BridgeEmail/unsubscribe", unsubscribeRequest{a.Id(), id})
		return func(err error) { done(got.Value.Host, firstError(err, got.Err())) }
	}})
}
