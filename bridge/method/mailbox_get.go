package method

import (
	"context"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// mailboxGet answers Mailbox/get (RFC 8621 §2.1).
func mailboxGet(ctx context.Context, c *call) (any, error) {
	// The state is taken first: a change in between is then reported once more
	// instead of never.
	mailboxes, err := c.account.Mailboxes(ctx)
	if err != nil {
		return nil, err
	}
	state := c.account.State("Mailbox")
	records := make([]record, len(mailboxes))
	for i, m := range mailboxes {
		records[i] = mailboxRecord(m)
	}
	return getAnswer(c, state, records)
}

func mailboxRecord(m jmap.Mailbox) record {
	return record{
		"id":            m.Id,
		"name":          m.Name,
		"parentId":      m.ParentId,
		"role":          m.Role,
		"sortOrder":     m.SortOrder,
		"totalEmails":   m.TotalEmails,
		"unreadEmails":  m.UnreadEmails,
		"totalThreads":  m.TotalThreads,
		"unreadThreads": m.UnreadThreads,
		"myRights":      m.MyRights,
		"isSubscribed":  m.IsSubscribed,
	}
}
