package account_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapstore"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// limited is a store whose server says what the test wants of its limits.
type limited struct {
	*memstore.Store
	events chan upstream.Event // what Watch tells, unless nil

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

func (l *limited) Watch(ctx context.Context) <-chan upstream.Event {
	if l.events == nil {
		return l.Store.Watch(ctx)
	}
	context.AfterFunc(ctx, func() { close(l.events) })
	return l.events
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
		upstream.Quota{Resource: "MAILBOX", Used: 3, Limit: 50}, upstream.Quota{Root: "all", Resource: "STORAGE", Used: 1, Limit: 1<<63 - 1}, upstream.Quota{Resource: "X-COLOR", Used: 3, Limit: 50})
	d := openLimited(t, l)
	eventually(t, func() bool { return d.offers(jmap.CapabilityQuota) })
	quotas, err := d.Quotas(t.Context())
	if err != nil || len(quotas) != 4 {
		t.Fatalf("%+v (%v)", quotas, err)
	}
	for i, want := range []struct {
		name, resource, typ string
		used, limit         int64
	}{{"Storage", "octets", "Email", 10, 100}, {"team", "count", "Email", 0, 5}, {"Mailboxes", "count", "Mailbox", 3, 50}, {"all", "octets", "Email", 1, 1<<53 - 1}} {
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

func TestServerThatComesBackIsAskedAgain(t *testing.T) {
	l := &limited{events: make(chan upstream.Event)}
	l.say(&upstream.Error{Kind: upstream.KindConnect, Server: "memory", Step: "connecting"})
	d := openLimited(t, l)
	eventually(t, func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.asked > 0 })
	l.say(nil)
	l.events <- upstream.Event{Online: true}
	eventually(t, func() bool { return d.offers(jmap.CapabilityQuota) })
}

// TestQuotaOfARealServer: its limits, and what of them is used after mail was filed.
func TestQuotaOfARealServer(t *testing.T) {
	s := dovecot.Start(t, dovecot.Options{Config: `
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = count:All mail
  quota_vsizes = yes
  quota_rule = *:storage=1M:messages=20
}
`})
	store := imapstore.New(imapstore.Config{Server: s.IMAP("ada", upstream.TLS), Password: dovecot.Password, Dialer: s.Dialer, Log: slog.New(slog.DiscardHandler)})
	d := &desk{t: t, ctx: t.Context(), db: openDB(t), dir: t.TempDir()}
	a, err := account.Open(d.ctx, account.Config{ID: "a", Address: "ada@mail.dovecot.test", DB: d.db, Dir: d.dir, Store: store, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	d.Account, d.set = a, account.NewSet(a)
	t.Cleanup(func() { d.stop() })
	eventually(t, func() bool { return d.offers(jmap.CapabilityQuota) })
	used := func() map[string]int64 {
		t.Helper()
		quotas, err := d.Quotas(t.Context())
		if err != nil || len(quotas) != 2 {
			t.Fatalf("%+v (%v)", quotas, err)
		}
		out := map[string]int64{}
		for _, q := range quotas {
			out[q.ResourceType] = q.Used
			if want := map[string]int64{"octets": 1 << 20, "count": 20}[q.ResourceType]; q.HardLimit != want || q.Name != "All mail" {
				t.Errorf("%+v", q)
			}
		}
		return out
	}
	if got := used(); got["count"] != 0 {
		t.Errorf("used %v", got)
	}
	before := d.State("Quota")
	raw := strings.Repeat("Subject: x\r\n", 1000) + "\r\n"
	_, err = d.Append(t.Context(), d.mailbox("Archive"), upstream.NewMessage{Body: strings.NewReader(raw), Size: int64(len(raw))})
	if err != nil {
		t.Fatal(err)
	}
	if got := used(); got["count"] != 1 || got["octets"] < int64(len(raw)) || d.State("Quota") == before {
		t.Errorf("used %v, state %q after %q", got, d.State("Quota"), before)
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
