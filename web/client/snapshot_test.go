package client

import (
	"encoding/json"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/client/clienttest"
	"github.com/hearthmail/hearthmail/web/store"
)

// TestSnapshot: what a reload draws from is what was there, without bodies, and one
// request brings what happened since.
func TestSnapshot(t *testing.T) {
	run(t, fill(300), func(x *app) {
		l := x.inbox(0, 10)
		x.rest() // bodies come
		var text []byte
		x.loop.Do(func() {
			var err error
			if text, err = json.Marshal(l.Snapshot()); err != nil {
				x.Error(err)
			}
		})
		x.disconnect()
		top := x.server.Mailbox("inbox")[0]
		x.server.Change(top, jmap.PatchObject{"keywords/$flagged": true})
		arrived := x.server.Deliver("inbox", "while away")
		x.server.Requests()

		var snapshot store.Snapshot
		if err := json.Unmarshal(text, &snapshot); err != nil {
			x.Fatal(err)
		}
		again := store.New(x.loop.Post)
		c := New(again, x.server, x.loop.Post)
		defer c.Close()
		x.do(func() {
			again.SetAccounts(x.server.Session())
			again.Restore(&snapshot)
			x.account, x.store, x.client = again.Account(clienttest.AccountId), again, c
			l = x.account.List(store.Query{Mailbox: "inbox"})
			if id, _ := l.At(0); !l.Known() || l.Total() != 300 || id != top || x.account.Email(id).Email().Subject != "Message 299" {
				x.Errorf("%d messages, first %s", l.Total(), id)
			}
			if x.account.Email(top).Body() != store.BodyUnknown || len(x.account.Identities()) == 0 || x.account.Role(jmap.RoleInbox) == nil {
				x.Error("the rest was not restored as it should be")
			}
			c.Start(x.server.Session())
			l.SetViewport(0, 10)
			c.Follow(l)
		})
		c.Connected(store.Connection{State: store.Online})
		x.settle()
		x.same(l)
		x.loop.Do(func() {
			if id, _ := l.At(0); id != arrived || !x.account.Email(top).Has(jmap.KeywordFlagged) {
				x.Errorf("the first is %s; what happened meanwhile does not show", id)
			}
		})
		if got := x.server.Requests(); len(got) != 1 {
			x.Errorf("%d requests: %q", len(got), got)
		}
	})
}
