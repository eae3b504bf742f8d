package upstream

import (
	"context"
	"slices"
	"sync"
)

// Listeners tells those who watch a Store what changes: each event once until it has been
// taken. The zero value tells nobody. It is safe to use from any goroutine.
type Listeners struct {
	mu  sync.Mutex
	all []*listener // guarded by mu
}

type listener struct {
	wake    chan struct{}
	waiting []Event // guarded by Listeners.mu
}

// Tell tells everybody who watches. It does not wait for them.
func (l *Listeners) Tell(ev Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.all {
		if !slices.Contains(one.waiting, ev) {
			one.waiting = append(one.waiting, ev)
		}
		select {
		case one.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// Watch gives a channel of what is told from now on, and what fills it: to be run until it
// returns, when ctx has ended and the channel is closed.
func (l *Listeners) Watch(ctx context.Context) (events <-chan Event, run func()) {
	out, one := make(chan Event), &listener{wake: make(chan struct{}, 1)}
	l.mu.Lock()
	l.all = append(l.all, one)
	l.mu.Unlock()
	return out, func() {
		defer close(out)
		defer l.remove(one)
		for {
			select {
			case <-one.wake:
			case <-ctx.Done():
				return
			}
			for _, ev := range l.take(one) {
				select {
				case out <- ev:
				case <-ctx.Done():
					return
				}
			}
		}
	}
}

func (l *Listeners) take(one *listener) []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := one.waiting
	one.waiting = nil
	return waiting
}

func (l *Listeners) remove(one *listener) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = slices.DeleteFunc(l.all, func(other *listener) bool { return other == one })
}
