package imapstore

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

const (
	firstRetry = time.Second
	lastRetry  = time.Minute
)

// Watch follows INBOX by IDLE (RFC 2177) on a connection of its own, and looks at
// the numbers of the other mailboxes every Config.Poll.
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
		watching, err := s.watchOnce(ctx, out, lost)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > lastRetry {
			retry = firstRetry
		}
		lost = lost && !watching // that it was back has been told
		if !lost {
			tell(ctx, out, upstream.Event{Err: err})
			lost = true
		}
		s.cfg.Log.DebugContext(ctx, "watching stopped", slog.String("server", s.cfg.Server.Addr()), slog.Any("err", err))
		switch upstream.KindOf(err) {
		case upstream.KindAuth, upstream.KindNoAuth:
			return // the password is refused: no more attempts
		}
		select {
		case <-time.After(retry/2 + rand.N(retry)): //nolint:gosec // jitter: not all at once after a restart
		case <-ctx.Done():
			return
		}
		retry = min(retry*2, lastRetry)
	}
}

// watchOnce watches on one connection until it is lost; watching says whether it
// came to that.
func (s *Store) watchOnce(ctx context.Context, out chan<- upstream.Event, again bool) (watching bool, err error) {
	changed := make(chan struct{}, 1)
	signal := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	c, err := s.dial(ctx, &imapclient.UnilateralDataHandler{
		Expunge: func(uint32) { signal() },
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				signal()
			}
		},
		// The library waits for the data to be read.
		Fetch: func(m *imapclient.FetchMessageData) {
			for m.Next() != nil {
			}
			signal()
		},
	})
	if err != nil {
		return false, err
	}
	defer c.hangUp()
	stop := context.AfterFunc(ctx, c.hangUp)
	defer stop()
	c.link.busy(true)
	if _, err := c.selectMailbox("INBOX"); err != nil {
		return false, c.translate(err)
	}
	if again {
		tell(ctx, out, upstream.Event{Online: true})
	} else {
		signal() // what came between the first look and now
	}
	for {
		if err := s.watchFor(ctx, c, changed, out); err != nil {
			return true, c.translate(err)
		}
	}
}

// watchFor idles, or where the server cannot, asks, until the next renewal.
func (s *Store) watchFor(ctx context.Context, c *conn, changed <-chan struct{}, out chan<- upstream.Event) error {
	wait := s.cfg.Renew
	var idle *imapclient.IdleCommand
	if c.caps.Has(imap.CapIdle) || c.caps.Has(imap.CapIMAP4rev2) {
		var err error
		if idle, err = c.Idle(); err != nil {
			return err
		}
	} else {
		wait = min(s.cfg.Poll/2, wait)
		if err := c.Noop().Wait(); err != nil {
			return err
		}
	}
	c.link.busy(false)
	renewal := time.NewTimer(wait)
	defer renewal.Stop()
	for waiting := true; waiting; {
		select {
		case <-changed:
			tell(ctx, out, upstream.Event{Mailbox: "INBOX"})
		case <-renewal.C:
			waiting = false
		case <-c.Closed():
			return &upstream.Error{Kind: upstream.KindLost, Server: c.server, Step: "watching"}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	c.link.busy(true)
	if idle == nil {
		return nil
	}
	if err := idle.Close(); err != nil {
		return err
	}
	return idle.Wait()
}

// lookAround compares the numbers of all mailboxes with what they were.
func (s *Store) lookAround(ctx context.Context, out chan<- upstream.Event) {
	tick := time.NewTicker(s.cfg.Poll)
	defer tick.Stop()
	var before map[string]upstream.Status
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
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
