package account

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// fickle is a mail server that tells what it is told to.
type fickle struct {
	*memstore.Store
	events chan upstream.Event
}

func (f fickle) Watch(ctx context.Context) <-chan upstream.Event {
	out := make(chan upstream.Event)
	go func() {
		defer close(out)
		for {
			select {
			case ev := <-f.events:
				out <- ev
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// TestWipe: what is removed leaves nothing, and others nothing of themselves. A server that
// no longer takes the password is told of once, and once more when it does.
func TestWipe(t *testing.T) {
	db, err := database.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for room, steps := range map[string][]string{"account": Schema, "outbox": outbox.Schema} {
		if err := database.Migrate(t.Context(), db, room, steps); err != nil {
			t.Fatal(err)
		}
	}
	pool := NewPool(db, t.TempDir(), slog.New(slog.DiscardHandler))
	t.Cleanup(pool.Close)
	told := make(chan jmap.Id, 10)
	pool.OnRefused = func(_ context.Context, id jmap.Id) { told <- id }
	events := make(chan upstream.Event)
	login := func(id jmap.Id) Login {
		mail := memstore.New()
		mail.Deliver([]byte("From: grace@hearth.test\r\nSubject: hello\r\n\r\nHello.\r\n"))
		return Login{ID: id, Address: string(id) + "@hearth.test", Key: "k", Connect: func(context.Context, bool) (upstream.Store, upstream.Sender, error) {
			return fickle{mail.Open(), events}, nil, nil
		}}
	}
	set, err := pool.Open(t.Context(), []Login{login("gone"), login("stays")}, false)
	if err != nil {
		t.Fatal(err)
	}
	for id, a := range set.accounts {
		boxes, err := a.Mailboxes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Spine(t.Context(), boxes[0].Id); err != nil {
			t.Fatal(err)
		}
		if err := a.Indexed(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Upload(t.Context(), "text/plain", strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
		if err := pool.Record(t.Context(), id, method.Changes{Updated: []jmap.Id{id}}); err != nil {
			t.Fatal(err)
		}
	}
	rows := func(id jmap.Id) (n int) {
		t.Helper()
		found, err := db.Query(`SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'account' WHERE m.type = 'table'`)
		if err != nil {
			t.Fatal(err)
		}
		defer found.Close()
		for found.Next() {
			var table string
			var here int
			if err := found.Scan(&table); err != nil {
				t.Fatal(err)
			}
			if err := db.QueryRow(`SELECT count(*) FROM `+table+` WHERE account = ?`, id).Scan(&here); err != nil {
				t.Fatal(err)
			}
			n += here
		}
		return n
	}
	before := rows("stays")
	if rows("gone") == 0 || before == 0 {
		t.Fatal("nothing is kept of the accounts")
	}
	for range 2 { // twice is once
		if err := pool.Wipe(t.Context(), "gone"); err != nil {
			t.Fatal(err)
		}
	}
	if n := rows("gone"); n > 0 {
		t.Errorf("%d rows are left", n)
	}
	if n := rows("stays"); n < before {
		t.Errorf("of the other account %d rows are left of %d", n, before)
	}
	var facts int
	if err := db.QueryRow(`SELECT count(*) FROM account_fact WHERE mailbox NOT IN (SELECT id FROM account_mailbox)`).Scan(&facts); err != nil || facts > 0 {
		t.Errorf("%d facts of mailboxes that are gone, %v", facts, err)
	}
	if _, err := set.accounts["gone"].Mailboxes(t.Context()); err == nil {
		t.Error("it still answers")
	}

	refused := &upstream.Error{Kind: upstream.KindAuth, Server: "imap.hearth.test:993", Step: "signing in"}
	for _, ev := range []upstream.Event{{Err: refused}, {Err: refused}, {Online: true}} {
		events <- ev
	}
	for want := true; ; want = false {
		select {
		case id := <-told:
			if id != "stays" {
				t.Errorf("told of %s", id)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("nobody was told")
		}
		if !want {
			break
		}
	}
	if pool.Refused("stays") || len(told) > 0 {
		t.Error("it is still refused, or was told of too often")
	}
}
