package client

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// getTasks asks what the bridge does in the background for an account that it downloads.
func (c *Client) getTasks(w *wire) {
	a := w.account
	if !a.Downloads() {
		return
	}
	c.enqueue(&job{wire: w, key: "tasks" + string(a.Id()), build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.BridgeTask]](b, "BridgeTask/get", jmap.GetRequest{AccountId: a.Id()})
		return func(err error) {
			if err == nil && got.Err() == nil {
				a.SetTasks(got.Value.List)
			}
		}
	}})
}

// FetchNow has the bridge look for new mail now, where it downloads it.
func (c *Client) FetchNow(a *store.Account) {
	c.setTasks(a, jmap.SetRequest{AccountId: a.Id(), Create: map[jmap.Id]any{"now": struct{}{}}})
}

// StopTask cancels what the bridge does in the background.
func (c *Client) StopTask(a *store.Account, id jmap.Id) {
	c.setTasks(a, jmap.SetRequest{AccountId: a.Id(), Destroy: []jmap.Id{id}})
}

// setTasks sends what is not worth an error: that it did not get through shows.
func (c *Client) setTasks(a *store.Account, req jmap.SetRequest) {
	w := c.accounts[a.Id()]
	if w == nil || !a.Downloads() {
		return
	}
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		ask[jmap.SetResponse](b, "BridgeTask/set", req)
		return func(error) { c.getTasks(w) }
	}})
}
