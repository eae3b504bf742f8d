package client

import (
	"errors"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// createdEmail is the creation id of drafts.
const createdEmail = jmap.Id("draft")

// checkAfter is how long a request whose answer was lost may still be at work at
// the bridge after the reconnect.
const checkAfter = 3 * time.Second

var errLost = errors.New("the connection was lost before the bridge answered")

// SaveDraft creates email and, when that worked, destroys the email it replaces
// ("" for none). These are two requests: within one Email/set the old draft
// would go even if the new one were refused (RFC 8620 §5.3).
func (c *Client) SaveDraft(a *store.Account, email jmap.Email, replaces jmap.Id, done func(jmap.Email, error)) {
	c.saveDraft(a, email, replaces, maxTries, done)
}

func (c *Client) saveDraft(a *store.Account, email jmap.Email, replaces jmap.Id, tries int, done func(jmap.Email, error)) {
	w := c.accounts[a.Id()]
	finish := func(saved jmap.Email, err error) {
		if err == nil {
			c.replace(a, replaces)
		}
		w.wanted = true
		c.syncIfWanted(w)
		done(saved, err)
	}
	c.enqueue(&job{wire: w, set: true, build: func(b *batch) func(error) {
		since := a.EmailState()
		set := ask[jmap.SetResponse](b, "Email/set", jmap.SetRequest{
			AccountId: a.Id(), Create: map[jmap.Id]any{createdEmail: email},
		})
		return func(err error) {
			switch {
			case notSent(err):
				c.saveDraft(a, email, replaces, tries, done)
			case lost(err):
				c.findCreated(w, since, email.MessageId, func(found *jmap.Email, sure bool) {
					switch {
					case found != nil:
						finish(*found, nil)
					case sure && tries > 1:
						c.saveDraft(a, email, replaces, tries-1, done)
					default:
						finish(jmap.Email{}, errLost)
					}
				})
			case firstError(err, set.Err()) != nil:
				finish(jmap.Email{}, firstError(err, set.Err()))
			default:
				finish(createdIn(&set.Value))
			}
		}
	}})
}

// createdIn gives the email a set created, or why it did not.
func createdIn(r *jmap.SetResponse) (jmap.Email, error) {
	if e, ok := r.NotCreated[createdEmail]; ok {
		return jmap.Email{}, &e
	}
	email, err := unmarshalEmail(r.Created[createdEmail])
	if err == nil && email.Id == "" {
		err = errNoAnswer
	}
	return email, err
}

// replace destroys a draft that a newer one stands for.
func (c *Client) replace(a *store.Account, id jmap.Id) {
	if id == "" {
		return
	}
	if op := a.Begin(map[jmap.Id]store.Change{id: {Destroy: true}}); !op.Empty() {
		c.Commit(a, op, nil)
	}
}

// findCreated looks for an email with that Message-ID among those created since
// a state, once the way is open again and the bridge has had time to finish.
// sure says that the bridge could name all of them.
func (c *Client) findCreated(w *wire, since jmap.State, messageId []string, done func(found *jmap.Email, sure bool)) {
	if since == "" || len(messageId) == 0 {
		done(nil, false)
		return
	}
	c.later(checkAfter, func() {
		c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
			a := w.account
			changes := ask[jmap.ChangesResponse](b, "Email/changes", jmap.ChangesRequest{AccountId: a.Id(), SinceState: since})
			got := ask[jmap.GetResponse[jmap.Email]](b, "Email/get", jmap.GetRequest{
				AccountId: a.Id(), IdsRef: changes.ref("/created"),
				Properties: []string{"id", "blobId", "threadId", "size", "messageId", "keywords", "mailboxIds"},
			})
			return func(err error) {
				if lost(err) {
					c.findCreated(w, since, messageId, done)
					return
				}
				for i, e := range got.Value.List {
					if slices.Equal(e.MessageId, messageId) {
						done(&got.Value.List[i], true)
						return
					}
				}
				done(nil, err == nil && got.Err() == nil && !changes.Value.HasMoreChanges)
			}
		}})
	})
}
