package account_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// meddler does something while a mailbox is looked at.
type meddler struct {
	*memstore.Store
	meddle func(name string)
}

func (m meddler) Sync(ctx context.Context, name string, known upstream.Known) (*upstream.Snapshot, error) {
	m.meddle(name)
	return m.Store.Sync(ctx, name, known)
}

// TestAMailboxGoesWhileAllAreLookedAt: the others are answered for.
func TestAMailboxGoesWhileAllAreLookedAt(t *testing.T) {
	d := newDesk(t)
	d.stop()
	var meddle func(string)
	var mu sync.Mutex
	d.wrap = func(s *memstore.Store) upstream.Store {
		return meddler{s, func(name string) {
			mu.Lock()
			defer mu.Unlock()
			if meddle != nil {
				meddle(name)
			}
		}}
	}
	d.start("a")
	boxes := map[string]jmap.Id{}
	for _, name := range []string{"One", "Two"} {
		if err := d.other.CreateMailbox(d.ctx, name, ""); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { return d.lists(name) })
		boxes[name] = d.mailbox(name)
		d.ids(name)
	}
	destroyed := make(chan error, 1)
	mu.Lock()
	meddle = func(name string) {
		other := map[string]string{"One": "Two", "Two": "One"}[name]
		if other == "" {
			return
		}
		meddle = nil
		go func() { destroyed <- d.DestroyMailbox(d.ctx, boxes[other], true) }()
		time.Sleep(20 * time.Millisecond) // it waits for its turn, which is after this one
	}
	mu.Unlock()
	raw := "Subject: new\r\n\r\n"
	for name := range boxes { // so that both are to be looked at
		if _, _, err := d.other.Append(d.ctx, name, upstream.NewMessage{Body: strings.NewReader(raw), Size: int64(len(raw))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.RefreshAll(d.ctx); err != nil {
		t.Errorf("not refreshed: %v", err)
	}
	if err := <-destroyed; err != nil {
		t.Error(err)
	}
}
