package client

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// openStates are those of what is in the outbox: on its way, or nothing a person can be
// done with.
var openStates = []string{jmap.SubmissionPending, jmap.SubmissionSending, jmap.SubmissionFinishing, jmap.SubmissionMaybe, jmap.SubmissionFailed}

// submissionFilter is RFC 8621 §7.3's, with the bridge's condition.
type submissionFilter struct {
	UndoStatus string    `json:"undoStatus,omitzero"`
	States     []string  `json:"states,omitzero"`
	EmailIds   []jmap.Id `json:"emailIds,omitzero"`
}

// outboxLater fetches the outbox when what is waited for is here.
func (c *Client) outboxLater(w *wire) {
	if w.outbox {
		return
	}
	w.outbox = true
	c.later(quotaPause, func() {
		w.outbox = false
		c.getOutbox(w)
	})
}

// getOutbox fetches what is in the outbox, and the rows of those emails.
func (c *Client) getOutbox(w *wire) {
	a := w.account
	if !a.Has(jmap.CapabilitySubmission) {
		return
	}
	filter := submissionFilter{UndoStatus: jmap.UndoPending}
	if c.takesOnce(w) {
		filter = submissionFilter{States: openStates}
	}
	c.enqueue(&job{wire: w, key: "outbox" + string(a.Id()), build: func(b *batch) func(error) {
		found := ask[jmap.QueryResponse](b, "EmailSubmission/query", jmap.QueryRequest[submissionFilter]{AccountId: a.Id(), Filter: &filter})
		got := ask[jmap.GetResponse[jmap.EmailSubmission]](b, "EmailSubmission/get", jmap.GetRequest{AccountId: a.Id(), IdsRef: found.ref("/ids")})
		emails := ask[jmap.GetResponse[jmap.Email]](b, "Email/get", jmap.GetRequest{
			AccountId: a.Id(), IdsRef: got.ref("/list/*/emailId"), Properties: rowProperties,
		})
		mark := a.Ask()
		return func(err error) {
			if err == nil && got.Err() == nil {
				if emails.Err() == nil {
					a.ApplyEmails(emails.Value.List, mark)
				}
				a.SetOutbox(got.Value.List)
			}
			a.Answered(mark)
		}
	}})
}

// CancelSubmission takes back what was not sent yet; after is what becomes of its email then.
// Doing it twice is doing it once.
func (c *Client) CancelSubmission(a *store.Account, id jmap.Id, after jmap.PatchObject, done func(error)) {
	req := jmap.SetRequest{AccountId: a.Id(), Update: map[jmap.Id]jmap.PatchObject{id: {"undoStatus": jmap.UndoCanceled}}}
	if after != nil {
		req.OnSuccessUpdateEmail = map[jmap.Id]jmap.PatchObject{id: after}
	}
	c.setSubmission(a, req, id, done)
}

// ForgetSubmission takes what is not to be sent any more out of the outbox.
func (c *Client) ForgetSubmission(a *store.Account, id jmap.Id, done func(error)) {
	c.setSubmission(a, jmap.SetRequest{AccountId: a.Id(), Destroy: []jmap.Id{id}}, id, done)
}

func (c *Client) setSubmission(a *store.Account, req jmap.SetRequest, id jmap.Id, done func(error)) {
	w := c.accounts[a.Id()]
	c.enqueue(&job{wire: w, set: true, build: func(b *batch) func(error) {
		set := ask[jmap.SetResponse](b, "EmailSubmission/set", req)
		return func(err error) {
			if lost(err) {
				c.setSubmission(a, req, id, done)
				return
			}
			err = firstError(err, set.Err())
			for _, not := range []map[jmap.Id]jmap.SetError{set.Value.NotUpdated, set.Value.NotDestroyed} {
				if e, refused := not[id]; refused && e.Type != jmap.SetNotFound && err == nil {
					err = &e
				}
			}
			if err == nil {
				a.SubmissionGone(id)
				w.wanted = true
				c.syncIfWanted(w)
			}
			c.getOutbox(w)
			done(err)
		}
	}})
}

// Resubmit has an email sent that an earlier submission did not send: that one is taken back
// or forgotten first, as it would stand in the way.
func (c *Client) Resubmit(a *store.Account, old *store.Submission, m store.Outgoing, done func(store.Outcome)) {
	w := c.accounts[a.Id()]
	first := jmap.SetRequest{AccountId: a.Id()}
	switch old.State() {
	case jmap.SubmissionMaybe:
		first.Destroy = []jmap.Id{old.Id}
	case jmap.SubmissionPending:
		first.Update = map[jmap.Id]jmap.PatchObject{old.Id: {"undoStatus": jmap.UndoCanceled}}
	}
	c.enqueue(&job{wire: w, set: true, build: func(b *batch) func(error) {
		ask[jmap.SetResponse](b, "EmailSubmission/set", first)
		submit := askSubmit(b, a, m, old.EmailId)
		return func(err error) {
			var o store.Outcome
			switch {
			case lost(err) && c.takesOnce(w):
				c.Resubmit(a, old, m, done)
				return
			case err != nil:
				o = store.Outcome{DraftId: old.EmailId, Err: err, Unknown: lost(err)}
			default:
				o = submitted(submit, old.EmailId)
			}
			if o.Twice { // it was on its way before it could be taken back
				o = store.Outcome{Submission: o.Submission}
			}
			w.wanted = true
			c.syncIfWanted(w)
			c.getOutbox(w)
			done(o)
		}
	}})
}
