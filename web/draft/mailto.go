package draft

import (
	"net/url"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxMailto bounds the body a link may fill in.
const maxMailto = 64 << 10

// ParseMailto reads a mailto: link (RFC 6068): recipients, Subject and Body, and
// nothing else, since the page it stands on may be hostile (§7). Bcc is visible
// in the composer like the others. ok is false for anything but mailto:.
func ParseMailto(uri string) (e jmap.Email, text string, ok bool) {
	if len(uri) < 7 || !strings.EqualFold(uri[:7], "mailto:") {
		return e, "", false
	}
	to, query, _ := strings.Cut(uri[7:], "?")
	query, _, _ = strings.Cut(query, "#")
	to, _, _ = strings.Cut(to, "#")
	e.To, _ = ParseAddresses(header(unescape(to)))
	for field := range strings.SplitSeq(query, "&") {
		field = strings.TrimPrefix(field, "amp;") // a link that was escaped once too often
		name, value, _ := strings.Cut(field, "=")
		value = unescape(value)
		switch strings.ToLower(unescape(name)) {
		case "to":
			e.To = addAddresses(e.To, value)
		case "cc":
			e.Cc = addAddresses(e.Cc, value)
		case "bcc":
			e.Bcc = addAddresses(e.Bcc, value)
		case "subject":
			e.Subject = header(value)
		case "body":
			text = body(value)
		}
	}
	return e, text, true
}

func addAddresses(list []jmap.EmailAddress, s string) []jmap.EmailAddress {
	more, _ := ParseAddresses(header(s))
	return append(list, more...)
}

// unescape undoes percent encoding; "+" is a plus here (RFC 6068 §5).
func unescape(s string) string {
	u, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return strings.ToValidUTF8(u, "�")
}

// header makes a value fit for one header line: no way to smuggle in another.
func header(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\n' || r == '\t':
			return ' '
		case r < ' ' || r == 0x7f:
			return -1
		}
		return r
	}, s))
}

// body keeps line ends and drops other control characters.
func body(s string) string {
	if len(s) > maxMailto {
		s = strings.ToValidUTF8(s[:maxMailto], "")
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
