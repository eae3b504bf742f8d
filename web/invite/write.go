package invite

import (
	"strings"
	"unicode/utf8"
)

var cardEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, ",", `\,`, ";", `\;`, "\r", "")

// WriteCards makes a vCard file (RFC 6350) of the names and addresses of contacts.
func WriteCards(cards []Card) string {
	var out strings.Builder
	for i := range cards {
		c := &cards[i]
		out.WriteString("BEGIN:VCARD\r\nVERSION:4.0\r\n")
		fold(&out, "FN:"+cardEscaper.Replace(c.Name))
		for _, email := range c.Emails {
			fold(&out, "EMAIL:"+cardEscaper.Replace(email))
		}
		out.WriteString("END:VCARD\r\n")
	}
	return out.String()
}

// fold writes a line in pieces of at most 75 octets (RFC 6350 §3.2), and no character apart.
func fold(out *strings.Builder, line string) {
	const most = 75
	for room := most; len(line) > room; room = most - 1 {
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		out.WriteString(line[:cut] + "\r\n ")
		line = line[cut:]
	}
	out.WriteString(line + "\r\n")
}
