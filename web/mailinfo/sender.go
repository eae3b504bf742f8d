package mailinfo

import (
	"slices"
	"strings"
	"unicode"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Doubt is a reason to look twice at who sent a message.
type Doubt int

// Doubts, the worst first.
const (
	Forged         Doubt = iota // the provider found that the sender's domain did not send it
	LooksLikeYou                // the member's own name or address, by somebody else
	OtherAddress                // the name holds an address that is not the sender's
	LooksLikeKnown              // the name of somebody the member writes to, with another address
	OddAddress                  // the address is made to look like another one
	RepliesGo                   // answers go to another domain; a hint, no more
)

// Finding is a doubt, and what it is about: an address.
type Finding struct {
	Doubt Doubt
	About string
}

// People are those a sender can be mistaken for: by name, their addresses.
type People map[string][]string

// Add takes somebody in.
func (p People) Add(a jmap.EmailAddress) {
	if name := nameOf(a); name != "" && a.Email != "" {
		if address := strings.ToLower(a.Email); !slices.Contains(p[name], address) {
			p[name] = append(p[name], address)
		}
	}
}

// AddAddress takes in an address that goes by no name.
func (p People) AddAddress(address string) { p[""] = append(p[""], strings.ToLower(address)) }

// nameOf is a name as two of them are compared, "" where it is none or too short to be
// mistaken for somebody.
func nameOf(a jmap.EmailAddress) string {
	if a.Name == nil {
		return ""
	}
	name := strings.Join(strings.FieldsFunc(strings.ToLower(*a.Name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
	if !strings.Contains(name, " ") || strings.Contains(*a.Name, "@") {
		return ""
	}
	return name
}

// Look gives what is doubtful about a message's sender, the worst first. own are the
// member's names and addresses, known those of people they write to.
func Look(m *jmap.Email, v Verdict, own, known People) []Finding {
	var out []Finding
	if len(m.From) == 0 {
		return nil
	}
	from := m.From[0]
	address := strings.ToLower(from.Email)
	if v.DMARC == "fail" {
		out = append(out, Finding{Forged, domainOf(address)})
	}
	name, inName := nameOf(from), addressIn(from)
	switch theirs, mine := known[name], own[name]; {
	case own.has(address):
	case own.has(inName):
		out = append(out, Finding{LooksLikeYou, inName})
	case inName != "" && inName != address:
		out = append(out, Finding{OtherAddress, inName})
	case name == "": // which nobody can be mistaken for
	case len(mine) > 0:
		out = append(out, Finding{LooksLikeYou, mine[0]})
	case len(theirs) > 0 && !slices.Contains(theirs, address) && !sameOrganization(theirs, address):
		out = append(out, Finding{LooksLikeKnown, theirs[0]})
	}
	if Lookalike(domainOf(address)) || lookalikeLabel(localOf(address)) {
		out = append(out, Finding{OddAddress, address})
	}
	if to := repliesElsewhere(m, address); to != "" {
		out = append(out, Finding{RepliesGo, to})
	}
	return out
}

func (p People) has(address string) bool {
	if address == "" {
		return false
	}
	for _, addresses := range p {
		if slices.Contains(addresses, address) {
			return true
		}
	}
	return false
}

func sameOrganization(addresses []string, address string) bool {
	return slices.ContainsFunc(addresses, func(a string) bool {
		return Organization(domainOf(a)) == Organization(domainOf(address))
	})
}

func localOf(address string) string { return address[:max(0, strings.LastIndexByte(address, '@'))] }

// addressIn is the address that stands in a sender's name, "" for none.
func addressIn(a jmap.EmailAddress) string {
	if a.Name == nil || len(*a.Name) > 1000 {
		return ""
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(*a.Name), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("<>()[]\"',;:", r)
	}) {
		local, domain, ok := strings.Cut(word, "@")
		if ok && local != "" && strings.Contains(strings.Trim(domain, "."), ".") && !strings.Contains(domain, "@") {
			return local + "@" + Host(domain)
		}
	}
	return ""
}

// repliesElsewhere is where answers go, if that is another organization than the sender's
// and the message came by no mailing list, where that is usual.
func repliesElsewhere(m *jmap.Email, address string) string {
	if m.ListId != "" {
		return ""
	}
	for _, to := range m.ReplyTo {
		if d := domainOf(to.Email); d != "" && Organization(d) != Organization(domainOf(address)) {
			return to.Email
		}
	}
	return ""
}
