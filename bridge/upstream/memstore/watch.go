package memstore

import (
	"context"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// Watch tells what changes in the account, whichever Store it was changed by.
func (s *Store) Watch(ctx context.Context) <-chan upstream.Event {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel) //nolint:contextcheck // the Store ends it too
	events, run := s.account.listeners.Watch(ctx)
	go func() {
		defer stop()
		defer cancel()
		run()
	}()
	return events
}
