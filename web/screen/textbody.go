package screen

import (
	"regexp"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// block is lines of one depth of quotation.
type block struct {
	depth int
	text  string
}

// deepest is how far quotes are drawn within quotes.
const deepest = 8

// quoteBlocks cuts text into blocks, in order; the marks of quotation are gone.
func quoteBlocks(text string) []block {
	var out []block
	var lines []string
	depth := 0
	flush := func() {
		if len(lines) > 0 {
			out = append(out, block{depth, strings.Join(lines, "\n")})
			lines = nil
		}
	}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n "), "\n") {
		d, rest := quoteDepth(strings.TrimSuffix(line, "\r"))
		if d != depth {
			flush()
			depth = d
		}
		lines = append(lines, rest)
	}
	flush()
	return out
}

func quoteDepth(line string) (depth int, rest string) {
	rest = line
	for depth < deepest {
		after, ok := strings.CutPrefix(strings.TrimPrefix(rest, " "), ">")
		if !ok {
			break
		}
		depth, rest = depth+1, after
	}
	if depth > 0 {
		rest = strings.TrimPrefix(rest, " ")
	}
	return depth, rest
}

// quoted draws a block: quotes as quotes, addresses as links, and what is
// wanted is marked. All of it reaches the page as text nodes.
func quoted(b block, wanted []string) app.UI {
	ui := app.UI(app.Div().Class("text-block").Dir("auto").Body(linked(b.text, wanted)...))
	for range b.depth {
		ui = app.Blockquote().Body(ui)
	}
	return ui
}

// addresses finds what people mean as links. It is linear in the length of the text.
var addresses = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"]+|\bwww\.[^\s<>"]+\.[^\s<>"]+|\bmailto:[^\s<>"]+|\b[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+`)

// span is a piece of text, a link when href is set.
type span struct{ text, href string }

// linkSpans cuts text into links and what is between them.
func linkSpans(text string) []span {
	var out []span
	at := 0
	for _, m := range addresses.FindAllStringIndex(text, -1) {
		link := trimLink(text[m[0]:m[1]])
		if m[0] > at {
			out = append(out, span{text: text[at:m[0]]})
		}
		out = append(out, span{text: link, href: target(link)})
		at = m[0] + len(link)
	}
	if at < len(text) {
		out = append(out, span{text: text[at:]})
	}
	return out
}

// trimLink leaves out what ends the sentence and not the address; a closing bracket
// stays where one was opened.
func trimLink(link string) string {
	for {
		short := strings.TrimRight(link, ".,;:!?'*_")
		for _, pair := range []string{"()", "[]"} {
			if strings.HasSuffix(short, pair[1:]) && strings.Count(short, pair[:1]) < strings.Count(short, pair[1:]) {
				short = short[:len(short)-1]
			}
		}
		if short == link {
			return link
		}
		link = short
	}
}

func target(link string) string {
	lower := strings.ToLower(link)
	switch {
	case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"), strings.HasPrefix(lower, "mailto:"):
		return link
	case strings.HasPrefix(lower, "www."):
		return "https://" + link
	}
	return "mailto:" + link
}

func linked(text string, wanted []string) []app.UI {
	spans := linkSpans(text)
	out := make([]app.UI, len(spans))
	for i, s := range spans {
		if s.href == "" {
			out[i] = app.Span().Body(marked(s.text, wanted)...)
			continue
		}
		out[i] = app.A().Href(s.href).Target("_blank").Rel("noopener noreferrer").Title(s.href).Body(marked(s.text, wanted)...)
	}
	return out
}
