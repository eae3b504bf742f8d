package method

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxHitsByDate is how many hits of one mailbox are put in order by date when
// several mailboxes are searched; those with the highest UIDs are kept.
const maxHitsByDate = 500

// emailQuery answers Email/query (RFC 8621 §4.4). A mailbox without further
// conditions is answered from the spine, newest UID first, without a round trip.
func emailQuery(ctx context.Context, c *call) (any, error) {
	var args jmap.QueryRequest[jmap.EmailFilter]
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if err := checkFilter(c.args, emailConditions); err != nil {
		return nil, err
	}
	args.Anchor = c.real(args.Anchor)
	mailbox, rest, err := splitFilter(c, args.Filter)
	if err != nil {
		return nil, err
	}
	state := c.account.State("Email")
	var all hits
	if mailbox != "" {
		all, err = queryMailbox(ctx, c.account, mailbox, rest, args.Sort)
	} else {
		all, err = queryAll(ctx, c.account, rest, args.Sort)
	}
	if err != nil {
		return nil, err
	}
	return queryAnswer(&args, state, all)
}

// emailConditions is every property of a FilterCondition (RFC 8621 §4.4.1).
var emailConditions = []string{
	"inMailbox", "inMailboxOtherThan", "before", "after", "minSize", "maxSize", "allInThreadHaveKeyword",
	"someInThreadHaveKeyword", "noneInThreadHaveKeyword", "hasKeyword", "notKeyword", "hasAttachment",
	"text", "from", "to", "cc", "bcc", "subject", "body", "header",
}

// splitFilter takes the one inMailbox out of a filter whose conditions must all
// hold. An inMailbox below OR or NOT is not supported.
func splitFilter(c *call, f *jmap.EmailFilter) (jmap.Id, *jmap.EmailFilter, error) {
	if f == nil {
		return "", nil, nil
	}
	unsupported := jmap.Failf(jmap.UnsupportedFilter, "inMailbox can be combined with other conditions by AND only")
	if f.Operator == "" {
		mailbox := c.real(f.InMailbox)
		rest := *f
		rest.InMailbox = ""
		return mailbox, nilIfEmpty(&rest), nil
	}
	var mailbox jmap.Id
	rest := jmap.EmailFilter{Operator: f.Operator}
	for i := range f.Conditions {
		in, other, err := splitFilter(c, &f.Conditions[i])
		if err != nil {
			return "", nil, err
		}
		if in != "" && (f.Operator != "AND" || mailbox != "" && mailbox != in) {
			return "", nil, unsupported
		}
		mailbox = cmp.Or(mailbox, in)
		if other != nil {
			rest.Conditions = append(rest.Conditions, *other)
		}
	}
	return mailbox, nilIfEmpty(&rest), nil
}

func nilIfEmpty(f *jmap.EmailFilter) *jmap.EmailFilter {
	if f.Operator == "AND" && len(f.Conditions) == 0 {
		return nil
	}
	bare := f.Operator == "" && len(f.InMailboxOtherThan) == 0 && f.Before.IsZero() && f.After.IsZero() &&
		f.MinSize == 0 && f.MaxSize == 0 && f.AllInThreadHaveKeyword == "" && f.SomeInThreadHaveKeyword == "" &&
		f.NoneInThreadHaveKeyword == "" && f.HasKeyword == "" && f.NotKeyword == "" && f.HasAttachment == nil &&
		f.Text == "" && f.From == "" && f.To == "" && f.Cc == "" && f.Bcc == "" && f.Subject == "" && f.Body == "" && len(f.Header) == 0
	if bare {
		return nil
	}
	return f
}

func queryMailbox(ctx context.Context, a Account, mailbox jmap.Id, filter *jmap.EmailFilter, sort []jmap.Comparator) (hits, error) {
	spine, err := a.Spine(ctx, mailbox)
	if errors.Is(err, ErrNotFound) {
		return idList(nil), nil // RFC 8621 §4.4.1: no email is in a mailbox that is not there
	}
	if err != nil {
		return nil, err
	}
	if len(sort) > 0 {
		uids, err := a.Sort(ctx, mailbox, filter, sort)
		if errors.Is(err, upstream.ErrUnsupported) {
			return nil, &jmap.MethodError{Type: jmap.UnsupportedSort}
		}
		ids := make(idList, len(uids))
		for i, uid := range uids {
			ids[i] = spine.EmailID(uid)
		}
		return ids, err
	}
	if filter == nil {
		return newestFirst{spine}, nil
	}
	found, err := a.Search(ctx, mailbox, filter)
	if err != nil {
		return nil, err
	}
	return newestFirst{spine.Only(found)}, nil
}

// newestFirst is a spine read from its end.
type newestFirst struct{ spine Spine }

func (n newestFirst) Len() int         { return n.spine.UIDs.Len() }
func (n newestFirst) At(i int) jmap.Id { return n.spine.EmailID(n.spine.UIDs.At(n.Len() - 1 - i)) }
func (n newestFirst) Index(id jmap.Id) (int, bool) {
	i, ok := n.spine.Index(id)
	return n.Len() - 1 - i, ok
}

// queryAll searches every mailbox, newest first. It costs a search a mailbox,
// and the rows of the hits, which the list is about to show anyway.
func queryAll(ctx context.Context, a Account, filter *jmap.EmailFilter, sort []jmap.Comparator) (hits, error) {
	if len(sort) > 1 || len(sort) == 1 && (sort[0].Property != "receivedAt" || sort[0].Ascending()) {
		return nil, &jmap.MethodError{Type: jmap.UnsupportedSort, Description: "over all mailboxes only receivedAt, newest first"}
	}
	mailboxes, err := a.Mailboxes(ctx)
	if err != nil {
		return nil, err
	}
	var ids []jmap.Id
	for _, m := range mailboxes {
		if !m.MyRights.MayReadItems || filter != nil && slices.Contains(filter.InMailboxOtherThan, m.Id) {
			continue
		}
		found, err := queryMailbox(ctx, a, m.Id, filter, nil)
		if err != nil {
			return nil, err
		}
		for i := range min(found.Len(), maxHitsByDate) {
			ids = append(ids, found.At(i))
		}
	}
	rows, err := a.Rows(ctx, ids)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id jmap.Id) bool { _, ok := rows[id]; return !ok })
	slices.SortStableFunc(ids, func(x, y jmap.Id) int { return rows[y].ReceivedAt.Compare(rows[x].ReceivedAt) })
	return idList(ids), nil
}
