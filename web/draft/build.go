package draft

import (
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// The partIds of the texts.
const (
	bodyPart = "text"
	htmlPart = "html"
)

// flowedType is the type of the text part (RFC 3676 §3).
const flowedType = "text/plain; format=flowed"

// Build makes the email to create (RFC 8621 §4.6): headers as they are, the body as text
// and as HTML if it has any, attachments by their blobs, in one mailbox, marked as a
// draft. Attachments that the HTML shows become parts of it. What is no address (see
// Invalid) is left out: a bridge would refuse the whole draft for it.
func Build(headers jmap.Email, from jmap.Identity, body Body, attachments []jmap.EmailBodyPart, mailbox jmap.Id) jmap.Email {
	e := jmap.Email{
		MailboxIds: map[jmap.Id]bool{mailbox: true},
		Keywords:   map[string]bool{jmap.KeywordDraft: true, jmap.KeywordSeen: true},
		From:       []jmap.EmailAddress{Address(from.Name, from.Email)},
		ReplyTo:    from.ReplyTo,
		To:         clean(headers.To),
		Cc:         clean(headers.Cc),
		Bcc:        clean(headers.Bcc),
		Subject:    header(headers.Subject),
		MessageId:  headers.MessageId,
		InReplyTo:  headers.InReplyTo,
		References: headers.References,
		SentAt:     headers.SentAt,
		ReceiptTo:  headers.ReceiptTo,
		TextBody:   []jmap.EmailBodyPart{{PartId: bodyPart, ContentType: flowedType}},
		BodyValues: map[string]jmap.EmailBodyValue{bodyPart: {Value: Flow(normalized(body.Text))}},
	}
	if body.HTML != "" {
		e.HtmlBody = []jmap.EmailBodyPart{{PartId: htmlPart, Type: "text/html"}}
		e.BodyValues[htmlPart] = jmap.EmailBodyValue{Value: normalized(body.HTML)}
	}
	if len(from.ReplyTo) == 0 {
		e.ReplyTo = nil
	}
	for _, p := range attachments {
		part := jmap.EmailBodyPart{BlobId: p.BlobId, Type: p.Type, Name: header(p.Name), Disposition: "attachment"}
		if part.Type == "" {
			part.Type = "application/octet-stream"
		}
		if body.Shows(p.Cid) {
			part.Cid, part.Disposition = p.Cid, "inline"
		}
		e.Attachments = append(e.Attachments, part)
	}
	return e
}

// clean drops duplicates and what is no address, and makes names fit for a header.
func clean(list []jmap.EmailAddress) []jmap.EmailAddress {
	var out []jmap.EmailAddress
	for _, a := range pick(list, make(map[string]bool)) {
		if ValidAddress(a.Email) {
			out = append(out, Address(header(a.DisplayName()), a.Email))
		}
	}
	return out
}

// normalized text has LF line ends (RFC 8621 §4.1.4), no NUL, and ends in one.
func normalized(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = strings.ReplaceAll(text, "\x00", "")
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// Invalid gives the recipients mail could not be sent to.
func Invalid(e *jmap.Email) []string {
	var bad []string
	for _, list := range [][]jmap.EmailAddress{e.To, e.Cc, e.Bcc} {
		for _, a := range list {
			if !ValidAddress(a.Email) {
				bad = append(bad, a.Email)
			}
		}
	}
	return bad
}

// Recipients is how many the message goes to.
func Recipients(e *jmap.Email) int { return len(e.To) + len(e.Cc) + len(e.Bcc) }
