package memstore

import (
	"context"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// watcher is told what changes; what it has no room for it has lost, but for the
// name of the mailbox.
type watcher struct {
	wake    chan struct{}
	waiting []upstream.Event // guarded by Account.mu; each at most once
}

func (a *Account) tell(ev upstream.Event) {
	for _, w := range a.listeners {
		if !slices.Contains(w.waiting, ev) {
			w.waiting = append(w.waiting, ev)
		}
		select {
		case w.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// Watch tells what changes in the account, whichever Store it was changed by.
func (s *Store) Watch(ctx context.Context) <-chan upstream.Event {
	out := make(chan upstream.Event)
	w := &watcher{wake: make(chan struct{}, 1)}
	a := s.account
	a.mu.Lock()
	a.listeners = append(a.listeners, w)
	a.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel) //nolint:contextcheck // the Store ends it too
	go func() {
		defer close(out)
		defer stop()
		defer cancel()
		defer func() {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.listeners = slices.DeleteFunc(a.listeners, func(other *watcher) bool { return other == w })
		}()
		for {
			select {
			case <-w.wake:
			case <-ctx.Done():
				return
			}
			a.mu.Lock()
			waiting := w.waiting
			w.waiting = nil
			a.mu.Unlock()
			for _, ev := range waiting {
				select {
				case out <- ev:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}
