package account

import (
	"context"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Tasks is what the account does in the background that takes long.
func (a *Account) Tasks() []upstream.Task {
	if f, ok := a.store.(upstream.Fetcher); ok {
		return f.Tasks()
	}
	return nil
}

// FetchNow has an account that downloads its mail look for new mail now.
func (a *Account) FetchNow() error {
	f, ok := a.store.(upstream.Fetcher)
	if !ok {
		return upstream.ErrUnsupported
	}
	f.FetchNow()
	return nil
}

// CancelTask ends a task.
func (a *Account) CancelTask(id jmap.Id) error {
	if f, ok := a.store.(upstream.Fetcher); ok && f.CancelTask(string(id)) {
		return nil
	}
	return method.ErrNotFound
}

// tasksChanged tells clients that tasks are different.
func (a *Account) tasksChanged(ctx context.Context) {
	err := a.ask(ctx, func(s *state) error {
		return a.commit(s, &[]entry{{"BridgeTask", "", opUpdated}}, nil)
	})
	a.logBackground(ctx, "tasks not told", err)
}
