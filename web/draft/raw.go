package draft

import (
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Messages that are put together here, as no properties of JMAP describe them: what is passed
// on as it is, and what tells that a message was read.

const crlf = "\r\n"

// Resent is the header that goes before a message that is passed on as it is (RFC 5322
// §3.6.6).
func Resent(from jmap.Identity, to []jmap.EmailAddress, messageId string, at time.Time) string {
	return "Resent-Date: " + at.Format(time.RFC1123Z) + crlf +
		"Resent-From: " + mailbox(Address(from.Name, from.Email)) + crlf +
		"Resent-To: " + mailboxes(to) + crlf +
		"Resent-Message-ID: <" + messageId + ">" + crlf
}

// Receipt is the message that tells the sender of another one that it was read (RFC 8098),
// because the reader wished so. text says it in words.
func Receipt(read *jmap.Email, from jmap.Identity, messageId, subject, text string, at time.Time) string {
	const boundary = "=_receipt" // stands in none of the parts
	var out strings.Builder
	line := func(parts ...string) { out.WriteString(strings.Join(parts, "") + crlf) }
	line("From: ", mailbox(Address(from.Name, from.Email)))
	line("To: ", mailboxes(read.ReceiptTo))
	line("Subject: ", encodedWords(header(subject)))
	line("Date: ", at.Format(time.RFC1123Z))
	line("Message-ID: <", messageId, ">")
	if len(read.MessageId) > 0 {
		line("In-Reply-To: <", header(read.MessageId[0]), ">")
		line("References: <", header(read.MessageId[0]), ">")
	}
	line("Auto-Submitted: auto-replied")
	line("MIME-Version: 1.0")
	line(`Content-Type: multipart/report; report-type=disposition-notification; boundary="`, boundary, `"`)
	line()
	line("--", boundary)
	line("Content-Type: text/plain; charset=utf-8")
	line("Content-Transfer-Encoding: base64")
	line()
	line(base64Lines(strings.ReplaceAll(text, "\n", crlf) + crlf))
	line("--", boundary)
	line("Content-Type: message/disposition-notification")
	line()
	line("Reporting-UA: Hearthmail")
	line("Final-Recipient: rfc822;", header(from.Email))
	if len(read.MessageId) > 0 {
		line("Original-Message-ID: <", header(read.MessageId[0]), ">")
	}
	line("Disposition: manual-action/MDN-sent-manually; displayed")
	line()
	line("--", boundary, "--")
	return out.String()
}

// mailboxes is a list of addresses for a header, folded.
func mailboxes(list []jmap.EmailAddress) string {
	var out []string
	for _, a := range clean(list) {
		out = append(out, mailbox(a))
	}
	return strings.Join(out, ","+crlf+" ")
}

// mailbox is an address for a header.
func mailbox(a jmap.EmailAddress) string {
	if a.DisplayName() == a.Email {
		return "<" + header(a.Email) + ">"
	}
	return encodedWords(header(a.DisplayName())) + crlf + " <" + header(a.Email) + ">"
}

// encodedWords is text for a header (RFC 2047): as it is if it is made of plain words.
func encodedWords(text string) string {
	plain := len(text) < 60
	for _, r := range text {
		plain = plain && (r == ' ' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	}
	if plain {
		return text
	}
	const most = 45 // octets in a word of 75
	var words []string
	for text != "" {
		n := 0
		for n < len(text) {
			_, size := utf8.DecodeRuneInString(text[n:])
			if n+size > most {
				break
			}
			n += size
		}
		words = append(words, "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(text[:n]))+"?=")
		text = text[n:]
	}
	return strings.Join(words, crlf+" ")
}

// base64Lines is text in lines of 76 (RFC 2045 §6.8).
func base64Lines(text string) string {
	const width = 76
	whole := base64.StdEncoding.EncodeToString([]byte(text))
	var lines []string
	for len(whole) > width {
		lines, whole = append(lines, whole[:width]), whole[width:]
	}
	return strings.Join(append(lines, whole), crlf)
}
