package client

import (
	"testing"

	"github.com/hearthmail/hearthmail/web/store"
)

// TestAListCostsTwoRequests: one for what is on screen, which nothing keeps waiting, and
// one for the conversations.
func TestAListCostsTwoRequests(t *testing.T) {
	run(t, fill(300), func(x *app) {
		x.server.Requests()
		x.do(func() {
			l := x.account.List(store.Query{Mailbox: "inbox", Threads: true})
			l.SetViewport(0, 12)
			x.client.Follow(l)
		})
		x.requests("Email/query Email/get", "Thread/get Email/get")
	})
}
