package method

import (
	"container/list"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// resultsKept and resultOctets bound the results of queries that are remembered, to
	// calculate changes from and to answer the next window of the same query.
	resultsKept  = 64
	resultOctets = 24 << 20
	// ordersKept is of how many mailboxes the order by date is remembered, 8 octets a
	// message.
	ordersKept = 4
	// rowKeysKept is of how many messages is remembered what they are sorted by, some
	// hundred octets each.
	rowKeysKept = 40_000
	// searchBelieved is how long the answer of a server that does not tell of changes is
	// good for.
	searchBelieved = 15 * time.Second
	// refreshedFor is how long all mailboxes are up to date after they were looked at;
	// what is watched, and what we change, is known at once.
	refreshedFor = 10 * time.Second
)

// Memory is what queries remember of an account: results, and what is dear to find out
// and never changes. All of it can be found out again. Its methods may be called from any
// goroutine; the zero value is empty.
type Memory struct {
	mu      sync.Mutex
	results list.List // of *result, latest first; guarded by mu
	octets  int       // of results; guarded by mu

	orders      []*dateOrder              // latest first; guarded by mu
	rowKeys     map[jmap.Id]rowKey        // guarded by mu
	attachments map[jmap.Id]attachmentSet // by spine mark; guarded by mu

	refreshed time.Time // when all mailboxes were; guarded by mu
}

// result is what a query gave.
type result struct {
	query  string // what is asked, in one form
	state  jmap.State
	hits   hits
	basis  *basis
	kept   bool
	octets int
}

// basis is what an Email/query was calculated from: while that is the same, so is the
// result.
type basis struct {
	email, thread jmap.State // "" where they make no difference
	spines        []Spine
	expires       time.Time // zero: never
}

func (b *basis) holds(now *basis) bool {
	return b != nil && b.email == now.email && b.thread == now.thread &&
		(b.expires.IsZero() || time.Now().Before(b.expires)) &&
		slices.EqualFunc(b.spines, now.spines, func(x, y Spine) bool { return x.mark() == y.mark() && x.UIDs.Equal(y.UIDs) })
}

// remember keeps a result.
func (m *Memory) remember(r *result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r.octets = r.hits.weight() + len(r.query)
	if r.octets > resultOctets/2 {
		return
	}
	for e := m.results.Front(); e != nil; e = e.Next() {
		if old := e.Value.(*result); old.query == r.query && old.state == r.state {
			m.forget(e)
			break
		}
	}
	r.kept = true
	m.octets += r.octets
	m.results.PushFront(r)
	for m.results.Len() > resultsKept || m.octets > resultOctets {
		m.forget(m.results.Back())
	}
}

func (m *Memory) forget(e *list.Element) {
	m.octets -= e.Value.(*result).octets
	m.results.Remove(e)
}

// recall finds the result a query had, by what is true of it.
func (m *Memory) recall(query string, is func(*result) bool) *result {
	m.mu.Lock()
	defer m.mu.Unlock()
	for e := m.results.Front(); e != nil; e = e.Next() {
		if r := e.Value.(*result); r.query == query && is(r) {
			m.results.MoveToFront(e)
			return r
		}
	}
	return nil
}

// withState is for recall: the result a client has.
func withState(state jmap.State) func(*result) bool {
	return func(r *result) bool { return r.state == state }
}

// refresh brings all mailboxes up to date, unless that was done a moment ago.
func (m *Memory) refresh(ctx context.Context, a Account) error {
	m.mu.Lock()
	due := time.Since(m.refreshed) > refreshedFor
	m.mu.Unlock()
	if !due {
		return nil
	}
	now := time.Now()
	if err := a.RefreshAll(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	m.refreshed = now
	m.mu.Unlock()
	return nil
}

// dateOrder is the messages of a spine, newest received first.
type dateOrder struct {
	mark jmap.Id
	uids upstream.UIDSet
	refs []ref
}

func (m *Memory) order(mark jmap.Id) *dateOrder {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range m.orders {
		if o.mark == mark {
			return o
		}
	}
	return nil
}

func (m *Memory) keepOrder(o *dateOrder) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := []*dateOrder{o}
	for _, old := range m.orders {
		if old.mark != o.mark && len(kept) < ordersKept {
			kept = append(kept, old)
		}
	}
	m.orders = kept
}

// rowKeysOf gives what is known of emails.
func (m *Memory) rowKeysOf(ids []jmap.Id) map[jmap.Id]rowKey {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make(map[jmap.Id]rowKey, len(ids))
	for _, id := range ids {
		if k, ok := m.rowKeys[id]; ok {
			out[id] = k
		}
	}
	return out
}

func (m *Memory) keepRowKeys(keys map[jmap.Id]rowKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rowKeys == nil || len(m.rowKeys)+len(keys) > rowKeysKept {
		m.rowKeys = map[jmap.Id]rowKey{}
	}
	maps.Copy(m.rowKeys, keys)
}

// attachmentSet is the messages of a spine of which it is known whether they have
// attachments.
type attachmentSet struct{ known, with upstream.UIDSet }

func (m *Memory) attachmentsOf(mark jmap.Id) attachmentSet {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.attachments[mark]
}

func (m *Memory) keepAttachments(mark jmap.Id, known, with upstream.UIDSet) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.attachments == nil {
		m.attachments = map[jmap.Id]attachmentSet{}
	}
	old := m.attachments[mark]
	m.attachments[mark] = attachmentSet{old.known.Union(known), old.with.Union(with)}
}
