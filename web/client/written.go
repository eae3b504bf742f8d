package client

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// FindWritten looks for what the bridge has of a message that was being written, by its
// Message-ID: drafts, and what was sent. done gets their keywords and marks; what waits to be
// sent is no draft any more.
func (c *Client) FindWritten(a *store.Account, messageId string, done func([]jmap.Email, error)) {
	w := c.accounts[a.Id()]
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		var got []*answer[jmap.GetResponse[jmap.Email]]
		for _, role := range []string{jmap.RoleDrafts, jmap.RoleSent} {
			m := a.Role(role)
			if m == nil {
				continue
			}
			filter := jmap.EmailFilter{InMailbox: m.Id, Header: []string{"Message-ID", messageId}}
			q := ask[jmap.QueryResponse](b, "Email/query", jmap.QueryRequest[jmap.EmailFilter]{AccountId: a.Id(), Filter: &filter})
			got = append(got, ask[jmap.GetResponse[jmap.Email]](b, "Email/get", jmap.GetRequest{
				AccountId: a.Id(), IdsRef: q.ref("/ids"),
				Properties: []string{"id", "messageId", "keywords", "header:X-Hearthmail-Draft:asText"},
			}))
		}
		waiting := c.askWaiting(b, w)
		return func(err error) {
			if lost(err) {
				c.FindWritten(a, messageId, done)
				return
			}
			var found []jmap.Email
			for _, g := range got {
				err = firstError(err, g.Err())
				for _, e := range g.Value.List {
					if slices.ContainsFunc(waiting.Value.List, func(s jmap.EmailSubmission) bool { return s.EmailId == e.Id }) {
						delete(e.Keywords, jmap.KeywordDraft)
					}
					if slices.Contains(e.MessageId, messageId) {
						found = append(found, e)
					}
				}
			}
			done(found, err)
		}
	}})
}

// askWaiting asks for what waits to be sent.
func (c *Client) askWaiting(b *batch, w *wire) *answer[jmap.GetResponse[jmap.EmailSubmission]] {
	id := w.account.Id()
	q := ask[jmap.QueryResponse](b, "EmailSubmission/query", jmap.QueryRequest[submissionFilter]{AccountId: id, Filter: &submissionFilter{UndoStatus: jmap.UndoPending}})
	return ask[jmap.GetResponse[jmap.EmailSubmission]](b, "EmailSubmission/get", jmap.GetRequest{AccountId: id, IdsRef: q.ref("/ids"), Properties: []string{"id", "emailId"}})
}
