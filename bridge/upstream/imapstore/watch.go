package imapstore

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
)

const (
	firstRetry = time.Second
	lastRetry  = time.Minute
)

// Watch follows INBOX by IDLE (RFC 2177) on a connection of its own, and all other mailboxes
// by NOTIFY (RFC 5465) on the same. It looks at their numbers every Config.Poll, and more
// rarely where the server tells of them.
func (s *Store) Watch(ctx context.Context) <-chan upstream.Event {
	out := make(chan upstream.Event, 16)
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(s.ctx, cancel) //nolint:contextcheck // the Store ends it too
	go func() {
		defer close(out)
		defer cancel()
		looked := make(chan struct{})
		go func() {
			defer close(looked)
			s.lookAround(ctx, out)
		}()
		s.keepWatching(ctx, out)
		<-looked
	}()
	return out
}

// tell hands an event on, unless nobody takes it any more.
func tell(ctx context.Context, out chan<- upstream.Event, ev upstream.Event) {
	select {
	case out <- ev:
	case <-ctx.Done():
	}
}

// keepWatching renews the watching connection when it is lost.
func (s *Store) keepWatching(ctx context.Context, out chan<- upstream.Event) {
	retry := firstRetry
	lost := false
	for ctx.Err() == nil {
		began := time.Now()
		w := &watcher{store: s, out: out}
		err := w.watch(ctx, lost)
		s.notified.Store(false)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > lastRetry {
			retry = firstRetry
		}
		lost = lost && !w.watching // that it was back has been told
		kind := upstream.KindOf(err)
		refused := kind == upstream.KindAuth || kind == upstream.KindNoAuth
		if !lost || refused { // that it is no longer a matter of time is told in any case
			tell(ctx, out, upstream.Event{Err: err})
			lost = true
		}
		s.cfg.Log.DebugContext(ctx, "watching stopped", slog.String("server", s.cfg.Server.Addr()), slog.Any("err", err))
		if refused {
			return // no more attempts
		}
		select {
		case <-time.After(retry/2 + rand.N(retry)): //nolint:gosec // jitter: not all at once after a restart
		case <-ctx.Done():
			return
		}
		retry = min(retry*2, lastRetry)
	}
}

// watcher is one connection that watches.
type watcher struct {
	store    *Store
	out      chan<- upstream.Event
	c        *conn
	watching bool // it came to that
	// changed is what the server told since the last events, in order.
	changed []upstream.Event
}

// told takes what the server tells unasked.
func (w *watcher) told(t imapwire.Told) {
	if w.c == nil {
		return // it has not begun
	}
	ev := upstream.Event{Mailbox: "INBOX"} // the only one that is selected
	switch {
	case t.Status != nil:
		ev.Mailbox = w.c.shown(t.Status.Wire)
	case t.Mailbox != nil:
		ev.Mailbox = ""
	case t.Overflow: // RFC 5465 §5.8: from now on it does not tell
		w.store.notified.Store(false)
		ev.Mailbox = ""
	}
	if len(w.changed) < maxTold && !slices.Contains(w.changed, ev) {
		w.changed = append(w.changed, ev)
	}
}

// maxTold is how many mailboxes are told of at once. What a server tells of more is seen when
// they are looked at.
const maxTold = 1000

// pass hands on what was told.
func (w *watcher) pass(ctx context.Context) {
	for _, ev := range w.changed {
		tell(ctx, w.out, ev)
	}
	w.changed = w.changed[:0]
}

// watch watches until the connection is lost.
func (w *watcher) watch(ctx context.Context, again bool) error {
	c, err := w.store.dial(ctx, func(t imapwire.Told) { w.told(t) })
	if err != nil {
		return err
	}
	w.c = c
	defer c.Close()
	defer context.AfterFunc(ctx, c.Close)()
	if err := w.begin(); err != nil {
		return c.translate(err)
	}
	w.watching = true
	if again {
		w.changed = nil // everything is looked at
		tell(ctx, w.out, upstream.Event{Online: true})
	} else {
		w.changed = []upstream.Event{{Mailbox: "INBOX"}} // what came between the first look and now
	}
	for {
		w.pass(ctx)
		if err := w.watchFor(ctx); err != nil {
			return c.translate(err)
		}
	}
}

// begin opens INBOX, and has the server tell of all mailboxes if it can.
func (w *watcher) begin() error {
	c := w.c
	err := c.try(func(c *conn) error {
		_, err := c.selectMailbox("INBOX")
		return err
	})
	if err != nil || !c.can(imap.CapNotify) {
		return err
	}
	if err := c.locate(); err != nil {
		return err
	}
	if err = c.Notify().Do(); err == nil {
		w.store.notified.Store(true)
		return nil
	}
	if !refusedOnly(err) {
		return err
	}
	c.features.off(imap.CapNotify, true)
	return nil
}

// watchFor listens until the next renewal. The server idles meanwhile, with NOTIFY too:
// Dovecot 2.3 misses every other message in INBOX else.
func (w *watcher) watchFor(ctx context.Context) error {
	c, wait := w.c, w.store.cfg.Renew
	var idle *imapwire.Command
	if c.can(imap.CapIdle) {
		var err error
		idle, err = c.Idle()
		if isBad(err) {
			c.features.off(imap.CapIdle, true)
			return nil
		}
		if err != nil {
			return err
		}
	} else {
		wait = min(w.store.cfg.Poll/2, wait)
		if err := c.Noop().Do(); err != nil {
			return err
		}
	}
	for until := time.Now().Add(wait); time.Now().Before(until); {
		w.pass(ctx)
		if err := c.Listen(until); err != nil {
			return err
		}
	}
	if idle == nil {
		return nil
	}
	return c.Done(idle)
}

// rarely is how much more rarely mailboxes are looked at of which the server tells: it may not
// notice what comes to them in other ways.
const rarely = 10

// lookAround compares the numbers of all mailboxes with what they were.
func (s *Store) lookAround(ctx context.Context, out chan<- upstream.Event) {
	tick := time.NewTicker(s.cfg.Poll)
	defer tick.Stop()
	var before map[string]upstream.Status
	for turn := 0; ; turn++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if s.notified.Load() && turn%rarely != 0 {
			continue
		}
		now, err := s.Statuses(ctx)
		if err != nil {
			continue // keepWatching tells when the server is lost
		}
		for name, status := range now {
			if was, ok := before[name]; before != nil && (!ok || was != status) && name != "INBOX" {
				tell(ctx, out, upstream.Event{Mailbox: name})
			}
		}
		if before != nil && len(now) != len(before) {
			tell(ctx, out, upstream.Event{})
		}
		before = now
	}
}
