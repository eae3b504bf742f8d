package method

import (
	"context"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// mailboxGet answers Mailbox/get (RFC 8621 §2.1).
func mailboxGet(ctx context.Context, c *call) (any, error) {
	mailboxes, state, err := mailboxesAt(ctx, c)
	if err != nil {
		return nil, err
	}
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

// mailboxesAt lists the mailboxes with a state that is not newer than the list: a
// change in between is reported once more instead of never.
func mailboxesAt(ctx context.Context, c *call) ([]jmap.Mailbox, jmap.State, error) {
	// The first listing makes states of its own; later ones cost nothing.
	if _, err := c.account.Mailboxes(ctx); err != nil {
		return nil, "", err
	}
	state := c.account.State("Mailbox")
	list, err := c.account.Mailboxes(ctx)
	return list, state, err
}
