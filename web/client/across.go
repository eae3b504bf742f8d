package client

import (
	"errors"
	"maps"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// copiesAtOnce is how many emails one Email/copy is asked for: the bridge reads and files
// each of them.
const copiesAtOnce = 20

var (
	errCopyLost    = errors.New("the connection was lost while it was copied; it stays where it was")
	errNotVerified = errors.New("its copy is not as it should be; it stays where it was")
)

// MoveAcross moves the emails of op, which takes them out of a, to a mailbox of another
// account: they are copied, the copies are looked at, and only then the originals are
// destroyed. Whatever happens in between, the original is there; at worst there is a copy
// too many. done gets the new ids by the old, and what was refused.
func (c *Client) MoveAcross(a, to *store.Account, mailbox jmap.Id, op *store.Op, done func(moved map[jmap.Id]jmap.Id, refused map[jmap.Id]error)) {
	m := &crossing{client: c, from: c.accounts[a.Id()], to: c.accounts[to.Id()], mailbox: mailbox, copies: map[jmap.Id]jmap.Id{}, failed: map[jmap.Id]error{}}
	for id := range op.Changes() {
		m.left = append(m.left, id)
	}
	slices.Sort(m.left)
	m.end = func() {
		k := &commit{client: c, wire: m.from, op: op, skip: m.failed}
		k.done = func(refused map[jmap.Id]error) {
			for id := range refused {
				delete(m.copies, id)
			}
			done(m.copies, refused)
		}
		if m.to != nil {
			m.to.wanted = true
			c.syncIfWanted(m.to)
		}
		k.begin()
	}
	m.next()
}

// crossing is emails on their way to another account.
type crossing struct {
	client   *Client
	from, to *wire
	mailbox  jmap.Id
	left     []jmap.Id // to be copied
	copies   map[jmap.Id]jmap.Id
	failed   map[jmap.Id]error
	end      func()
}

// next copies the next of them, and goes on to destroy the originals when there are none.
func (m *crossing) next() {
	if len(m.left) == 0 {
		m.end()
		return
	}
	n := min(len(m.left), copiesAtOnce, m.client.limits.MaxObjectsInSet)
	ids := m.left[:n]
	m.left = m.left[n:]
	m.client.enqueue(m.job(ids))
}

func (m *crossing) job(ids []jmap.Id) *job {
	return &job{wire: m.to, set: true, build: func(b *batch) func(error) {
		create := map[jmap.Id]jmap.EmailCopy{}
		for _, id := range ids {
			create["c"+id] = jmap.EmailCopy{Id: id, MailboxIds: map[jmap.Id]bool{m.mailbox: true}}
		}
		from, to := m.from.account.Id(), m.to.account.Id()
		originals := ask[jmap.GetResponse[jmap.Email]](b, "Email/get", jmap.GetRequest{AccountId: from, Ids: ids, Properties: []string{"id", "size"}})
		copied := ask[jmap.EmailCopyResponse](b, "Email/copy", jmap.EmailCopyRequest{FromAccountId: from, AccountId: to, Create: create})
		return func(err error) {
			if notSent(err) { // nothing was copied
				m.client.queue = slices.Insert(m.client.queue, 0, m.job(ids))
				return
			}
			if lost(err) {
				err = errCopyLost
			}
			made := map[jmap.Id]jmap.Id{}
			for _, id := range ids {
				refusal, refused := copied.Value.NotCreated["c"+id]
				e := firstError(err, originals.Err(), copied.Err())
				if refused {
					e = firstError(e, &refusal)
				}
				if e == nil && copied.Value.Created["c"+id].Id == "" {
					e = errNotVerified
				}
				if e != nil {
					m.failed[id] = e
					continue
				}
				made[id] = copied.Value.Created["c"+id].Id
			}
			if len(made) == 0 {
				m.next()
				return
			}
			m.client.enqueue(m.look(made, originals.Value.List))
		}
	}}
}

// look looks at the copies that were made: each is in the mailbox, and as large as the
// original. Looking again costs nothing.
func (m *crossing) look(made map[jmap.Id]jmap.Id, originals []jmap.Email) *job {
	return &job{wire: m.to, build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.Email]](b, "Email/get",
			jmap.GetRequest{AccountId: m.to.account.Id(), Ids: slices.Collect(maps.Values(made)), Properties: []string{"id", "size", "mailboxIds"}})
		return func(err error) {
			if lost(err) {
				m.client.queue = slices.Insert(m.client.queue, 0, m.look(made, originals))
				return
			}
			m.verify(made, originals, got.Value.List, firstError(err, got.Err()))
			m.next()
		}
	}}
}

func (m *crossing) verify(made map[jmap.Id]jmap.Id, originals, copies []jmap.Email, err error) {
	sizes, found := map[jmap.Id]int64{}, map[jmap.Id]jmap.Email{}
	for _, e := range originals {
		sizes[e.Id] = e.Size
	}
	for _, e := range copies {
		found[e.Id] = e
	}
	for was, is := range made {
		e, there := found[is]
		switch {
		case err != nil:
			m.failed[was] = err
		case !there, !e.MailboxIds[m.mailbox], e.Size != sizes[was]:
			m.failed[was] = errNotVerified
		default:
			m.copies[was] = is
		}
	}
}
