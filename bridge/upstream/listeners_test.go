package upstream_test

import (
	"context"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// TestListeners: who is slow hears each thing once, and who has left nothing.
func TestListeners(t *testing.T) {
	var l upstream.Listeners
	l.Tell(upstream.Event{Mailbox: "before"})
	ctx, cancel := context.WithCancel(t.Context())
	events, run := l.Watch(ctx)
	for range 3 {
		l.Tell(upstream.Event{Mailbox: "one"})
		l.Tell(upstream.Event{Mailbox: "two"})
	}
	go run()
	for _, want := range []string{"one", "two"} {
		if ev := <-events; ev.Mailbox != want {
			t.Errorf("told of %q, not %q", ev.Mailbox, want)
		}
	}
	l.Tell(upstream.Event{Mailbox: "one"})
	if ev := <-events; ev.Mailbox != "one" {
		t.Errorf("told of %q", ev.Mailbox)
	}
	cancel()
	for ev := range events {
		t.Errorf("told of %q when it had left", ev.Mailbox)
	}
	l.Tell(upstream.Event{Mailbox: "after"})
}
