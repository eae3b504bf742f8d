package method

import (
	"encoding/json"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// setSingleton changes the one object of a type that always exists: it can be changed,
// and no more (RFC 8620 §5.3).
func setSingleton(c *call, args *setArgs, answer *setAnswer, change func(patch map[string]json.RawMessage) error) {
	for creation := range args.Create {
		put(&answer.NotCreated, creation, jmap.SetError{Type: jmap.SetSingleton, Description: "there is one, and there can be no other"})
	}
	for id, patch := range args.Update {
		if id != jmap.Singleton {
			put(&answer.NotUpdated, id, jmap.SetError{Type: jmap.SetNotFound})
			continue
		}
		if err := change(patch); err != nil {
			put(&answer.NotUpdated, id, setError(c, err))
			continue
		}
		put(&answer.Updated, id, nil)
	}
	for _, id := range args.Destroy {
		refusal := jmap.SetError{Type: jmap.SetSingleton, Description: "it can be switched off, but not destroyed"}
		if id != jmap.Singleton {
			refusal = jmap.SetError{Type: jmap.SetNotFound}
		}
		put(&answer.NotDestroyed, id, refusal)
	}
}
