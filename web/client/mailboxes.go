package client

import "github.com/hearthmail/hearthmail/shared/jmap"

// getMailboxes fetches all mailboxes.
func (c *Client) getMailboxes(w *wire) {
	a := w.account
	c.enqueue(&job{wire: w, key: "mailboxes" + string(a.Id()), build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.Mailbox]](b, "Mailbox/get", jmap.GetRequest{AccountId: a.Id()})
		return func(err error) {
			if err == nil && got.Err() == nil {
				a.SetMailboxes(got.Value.List, got.Value.State)
				c.catchUp(w)
			} else if !lost(err) {
				c.again(w)
			}
		}
	}})
}

// getIdentities fetches the identities.
func (c *Client) getIdentities(w *wire) {
	a := w.account
	if len(c.using) < 3 {
		return // no submission
	}
	c.enqueue(&job{wire: w, key: "identities" + string(a.Id()), build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.Identity]](b, "Identity/get", jmap.GetRequest{AccountId: a.Id()})
		return func(err error) {
			if err == nil && got.Err() == nil {
				a.SetIdentities(got.Value.List)
			}
		}
	}})
}
