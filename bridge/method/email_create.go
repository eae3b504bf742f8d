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

// newEmail is the record of a creation (RFC 8621 §4.6).
type newEmail struct {
	jmap.Email
	given   map[string]json.RawMessage // every property as it came, but those that are null
	headers map[string]string          // header fields that are said, in lower case, and the property that says each
	parts   newBody
}

// newBody is the parts of a creation.
type newBody struct {
	BodyStructure                   *newPart
	TextBody, HtmlBody, Attachments []*newPart
}

// derived is what a creation must not say: the server makes it.
var derived = []string{"id", "blobId", "threadId", "size", "hasAttachment", "preview", "headers"}

// propertyOf is the property that a header field is made of, by the name the field is
// written with.
var propertyOf = map[string]string{
	"From": "from", "Sender": "sender", "To": "to", "Cc": "cc", "Bcc": "bcc", "Reply-To": "replyTo",
	"Subject": "subject", "Date": "sentAt", "Message-ID": "messageId", "In-Reply-To": "inReplyTo", "References": "references",
}

// fieldOrder is the order in which the fields of properties are written.
var fieldOrder = []string{"Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Message-ID", "In-Reply-To", "References"}

func readNewEmail(raw json.RawMessage) (*newEmail, error) {
	n := &newEmail{headers: map[string]string{}}
	if err := json.Unmarshal(raw, &n.given); err != nil || n.given == nil {
		return nil, invalid("an email is an object")
	}
	for name, value := range n.given {
		if string(value) == "null" {
			delete(n.given, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.given)) {
		if err := n.check(name); err != nil {
			return nil, err
		}
	}
	return n, n.read()
}

// check says whether a creation may have a property.
func (n *newEmail) check(name string) error {
	field := ""
	switch h, isHeader := parseHeaderProperty(name); {
	case slices.Contains(derived, name):
		return invalid("the server sets this", name)
	case isHeader:
		if !message.ValidFieldName(h.name) || strings.HasPrefix(strings.ToLower(h.name), "content-") {
			return invalid("this header field cannot be set here", name)
		}
		field = h.name
	case emailProperties[name] == nil && !slices.Contains(bodyProperties, name):
		return invalid("there is no such property", name)
	default:
		for f, property := range propertyOf {
			if property == name {
				field = f
			}
		}
	}
	if field == "" {
		return nil
	}
	field = strings.ToLower(field)
	if other, twice := n.headers[field]; twice {
		return invalid("one header field in two properties", other, name)
	}
	n.headers[field] = name
	return nil
}

// read reads the properties, and names the one that is not what it ought to be.
func (n *newEmail) read() error {
	return readProperties(n.given, map[string]any{
		"mailboxIds": &n.MailboxIds, "keywords": &n.Keywords, "receivedAt": &n.ReceivedAt,
		"messageId": &n.MessageId, "inReplyTo": &n.InReplyTo, "references": &n.References,
		"sender": &n.Sender, "from": &n.From, "to": &n.To, "cc": &n.Cc, "bcc": &n.Bcc, "replyTo": &n.ReplyTo,
		"subject": &n.Subject, "sentAt": &n.SentAt, "bodyValues": &n.BodyValues,
		"bodyStructure": &n.parts.BodyStructure, "textBody": &n.parts.TextBody, "htmlBody": &n.parts.HtmlBody, "attachments": &n.parts.Attachments,
	})
}

// createEmail makes a message and files it (RFC 8621 §4.6). The message is put
// together on disk: attachments may be large.
func createEmail(ctx context.Context, c *call, raw json.RawMessage) (record, error) {
	n, err := readNewEmail(raw)
	if err != nil {
		return nil, err
	}
	mailboxes, keywords, err := c.mailboxesAndKeywords(filing{MailboxIds: n.MailboxIds, Keywords: n.Keywords})
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
	return c.appendFile(ctx, mailboxes, file, upstream.NewMessage{Size: size, Keywords: keywords, ReceivedAt: n.ReceivedAt})
}

// compose turns the creation into a message to be written.
func (n *newEmail) compose(ctx context.Context, c *call) (*message.Composition, error) {
	out := &message.Composition{}
	root, err := n.body(ctx, c)
	if err != nil {
		return nil, err
	}
	out.Root = root
	// RFC 8621 §4.6: a message without a Message-ID or a Date gets one.
	if n.headers["message-id"] == "" {
		_, domain, _ := strings.Cut(c.account.Address(), "@")
		n.MessageId = []string{message.NewMessageID(domain)}
		n.headers["message-id"] = "messageId"
	}
	if n.headers["date"] == "" {
		n.SentAt = time.Now()
		n.headers["date"] = "sentAt"
	}
	for _, name := range fieldOrder {
		if n.headers[strings.ToLower(name)] != propertyOf[name] {
			continue
		}
		f, err := n.field(name)
		if err != nil {
			return nil, invalid(err.Error(), propertyOf[name])
		}
		out.Header = append(out.Header, f...)
	}
	for _, property := range slices.Sorted(maps.Keys(n.given)) {
		h, ok := parseHeaderProperty(property)
		if !ok {
			continue
		}
		fields, err := headerFields(h, n.given[property])
		if err != nil {
			return nil, invalid(err.Error(), property)
		}
		out.Header = append(out.Header, fields...)
	}
	return out, nil
}

// field makes the header field of a property that is given. An empty list makes none.
func (n *newEmail) field(name string) ([]message.OutField, error) {
	switch name {
	case "Subject":
		return []message.OutField{message.TextField(name, n.Subject)}, nil
	case "Date":
		return []message.OutField{message.DateField(name, n.SentAt)}, nil
	}
	ids := map[string][]string{"Message-ID": n.MessageId, "In-Reply-To": n.InReplyTo, "References": n.References}
	if list, ok := ids[name]; ok {
		return idsField(name, list)
	}
	addresses := map[string][]jmap.EmailAddress{"From": n.From, "Sender": n.Sender, "To": n.To, "Cc": n.Cc, "Bcc": n.Bcc, "Reply-To": n.ReplyTo}
	return addressField(name, addresses[name])
}

func addressField(name string, list []jmap.EmailAddress) ([]message.OutField, error) {
	if len(list) == 0 {
		return nil, nil
	}
	f, err := message.AddressField(name, list)
	return []message.OutField{f}, err
}

func idsField(name string, ids []string) ([]message.OutField, error) {
	for _, id := range ids {
		if !message.ValidID(id) {
			return nil, errors.New("not a message id")
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return []message.OutField{message.IDsField(name, ids)}, nil
}
