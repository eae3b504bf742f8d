package client

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// maxSnippets is how many are asked for at once: the bridge reads each of the
// messages for them.
const maxSnippets = 20

// snippets fetches where the emails in the viewport of a search have its words, once
// their rows are there.
func (c *Client) snippets(w *wire, l *store.List) {
	s := c.windowsOf(l)
	lacking := l.Account().Owned(w.account, l.LackingSnippets(l.Visible(0)))
	if s.snippets || len(lacking) == 0 {
		return
	}
	lacking = lacking[:min(len(lacking), maxSnippets)]
	s.snippets = true
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		if l != c.followed {
			s.snippets = false
			return nil
		}
		got := ask[jmap.SearchSnippetGetResponse](b, "SearchSnippet/get",
			jmap.SearchSnippetGetRequest{AccountId: w.account.Id(), Filter: l.FilterFor(w.account), EmailIds: lacking})
		return func(err error) {
			s.snippets = false
			if lost(err) {
				return
			}
			if err != nil || got.Err() != nil {
				got.Value.List = nil // the rows stand for themselves
			}
			l.ApplySnippets(lacking, got.Value.List)
			if l == c.followed {
				c.fill(l)
			}
		}
	}})
}
