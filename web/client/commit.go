package client

import (
	"maps"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// maxTries is how often a set is sent whose answer gets lost though the
// connection seems to hold.
const maxTries = 5

// Commit sends a change that is shown already and settles it. done, which may be
// nil, gets what was refused, by email.
func (c *Client) Commit(a *store.Account, op *store.Op, done func(refused map[jmap.Id]error)) {
	k := &commit{client: c, wire: c.accounts[a.Id()], op: op, done: done}
	k.begin()
}

// commit is an op on its way.
type commit struct {
	client *Client
	wire   *wire
	op     *store.Op
	done   func(refused map[jmap.Id]error)
	tries  int
	skip   map[jmap.Id]error // these are refused without being sent
}

// begin sends what is to be sent.
func (k *commit) begin() {
	if len(k.skip) >= len(k.op.Changes()) {
		k.settle(nil, nil)
		return
	}
	k.client.enqueue(k.job())
}

func (k *commit) job() *job { return &job{wire: k.wire, set: true, build: k.build} }

// chunk is one Email/set: a bridge takes so many objects at once.
type chunk struct {
	ids    []jmap.Id
	answer *answer[jmap.SetResponse]
}

func (k *commit) build(b *batch) func(error) {
	k.tries++
	changes := k.op.Changes()
	ids := make([]jmap.Id, 0, len(changes))
	for id := range changes {
		if k.skip[id] == nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var chunks []chunk
	for part := range slices.Chunk(ids, k.client.limits.MaxObjectsInSet) {
		req := jmap.SetRequest{AccountId: k.wire.account.Id()}
		for _, id := range part {
			if changes[id].Destroy {
				req.Destroy = append(req.Destroy, id)
				continue
			}
			if req.Update == nil {
				req.Update = make(map[jmap.Id]jmap.PatchObject)
			}
			req.Update[id] = changes[id].Patch()
		}
		chunks = append(chunks, chunk{part, ask[jmap.SetResponse](b, "Email/set", req)})
	}
	return func(err error) {
		if lost(err) && (!k.client.online || k.tries < maxTries) {
			// Doing it twice is doing it once: first in the queue, so that order holds.
			k.client.queue = slices.Insert(k.client.queue, 0, k.job())
			return
		}
		k.settle(chunks, err)
	}
}

// settle tells the store and the caller what became of the op.
func (k *commit) settle(chunks []chunk, err error) {
	a := k.wire.account
	refused := make(map[jmap.Id]error)
	maps.Copy(refused, k.skip)
	for _, ch := range chunks {
		if e := firstError(err, ch.answer.Err()); e != nil {
			for _, id := range ch.ids {
				refused[id] = e
			}
			a.EmailsStale(ch.ids...) // part of it may have been done
			continue
		}
		v := &ch.answer.Value
		for id, e := range v.NotUpdated {
			refused[id] = &e
		}
		for id, e := range v.NotDestroyed {
			if e.Type != jmap.SetNotFound {
				refused[id] = &e
			}
		}
		if v.OldState != "" && v.OldState == a.EmailState() {
			a.SetEmailState(v.NewState)
		}
	}
	a.Settle(k.op, func(id jmap.Id) bool { return refused[id] != nil })
	k.wire.wanted = true // counts and lists, from the bridge's own mouth
	if k.done != nil {
		if len(refused) == 0 {
			refused = nil
		}
		k.done(refused)
	}
}
