package draft

import (
	"html"
	"slices"
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

// IsHTML reports whether a message has HTML to read.
func IsHTML(e *jmap.Email) bool {
	return slices.ContainsFunc(e.HtmlBody, func(p jmap.EmailBodyPart) bool { return p.Type == "text/html" })
}

// HasText reports whether a message has a text of its own beside its HTML.
func HasText(e *jmap.Email) bool {
	return slices.ContainsFunc(e.TextBody, func(p jmap.EmailBodyPart) bool { return p.Type == "text/plain" })
}

// HTML is all parts of the HTML body as one: text between them is text, and pictures
// between them are pictures (RFC 8621 §4.1.4).
func HTML(e *jmap.Email) string {
	var b strings.Builder
	for _, p := range e.HtmlBody {
		value := e.BodyValues[p.PartId].Value
		switch {
		case p.Type == "text/html":
			b.WriteString(value)
		case strings.HasPrefix(p.Type, "text/"):
			b.WriteString("<pre>" + html.EscapeString(value) + "</pre>")
		case strings.HasPrefix(p.Type, "image/") && p.Cid != "":
			b.WriteString(`<p><img src="cid:` + html.EscapeString(p.Cid) + `" alt="` + html.EscapeString(p.Name) + `"></p>`)
		}
	}
	if b.Len() == 0 {
		return "<pre>" + html.EscapeString(Text(e)) + "</pre>"
	}
	return b.String()
}

// Shown are the parts of a message that a quotation of it shows.
func Shown(e *jmap.Email, quote Body) []jmap.EmailBodyPart {
	var out []jmap.EmailBodyPart
	for _, list := range [][]jmap.EmailBodyPart{e.Attachments, e.HtmlBody} {
		for _, p := range list {
			if p.BlobId != "" && quote.Shows(p.Cid) && !slices.ContainsFunc(out, func(o jmap.EmailBodyPart) bool { return o.Cid == p.Cid }) {
				out = append(out, p)
			}
		}
	}
	return out
}

// Quote puts a text below an attribution line, each of its lines behind "> ".
func Quote(text, attribution string) string {
	var out strings.Builder
	out.Grow(len(text) + len(text)/20 + len(attribution) + 8)
	out.WriteString(attribution)
	for line := range strings.Lines(WithoutSignature(text)) {
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

// WithoutSignature cuts what follows the signature mark "-- " (RFC 3676 §4.3)
// when it is the last thing in the text and short.
func WithoutSignature(text string) string {
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
