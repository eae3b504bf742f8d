package method

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// BridgeTask is a type of our own (jmap.CapabilityBridge): what an account does in the
// background that takes long, which so far is downloading the mail of a POP3 server. A task
// that cannot go on says why. To destroy it is to cancel it; to create one has new mail be
// looked for now, and what was cancelled be taken up again. What changes is pushed.

// bridgeTaskGet answers BridgeTask/get.
func bridgeTaskGet(_ context.Context, c *call) (any, error) {
	state := c.account.State("BridgeTask")
	records := []record{}
	for _, t := range c.account.Tasks() {
		r := record{"id": jmap.Id(t.ID), "done": t.Done, "total": t.Total, "began": t.Began.UTC().Truncate(time.Second), "error": nil}
		var e *upstream.Error
		switch {
		case errors.As(t.Err, &e):
			r["error"] = serverWords(e)
		case t.Err != nil:
			r["error"] = "the mail could not be kept on the bridge"
		}
		records = append(records, r)
	}
	return getAnswer(c, state, records)
}

// bridgeTaskSet answers BridgeTask/set.
func bridgeTaskSet(_ context.Context, c *call) (any, error) {
	args, answer, err := beginSet(c, "BridgeTask")
	if err != nil {
		return nil, err
	}
	for _, creation := range slices.Sorted(maps.Keys(args.Create)) {
		if err := c.account.FetchNow(); err != nil {
			put(&answer.NotCreated, creation, jmap.SetError{Type: jmap.SetForbidden, Description: "this account downloads nothing"})
			continue
		}
		put(&answer.Created, creation, record{})
	}
	for id := range args.Update {
		put(&answer.NotUpdated, id, jmap.SetError{Type: jmap.SetForbidden, Description: "a task can be cancelled, but not changed"})
	}
	for _, id := range args.Destroy {
		if err := c.account.CancelTask(id); err != nil {
			put(&answer.NotDestroyed, id, jmap.SetError{Type: jmap.SetNotFound})
			continue
		}
		answer.Destroyed = append(answer.Destroyed, id)
	}
	answer.NewState = c.account.State("BridgeTask")
	return answer, nil
}
