package message

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxAddresses is the most addresses that are read from one field.
const maxAddresses = 10_000

// Addresses reads an address list, groups taken apart (RFC 8621 §4.1.2.3).
func Addresses(raw string) []jmap.EmailAddress {
	var out []jmap.EmailAddress
	for _, g := range GroupedAddresses(raw) {
		out = append(out, g.Addresses...)
	}
	return out
}

// GroupedAddresses reads an address list with its groups (RFC 8621 §4.1.2.4).
// Whatever an item is, something is kept of it: a name without an address has the
// name as its address.
func GroupedAddresses(raw string) []jmap.EmailAddressGroup {
	var groups []jmap.EmailAddressGroup
	var current *jmap.EmailAddressGroup // nil: outside any group
	loose := -1                         // the group without a name that is being filled
	add := func(a jmap.EmailAddress) {
		switch {
		case current != nil:
			current.Addresses = append(current.Addresses, a)
		case loose >= 0:
			groups[loose].Addresses = append(groups[loose].Addresses, a)
		default:
			groups = append(groups, jmap.EmailAddressGroup{Addresses: []jmap.EmailAddress{a}})
			loose = len(groups) - 1
		}
	}
	count := 0
	for item, end := range splitAddresses(unfold(raw)) {
		if count++; count > maxAddresses {
			break
		}
		if end == ':' && current == nil {
			name := phrase(item)
			current = &jmap.EmailAddressGroup{Name: &name, Addresses: []jmap.EmailAddress{}}
			continue
		}
		if a, ok := parseAddress(item); ok {
			add(a)
		}
		if end == ';' && current != nil {
			groups = append(groups, *current)
			current, loose = nil, -1
		}
	}
	if current != nil {
		groups = append(groups, *current)
	}
	return groups
}

// splitAddresses cuts a list at commas, and at the colon and semicolon of groups,
// that lie outside quotes, comments, domain literals and angle brackets. It yields each
// item and what ended it.
func splitAddresses(s string) func(yield func(item string, end byte) bool) {
	return func(yield func(string, byte) bool) {
		start := 0
		skip := skipper{s: s}
		for i := 0; i < len(s); i++ {
			switch c := s[i]; c {
			case '\\', '"', '(', '[':
				i = skip.over(i)
			case '<':
				i = angleEnd(s, i)
			case ',', ';', ':':
				if !yield(s[start:i], c) {
					return
				}
				start = i + 1
			}
		}
		yield(s[start:], 0)
	}
}

// angleEnd finds the bracket that closes the one at an offset, or gives the offset where
// none does. Commas and colons between them are those of a route.
func angleEnd(s string, at int) int {
	for i := at + 1; i < len(s) && i-at <= maxAngle; i++ {
		switch s[i] {
		case '"':
			if end, ok := quoteEnd(s[:min(len(s), at+maxAngle)], i); ok {
				i = end
			}
		case '>':
			return i
		case '<':
			return at
		}
	}
	return at
}

// maxAngle is how far the closing bracket of an address is looked for.
const maxAngle = 1000

// parseAddress reads one mailbox: name <address>, address (name), or what there
// is.
func parseAddress(item string) (jmap.EmailAddress, bool) {
	if strings.TrimSpace(item) == "" {
		return jmap.EmailAddress{}, false
	}
	if before, address, after, ok := cutAngle(item); ok {
		name := phrase(before)
		if name == "" {
			name = comment(after)
		}
		return named(name, addrSpec(address)), true
	}
	bare := strings.TrimSpace(stripComments(item))
	name := comment(item)
	if !strings.Contains(bare, "@") {
		// A name and nothing else: shown, and nothing can be sent to it.
		return named(name, phrase(bare)), true
	}
	if at := lastSpace(bare); at >= 0 && strings.Contains(bare[at:], "@") && !strings.ContainsAny(bare[:at], "@") {
		return named(phrase(bare[:at]), addrSpec(bare[at+1:])), true // "Name a@b"
	}
	return named(name, addrSpec(bare)), true
}

// cutAngle finds the address in angle brackets, outside quotes and comments: the last
// one, of several.
func cutAngle(item string) (before, address, after string, ok bool) {
	open, end := -1, -1
	skip := skipper{s: item, noLiteral: true}
	for i := 0; i < len(item); i++ {
		if item[i] != '<' {
			i = skip.over(i)
			continue
		}
		open, end = i, angleEnd(item, i)
		i = end
	}
	switch {
	case open < 0:
		return "", "", "", false
	case open == end: // never closed
		return item[:open], item[open+1:], "", true
	}
	return item[:open], item[open+1 : end], item[end+1:], true
}

// comment is the first comment's text, for a display name.
func comment(s string) string {
	skip := skipper{s: s, noLiteral: true}
	for i := 0; i < len(s); i++ {
		end := skip.over(i)
		if s[i] == '(' && end > i {
			return Text(unescape(s[i+1 : end]))
		}
		i = end
	}
	return ""
}

// unescape undoes quoted pairs (RFC 5322 §3.2.1).
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// lastSpace is the last white space outside quotes, -1 for none.
func lastSpace(s string) int {
	last := -1
	skip := skipper{s: s, noComment: true, noLiteral: true}
	for i := 0; i < len(s); i++ {
		if s[i] == ' ' || s[i] == '\t' {
			last = i
		}
		i = skip.over(i)
	}
	return last
}

func named(name, address string) jmap.EmailAddress {
	a := jmap.EmailAddress{Email: address}
	if name != "" {
		a.Name = &name
	}
	return a
}

// addrSpec takes the white space and an obsolete route out of an address (RFC
// 5322 §4.4). Quotes of the local part stay.
func addrSpec(s string) string {
	s = strings.TrimSpace(stripComments(s))
	if strings.HasPrefix(s, "@") {
		if _, rest, ok := strings.Cut(s, ":"); ok {
			s = rest
		}
	}
	if !strings.Contains(s, `"`) {
		s = strings.Join(strings.Fields(s), "")
	}
	// RFC 2047 §5 allows no encoded words here. They are decoded where all of the address
	// was put into them; never where they would make another address of this one.
	if !strings.Contains(s, "@") {
		s = decodeWords(s)
	}
	return clean(s)
}

// phrase is a display name: quotes undone, encoded words decoded, comments gone.
func phrase(s string) string {
	s = stripComments(s)
	if !strings.ContainsAny(s, `"\`) {
		return Text(s)
	}
	var out strings.Builder
	skip := skipper{s: s, noComment: true, noLiteral: true}
	for i := 0; i < len(s); i++ {
		end := skip.over(i)
		switch {
		case end == i && s[i] == '"': // a stray one
		case end == i && s[i] != '\\':
			out.WriteByte(s[i])
		case s[i] == '"':
			out.WriteString(unescape(s[i+1 : end]))
		default:
			out.WriteString(s[i+1 : end+1])
		}
		i = end
	}
	return Text(out.String())
}

var errAddress = errors.New("not a mail address")

// ValidAddress says whether an address can be put on the wire: a Mailbox of RFC
// 5321 §4.1.2, with the characters of RFC 6531 §3.3. No control, no space or angle
// bracket outside quotes ever passes.
func ValidAddress(address string) error {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || len(address) > 254 || !utf8.ValidString(address) {
		return errAddress
	}
	local, domain := address[:at], address[at+1:]
	if len(local) > 64 || !validLocal(local) || !validDomain(domain) {
		return errAddress
	}
	return nil
}

func validLocal(local string) bool {
	if strings.HasPrefix(local, `"`) {
		return validQuoted(local)
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !isAtext(r) }) {
			return false
		}
	}
	return true
}

func isAtext(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r >= 0xa0 && r != utf8.RuneError ||
		strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func validQuoted(local string) bool {
	if len(local) < 2 || !strings.HasSuffix(local, `"`) {
		return false
	}
	inner := local[1 : len(local)-1]
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case c < ' ' || c == 0x7f || c == '"':
			return false
		case c == '\\':
			if i++; i == len(inner) || inner[i] < ' ' || inner[i] > '~' {
				return false
			}
		}
	}
	return true
}

func validDomain(domain string) bool {
	if literal, ok := strings.CutPrefix(domain, "["); ok {
		inner, ok := strings.CutSuffix(literal, "]")
		return ok && inner != "" && !strings.ContainsFunc(inner, func(r rune) bool {
			return r <= ' ' || r > '~' || strings.ContainsRune(`[]\<>`, r)
		})
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63*4 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < 0xa0 || r == utf8.RuneError)
		}) {
			return false
		}
	}
	return true
}
