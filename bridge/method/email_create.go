package method

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// newEmail is the record of a creation (RFC 8621 §4.6). Header properties are
// kept as they came, in headers.
type newEmail struct {
	jmap.Email
	headers map[string]json.RawMessage // of the form header:…
}

// derived is what a creation must not say: the server makes it.
var derived = []string{"id", "blobId", "threadId", "size", "hasAttachment", "preview", "headers"}

func readNewEmail(raw json.RawMessage) (*newEmail, error) {
	var properties map[string]json.RawMessage
	if err := json.Unmarshal(raw, &properties); err != nil {
		return nil, invalid("an email is an object")
	}
	n := &newEmail{headers: map[string]json.RawMessage{}}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if slices.Contains(derived, name) {
			return nil, invalid("the server sets this", name)
		}
		if strings.HasPrefix(name, "header:") {
			if twice := n.alsoIn(name, properties); twice != "" {
				return nil, invalid("one header field in two properties", name, twice)
			}
			n.headers[name] = properties[name]
		} else if emailProperties[name] == nil && !slices.Contains([]string{"bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments"}, name) {
			return nil, invalid("there is no such property", name)
		}
	}
	if err := json.Unmarshal(raw, &n.Email); err != nil {
		return nil, invalid(plainJSONError(err))
	}
	return n, nil
}

// alsoIn is the property besides name that says what the same header field is, ""
// for none (RFC 8621 §4.6).
func (n *newEmail) alsoIn(name string, properties map[string]json.RawMessage) string {
	h, _ := parseHeaderProperty(name)
	for field, property := range propertyOf {
		if _, both := properties[property]; both && strings.EqualFold(field, h.name) {
			return property
		}
	}
	for other := range n.headers {
		if o, _ := parseHeaderProperty(other); strings.EqualFold(o.name, h.name) {
			return other
		}
	}
	return ""
}

// createEmail makes a message and files it (RFC 8621 §4.6). The message is put
// together on disk: attachments may be large.
func createEmail(ctx context.Context, c *call, raw json.RawMessage) (record, error) {
	n, err := readNewEmail(raw)
	if err != nil {
		return nil, err
	}
	mailbox, keywords, err := c.mailboxAndKeywords(filing{MailboxIds: n.MailboxIds, Keywords: n.Keywords})
	if err != nil {
		return nil, err
	}
	composition, err := n.compose(ctx, c)
	if err != nil {
		return nil, err
	}
	file, done, err := c.account.Scratch()
	if err != nil {
		return nil, err
	}
	defer done()
	if err := message.Write(file, composition); err != nil {
		return nil, err
	}
	size, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	return c.appendFile(ctx, mailbox, file, upstream.NewMessage{Size: size, Keywords: keywords, ReceivedAt: n.ReceivedAt})
}

// compose turns the creation into a message to be written.
func (n *newEmail) compose(ctx context.Context, c *call) (*message.Composition, error) {
	out := &message.Composition{}
	for name, list := range map[string][]jmap.EmailAddress{
		"From": n.From, "Sender": n.Sender, "To": n.To, "Cc": n.Cc, "Bcc": n.Bcc, "Reply-To": n.ReplyTo,
	} {
		f, err := message.AddressField(name, list)
		if err != nil {
			return nil, &jmap.SetError{Type: jmap.SetInvalidProperties, Description: err.Error(), Properties: []string{propertyOf[name]}}
		}
		out.Header = append(out.Header, f)
	}
	slices.SortFunc(out.Header, func(a, b message.OutField) int { return strings.Compare(a.Name, b.Name) })
	messageID := n.MessageId
	if len(messageID) == 0 {
		_, domain, _ := strings.Cut(c.account.Address(), "@")
		messageID = []string{message.NewMessageID(domain)}
	}
	sentAt := n.SentAt
	if sentAt.IsZero() {
		sentAt = time.Now()
	}
	out.Header = append(out.Header,
		message.TextField("Subject", n.Subject),
		message.DateField("Date", sentAt),
		message.IDsField("Message-ID", messageID),
		message.IDsField("In-Reply-To", n.InReplyTo),
		message.IDsField("References", n.References),
	)
	for _, property := range slices.Sorted(maps.Keys(n.headers)) {
		fields, err := headerFields(property, n.headers[property])
		if err != nil {
			return nil, err
		}
		out.Header = append(out.Header, fields...)
	}
	var err error
	out.Root, err = n.body(ctx, c)
	return out, err
}

// propertyOf is the property that a header field is made of.
var propertyOf = map[string]string{
	"From": "from", "Sender": "sender", "To": "to", "Cc": "cc", "Bcc": "bcc", "Reply-To": "replyTo",
	"Subject": "subject", "Date": "sentAt", "Message-ID": "messageId", "In-Reply-To": "inReplyTo", "References": "references",
}

// headerFields makes fields of a property header:NAME:asFORM[:all] (RFC 8621
// §4.6).
func headerFields(property string, raw json.RawMessage) ([]message.OutField, error) {
	h, ok := parseHeaderProperty(property)
	if !ok || strings.HasPrefix(strings.ToLower(h.name), "content-") {
		return nil, invalid("this header field cannot be set", property)
	}
	values := []json.RawMessage{raw}
	if h.all {
		if json.Unmarshal(raw, &values) != nil {
			return nil, invalid("an array is needed", property)
		}
	}
	form := "asRaw"
	if words := strings.Split(property, ":"); len(words) > 2 && words[2] != "all" {
		form = words[2]
	}
	var out []message.OutField
	for _, value := range values {
		if string(value) == "null" {
			continue
		}
		f, err := headerField(h.name, form, value)
		if err != nil {
			return nil, invalid(err.Error(), property)
		}
		out = append(out, f)
	}
	return out, nil
}

func headerField(name, form string, value json.RawMessage) (message.OutField, error) {
	wrong := errors.New("the value does not fit the form")
	switch form {
	case "asRaw", "asText":
		var s string
		if json.Unmarshal(value, &s) != nil {
			return message.OutField{}, wrong
		}
		if form == "asText" {
			return message.TextField(name, s), nil
		}
		f, ok := message.RawField(name, s)
		if !ok {
			return f, errors.New("not the name of a header field")
		}
		return f, nil
	case "asAddresses":
		var list []jmap.EmailAddress
		if json.Unmarshal(value, &list) != nil {
			return message.OutField{}, wrong
		}
		return message.AddressField(name, list)
	case "asMessageIds":
		var ids []string
		if json.Unmarshal(value, &ids) != nil {
			return message.OutField{}, wrong
		}
		return message.IDsField(name, ids), nil
	case "asDate":
		var t time.Time
		if json.Unmarshal(value, &t) != nil {
			return message.OutField{}, wrong
		}
		return message.DateField(name, t), nil
	case "asURLs":
		var urls []string
		if json.Unmarshal(value, &urls) != nil {
			return message.OutField{}, wrong
		}
		f, _ := message.RawField(name, "<"+strings.Join(urls, ">, <")+">")
		return f, nil
	}
	return message.OutField{}, errors.New("this form cannot be set")
}

// body makes the parts: those of bodyStructure, or textBody, htmlBody and
// attachments in the usual arrangement.
func (n *newEmail) body(ctx context.Context, c *call) (*message.OutPart, error) {
	if n.BodyStructure != nil {
		if n.TextBody != nil || n.HtmlBody != nil || n.Attachments != nil {
			return nil, invalid("bodyStructure goes without the others", "bodyStructure", "textBody", "htmlBody", "attachments")
		}
		return n.part(ctx, c, n.BodyStructure, 0)
	}
	text, err := n.single(ctx, c, n.TextBody, "text/plain", "textBody")
	if err != nil {
		return nil, err
	}
	html, err := n.single(ctx, c, n.HtmlBody, "text/html", "htmlBody")
	if err != nil {
		return nil, err
	}
	var inline, attached []*message.OutPart
	for i := range n.Attachments {
		p, err := n.part(ctx, c, &n.Attachments[i], 0)
		if err != nil {
			return nil, err
		}
		if p.CID != "" && p.Disposition == "inline" && html != nil {
			inline = append(inline, p)
			continue
		}
		if p.Disposition == "" {
			p.Disposition = "attachment"
		}
		attached = append(attached, p)
	}
	return message.Arrange(text, html, inline, attached), nil
}

// single is textBody or htmlBody of a creation: one part of one type (RFC 8621
// §4.6).
func (n *newEmail) single(ctx context.Context, c *call, list []jmap.EmailBodyPart, mediaType, property string) (*message.OutPart, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > 1 || list[0].Type != "" && list[0].Type != mediaType {
		return nil, invalid("one part of type "+mediaType, property)
	}
	list[0].Type = mediaType
	return n.part(ctx, c, &list[0], 0)
}

func (n *newEmail) part(ctx context.Context, c *call, p *jmap.EmailBodyPart, depth int) (*message.OutPart, error) {
	if depth > 50 {
		return nil, invalid("parts lie too deep", "bodyStructure")
	}
	out := &message.OutPart{
		Type: strings.ToLower(p.Type), Name: p.Name, Disposition: p.Disposition, CID: p.Cid, Language: p.Language, Location: p.Location,
	}
	switch {
	case strings.HasPrefix(out.Type, "multipart/"):
		out.Parts = []*message.OutPart{}
		for i := range p.SubParts {
			child, err := n.part(ctx, c, &p.SubParts[i], depth+1)
			if err != nil {
				return nil, err
			}
			out.Parts = append(out.Parts, child)
		}
	case p.PartId != "":
		value, ok := n.BodyValues[p.PartId]
		if !ok || value.IsTruncated || value.IsEncodingProblem {
			return nil, invalid("bodyValues has no usable value for part "+p.PartId, "bodyValues")
		}
		if p.Charset != "" {
			return nil, invalid("the server chooses the charset", "bodyStructure")
		}
		out.Text = &value.Value
		if out.Type == "" {
			out.Type = "text/plain"
		}
	case p.BlobId != "":
		blob, err := c.account.OpenBlob(ctx, c.real(p.BlobId))
		if errors.Is(err, ErrNotFound) {
			return nil, &jmap.SetError{Type: jmap.SetBlobNotFound, NotFound: []jmap.Id{p.BlobId}}
		}
		if err != nil {
			return nil, err
		}
		out.Open = func() (io.ReadCloser, error) { return blob.Open(ctx, 0) }
	default:
		return nil, invalid("a part needs a partId or a blobId", "bodyStructure")
	}
	return out, nil
}
