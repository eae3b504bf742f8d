package method

import (
	"context"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// threadGet answers Thread/get (RFC 8621 §3.1) from the index of threads.
func threadGet(ctx context.Context, c *call) (any, error) {
	var args jmap.GetRequest
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if args.Ids == nil || len(args.Ids) > MaxObjectsInGet {
		// RFC 8620 §5.1 lets a server refuse to give all records of a type.
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge, Description: "give at most 500 ids"}
	}
	if err := c.account.Indexed(ctx); err != nil {
		return nil, err
	}
	ids := slices.Clone(args.Ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	state := c.account.State("Thread")
	threads, err := c.account.Threads(ctx, ids)
	if err != nil {
		return nil, err
	}
	records := make([]record, 0, len(threads))
	for _, id := range ids {
		if emails, ok := threads[id]; ok {
			records = append(records, record{"id": id, "emailIds": orEmpty(emails)})
		}
	}
	return getAnswer(c, state, records)
}
