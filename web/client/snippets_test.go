package client

import (
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/client/clienttest"
	"github.com/hearthmail/hearthmail/web/store"
)

// TestSnippets: of what is seen of a search, and once; a mailbox has none.
func TestSnippets(t *testing.T) {
	run(t, func(s *clienttest.Server) { s.Fill("inbox", 100) }, func(x *app) {
		var l *store.List
		x.do(func() {
			l = x.account.List(store.Query{Text: "message", Filter: &jmap.EmailFilter{Text: "message"}})
			l.SetViewport(0, 29)
			x.client.Follow(l)
		})
		x.loop.Do(func() {
			if lacking := l.LackingSnippets(l.Visible(0)); len(lacking) > 0 {
				x.Errorf("no snippets of %v", lacking)
			}
			if lacking := l.LackingSnippets(l.Visible(50)); len(lacking) == 0 {
				x.Error("what nobody sees was asked for")
			}
			id, _ := l.At(0)
			if got := l.Snippet(id); got.EmailId != id {
				x.Errorf("the snippet of %s is %+v", id, got)
			}
		})
		inbox := x.inbox(0, 29)
		x.loop.Do(func() {
			if lacking := inbox.LackingSnippets(inbox.Visible(0)); lacking != nil {
				x.Errorf("a mailbox lacks snippets of %v", lacking)
			}
		})
	})
}
