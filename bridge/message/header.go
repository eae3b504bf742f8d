package message

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

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
	value string // what follows the colon, folding and all, without the final line end; UTF-8
}

// ParseHeader reads header octets, with or without the blank line that ends
// them. Bare LF ends a line too; a byte order mark, an mbox "From " line and lines
// that are no fields are passed over. Values in no UTF-8 are read in the charset that
// Content-Type names, else as windows-1252.
func ParseHeader(raw []byte) Header {
	h, _ := splitHeader(raw)
	return h
}

// splitHeader also says where the body begins: after the first blank line, or at the
// first of two lines in a row that are no fields, where a blank line was forgotten.
func splitHeader(raw []byte) (Header, int) {
	var found []rawField
	at := len(raw) - len(bytes.TrimPrefix(raw, byteOrderMark))
	limit := min(len(raw), maxHeader)
	end := limit
	stray := -1 // where the last line began, if it was no field
	for at < limit {
		line, next := lineAt(raw[:limit], at)
		if len(line) == 0 {
			end = next
			break
		}
		switch name, ok := fieldName(line); {
		case line[0] == ' ' || line[0] == '\t':
			if stray < 0 && len(found) > 0 {
				found[len(found)-1].end = at + len(line)
			}
		case ok:
			colon := bytes.IndexByte(line, ':')
			found = append(found, rawField{name, at + colon + 1, at + len(line)})
			stray = -1
		case stray >= 0:
			return makeHeader(raw, found), stray
		default:
			stray = at
		}
		at = next
	}
	if end == limit && at >= limit && stray >= 0 && limit < maxHeader {
		end = stray // no blank line at all
	}
	return makeHeader(raw, found), end
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// rawField is where the value of a field lies.
type rawField struct {
	name       string
	start, end int
}

// fieldName is the name of the field that a line begins; false where it begins none.
func fieldName(line []byte) (string, bool) {
	name, _, ok := bytes.Cut(line, []byte(":"))
	if !ok {
		return "", false
	}
	name = bytes.TrimRight(name, " \t")
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return "", false
		}
	}
	return string(name), len(name) > 0
}

// makeHeader reads the values of fields.
func makeHeader(raw []byte, found []rawField) Header {
	h := Header{fields: make([]field, len(found))}
	broken := false
	for i, f := range found {
		value := string(raw[f.start:f.end])
		if strings.Contains(value, "\x00") { // RFC 8621 §4.1.2.1
			value = strings.TrimRight(strings.ReplaceAll(value, "\x00", ""), "\r")
		}
		broken = broken || !utf8.ValidString(value) || strings.Contains(value, "\x1b")
		h.fields[i] = field{f.name, value}
	}
	if broken {
		h.toUTF8()
	}
	return h
}

// toUTF8 decodes values that are in another charset.
func (h *Header) toUTF8() {
	_, params := parseParams(h.first("Content-Type"))
	charset := charsetName(params["charset"])
	japanese := strings.HasPrefix(charset, "iso-2022-")
	for i, f := range h.fields {
		escaped := japanese && strings.Contains(f.value, "\x1b")
		if utf8.ValidString(f.value) && !escaped {
			continue
		}
		text, problem := decodeRaw(charset, f.value)
		if problem {
			text = decodeWestern([]byte(f.value))
		}
		h.fields[i].value = text
	}
}

// decodeRaw decodes octets in the charset a message says its text has; problem where it
// cannot be that.
func decodeRaw(charset, value string) (text string, problem bool) {
	enc := lookup(charset)
	if enc == nil || charset == "utf-8" {
		return "", true
	}
	const ascii = "A z0:;,<>@\"\r\n\t"
	if same, err := enc.NewDecoder().String(ascii); err != nil || same != ascii {
		return "", true // fields could not be told apart in it
	}
	decoded, err := enc.NewDecoder().String(value)
	return decoded, err != nil || strings.ContainsRune(decoded, '\ufffd')
}

// first is the first field of a name, "" where there is none: of MIME's fields it is the
// first that counts for mail servers.
func (h Header) first(name string) string {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
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
func unfold(raw string) string { return unfolder.Replace(raw) }

var unfolder = strings.NewReplacer("\r\n", "", "\n", "", "\r", "", "\x00", "")

// MessageIDs reads a list of message ids without their angle brackets (RFC 8621
// §4.1.2.5); nil when there is none. An id that stands alone without brackets is one.
func MessageIDs(raw string) []string {
	text := unfold(raw)
	out := bracketed(text)
	if bare := strings.TrimSpace(stripComments(text)); len(out) == 0 && strings.Contains(bare, "@") && ValidID(bare) {
		out = append(out, bare)
	}
	return out
}

// URLs reads a list of URLs in angle brackets (RFC 2369, RFC 8621 §4.1.2.7).
func URLs(raw string) []string { return bracketed(unfold(raw)) }

// bracketed lists what stands in angle brackets, outside comments, without the white
// space in it that folding left.
func bracketed(s string) []string {
	var out []string
	skip := skipper{s: s, noQuote: true, noLiteral: true}
	for i := 0; i < len(s); i++ {
		if s[i] == '(' {
			i = skip.over(i)
			continue
		}
		if s[i] != '<' {
			continue
		}
		end := strings.IndexAny(s[i+1:], "<>")
		if end < 0 {
			break
		}
		if s[i+1+end] == '>' {
			if item := strings.Join(strings.Fields(s[i+1:i+1+end]), ""); item != "" {
				out = append(out, clean(item))
			}
		}
		i += end
	}
	return out
}
