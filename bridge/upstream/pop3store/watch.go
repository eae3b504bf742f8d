package pop3store

import (
	"context"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// Watch tells what changes here, and looks at the server from time to time.
func (s *Store) Watch(ctx context.Context) <-chan upstream.Event {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel) //nolint:contextcheck // the Store ends it too
	events, run := s.listeners.Watch(ctx)
	s.work.Go(func() { s.follow(ctx) })
	s.work.Go(func() {
		defer stop()
		defer cancel()
		run()
	})
	return events
}
