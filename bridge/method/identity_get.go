package method

import (
	"context"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// identityGet answers Identity/get (RFC 8621 §6.1).
func identityGet(ctx context.Context, c *call) (any, error) {
	state := c.account.State("Identity")
	all, err := c.account.Identities(ctx)
	if err != nil {
		return nil, err
	}
	records := make([]record, len(all))
	for i, identity := range all {
		records[i] = identityRecord(identity)
	}
	return getAnswer(c, state, records)
}

// identityChanges answers Identity/changes (RFC 8621 §6.2).
func identityChanges(ctx context.Context, c *call) (any, error) {
	changes, _, err := changesOf(ctx, c, "Identity")
	return changes, err
}

func identityRecord(i jmap.Identity) record {
	return record{
		"id":            i.Id,
		"name":          i.Name,
		"email":         i.Email,
		"replyTo":       listOrNull(i.ReplyTo),
		"bcc":           listOrNull(i.Bcc),
		"textSignature": i.TextSignature,
		"htmlSignature": i.HtmlSignature,
		"mayDelete":     i.MayDelete,
	}
}
