package pop3store

import (
	"context"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// watcher is told what changes; each thing once until it has taken it.
type watcher struct {
	wake    chan struct{}
	waiting []upstream.Event // guarded by Store.mu
}

// tell tells everybody who watches; Store.mu is held.
func (s *Store) tell(ev upstream.Event) {
	for _, w := range s.listeners {
		if !slices.Contains(w.waiting, ev) {
			w.waiting = append(w.waiting, ev)
		}
		select {
		case w.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// announce is tell for who does not hold Store.mu.
func (s *Store) announce(ev upstream.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(ev)
}

// Watch tells what changes here, and looks at the server from time to time.
func (s *Store) Watch(ctx context.Context) <-chan upstream.Event {
	out := make(chan upstream.Event)
	w := &watcher{wake: make(chan struct{}, 1)}
	s.mu.Lock()
	s.listeners = append(s.listeners, w)
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel) //nolint:contextcheck // the Store ends it too
	s.work.Go(func() { s.follow(ctx) })
	s.work.Go(func() {
		defer close(out)
		defer stop()
		defer cancel()
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.listeners = slices.DeleteFunc(s.listeners, func(other *watcher) bool { return other == w })
		}()
		for {
			select {
			case <-w.wake:
			case <-ctx.Done():
				return
			}
			s.mu.Lock()
			waiting := w.waiting
			w.waiting = nil
			s.mu.Unlock()
			for _, ev := range waiting {
				select {
				case out <- ev:
				case <-ctx.Done():
					return
				}
			}
		}
	})
	return out
}
