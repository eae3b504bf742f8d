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
// that lie outside quotes, comments and angle brackets. It yields each item and
// what ended it.
func splitAddresses(s string) func(yield func(item string, end byte) bool) {
	return func(yield func(string, byte) bool) {
		start, depth := 0, 0
		quoted, angle := false, false
		for i := 0; i < len(s); i++ {
			switch c := s[i]; {
			case c == '\\':
				i++
			case c == '"' && depth == 0:
				quoted = !quoted
			case quoted:
			case c == '(':
				depth++
			case c == ')' && depth > 0:
				depth--
			case depth > 0:
			case c == '<':
				angle = true
			case c == '>':
				angle = false
			case angle && c != ',':
			case c == ',' || c == ';' || c == ':':
				if !yield(s[start:i], c) {
					return
				}
				start, angle = i+1, false
			}
		}
		yield(s[min(start, len(s)):], 0)
	}
}

// parseAddress reads one mailbox: name <address>, address (name), or what there
// is.
func parseAddress(item string) (jmap.EmailAddress, bool) {
	if strings.TrimSpace(item) == "" {
		return jmap.EmailAddress{}, false
	}
	if before, address, ok := cutAngle(item); ok {
		return named(phrase(before), addrSpec(address)), true
	}
	bare := strings.TrimSpace(stripComments(item))
	name := ""
	if _, after, ok := strings.Cut(item, "("); ok {
		if comment, _, ok := strings.Cut(after, ")"); ok {
			name = phrase(comment)
		}
	}
	if !strings.Contains(bare, "@") {
		// A name and nothing else: shown, and nothing can be sent to it.
		return named(name, phrase(bare)), true
	}
	if at := strings.LastIndexAny(bare, " \t"); at >= 0 && !strings.Contains(bare, `"`) {
		return named(phrase(bare[:at]), addrSpec(bare[at+1:])), true // "Name a@b"
	}
	return named(name, addrSpec(bare)), true
}

// cutAngle finds the address in angle brackets, outside quotes.
func cutAngle(item string) (before, address string, ok bool) {
	quoted := false
	open := -1
	for i := 0; i < len(item); i++ {
		switch c := item[i]; {
		case c == '\\':
			i++
		case c == '"' && open < 0:
			quoted = !quoted
		case quoted:
		case c == '<':
			open = i
		case c == '>' && open >= 0:
			return item[:open], item[open+1 : i], true
		}
	}
	if open >= 0 {
		return item[:open], item[open+1:], true
	}
	return "", "", false
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
	return clean(decodeWords(s))
}

// phrase is a display name: quotes undone, encoded words decoded, comments gone.
func phrase(s string) string {
	s = stripComments(s)
	if !strings.Contains(s, `"`) {
		return Text(strings.ReplaceAll(s, `\`, ""))
	}
	var out strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted && i+1 < len(s):
			i++
			out.WriteByte(s[i])
		case c == '"':
			quoted = !quoted
		default:
			out.WriteByte(c)
		}
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
