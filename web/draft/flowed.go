package draft

import (
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// flowed reports whether the lines of a part go on where they end in a space (RFC 3676
// §4.1), and whether that space is none of the text's (delsp).
func flowed(p jmap.EmailBodyPart) (flows, delsp bool) {
	for _, h := range p.Headers {
		if !strings.EqualFold(h.Name, "Content-Type") {
			continue
		}
		for param := range strings.SplitSeq(strings.ToLower(h.Value), ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.TrimSpace(name) {
			case "format":
				flows = value == "flowed"
			case "delsp":
				delsp = value == "yes"
			}
		}
	}
	return flows, delsp
}

// Unflow joins the lines of a text in format=flowed that were broken for sending (RFC 3676
// §4.2 to 4.5). Quote marks stand together before each paragraph.
func Unflow(text string, delsp bool) string {
	var out strings.Builder
	depth, open := 0, false // of the paragraph that goes on
	for line := range strings.SplitSeq(text, "\n") {
		rest := strings.TrimLeft(line, ">")
		d := len(line) - len(rest)
		stuffed := rest
		if unstuffed, ok := strings.CutPrefix(rest, " "); ok && (d > 0 || !strings.HasPrefix(unstuffed, ">")) {
			stuffed = unstuffed // a mark that is part of the text keeps its space: it is no quote
		}
		signature := stuffed == "-- "
		if open && (d != depth || signature) { // §4.5: a paragraph that was not ended properly
			open = false
			out.WriteByte('\n')
		}
		if !open && d > 0 {
			out.WriteString(strings.Repeat(">", d) + " ")
		}
		flows := strings.HasSuffix(stuffed, " ") && !signature
		if flows && delsp {
			stuffed = stuffed[:len(stuffed)-1]
		}
		out.WriteString(stuffed)
		depth, open = d, flows
		if !flows {
			out.WriteByte('\n')
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}
