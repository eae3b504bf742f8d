package draft

import (
	"html"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Body is what a message says: as text, and as HTML where it was written with more than
// words.
type Body struct{ Text, HTML string }

// Plain is a body that is text only.
func Plain(text string) Body { return Body{Text: text} }

// Rich is a body of an editor's HTML: cleaned, and as text for those who read that.
func Rich(source string) Body {
	clean := CleanHTML(source)
	return Body{Text: TextOf(clean), HTML: "<html><body>" + clean + "</body></html>\n"}
}

// TextOf is what HTML reads like, with its signature marked as one (RFC 3676 §4.3).
func TextOf(source string) string {
	return strings.ReplaceAll("\n"+HTMLToText(source)+"\n", "\n--\n", "\n-- \n")[1:]
}

// Begin is the body that writing begins with: room to write, the signature, and below it
// what is quoted. Its HTML is there unless only a text is quoted.
func Begin(from jmap.Identity, quote Body) Body {
	var b Body
	if signature := signatureText(from); signature != "" {
		b.Text = "\n\n" + signature
	}
	if quote.Text != "" {
		b.Text += "\n\n" + quote.Text
	}
	b.HTML = emptyLine
	if signature := signatureHTML(from); signature != "" {
		b.HTML += emptyLine + signature
	}
	if quote.HTML != "" {
		b.HTML += emptyLine + quote.HTML
	}
	return b
}

const emptyLine = "<div><br></div>"

// Shows reports whether the HTML shows the part with a Content-Id.
func (b Body) Shows(cid string) bool {
	return cid != "" && strings.Contains(b.HTML, `src="cid:`+attrEscaper.Replace(cid)+`"`)
}

// TextToHTML makes HTML of a text: a block for each line, quotes within quotes.
func TextToHTML(text string) string {
	var out strings.Builder
	depth := 0
	quote := func(d int) {
		for ; depth < d; depth++ {
			out.WriteString(`<blockquote type="cite">`)
		}
		for ; depth > d; depth-- {
			out.WriteString("</blockquote>")
		}
	}
	for line := range strings.Lines(text) {
		d, rest := quoteMarks(strings.TrimRight(line, "\r\n"))
		quote(min(d, maxQuoteDepth))
		if rest == "" {
			out.WriteString(emptyLine)
			continue
		}
		out.WriteString("<div>" + spaces(escape(rest)) + "</div>")
	}
	quote(0)
	return out.String()
}

// quoteMarks cuts the marks of a quote off a line.
func quoteMarks(line string) (depth int, rest string) {
	for rest = line; ; depth++ {
		after, ok := strings.CutPrefix(rest, ">")
		if !ok {
			break
		}
		rest = after
		if inner, ok := strings.CutPrefix(rest, " "); ok && strings.HasPrefix(inner, ">") {
			rest = inner
		}
	}
	if depth > 0 {
		rest = strings.TrimPrefix(rest, " ")
	}
	return depth, rest
}

// spaces keeps those that HTML would take for one.
func spaces(s string) string {
	s = strings.ReplaceAll(s, "\t", "    ")
	s = strings.ReplaceAll(s, "  ", "&nbsp; ")
	if strings.HasPrefix(s, " ") {
		s = "&nbsp;" + s[1:]
	}
	return s
}

// QuoteHTML puts HTML below an attribution line, as a quote.
func QuoteHTML(source, attribution string) string {
	return "<div>" + html.EscapeString(attribution) + `</div><blockquote type="cite">` + source + "</blockquote>"
}

// ForwardHTML puts HTML below a title and the fields that are not empty.
func ForwardHTML(title string, fields []Field, source string) string {
	var out strings.Builder
	out.WriteString("<div>" + html.EscapeString(title) + "</div>")
	for _, f := range fields {
		if f.Value != "" {
			out.WriteString("<div><b>" + html.EscapeString(f.Label) + ":</b> " + html.EscapeString(oneLine(f.Value)) + "</div>")
		}
	}
	return out.String() + emptyLine + source
}
