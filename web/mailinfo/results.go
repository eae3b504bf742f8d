package mailinfo

import "strings"

// Verdict is what the member's own mail provider found out about who sent a message (RFC
// 8601). The zero Verdict: it said nothing.
type Verdict struct {
	Known bool
	// SPF, DKIM and DMARC are the results of the three checks, "pass", "fail", "none" …,
	// "" where one was not made.
	SPF, DKIM, DMARC string
	// SignedBy are the domains whose signatures hold.
	SignedBy []string
}

// maxResults bounds what is read of a field, in octets.
const maxResults = 16 << 10

// ReadResults reads the Authentication-Results fields of a message, topmost first. Only the
// topmost counts, and only if it is the provider's, for anybody can write such a field into
// a message (RFC 8601 §5). host is the account's incoming server, "" where it is not known,
// address the account's own.
func ReadResults(fields []string, host, address string) Verdict {
	if len(fields) == 0 {
		return Verdict{}
	}
	raw := fields[0][:min(len(fields[0]), maxResults)]
	parts := splitResults(raw)
	id, _, _ := strings.Cut(strings.TrimSpace(parts[0]), " ") // a version may follow
	if !isProvider(Host(id), Host(host), Host(domainOf(address))) {
		return Verdict{}
	}
	v := Verdict{Known: true}
	for _, part := range parts[1:] {
		v.add(strings.Fields(part))
	}
	return v
}

// add takes in the result of one check: method=result, then what it is about.
func (v *Verdict) add(words []string) {
	if len(words) == 0 {
		return
	}
	method, result, ok := strings.Cut(strings.ToLower(words[0]), "=")
	method, _, _ = strings.Cut(method, "/") // a version
	if !ok {
		return
	}
	switch method {
	case "spf":
		v.SPF = better(v.SPF, result)
	case "dmarc":
		v.DMARC = result
	case "dkim":
		v.DKIM = better(v.DKIM, result)
		if result != "pass" {
			return
		}
		for _, property := range []string{"header.d=", "header.i="} {
			if d := domainIn(words, property); d != "" {
				v.SignedBy = append(v.SignedBy, d)
				return
			}
		}
	}
}

// domainIn is the domain that a property names.
func domainIn(words []string, property string) string {
	for _, word := range words[1:] {
		if len(word) > len(property) && strings.EqualFold(word[:len(property)], property) {
			value := word[len(property):]
			return Host(value[strings.LastIndexByte(value, '@')+1:])
		}
	}
	return ""
}

// better is the result that counts of two: one signature that holds is enough.
func better(was, result string) string {
	if was == "pass" {
		return was
	}
	return result
}

// splitResults cuts a field at its semicolons and leaves out comments and quotes; there is
// no white space around "=" afterwards.
func splitResults(raw string) []string {
	var parts []string
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '\\' && (quoted || depth > 0):
			i++
			if depth == 0 && i < len(raw) {
				b.WriteByte(inWord(raw[i]))
			}
		case depth > 0 && c == '(':
			depth++
		case depth > 0 && c == ')':
			depth--
		case depth > 0:
		case c == '"':
			quoted = !quoted
		case quoted:
			b.WriteByte(inWord(c))
		case c == '(':
			depth++
			b.WriteByte(' ')
		case c == ';':
			parts = append(parts, tidy(b.String()))
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	return append(parts, tidy(b.String()))
}

// inWord is an octet of a quoted word, which does not end at a space.
func inWord(c byte) byte {
	if c <= ' ' || c == '=' {
		return '_'
	}
	return c
}

func tidy(part string) string {
	words := strings.Join(strings.Fields(part), " ")
	return strings.NewReplacer(" = ", "=", " =", "=", "= ", "=").Replace(words)
}

// providers names, by the domain of their IMAP servers, those whose authserv-id lies in
// another domain.
var providers = map[string]string{
	"gmail.com": "google.com", "googlemail.com": "google.com", "fastmail.com": "messagingengine.com",
	"me.com": "icloud.com", "gmx.net": "gmx.net", "web.de": "web.de",
}

// serviceNames are what servers are called within their provider's domain.
var serviceNames = map[string]bool{"imap": true, "imaps": true, "imap4": true, "mail": true, "pop": true, "pop3": true, "mx": true}

// isProvider reports whether an authserv-id is the account's provider: its server, or a
// name above or below it or the address's domain, or beside a server that is called as
// mail servers are.
func isProvider(id, host, domain string) bool {
	if strings.Count(id, ".") == 0 {
		return false
	}
	if related(id, host) || related(id, domain) {
		return true
	}
	first, rest, _ := strings.Cut(host, ".")
	if serviceNames[first] && Organization(rest) == rest && strings.Contains(rest, ".") && within(id, rest) {
		return true
	}
	alias := providers[Organization(host)]
	return alias != "" && within(id, alias)
}

// related reports whether one name is the other or lies below it; a name of one label is
// nobody's.
func related(a, b string) bool {
	return strings.Contains(a, ".") && strings.Contains(b, ".") && (within(a, b) && !isSuffix(b) || within(b, a) && !isSuffix(a))
}

// within reports whether a name is a domain or lies below it.
func within(name, domain string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain)
}
