package client

import (
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// getMailboxes fetches all mailboxes.
func (c *Client) getMailboxes(w *wire) {
	a := w.account
	c.enqueue(&job{wire: w, key: "mailboxes" + string(a.Id()), build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.Mailbox]](b, "Mailbox/get", jmap.GetRequest{AccountId: a.Id()})
		return func(err error) {
			if err == nil && got.Err() == nil {
				a.SetMailboxes(got.Value.List, got.Value.State)
				c.catchUp(w)
				c.knowsInbox(a)
			} else if !lost(err) {
				c.again(w)
			}
		}
	}})
}

// getIdentities fetches the identities.
func (c *Client) getIdentities(w *wire) {
	a := w.account
	if !slices.Contains(c.using, jmap.CapabilitySubmission) {
		return
	}
	c.enqueue(&job{wire: w, key: "identities" + string(a.Id()), build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.Identity]](b, "Identity/get", jmap.GetRequest{AccountId: a.Id()})
		return func(err error) {
			if err == nil && got.Err() == nil {
				w.identities = true
				a.SetIdentities(got.Value.List)
			}
		}
	}})
}

// quotaPause is how long limits wait: they may cost the bridge a round trip, and nobody
// waits for them.
const quotaPause = 2 * time.Second

// quotasLater fetches the limits of the account when what is waited for is here.
func (c *Client) quotasLater(w *wire) {
	if w.limits || !w.account.Has(jmap.CapabilityQuota) {
		return
	}
	w.limits = true
	c.later(quotaPause, func() {
		w.limits = false
		c.getQuotas(w)
	})
}

// getQuotas fetches the limits of the account, if it has any.
func (c *Client) getQuotas(w *wire) {
	a := w.account
	if !a.Has(jmap.CapabilityQuota) {
		return
	}
	c.enqueue(&job{wire: w, key: "quotas" + string(a.Id()), build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.Quota]](b, "Quota/get", jmap.GetRequest{AccountId: a.Id()})
		return func(err error) {
			if err == nil && got.Err() == nil {
				a.SetQuotas(got.Value.List)
			}
		}
	}})
}
