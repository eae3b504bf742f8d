package client

import (
	"encoding/json"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// SendRaw has the bridge put a message together and send it, in one request. It is never sent
// again once it may have left, but by a bridge, which takes a message once.
func (c *Client) SendRaw(a *store.Account, m store.Raw, done func(store.Outcome)) {
	c.sendRaw(a, m, maxTries, done)
}

func (c *Client) sendRaw(a *store.Account, m store.Raw, tries int, done func(store.Outcome)) {
	w := c.accounts[a.Id()]
	c.enqueue(&job{wire: w, set: true, build: func(b *batch) func(error) {
		const blob = jmap.Id("raw")
		made := ask[json.RawMessage](b, "Blob/upload", map[string]any{
			"accountId": a.Id(), "create": map[jmap.Id]any{blob: map[string]any{"data": m.Pieces, "type": "message/rfc822"}},
		})
		filed := ask[jmap.SetResponse](b, "Email/import", map[string]any{"accountId": a.Id(), "emails": map[jmap.Id]any{createdEmail: map[string]any{
			"blobId": "#" + blob, "mailboxIds": map[jmap.Id]bool{m.Drafts: true}, "keywords": map[string]bool{jmap.KeywordDraft: true, jmap.KeywordSeen: true},
		}}})
		req := submission(a, m.IdentityId, m.Envelope, "#"+createdEmail)
		if m.After != nil {
			req.OnSuccessUpdateEmail = map[jmap.Id]jmap.PatchObject{"#" + createdSubmission: m.After}
		} else {
			req.OnSuccessDestroyEmail = []jmap.Id{"#" + createdSubmission}
		}
		submit := ask[jmap.SetResponse](b, "EmailSubmission/set", req)
		return func(err error) {
			o := store.Outcome{Err: firstError(err, made.Err(), filed.Err())}
			switch {
			case notSent(err), lost(err) && c.takesOnce(w) && tries > 1:
				c.sendRaw(a, m, tries-1, done)
				return
			case lost(err):
				o.Unknown = true
			case o.Err == nil:
				o = outcome(filed, submit)
				if o.Err != nil && o.DraftId != "" && !o.Unknown {
					c.replace(a, o.DraftId) // it is nobody's draft
				}
				if o.Twice && tries < maxTries { // by our own doing
					o = store.Outcome{Submission: o.Submission}
				}
			}
			w.wanted = true
			c.syncIfWanted(w)
			done(o)
		}
	}})
}
