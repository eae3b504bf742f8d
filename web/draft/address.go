package draft

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// ParseAddresses reads the addresses people type or paste:
// "Ada <ada@x.org>, grace@y.org; 'Doe, Jane' <jane@z.org>" or one a line. What
// holds no address is given back in rest, so that nothing typed is lost.
func ParseAddresses(s string) (list []jmap.EmailAddress, rest []string) {
	for _, item := range splitList(s) {
		a, ok := parseAddress(item)
		switch {
		case ok:
			list = append(list, a)
		default:
			more, left := spaced(item)
			list = append(list, more...)
			rest = append(rest, left...)
		}
	}
	return list, rest
}

// splitList cuts at commas, semicolons and line ends outside of quotes, angle
// brackets and comments.
func splitList(s string) []string {
	var items []string
	start, quoted, angle, comment, named := 0, false, false, 0, false
	add := func(end int) {
		if item := strings.TrimSpace(s[start:end]); item != "" {
			items = append(items, item)
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\n':
			add(i)
			start, quoted, angle, comment, named = i+1, false, false, 0, false
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			comment++
		case c == ')':
			comment = max(0, comment-1)
		case comment > 0:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case (c == ',' || c == ';') && !angle:
			if c == ',' && !named && lastFirst(s[start:i], s[i+1:]) {
				named = true // Doe, Jane <jane@z.org>
				continue
			}
			add(i)
			start, named = i+1, false
		}
	}
	add(len(s))
	return items
}

// lastFirst reports whether a comma stands within an unquoted name: one word or
// so before it, another after it, then the address.
func lastFirst(before, after string) bool {
	i := strings.IndexAny(after, "<,;\n@\"")
	return i >= 0 && after[i] == '<' && strings.TrimSpace(after[:i]) != "" &&
		strings.TrimSpace(before) != "" && !strings.ContainsAny(before, "@<>")
}

// parseAddress reads "Ada <ada@x.org>", "ada@x.org (Ada)" or "ada@x.org".
func parseAddress(item string) (jmap.EmailAddress, bool) {
	var name, address string
	if i := strings.LastIndexByte(item, '<'); i >= 0 {
		j := strings.IndexByte(item[i:], '>')
		if j < 0 {
			j = len(item) - i
		}
		name, address = item[:i], item[i+1:i+j]
	} else if i := strings.IndexByte(item, '('); i > 0 && strings.HasSuffix(item, ")") {
		address, name = item[:i], item[i+1:len(item)-1]
	} else {
		address = item
	}
	address = strings.TrimSpace(address)
	if len(address) > 7 && strings.EqualFold(address[:7], "mailto:") {
		address = address[7:]
	}
	address = strings.TrimRight(address, ".,;")
	if !ValidAddress(address) {
		return jmap.EmailAddress{}, false
	}
	return Address(unquote(name), address), true
}

// spaced finds addresses among words that only spaces part.
func spaced(item string) (list []jmap.EmailAddress, rest []string) {
	words := strings.Fields(item)
	found := 0
	for _, w := range words {
		if ValidAddress(strings.Trim(w, "<>()\"'.,;")) {
			found++
		}
	}
	if found == 0 {
		return nil, []string{item}
	}
	var name []string
	for _, w := range words {
		if address := strings.Trim(w, "<>()\"'.,;"); ValidAddress(address) {
			list = append(list, Address(unquote(strings.Join(name, " ")), address))
			name = nil
		} else {
			name = append(name, w)
		}
	}
	if len(name) > 0 {
		rest = []string{strings.Join(name, " ")}
	}
	return list, rest
}

// unquote takes quotes and backslashes off a name.
func unquote(name string) string {
	name = oneLine(name)
	for _, q := range []string{`"`, "'"} {
		if len(name) >= 2 && strings.HasPrefix(name, q) && strings.HasSuffix(name, q) {
			name = name[1 : len(name)-1]
			break
		}
	}
	if strings.IndexByte(name, '\\') < 0 {
		return strings.TrimSpace(name)
	}
	var out strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '\\' && i+1 < len(name) {
			i++
		}
		out.WriteByte(name[i])
	}
	return strings.TrimSpace(out.String())
}

// Address makes an address; a name that says no more than the address is left out.
func Address(name, address string) jmap.EmailAddress {
	if name == "" || strings.EqualFold(name, address) {
		return jmap.EmailAddress{Email: address}
	}
	return jmap.EmailAddress{Name: &name, Email: address}
}

// ValidAddress reports whether mail could be sent to an address: local@domain,
// no spaces or control characters, no way to smuggle in anything else. Whether it
// exists only its server knows.
func ValidAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	// RFC 5321 §4.5.3.1: 64 octets, 255, and 254 in all (§4.5.3.1.3 less "<>").
	if at < 1 || at > 64 || len(s) > 254 || !utf8.ValidString(s) {
		return false
	}
	return validLocal(s[:at]) && validDomain(s[at+1:])
}

func validLocal(s string) bool {
	if len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' { // RFC 5321 §4.1.2 quoted string
		inner := s[1 : len(s)-1]
		for i := 0; i < len(inner); i++ {
			switch c := inner[i]; {
			case c < ' ' || c == 0x7f || c == '"':
				return false
			case c == '\\':
				if i++; i == len(inner) || inner[i] < ' ' || inner[i] >= 0x7f {
					return false
				}
			}
		}
		return true
	}
	if strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || strings.Contains(s, "..") {
		return false
	}
	for _, r := range s {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>[]:;@\,"`, r) || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return true
}

func validDomain(s string) bool {
	if len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' { // address literal, RFC 5321 §4.1.3
		return strings.Trim(s[1:len(s)-1], "0123456789abcdefABCDEFIPv.:") == ""
	}
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if r < 0x80 && r != '-' && !isNameByte(byte(r)) || r >= 0x80 && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) {
				return false
			}
		}
	}
	return true
}

// FormatAddress writes an address as people write it: Ada <ada@x.org>.
func FormatAddress(a jmap.EmailAddress) string {
	if a.Name == nil || *a.Name == "" {
		return a.Email
	}
	name := oneLine(*a.Name)
	if strings.ContainsAny(name, `()<>[]:;@\,."'`) {
		name = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
	}
	return name + " <" + a.Email + ">"
}

// FormatAddresses writes a list of addresses.
func FormatAddresses(list []jmap.EmailAddress) string {
	var out strings.Builder
	for i, a := range list {
		if i > 0 {
			out.WriteString(", ")
		}
		out.WriteString(FormatAddress(a))
	}
	return out.String()
}
