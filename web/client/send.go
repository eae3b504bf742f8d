package client

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// createdSubmission is the creation id of submissions.
const createdSubmission = jmap.Id("sub")

// Send creates an email in Drafts and submits it, in one request. Where the bridge takes a
// message once, by its Message-ID, what is lost on the way is sent again; elsewhere never
// once it may have left.
func (c *Client) Send(a *store.Account, m store.Outgoing, done func(store.Outcome)) {
	c.sendTry(a, m, maxTries, done)
}

func (c *Client) sendTry(a *store.Account, m store.Outgoing, tries int, done func(store.Outcome)) {
	w := c.accounts[a.Id()]
	finish := func(o store.Outcome) {
		if o.Err == nil || o.DraftId != "" {
			c.replace(a, m.Replaces)
		}
		w.wanted = true
		c.syncIfWanted(w)
		done(o)
	}
	c.enqueue(&job{wire: w, set: true, build: func(b *batch) func(error) {
		since := a.EmailState()
		create := ask[jmap.SetResponse](b, "Email/set", jmap.SetRequest{
			AccountId: a.Id(), Create: map[jmap.Id]any{createdEmail: m.Email},
		})
		submit := askSubmit(b, a, m, "#"+createdEmail)
		return func(err error) {
			switch {
			case notSent(err):
				c.sendTry(a, m, tries, done)
			case lost(err) && c.takesOnce(w) && tries > 1:
				c.sendAgain(w, since, m, tries-1, done, finish)
			case lost(err):
				c.wasSent(w, since, m.Email.MessageId, finish)
			case err != nil:
				finish(store.Outcome{Err: err})
			default:
				o := outcome(create, submit)
				if o.Twice {
					c.replace(a, o.DraftId) // nobody needs it
					o.DraftId = ""
					if tries < maxTries { // it is our own doing
						o = store.Outcome{Submission: o.Submission}
					}
				}
				finish(o)
			}
		}
	}})
}

// takesOnce reports whether the bridge takes a message once only.
func (c *Client) takesOnce(w *wire) bool {
	return slices.Contains(c.using, jmap.CapabilityBridge) && w.account.Has(jmap.CapabilityBridge)
}

// askSubmit adds the call that submits an email.
func askSubmit(b *batch, a *store.Account, m store.Outgoing, email jmap.Id) *answer[jmap.SetResponse] {
	req := submission(a, m.IdentityId, m.Envelope, email)
	req.OnSuccessUpdateEmail = map[jmap.Id]jmap.PatchObject{"#" + createdSubmission: m.After}
	return ask[jmap.SetResponse](b, "EmailSubmission/set", req)
}

// submission is the request that submits an email.
func submission(a *store.Account, identity jmap.Id, envelope *jmap.Envelope, email jmap.Id) jmap.SetRequest {
	return jmap.SetRequest{
		AccountId: a.Id(),
		Create:    map[jmap.Id]any{createdSubmission: jmap.EmailSubmission{IdentityId: identity, EmailId: email, Envelope: envelope}},
	}
}

// outcome reads the answers to a Send.
func outcome(create, submit *answer[jmap.SetResponse]) store.Outcome {
	if create.Err() != nil {
		return store.Outcome{Err: create.Err()}
	}
	email, err := createdIn(&create.Value)
	if err != nil {
		return store.Outcome{Err: err}
	}
	return submitted(submit, email.Id)
}

// submitted reads the answer to a submission of an email.
func submitted(submit *answer[jmap.SetResponse], email jmap.Id) store.Outcome {
	if submit.Err() != nil {
		var m *jmap.MethodError
		return store.Outcome{DraftId: email, Err: submit.Err(), Unknown: !errors.As(submit.Err(), &m)}
	}
	if e, ok := submit.Value.NotCreated[createdSubmission]; ok {
		o := store.Outcome{DraftId: email, Err: &e, Twice: e.Type == jmap.SetAlreadyExists}
		o.Submission.Id = e.ExistingId
		return o
	}
	var o store.Outcome
	raw := submit.Value.Created[createdSubmission]
	if raw == nil || json.Unmarshal(raw, &o.Submission) != nil {
		return store.Outcome{DraftId: email, Err: errNoAnswer, Unknown: true}
	}
	o.Submission.EmailId = email
	return o
}

// sendAgain goes on with a Send whose answer was lost: with the email it made, if it got so
// far. What it submitted, the bridge knows.
func (c *Client) sendAgain(w *wire, since jmap.State, m store.Outgoing, tries int, done, finish func(store.Outcome)) {
	c.findCreated(w, since, m.Email.MessageId, func(found *jmap.Email, _ bool) {
		if found == nil {
			c.sendTry(w.account, m, tries, done)
			return
		}
		c.submitAgain(w, m, found.Id, tries, finish)
	})
}

// submitAgain submits an email that may be submitted already.
func (c *Client) submitAgain(w *wire, m store.Outgoing, email jmap.Id, tries int, finish func(store.Outcome)) {
	c.enqueue(&job{wire: w, set: true, build: func(b *batch) func(error) {
		submit := askSubmit(b, w.account, m, email)
		return func(err error) {
			switch {
			case notSent(err), lost(err) && tries > 1:
				c.submitAgain(w, m, email, tries-1, finish)
			case lost(err):
				finish(store.Outcome{DraftId: email, Err: errLost, Unknown: true})
			case err != nil:
				finish(store.Outcome{DraftId: email, Err: err})
			default:
				o := submitted(submit, email)
				if o.Twice {
					o = store.Outcome{Submission: o.Submission}
					o.Submission.EmailId = email
				}
				finish(o)
			}
		}
	}})
}

// wasSent finds out what became of a message whose answer was lost. It is sure
// only when the message is there and no draft any more.
func (c *Client) wasSent(w *wire, since jmap.State, messageId []string, done func(store.Outcome)) {
	c.findCreated(w, since, messageId, func(found *jmap.Email, _ bool) {
		switch {
		case found != nil && !found.Keywords[jmap.KeywordDraft]:
			done(store.Outcome{})
		case found != nil:
			done(store.Outcome{DraftId: found.Id, Err: errLost, Unknown: true})
		default:
			done(store.Outcome{Err: errLost, Unknown: true})
		}
	})
}

// CopyBlobs copies files from one account to another. done gets the new ids by the old ones,
// or why one could not be copied.
func (c *Client) CopyBlobs(from, to *store.Account, ids []jmap.Id, done func(map[jmap.Id]jmap.Id, error)) {
	w := c.accounts[to.Id()]
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		got := ask[struct {
			Copied    map[jmap.Id]jmap.Id
			NotCopied map[jmap.Id]jmap.SetError
		}](b, "Blob/copy", map[string]any{"fromAccountId": from.Id(), "accountId": to.Id(), "blobIds": ids})
		return func(err error) {
			if lost(err) {
				c.CopyBlobs(from, to, ids, done)
				return
			}
			err = firstError(err, got.Err())
			for _, not := range got.Value.NotCopied {
				err = firstError(err, &not)
			}
			done(got.Value.Copied, err)
		}
	}})
}
