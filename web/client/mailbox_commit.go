package client

import (
	"encoding/json"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

const createdMailbox = jmap.Id("mailbox")

// CommitMailbox sends a change of a mailbox that is shown already and settles it. done,
// which may be nil, gets the mailbox's id, or why it was refused.
func (c *Client) CommitMailbox(a *store.Account, op *store.MailboxOp, done func(jmap.Id, error)) {
	k := &mailboxCommit{client: c, wire: c.accounts[a.Id()], op: op, done: done}
	c.enqueue(k.job())
}

// mailboxCommit is a mailbox op on its way.
type mailboxCommit struct {
	client *Client
	wire   *wire
	op     *store.MailboxOp
	done   func(jmap.Id, error)
	tries  int
}

func (k *mailboxCommit) job() *job { return &job{wire: k.wire, set: true, build: k.build} }

func (k *mailboxCommit) build(b *batch) func(error) {
	k.tries++
	op := k.op
	req := jmap.SetRequest{AccountId: k.wire.account.Id()}
	switch {
	case op.Id == "":
		req.Create = map[jmap.Id]any{createdMailbox: mailboxPatch(op)}
	case op.Destroy:
		req.Destroy, req.OnDestroyRemoveEmails = []jmap.Id{op.Id}, true
	default:
		req.Update = map[jmap.Id]jmap.PatchObject{op.Id: mailboxPatch(op)}
	}
	set := ask[jmap.SetResponse](b, "Mailbox/set", req)
	return func(err error) {
		if lost(err) && (!k.client.online || k.tries < maxTries) {
			k.client.queue = slices.Insert(k.client.queue, 0, k.job())
			return
		}
		id, err := k.outcome(&set.Value, firstError(err, set.Err()))
		k.wire.account.SettleMailbox(op, id, err == nil)
		k.wire.wanted = true
		if k.done != nil {
			k.done(id, err)
		}
	}
}

// outcome reads the answer. What is found done at a second attempt was done by the
// first, whose answer got lost.
func (k *mailboxCommit) outcome(v *jmap.SetResponse, err error) (jmap.Id, error) {
	id := k.op.Id
	if err != nil {
		return id, err
	}
	if e, ok := v.NotCreated[createdMailbox]; ok {
		if k.tries > 1 && e.Type == jmap.SetAlreadyExists && e.ExistingId != "" {
			return e.ExistingId, nil
		}
		return "", &e
	}
	if e, ok := v.NotUpdated[id]; ok {
		return id, &e
	}
	if e, ok := v.NotDestroyed[id]; ok && e.Type != jmap.SetNotFound {
		return id, &e
	}
	if id == "" {
		var made struct {
			Id jmap.Id `json:"id"`
		}
		if json.Unmarshal(v.Created[createdMailbox], &made) != nil || made.Id == "" {
			return "", errNoAnswer
		}
		id = made.Id
	}
	return id, nil
}

func mailboxPatch(op *store.MailboxOp) jmap.PatchObject {
	patch := jmap.PatchObject{}
	if op.Name != nil {
		patch["name"] = *op.Name
	}
	if op.Parent != nil {
		patch["parentId"] = nil
		if *op.Parent != "" {
			patch["parentId"] = *op.Parent
		}
	}
	if op.Subscribed != nil {
		patch["isSubscribed"] = *op.Subscribed
	}
	return patch
}
