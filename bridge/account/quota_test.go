package account_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// limited is a store whose server says what the test wants of its limits.
type limited struct {
	*memstore.Store

	mu     sync.Mutex
	quotas []upstream.Quota // guarded by mu
	err    error            // guarded by mu
	asked  int              // guarded by mu
}

func (l *limited) Quotas(context.Context) ([]upstream.Quota, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	return l.quotas, l.err
}

func (l *limited) say(err error, quotas ...upstream.Quota) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.quotas, l.err = quotas, err
}

func openLimited(t *testing.T, l *limited) *desk {
	t.Helper()
	d := &desk{t: t, ctx: t.Context(), db: openDB(t), dir: t.TempDir(), server: memstore.New()}
	d.other, l.Store = d.server.Open(), d.server.Open()
	a, err := account.Open(d.ctx, account.Config{ID: "a", Address: "ada@hearth.test", DB: d.db, Dir: d.dir, Store: l, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	d.Account, d.set = a, account.NewSet(a)
	t.Cleanup(func() { d.stop() })
	return d
}

func TestQuotaWords(t *testing.T) {
	l := &limited{}
	l.say(nil,
		upstream.Quota{Resource: "STORAGE", Used: 10, Limit: 100}, upstream.Quota{Root: "team", Resource: "MESSAGE", Used: -1, Limit: 5},
		upstream.Quota{Resource: "MAILBOX", Used: 3, Limit: 50}, upstream.Quota{Resource: "X-COLOR", Used: 3, Limit: 50})
	d := openLimited(t, l)
	eventually(t, func() bool { return d.offers(jmap.CapabilityQuota) })
	quotas, err := d.Quotas(t.Context())
	if err != nil || len(quotas) != 3 {
		t.Fatalf("%+v (%v)", quotas, err)
	}
	for i, want := range []struct {
		name, resource, typ string
		used, limit         int64
	}{{"Storage", "octets", "Email", 10, 100}, {"team", "count", "Email", 0, 5}, {"Mailboxes", "count", "Mailbox", 3, 50}} {
		q := quotas[i]
		if q.Name != want.name || q.ResourceType != want.resource || len(q.Types) != 1 || q.Types[0] != want.typ || q.Used != want.used || q.HardLimit != want.limit || q.Scope != "account" || !q.Id.Valid() {
			t.Errorf("%+v, want %+v", q, want)
		}
	}
}

func TestServerWithoutQuota(t *testing.T) {
	l := &limited{}
	l.say(upstream.ErrUnsupported)
	d := openLimited(t, l)
	eventually(t, func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.asked > 0 })
	if d.offers(jmap.CapabilityQuota) {
		t.Error("quotas are offered")
	}
	l.say(nil)
	other := openLimited(t, &limited{}) // a server that has it, and limits nothing
	eventually(t, func() bool { return other.offers(jmap.CapabilityQuota) })
	if quotas, err := other.Quotas(t.Context()); err != nil || len(quotas) != 0 {
		t.Errorf("%v (%v)", quotas, err)
	}
}

func TestQuotaFollowsWhatIsKept(t *testing.T) {
	l := &limited{}
	l.say(nil, upstream.Quota{Resource: "STORAGE", Used: 10, Limit: 100})
	d := openLimited(t, l)
	eventually(t, func() bool { return d.offers(jmap.CapabilityQuota) })
	d.ids("Inbox")
	if _, err := d.Quotas(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := d.State("Quota")
	l.mu.Lock()
	asked := l.asked
	l.mu.Unlock()
	if _, err := d.Quotas(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	if l.asked != asked {
		t.Error("the server is asked again within a minute")
	}
	l.mu.Unlock()

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	changes := d.set.Listen(ctx, "")
	l.say(nil, upstream.Quota{Resource: "STORAGE", Used: 30, Limit: 100})
	d.deliver("one")
	for change := range changes {
		if state := change.Changed["a"]["Quota"]; state != "" && state != before {
			quotas, err := d.Quotas(t.Context())
			if err != nil || quotas[0].Used != 30 {
				t.Errorf("%+v (%v)", quotas, err)
			}
			return
		}
	}
	t.Error("listeners are not told")
}
