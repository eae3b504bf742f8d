package method

import (
	"context"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/message"
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
	"mailboxIds":    func(_ jmap.Id, r *Row) any { return map[jmap.Id]bool{r.Mailbox: true} },
	"keywords":      func(_ jmap.Id, r *Row) any { return keywordsOf(r) },
	"size":          func(_ jmap.Id, r *Row) any { return r.Size },
	"receivedAt":    func(_ jmap.Id, r *Row) any { return r.ReceivedAt.UTC() },
	"messageId":     func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.MessageID) },
	"inReplyTo":     func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.InReplyTo) },
	"references":    func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.References) },
	"sender":        func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.Sender) },
	"from":          func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.From) },
	"to":            func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.To) },
	"cc":            func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.Cc) },
	"bcc":           func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.Bcc) },
	"replyTo":       func(_ jmap.Id, r *Row) any { return listOrNull(r.Envelope.ReplyTo) },
	"subject":       func(_ jmap.Id, r *Row) any { return orNull(r.Envelope.Subject) },
	"sentAt":        func(_ jmap.Id, r *Row) any { return sentAt(r) },
	"hasAttachment": func(_ jmap.Id, r *Row) any { return r.Root != nil && r.Root.HasAttachment() },
	"preview":       func(_ jmap.Id, r *Row) any { return r.Preview },
}

func keywordsOf(r *Row) map[string]bool {
	if r.Keywords == nil {
		return map[string]bool{}
	}
	return r.Keywords
}

func sentAt(r *Row) any {
	if r.Envelope.SentAt.IsZero() {
		return nil
	}
	return r.Envelope.SentAt
}

// emailGet answers Email/get (RFC 8621 §4.2). List properties cost at most one
// round trip a mailbox; bodies and headers one a message.
func emailGet(ctx context.Context, c *call) (any, error) {
	var args jmap.EmailGetRequest
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if args.Ids == nil || len(args.Ids) > MaxObjectsInGet {
		// RFC 8620 §5.1 lets a server refuse to give all records of a type.
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge, Description: "give at most 500 ids"}
	}
	if args.Properties == nil {
		args.Properties = defaultEmailProperties
	}
	if args.BodyProperties == nil {
		args.BodyProperties = defaultBodyProperties
	}
	want, err := newEmailWants(&args)
	if err != nil {
		return nil, err
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
		r, err := want.record(ctx, c.account, id, &row)
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

// emailWants is what one Email/get asks of each message.
type emailWants struct {
	args    *jmap.EmailGetRequest
	headers []headerProperty
	body    bodyWants
}

func newEmailWants(args *jmap.EmailGetRequest) (*emailWants, error) {
	w := &emailWants{args: args}
	unknown := func(p string) error {
		return &jmap.MethodError{Type: jmap.InvalidArguments, Description: "there is no property " + p, Arguments: []string{"properties"}}
	}
	for _, p := range args.Properties {
		switch p {
		case "headers", "bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments":
			continue
		}
		if strings.HasPrefix(p, "header:") {
			h, ok := parseHeaderProperty(p)
			if !ok {
				return nil, unknown(p)
			}
			w.headers = append(w.headers, h)
		} else if emailProperties[p] == nil {
			return nil, unknown(p)
		}
	}
	var err error
	w.body, err = newBodyWants(args)
	return w, err
}

func (w *emailWants) asks(property string) bool { return slices.Contains(w.args.Properties, property) }

// record makes the answer for one message, in one round trip where the row is
// not enough.
func (w *emailWants) record(ctx context.Context, a Account, id jmap.Id, row *Row) (record, error) {
	r := record{"id": id}
	for _, p := range w.args.Properties {
		if make := emailProperties[p]; make != nil {
			r[p] = make(id, row)
		}
	}
	root := row.Root
	if root == nil {
		root = &message.Part{Section: "1", Type: "text/plain"}
	}
	read := newReader(a, id)
	if w.asks("headers") || len(w.headers) > 0 {
		read.want("HEADER", 0)
	}
	text, html, attachments := root.Bodies()
	values := w.body.values(root, text, html)
	if w.asks("bodyValues") {
		for _, p := range values {
			read.want(p.Section, w.body.octets(p))
		}
	}
	w.body.wantHeaders(read, root)
	if err := read.run(ctx); err != nil {
		return nil, err
	}
	if w.asks("headers") || len(w.headers) > 0 {
		header := message.ParseHeader(read.got["HEADER"])
		if w.asks("headers") {
			r["headers"] = orEmpty(header.Fields())
		}
		for _, h := range w.headers {
			r[h.property] = h.value(header)
		}
	}
	if w.asks("bodyStructure") {
		r["bodyStructure"] = w.body.part(read, id, root, true)
	}
	for property, parts := range map[string][]*message.Part{"textBody": text, "htmlBody": html, "attachments": attachments} {
		if w.asks(property) {
			r[property] = w.body.list(read, id, parts)
		}
	}
	if w.asks("bodyValues") {
		bodies := map[string]jmap.EmailBodyValue{}
		for _, p := range values {
			bodies[p.Section] = w.body.value(p, read.got[p.Section])
		}
		r["bodyValues"] = bodies
	}
	return r, nil
}
