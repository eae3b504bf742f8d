package action

import (
	"errors"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Unsubscribe leaves the mailing list that a message came by, in one click, and says what
// became of it. left is told when that worked.
func (x *Actions) Unsubscribe(a *store.Account, id jmap.Id, left func()) {
	x.client.Unsubscribe(a, id, func(host string, err error) {
		var refused *jmap.MethodError
		switch {
		case err == nil:
			left()
			x.store.Notify(store.Notice{Kind: store.Info, Text: words.T("Unsubscribed. This was accepted by {site}", host)})
		case errors.As(err, &refused):
			x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textNotUnsubscribed, err)})
		default:
			x.store.Notify(store.Notice{Kind: store.Failure, Text: textMaybeUnsubscribed.String()})
		}
	})
}
