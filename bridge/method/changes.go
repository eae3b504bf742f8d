package method

import (
	"context"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// mailboxChanges answers Mailbox/changes (RFC 8621 §2.2).
func mailboxChanges(ctx context.Context, c *call) (any, error) {
	changes, countsOnly, err := changesOf(ctx, c, "Mailbox")
	if err != nil {
		return nil, err
	}
	answer := struct {
		jmap.ChangesResponse
		UpdatedProperties []string `json:"updatedProperties"`
	}{ChangesResponse: changes}
	if countsOnly && len(changes.Updated) > 0 {
		answer.UpdatedProperties = []string{"totalEmails", "unreadEmails", "totalThreads", "unreadThreads"}
	}
	return answer, nil
}

// emailChanges answers Email/changes (RFC 8621 §4.3).
func emailChanges(ctx context.Context, c *call) (any, error) {
	changes, _, err := changesOf(ctx, c, "Email")
	return changes, err
}

// threadChanges answers Thread/changes (RFC 8621 §3.2).
func threadChanges(ctx context.Context, c *call) (any, error) {
	changes, _, err := changesOf(ctx, c, "Thread")
	return changes, err
}

// emailSubmissionChanges answers EmailSubmission/changes (RFC 8621 §7.2).
func emailSubmissionChanges(ctx context.Context, c *call) (any, error) {
	changes, _, err := changesOf(ctx, c, "EmailSubmission")
	return changes, err
}

func changesOf(ctx context.Context, c *call, typ string) (answer jmap.ChangesResponse, countsOnly bool, err error) {
	var args struct {
		jmap.ChangesRequest
		MaxChanges *int `json:"maxChanges"`
	}
	if err := c.decode(&args); err != nil {
		return answer, false, err
	}
	limit := 0
	if args.MaxChanges != nil {
		if limit = *args.MaxChanges; limit <= 0 {
			return answer, false, jmap.Failf(jmap.InvalidArguments, "maxChanges must be positive")
		}
	}
	changes, err := c.account.Changes(ctx, typ, args.SinceState, limit)
	if err != nil {
		return answer, false, err
	}
	return jmap.ChangesResponse{
		AccountId:      args.AccountId,
		OldState:       args.SinceState,
		NewState:       changes.New,
		HasMoreChanges: changes.HasMore,
		Created:        orEmpty(changes.Created),
		Updated:        orEmpty(changes.Updated),
		Destroyed:      orEmpty(changes.Destroyed),
	}, changes.CountsOnly, nil
}

// orEmpty is an empty list, sent as [], for a nil one.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
