package client

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// sessionWatch sees that the session object is the newest.
type sessionWatch struct {
	state    jmap.State // of the one that is known
	seen     jmap.State // that an answer named last: each other one is fetched once
	accounts jmap.State // of BridgeAccount
	renew    func()
}

// OnOldSession has renew called, on the UI loop, whenever the session object that Start
// was given is no longer the newest. What is fetched then is given to Start again.
func (c *Client) OnOldSession(renew func()) { c.session.renew = renew }

// sawSession takes in the session state that an answer names (RFC 8620 §3.4).
func (c *Client) sawSession(state jmap.State) {
	if state != "" && state != c.session.state && state != c.session.seen {
		c.session.seen = state
		c.renewSession()
	}
}

func (c *Client) renewSession() {
	if c.session.renew != nil {
		c.session.renew()
	}
}

// HasBridgeAccounts reports whether the member can see to their accounts here: not on
// another server than our bridge.
func (c *Client) HasBridgeAccounts() bool {
	return c.store.Own() != nil && slices.Contains(c.using, jmap.CapabilityBridge)
}

// OpenBridgeAccounts fetches the member's accounts with their servers.
func (c *Client) OpenBridgeAccounts() {
	own := c.store.Own()
	if !c.HasBridgeAccounts() {
		return
	}
	c.enqueue(&job{wire: c.accounts[own.Id()], key: "accounts", build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.BridgeAccount]](b, "BridgeAccount/get", jmap.GetRequest{AccountId: own.Id()})
		return func(err error) {
			switch {
			case lost(err):
				c.OpenBridgeAccounts()
			default:
				c.store.SetBridgeAccounts(got.Value.List, firstError(err, got.Err()))
			}
		}
	}})
}

// creation names the account that is made: a request makes one.
const creation = "new"

// CreateAccount adds an account. It takes as long as its servers need to accept it, and
// is never tried twice. done gets why it was refused, nil when it is there.
func (c *Client) CreateAccount(account map[string]any, done func(error)) {
	c.setAccounts(jmap.SetRequest{Create: map[jmap.Id]any{creation: account}}, done)
}

// UpdateAccounts changes accounts. done gets the first refusal.
func (c *Client) UpdateAccounts(patches map[jmap.Id]jmap.PatchObject, done func(error)) {
	c.setAccounts(jmap.SetRequest{Update: patches}, done)
}

// RemoveAccount removes an account; with discard even if there is something to be sent.
func (c *Client) RemoveAccount(id jmap.Id, discard bool, done func(error)) {
	c.setAccounts(jmap.SetRequest{Destroy: []jmap.Id{id}, OnDestroyDiscardSubmissions: discard}, done)
}

func (c *Client) setAccounts(args jmap.SetRequest, done func(error)) {
	askAlone(c, "BridgeAccount/set", func(own jmap.Id) any {
		args.AccountId = own
		return args
	}, func(v *jmap.SetResponse, err error) {
		for _, refused := range []map[jmap.Id]jmap.SetError{v.NotCreated, v.NotUpdated, v.NotDestroyed} {
			for _, refusal := range refused {
				err = firstError(err, &refusal)
			}
		}
		c.OpenBridgeAccounts()
		done(err)
	})
}

// DiscoverAccount finds the servers of an address.
func (c *Client) DiscoverAccount(address string, done func(*jmap.BridgeDiscovery, error)) {
	askAlone(c, "BridgeAccount/discover", func(own jmap.Id) any {
		return map[string]any{"accountId": own, "address": address}
	}, done)
}

// TryAccount finds out how far the way to an account's servers is open; id is that of the
// account whose password is used if none is given, "" for none.
func (c *Client) TryAccount(id jmap.Id, account map[string]any, done func(*jmap.BridgeTrial, error)) {
	askAlone(c, "BridgeAccount/test", func(own jmap.Id) any {
		args := map[string]any{"accountId": own, "account": account}
		if id != "" {
			args["id"] = id
		}
		return args
	}, done)
}

// askAlone makes one call of the member's own account in a request of its own: it waits for
// servers elsewhere. It is not made again when the answer is lost.
func askAlone[T any](c *Client, name string, args func(own jmap.Id) any, done func(*T, error)) {
	own := c.store.Own()
	if !c.HasBridgeAccounts() {
		done(new(T), errNoAnswer)
		return
	}
	c.enqueue(&job{wire: c.accounts[own.Id()], alone: true, build: func(b *batch) func(error) {
		got := ask[T](b, name, args(own.Id()))
		return func(err error) { done(&got.Value, firstError(err, got.Err())) }
	}})
}
