package invite

import (
	"io"
	"mime/quotedprintable"
	"strings"
)

// maxFields is how many there may be of a kind in a contact.
const maxFields = 20

// Card is a contact.
type Card struct {
	Name, Organization, Title string
	Emails, Phones            []string
	Addresses                 []string // of several lines
	Note                      string
}

// ParseCards reads the contacts of a vCard file, the first so many of them.
func ParseCards(text string, most int) []Card {
	var out []Card
	var card *Card
	depth := 0
	structured := ""
	for _, l := range readLines(text) {
		switch begin := strings.EqualFold(strings.TrimSpace(l.value), "VCARD"); {
		case l.name == "BEGIN" && begin:
			if depth++; depth == 1 {
				card, structured = new(Card), ""
			}
		case l.name == "END" && begin && depth > 0:
			if depth--; depth > 0 {
				continue
			}
			if card.Name == "" {
				card.Name = structured
			}
			if card.Name != "" || len(card.Emails)+len(card.Phones) > 0 || card.Organization != "" {
				out = append(out, *card)
			}
			if len(out) == most {
				return out
			}
		case depth == 1:
			if l.name == "N" {
				structured = fullName(splitEscaped(decoded(&l), ';'))
			}
			card.take(&l)
		}
	}
	return out
}

func (c *Card) take(l *line) {
	value := decoded(l)
	add := func(list *[]string, text string) {
		if text != "" && len(*list) < maxFields {
			*list = append(*list, text)
		}
	}
	switch l.name {
	case "FN":
		c.Name = unescape(value)
	case "ORG":
		c.Organization = strings.Join(notEmpty(splitEscaped(value, ';')), ", ")
	case "TITLE":
		c.Title = unescape(value)
	case "NOTE":
		c.Note = unescape(value)
	case "EMAIL":
		add(&c.Emails, strings.TrimPrefix(unescape(value), "mailto:"))
	case "TEL":
		add(&c.Phones, strings.TrimPrefix(unescape(value), "tel:"))
	case "ADR":
		add(&c.Addresses, strings.Join(notEmpty(splitEscaped(value, ';')), "\n"))
	}
}

// fullName puts the parts of a name (family, given, more, before, after) as it is said.
func fullName(parts []string) string {
	at := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	return strings.Join(notEmpty([]string{at(3), at(1), at(2), at(0), at(4)}), " ")
}

func notEmpty(list []string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// decoded is the value of a line; vCard 2.1 has them in quoted-printable.
func decoded(l *line) string {
	if !l.is("ENCODING", "QUOTED-PRINTABLE") {
		return l.value
	}
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(l.value)))
	if err != nil {
		return l.value
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}
