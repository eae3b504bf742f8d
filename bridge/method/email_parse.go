package method

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// defaultParseProperties is what Email/parse gives when it is not told (RFC 8621
// §4.9).
var defaultParseProperties = []string{
	"messageId", "inReplyTo", "references", "sender", "from", "to", "cc", "bcc", "replyTo", "subject", "sentAt",
	"hasAttachment", "preview", "bodyValues", "textBody", "htmlBody", "attachments",
}

// metadata is the properties that only a filed message has; of a parsed one they are
// null.
var metadata = []string{"id", "threadId", "mailboxIds", "keywords", "receivedAt"}

// parseAnswer is what Email/parse answers; empty parts are null.
type parseAnswer struct {
	AccountId   jmap.Id            `json:"accountId"`
	Parsed      map[jmap.Id]record `json:"parsed"`
	NotParsable []jmap.Id          `json:"notParsable"`
	NotFound    []jmap.Id          `json:"notFound"`
}

// emailParse answers Email/parse (RFC 8621 §4.9): blobs that are messages, uploads
// and attached messages alike, are shown as emails without being filed.
func emailParse(ctx context.Context, c *call) (any, error) {
	var args struct {
		bodyArgs
		AccountId jmap.Id   `json:"accountId"`
		BlobIds   []jmap.Id `json:"blobIds"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if args.BlobIds == nil {
		return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "blobIds is missing", Arguments: []string{"blobIds"}}
	}
	if len(args.BlobIds) > MaxObjectsInGet {
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge, Description: "give at most 500 blobs"}
	}
	want, err := newEmailWants(&args.bodyArgs, defaultParseProperties)
	if err != nil {
		return nil, err
	}
	answer := &parseAnswer{AccountId: args.AccountId}
	for _, asked := range slices.Compact(slices.Sorted(slices.Values(args.BlobIds))) {
		raw, err := readBlob(ctx, c.account, c.real(asked))
		switch {
		case isGone(err):
			answer.NotFound = append(answer.NotFound, asked)
			continue
		case errors.Is(err, errNoMessage):
			answer.NotParsable = append(answer.NotParsable, asked)
			continue
		case err != nil:
			return nil, err
		}
		r, err := want.parsed(ctx, c.real(asked), raw)
		if err != nil {
			return nil, err
		}
		put(&answer.Parsed, asked, r)
	}
	return answer, nil
}

// errNoMessage: a blob is no message, or larger than messages are.
var errNoMessage = errors.New("not a message")

// MaxParsed is the largest message that is taken apart here, in octets.
const MaxParsed = 64 << 20

// readBlob reads a blob that ought to be a message.
func readBlob(ctx context.Context, a Account, id jmap.Id) ([]byte, error) {
	blob, err := a.OpenBlob(ctx, id)
	if err != nil {
		return nil, err
	}
	if blob.Size() > MaxParsed {
		return nil, errNoMessage
	}
	from, err := blob.Open(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	raw, err := io.ReadAll(io.LimitReader(from, MaxParsed+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > MaxParsed || !message.IsMessage(raw) {
		return nil, errNoMessage
	}
	return raw, nil
}

// parsed is the record of a message that lies in a blob.
func (w *emailWants) parsed(ctx context.Context, blob jmap.Id, raw []byte) (record, error) {
	m := message.Parse(raw)
	row := &Row{Row: upstream.Row{Size: int64(len(raw)), Envelope: m.Header.Envelope(), Root: m.Root, Preview: m.Preview()}}
	r, err := w.record(ctx, inBlob(m, blob), "", row)
	if err != nil {
		return nil, err
	}
	delete(r, "id")
	for _, p := range metadata {
		if w.asks(p) {
			r[p] = nil
		}
	}
	if w.asks("blobId") {
		r["blobId"] = blob
	}
	return r, nil
}
