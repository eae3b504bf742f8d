package draft

import (
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Text is the body of an email as plain text: of its text parts, or what its
// HTML parts read like.
func Text(e *jmap.Email) string {
	var out strings.Builder
	for _, p := range e.TextBody {
		v, ok := e.BodyValues[p.PartId]
		if !ok {
			continue
		}
		text := strings.ReplaceAll(v.Value, "\r\n", "\n")
		if p.Type == "text/html" {
			text = HTMLToText(text)
		} else if flows, delsp := flowed(p); flows {
			text = Unflow(text, delsp)
		}
		if out.Len() > 0 && text != "" {
			out.WriteByte('\n')
		}
		out.WriteString(text)
	}
	return strings.TrimRight(out.String(), "\n \t")
}

// Quote puts a text below an attribution line, each of its lines behind "> ".
func Quote(text, attribution string) string {
	var out strings.Builder
	out.Grow(len(text) + len(text)/20 + len(attribution) + 8)
	out.WriteString(attribution)
	for line := range strings.Lines(withoutSignature(text)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "":
			out.WriteString("\n>")
		case line[0] == '>': // RFC 3676 §4.5: quote marks stand together
			out.WriteString("\n>" + line)
		default:
			out.WriteString("\n> " + line)
		}
	}
	out.WriteByte('\n')
	return out.String()
}

// withoutSignature cuts what follows the signature mark "-- " (RFC 3676 §4.3)
// when it is the last thing in the text and short.
func withoutSignature(text string) string {
	const longest = 1000
	i := strings.LastIndex("\n"+text, "\n-- \n")
	if i < 0 || len(text)-i > longest {
		return text
	}
	return strings.TrimRight(text[:i], "\n")
}

// Field is a line of the header block of a forwarded message.
type Field struct{ Label, Value string }

// ForwardBlock puts a text below a title and the fields that are not empty.
func ForwardBlock(title string, fields []Field, text string) string {
	var out strings.Builder
	out.WriteString(title + "\n")
	for _, f := range fields {
		if f.Value != "" {
			out.WriteString(f.Label + ": " + oneLine(f.Value) + "\n")
		}
	}
	out.WriteString("\n" + text + "\n")
	return out.String()
}
