package client

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// maxFound bounds how many ids one query is followed to: a bridge whose answers never end
// must not keep us asking.
const maxFound = 2_000_000

// FindAll collects the ids of all emails of a query, in its order and each message by
// itself, limit at a time. found is told how many there are so far; it reports false to
// stop. done gets all of them. A lost connection is waited for.
func (c *Client) FindAll(a *store.Account, q store.Query, limit int, found func(n int) bool, done func(ids []jmap.Id, err error)) {
	f := &finding{client: c, wire: c.accounts[a.Id()], query: q, limit: limit, found: found, done: done, seen: map[jmap.Id]bool{}}
	c.enqueue(f.job())
}

// finding is a search for all ids of a query on its way.
type finding struct {
	client *Client
	wire   *wire
	query  store.Query
	limit  int
	found  func(n int) bool
	done   func(ids []jmap.Id, err error)
	ids    []jmap.Id
	seen   map[jmap.Id]bool
	byPos  bool // the email to go on from is gone
	tries  int
}

func (f *finding) job() *job { return &job{wire: f.wire, build: f.build} }

// build asks for what comes after the last id: by that id, so that what comes in above
// moves nothing.
func (f *finding) build(b *batch) func(error) {
	f.tries++
	r := jmap.QueryRequest[jmap.EmailFilter]{
		AccountId: f.wire.account.Id(), Filter: f.query.JMAP(), Sort: f.query.Comparators(), Limit: &f.limit,
	}
	n := len(f.ids)
	switch {
	case n > 0 && f.byPos:
		r.Position = n
	case n > 0:
		r.Anchor, r.AnchorOffset = f.ids[n-1], 1
	}
	q := ask[jmap.QueryResponse](b, "Email/query", r)
	return func(err error) {
		c := f.client
		switch {
		case lost(err) && (!c.online || f.tries < maxTries):
			c.queue = append(c.queue, f.job())
		case err != nil:
			f.done(nil, err)
		case q.Err() != nil && r.Anchor != "" && !isTemporary(q.Err()):
			f.byPos = true
			c.enqueue(f.job())
		case q.Err() != nil:
			f.done(nil, q.Err())
		default:
			f.tries = 0
			f.take(q.Value.Ids)
		}
	}
}

func (f *finding) take(ids []jmap.Id) {
	fresh := 0
	for _, id := range ids {
		if !f.seen[id] {
			f.seen[id] = true
			f.ids = append(f.ids, id)
			fresh++
		}
	}
	f.byPos = false
	switch {
	case !f.found(len(f.ids)):
	case fresh == 0 || len(ids) < f.limit || len(f.ids) >= maxFound:
		f.done(f.ids, nil)
	default:
		f.client.enqueue(f.job())
	}
}

// placedProperties are what Placed tells: where emails lie, what keywords they have, and what
// they are called as files.
var placedProperties = slices.Concat(flagProperties, []string{"blobId", "size", "subject", "to", "cc", "from"})

// Placed tells where emails lie and what keywords they have, as the bridge knows it now:
// list rows with nothing else. Those that are gone are left out.
func (c *Client) Placed(a *store.Account, ids []jmap.Id, done func(list []jmap.Email, err error)) {
	w, tries := c.accounts[a.Id()], 0
	var look func() *job
	look = func() *job {
		return &job{wire: w, build: func(b *batch) func(error) {
			tries++
			var parts []*answer[jmap.GetResponse[jmap.Email]]
			for part := range slices.Chunk(ids, c.limits.MaxObjectsInGet) {
				parts = append(parts, ask[jmap.GetResponse[jmap.Email]](b, "Email/get",
					jmap.GetRequest{AccountId: a.Id(), Ids: part, Properties: placedProperties}))
			}
			return func(err error) {
				if lost(err) && (!c.online || tries < maxTries) {
					c.queue = append(c.queue, look())
					return
				}
				var list []jmap.Email
				for _, p := range parts {
					err = firstError(err, p.Err())
					list = append(list, p.Value.List...)
				}
				done(list, err)
			}
		}}
	}
	c.enqueue(look())
}
