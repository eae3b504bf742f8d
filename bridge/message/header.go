package message

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxHeader is the most of a header that is looked at, in octets; what follows is
// taken for the body.
const maxHeader = 1 << 20

// Header is a header's fields, in order, as they lie in the message.
type Header struct {
	fields []field
}

type field struct {
	name  string // as written
	value string // what follows the colon, folding and all, without the final line end
}

// ParseHeader reads header octets, with or without the blank line that ends
// them. Bare LF ends a line too; a byte order mark, an mbox "From " line and lines
// that are no fields are passed over.
func ParseHeader(raw []byte) Header {
	h, _ := splitHeader(raw)
	return h
}

// splitHeader also says where the body begins.
func splitHeader(raw []byte) (Header, int) {
	var h Header
	at := 0
	if bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")) {
		at = 3
	}
	limit := min(len(raw), maxHeader)
	for at < limit {
		end := bytes.IndexByte(raw[at:limit], '\n')
		next := at + end + 1
		if end < 0 {
			next = limit
		}
		line := raw[at:next]
		text := strings.TrimRight(string(line), "\r\n")
		switch {
		case text == "":
			return h, next
		case text[0] == ' ' || text[0] == '\t':
			if len(h.fields) > 0 {
				last := &h.fields[len(h.fields)-1]
				last.value += "\r\n" + text
			}
		default:
			h.addLine(text)
		}
		at = next
	}
	return h, limit
}

// addLine takes a line that begins a field; one without a name is no field.
func (h *Header) addLine(text string) {
	name, value, ok := strings.Cut(text, ":")
	name = strings.TrimRight(name, " \t")
	if !ok || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return
	}
	h.fields = append(h.fields, field{name, value})
}

// Fields lists all fields in the raw form of RFC 8621 §4.1.2.1.
func (h Header) Fields() []jmap.EmailHeader {
	out := make([]jmap.EmailHeader, len(h.fields))
	for i, f := range h.fields {
		out[i] = jmap.EmailHeader{Name: f.name, Value: f.value}
	}
	return out
}

// Raw is the last field of a name, in any case: RFC 8621 §4.1.3 gives the last
// where several are there.
func (h Header) Raw(name string) (string, bool) {
	for _, v := range slices.Backward(h.fields) {
		if strings.EqualFold(v.name, name) {
			return v.value, true
		}
	}
	return "", false
}

// All is every field of a name, in order.
func (h Header) All(name string) []string {
	var out []string
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			out = append(out, f.value)
		}
	}
	return out
}

// Envelope is what lists and threads need of the header.
func (h Header) Envelope() Envelope {
	addresses := func(name string) []jmap.EmailAddress {
		raw, ok := h.Raw(name)
		if list := Addresses(raw); list != nil || !ok {
			return list
		}
		return []jmap.EmailAddress{}
	}
	ids := func(name string) []string {
		raw, _ := h.Raw(name)
		return MessageIDs(raw)
	}
	subject, hasSubject := h.Raw("Subject")
	date, _ := h.Raw("Date")
	sentAt, _ := Date(date)
	return Envelope{
		Subject:    Text(subject),
		HasSubject: hasSubject,
		SentAt:     sentAt,
		MessageID:  ids("Message-ID"),
		InReplyTo:  ids("In-Reply-To"),
		References: ids("References"),
		From:       addresses("From"),
		Sender:     addresses("Sender"),
		ReplyTo:    addresses("Reply-To"),
		To:         addresses("To"),
		Cc:         addresses("Cc"),
		Bcc:        addresses("Bcc"),
	}
}

// unfold joins the lines of a raw value (RFC 5322 §2.2.3).
func unfold(raw string) string {
	return strings.NewReplacer("\r\n", "", "\n", "", "\r", "", "\x00", "").Replace(raw)
}

// MessageIDs reads a list of message ids without their angle brackets (RFC 8621
// §4.1.2.5); nil when there is none.
func MessageIDs(raw string) []string {
	var out []string
	rest := unfold(raw)
	for {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			break
		}
		id, next, ok := strings.Cut(after, ">")
		if !ok {
			break
		}
		if id = strings.TrimSpace(id); id != "" && !strings.ContainsAny(id, "<\t ") {
			out = append(out, id)
		}
		rest = next
	}
	return out
}

// URLs reads a list of URLs in angle brackets (RFC 2369, RFC 8621 §4.1.2.7).
func URLs(raw string) []string {
	var out []string
	for _, item := range strings.Split(unfold(raw), "<")[1:] {
		if url, _, ok := strings.Cut(item, ">"); ok {
			out = append(out, strings.Join(strings.Fields(url), ""))
		}
	}
	return out
}
