package method

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// snippetParts text parts of a message are searched, and snippetOctets of each as it
	// lies on the server: what is read for one email is bounded whatever its size.
	snippetParts  = 4
	snippetOctets = 64 << 10
	// RFC 8621 §5: a preview is at most 255 octets.
	maxSnippet = 255
)

// searchSnippetGet answers SearchSnippet/get (RFC 8621 §5.1). An email costs at most one
// round trip, and none when the filter does not look at bodies.
func searchSnippetGet(ctx context.Context, c *call) (any, error) {
	var args struct {
		AccountId jmap.Id         `json:"accountId"`
		Filter    json.RawMessage `json:"filter"`
		EmailIds  *[]jmap.Id      `json:"emailIds"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	filter, err := readEmailFilter(c, args.Filter)
	switch {
	case err != nil:
		return nil, err
	case args.EmailIds == nil:
		return nil, jmap.Failf(jmap.InvalidArguments, "emailIds is missing")
	case len(*args.EmailIds) > MaxObjectsInGet:
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge}
	}
	ids := make([]jmap.Id, 0, len(*args.EmailIds))
	for _, id := range *args.EmailIds {
		if id = c.real(id); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	rows, err := c.account.Rows(ctx, ids)
	if err != nil {
		return nil, err
	}
	inSubject, inBody := filter.wordsIn("subject"), filter.wordsIn("body")
	list, notFound := []record{}, []jmap.Id(nil)
	for _, id := range ids {
		row, ok := rows[id]
		preview, err := "", error(nil)
		if ok && len(inBody) > 0 {
			preview, err = snippetOfBody(ctx, c.account, id, &row, inBody)
		}
		switch {
		case !ok || isGone(err):
			notFound = append(notFound, id)
		case err != nil:
			return nil, err
		default:
			subject := row.Envelope.Subject
			list = append(list, record{"emailId": id, "subject": orNull(markAll(subject, findWords(subject, inSubject))), "preview": orNull(preview)})
		}
	}
	return record{"accountId": args.AccountId, "list": list, "notFound": listOrNull(notFound)}, nil
}

// wordsIn is what a filter looks for in the subject or the body; what must not be there
// is not shown.
func (f *emailFilter) wordsIn(property string) []string {
	switch {
	case f.property == property || f.property == "text":
		return []string{*f.text()}
	case f.operator == "NOT":
		return nil
	}
	var out []string
	for i := range f.below {
		out = append(out, f.below[i].wordsIn(property)...)
	}
	return out
}

// snippetOfBody is the piece of a message's text around the first of the words, "" when
// none is there.
func snippetOfBody(ctx context.Context, a Account, id jmap.Id, row *Row, words []string) (string, error) {
	if row.Root == nil {
		return "", nil
	}
	var parts []*message.Part
	text, html, _ := row.Root.Bodies()
	for _, p := range slices.Concat(text, html) {
		if strings.HasPrefix(p.Type, "text/") && !slices.Contains(parts, p) && len(parts) < snippetParts {
			parts = append(parts, p)
		}
	}
	read := newReader(stored(a, id))
	for _, p := range parts {
		read.want(p.Section, snippetOctets)
	}
	if err := read.run(ctx); err != nil {
		return "", err
	}
	for _, p := range parts {
		// What cannot be decoded to its end is searched as far as it can.
		raw, _ := read.octets(p.Section)
		decoded, _ := io.ReadAll(message.DecodeTransfer(p.Encoding, bytes.NewReader(raw)))
		text, _ := message.DecodeText(p.Params["charset"], decoded)
		text = message.PlainText(p.Type, text)
		if found := findWords(text, words); len(found) > 0 {
			return markAround(text, found), nil
		}
	}
	return "", nil
}
