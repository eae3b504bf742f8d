package method

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// submissionFilter is a FilterOperator when Operator is set, else a FilterCondition
// (RFC 8621 §7.3).
type submissionFilter struct {
	Operator   string             `json:"operator"`
	Conditions []submissionFilter `json:"conditions"`

	IdentityIds *[]jmap.Id `json:"identityIds"`
	EmailIds    *[]jmap.Id `json:"emailIds"`
	ThreadIds   *[]jmap.Id `json:"threadIds"`
	UndoStatus  *string    `json:"undoStatus"`
	Before      *time.Time `json:"before"`
	After       *time.Time `json:"after"`
	// States is for clients that use jmap.CapabilityBridge: see jmap.SubmissionProgress.
	States *[]string `json:"states"`
}

var submissionConditions = []string{"identityIds", "emailIds", "threadIds", "undoStatus", "before", "after"}

// emailSubmissionQuery answers EmailSubmission/query (RFC 8621 §7.3). Without a sort
// the oldest is first.
func emailSubmissionQuery(ctx context.Context, c *call) (any, error) {
	var args jmap.QueryRequest[submissionFilter]
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	state := c.account.State("EmailSubmission")
	found, err := findSubmissions(ctx, c, args.Filter, args.Sort)
	if err != nil {
		return nil, err
	}
	answer, err := queryAnswer(&args, state, found)
	answer.CanCalculateChanges = true
	return answer, err
}

// emailSubmissionQueryChanges answers EmailSubmission/queryChanges (RFC 8621 §7.4). Of
// all that is filtered and sorted by, only how far a message is ever changes.
func emailSubmissionQueryChanges(ctx context.Context, c *call) (any, error) {
	var args listChanges[submissionFilter]
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	changes, err := c.account.Changes(ctx, "EmailSubmission", args.SinceQueryState, 0)
	if err != nil {
		return nil, err
	}
	found, err := findSubmissions(ctx, c, args.Filter, args.Sort)
	if err != nil {
		return nil, err
	}
	removed, came := changes.Destroyed, changes.Created
	if args.Filter.usesStatus() {
		removed, came = slices.Concat(removed, changes.Updated), slices.Concat(came, changes.Updated)
	}
	return args.answer(changes.New, found, removed, came)
}

func findSubmissions(ctx context.Context, c *call, filter *submissionFilter, sort []jmap.Comparator) (idList, error) {
	conditions := submissionConditions
	if c.bridge {
		conditions = slices.Concat(conditions, []string{"states"})
	}
	if err := checkFilter(c.args, conditions); err != nil {
		return nil, err
	}
	all, err := c.account.Outbox().List(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s outbox.Submission) bool { return !filter.matches(s) })
	if err := orderBy(all, sort, submissionOrder); err != nil {
		return nil, err
	}
	ids := idList{}
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	return ids, nil
}

var submissionOrder = map[string]func(a, b outbox.Submission) int{
	"emailId":  func(a, b outbox.Submission) int { return cmp.Compare(a.Email, b.Email) },
	"threadId": func(a, b outbox.Submission) int { return cmp.Compare(a.Thread, b.Thread) },
	"sentAt":   func(a, b outbox.Submission) int { return a.SendAt.Compare(b.SendAt) },
}

// matches: a nil filter takes all.
func (f *submissionFilter) matches(s outbox.Submission) bool {
	if f == nil {
		return true
	}
	if f.Operator != "" {
		return operate(f.Operator, f.Conditions, func(c submissionFilter) bool { return c.matches(s) })
	}
	in := func(ids *[]jmap.Id, id jmap.Id) bool { return ids == nil || slices.Contains(*ids, id) }
	return in(f.IdentityIds, s.Identity) && in(f.EmailIds, s.Email) && in(f.ThreadIds, s.Thread) &&
		(f.UndoStatus == nil || *f.UndoStatus == undoStatus(s)) &&
		(f.States == nil || slices.Contains(*f.States, string(s.State))) &&
		(f.Before == nil || s.SendAt.Before(*f.Before)) && (f.After == nil || !s.SendAt.Before(*f.After))
}

// usesStatus reports whether the filter asks for how far a message is anywhere.
func (f *submissionFilter) usesStatus() bool {
	return f != nil && (f.UndoStatus != nil || f.States != nil || slices.ContainsFunc(f.Conditions, func(c submissionFilter) bool { return c.usesStatus() }))
}
