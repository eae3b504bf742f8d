package method

import (
	"context"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// defaultEmailProperties is what Email/get gives when it is not told (RFC 8621
// §4.2).
var defaultEmailProperties = []string{
	"id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt",
	"messageId", "inReplyTo", "references", "sender", "from", "to", "cc", "bcc", "replyTo", "subject", "sentAt",
	"hasAttachment", "preview", "bodyValues", "textBody", "htmlBody", "attachments",
}

// emailProperties says how each property that a row knows is made of it.
var emailProperties = map[string]func(id jmap.Id, r *Row) any{
	"id":            func(id jmap.Id, _ *Row) any { return id },
	"blobId":        func(id jmap.Id, _ *Row) any { return BlobID(id, "") },
	"threadId":      func(_ jmap.Id, r *Row) any { return r.Thread },
	"mailboxIds":    func(_ jmap.Id, r *Row) any { return setOf(r.Mailboxes) },
	"keywords":      func(_ jmap.Id, r *Row) any { return keywordsOf(r) },
	"size":          func(_ jmap.Id, r *Row) any { return r.Size },
	"receivedAt":    func(_ jmap.Id, r *Row) any { return r.ReceivedAt.UTC() },
	"messageId":     func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.MessageID) },
	"inReplyTo":     func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.InReplyTo) },
	"references":    func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.References) },
	"sender":        func(_ jmap.Id, r *Row) any { return addresses(r.Envelope.Sender) },
	"from":          func(_ jmap.Id, r *Row) any { return addresses(r.Envelope.From) },
	"to":            func(_ jmap.Id, r *Row) any { return addresses(r.Envelope.To) },
	"cc":            func(_ jmap.Id, r *Row) any { return addresses(r.Envelope.Cc) },
	"bcc":           func(_ jmap.Id, r *Row) any { return addresses(r.Envelope.Bcc) },
	"replyTo":       func(_ jmap.Id, r *Row) any { return addresses(r.Envelope.ReplyTo) },
	"subject":       func(_ jmap.Id, r *Row) any { return subject(r) },
	"sentAt":        func(_ jmap.Id, r *Row) any { return sentAt(r) },
	"hasAttachment": func(_ jmap.Id, r *Row) any { return r.Root != nil && r.Root.HasAttachment() },
	"preview":       func(_ jmap.Id, r *Row) any { return r.Preview },
}

func setOf(ids []jmap.Id) map[jmap.Id]bool {
	set := make(map[jmap.Id]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func keywordsOf(r *Row) map[string]bool {
	if r.Keywords == nil {
		return map[string]bool{}
	}
	return r.Keywords
}

// addresses is null without the field, [] where it names nobody.
func addresses(list []jmap.EmailAddress) any {
	if list == nil {
		return nil
	}
	return list
}

func subject(r *Row) any {
	if !r.Envelope.HasSubject {
		return orNull(r.Envelope.Subject)
	}
	return r.Envelope.Subject
}

func sentAt(r *Row) any {
	if r.Envelope.SentAt.IsZero() {
		return nil
	}
	return r.Envelope.SentAt
}

// bodyArgs is the arguments that Email/get and Email/parse share (RFC 8621 §4.2).
type bodyArgs struct {
	Properties          []string `json:"properties"`
	BodyProperties      []string `json:"bodyProperties"`
	FetchTextBodyValues bool     `json:"fetchTextBodyValues"`
	FetchHTMLBodyValues bool     `json:"fetchHTMLBodyValues"`
	FetchAllBodyValues  bool     `json:"fetchAllBodyValues"`
	MaxBodyValueBytes   int64    `json:"maxBodyValueBytes"`
}

// emailGet answers Email/get (RFC 8621 §4.2). List properties cost at most one
// round trip a mailbox; bodies and headers one a message.
func emailGet(ctx context.Context, c *call) (any, error) {
	var args struct {
		bodyArgs
		AccountId jmap.Id   `json:"accountId"`
		Ids       []jmap.Id `json:"ids"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	want, err := newEmailWants(&args.bodyArgs, defaultEmailProperties)
	if err != nil {
		return nil, err
	}
	if args.Ids == nil {
		if args.Ids, err = allEmails(ctx, c.account); err != nil {
			return nil, err
		}
	}
	if len(args.Ids) > MaxObjectsInGet {
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge, Description: "give at most 500 ids"}
	}
	ids := make([]jmap.Id, 0, len(args.Ids))
	for _, id := range args.Ids {
		if id = c.real(id); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	answer := jmap.GetResponse[record]{AccountId: args.AccountId, State: c.account.State("Email"), List: []record{}, NotFound: []jmap.Id{}}
	rows, err := c.account.Rows(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		row, ok := rows[id]
		if !ok {
			answer.NotFound = append(answer.NotFound, id)
			continue
		}
		r, err := want.stored(ctx, c.account, id, &row)
		if isGone(err) {
			answer.NotFound = append(answer.NotFound, id)
			continue
		}
		if err != nil {
			return nil, err
		}
		answer.List = append(answer.List, r)
	}
	return answer, nil
}

// allEmails is every email of an account that has no more than can be asked for at
// once; of a larger one it is too many (RFC 8620 §5.1).
func allEmails(ctx context.Context, a Account) ([]jmap.Id, error) {
	mailboxes, err := a.Mailboxes(ctx)
	if err != nil {
		return nil, err
	}
	ids := []jmap.Id{}
	for _, m := range mailboxes {
		if !m.MyRights.MayReadItems {
			continue
		}
		spine, err := a.Spine(ctx, m.Id)
		if err != nil {
			return nil, err
		}
		if len(ids)+spine.UIDs.Len() > MaxObjectsInGet {
			return nil, &jmap.MethodError{Type: jmap.RequestTooLarge, Description: "give at most 500 ids"}
		}
		for _, uid := range spine.UIDs.All() {
			ids = append(ids, spine.EmailID(uid))
		}
	}
	return ids, nil
}
