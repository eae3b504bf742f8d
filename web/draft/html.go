package draft

import (
	"html"
	"strconv"
	"strings"
)

// HTMLToText gives what an HTML body reads like as plain text, for quoting. It
// walks the tags once; it is no sanitizer, its result is only ever shown as text.
func HTMLToText(source string) string {
	w := htmlText{}
	walkHTML(source, &w)
	return strings.TrimSpace(w.out.String())
}

// htmlWalker is told of what an HTML text is made of.
type htmlWalker interface {
	// text takes in what stands between tags, entities and all.
	text(s string)
	// tag takes in a tag and gives what of the source is left to read.
	tag(t tag, rest string) string
}

// walkHTML goes over the tags of an HTML text once.
func walkHTML(source string, w htmlWalker) {
	for source != "" {
		i := strings.IndexByte(source, '<')
		if i < 0 {
			w.text(source)
			return
		}
		w.text(source[:i])
		source = source[i:]
		t, rest := cutTag(source)
		if rest == "" && t.name == "" && !t.comment {
			w.text(source[:1]) // a lone "<"
			source = source[1:]
			continue
		}
		source = rest
		if t.name != "" {
			source = w.tag(t, source)
		}
	}
}

// tag is one tag or comment of the source.
type tag struct {
	name    string // lower case, "" for a comment
	closing bool
	comment bool
	attrs   string
}

// cutTag cuts the tag source begins with.
func cutTag(source string) (t tag, rest string) {
	if strings.HasPrefix(source, "<!--") {
		_, rest, _ = strings.Cut(source[4:], "-->")
		return tag{comment: true}, rest
	}
	if len(source) > 1 && (source[1] == '!' || source[1] == '?') {
		_, rest, _ = strings.Cut(source, ">")
		return tag{comment: true}, rest
	}
	i := 1
	if i < len(source) && source[i] == '/' {
		t.closing = true
		i++
	}
	start := i
	if i < len(source) && isDigit(source[i]) {
		return tag{}, ""
	}
	for i < len(source) && isNameByte(source[i]) {
		i++
	}
	if i == start {
		return tag{}, ""
	}
	t.name = strings.ToLower(source[start:i])
	end := tagEnd(source, i)
	t.attrs = source[i:end]
	return t, strings.TrimPrefix(source[end:], ">")
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// tagEnd finds the ">" that ends a tag, not one within quotes.
func tagEnd(source string, i int) int {
	for i < len(source) {
		switch c := source[i]; c {
		case '>':
			return i
		case '"', '\'':
			if j := strings.IndexByte(source[i+1:], c); j >= 0 {
				i += j + 1
			}
		}
		i++
	}
	return len(source)
}

// htmlText collects the text.
type htmlText struct {
	out    strings.Builder
	space  bool  // a space is due before the next word
	breaks int   // line breaks at the end of out
	pre    int   // depth of <pre>
	quote  int   // depth of <blockquote>
	lists  []int // the lists that are open: the number of the next item, 0 for none
	href   string
	start  int // of the link's text
}

const maxQuoteDepth = 20

// skipped elements have no text to read.
var skipped = map[string]bool{"script": true, "style": true, "title": true, "template": true, "noscript": true, "textarea": true, "svg": true}

// breaksAround is how many line breaks stand around a block.
var breaksAround = map[string]int{
	"p": 2, "div": 1, "tr": 1, "li": 1, "ul": 1, "ol": 1, "table": 1, "blockquote": 1, "section": 1, "article": 1,
	"header": 1, "footer": 1, "pre": 1, "hr": 1, "dt": 1, "dd": 1, "dl": 1, "center": 1, "address": 1,
	"h1": 2, "h2": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2,
}

// tag takes in a tag and gives what of the source is left to read.
func (w *htmlText) tag(t tag, rest string) string {
	if skipped[t.name] && !t.closing {
		return skip(rest, t.name)
	}
	if n := breaksAround[t.name]; n > 0 {
		if t.name == "blockquote" {
			w.newline(1)
			if t.closing {
				w.quote = max(0, w.quote-1)
			} else {
				w.quote = min(w.quote+1, maxQuoteDepth)
			}
		}
		if t.name == "pre" {
			if t.closing {
				w.pre = max(0, w.pre-1)
			} else {
				w.pre++
			}
		}
		w.newline(n)
		switch {
		case t.name == "ul" || t.name == "ol":
			w.list(t)
		case t.name == "li" && !t.closing:
			w.word(w.bullet())
		case t.name == "hr":
			w.word("----")
			w.newline(1)
		}
		return rest
	}
	switch t.name {
	case "br":
		w.breaks = min(w.breaks, 1)
		w.hardBreak()
	case "td", "th":
		w.space = true
	case "img":
		if alt := attribute(t.attrs, "alt"); alt != "" {
			w.text(" " + alt + " ")
		}
	case "a":
		w.link(t)
	}
	return rest
}

// list notes that a list begins or ends.
func (w *htmlText) list(t tag) {
	switch {
	case t.closing && len(w.lists) > 0:
		w.lists = w.lists[:len(w.lists)-1]
	case !t.closing && len(w.lists) < maxQuoteDepth:
		w.lists = append(w.lists, map[bool]int{true: 1}[t.name == "ol"])
	}
}

// bullet is what an item of the innermost list begins with.
func (w *htmlText) bullet() string {
	depth := len(w.lists)
	if depth == 0 {
		return "• "
	}
	indent := strings.Repeat("  ", depth-1)
	if n := &w.lists[depth-1]; *n > 0 {
		*n++
		return indent + strconv.Itoa(*n-1) + ". "
	}
	return indent + "• "
}

// link notes where a link begins, and writes its address behind its text where
// that says something else.
func (w *htmlText) link(t tag) {
	if !t.closing {
		w.href, w.start = attribute(t.attrs, "href"), w.out.Len()
		return
	}
	href := w.href
	w.href = ""
	text := strings.TrimSpace(w.out.String()[min(w.start, w.out.Len()):])
	lower := strings.ToLower(href)
	if text == "" || !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
		return
	}
	if !strings.Contains(text, strings.TrimSuffix(href, "/")) && !strings.HasSuffix(strings.TrimSuffix(href, "/"), "//"+text) {
		w.text(" <" + href + ">")
	}
}

// attribute finds the value of an attribute, with entities undone.
func attribute(attrs, name string) (value string) {
	eachAttribute(attrs, func(key, v string) bool {
		if key == name {
			value = v
		}
		return key != name
	})
	return value
}

// eachAttribute goes over the attributes that have a value, until f has had enough.
func eachAttribute(attrs string, f func(name, value string) bool) {
	for attrs != "" {
		attrs = strings.TrimLeft(attrs, " \t\r\n/")
		i := strings.IndexAny(attrs, "= \t\r\n")
		if i < 0 {
			return
		}
		key := strings.ToLower(attrs[:i])
		attrs = strings.TrimLeft(attrs[i:], " \t\r\n")
		var ok bool
		if attrs, ok = strings.CutPrefix(attrs, "="); !ok {
			continue
		}
		attrs = strings.TrimLeft(attrs, " \t\r\n")
		var value string
		if attrs != "" && (attrs[0] == '"' || attrs[0] == '\'') {
			value, attrs, _ = strings.Cut(attrs[1:], attrs[:1])
		} else if j := strings.IndexAny(attrs, " \t\r\n"); j >= 0 {
			value, attrs = attrs[:j], attrs[j:]
		} else {
			value, attrs = attrs, ""
		}
		if !f(key, oneLine(html.UnescapeString(value))) {
			return
		}
	}
}

// skip gives what follows the closing tag of an element without text.
func skip(source, name string) string {
	for {
		i := strings.Index(source, "</")
		if i < 0 {
			return ""
		}
		source = source[i+2:]
		if len(source) >= len(name) && strings.EqualFold(source[:len(name)], name) {
			_, rest, _ := strings.Cut(source, ">")
			return rest
		}
	}
}

// text takes in text between tags.
func (w *htmlText) text(s string) {
	s = html.UnescapeString(s)
	if w.pre > 0 {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				w.hardBreak()
			}
			if line != "" {
				w.word(line)
			}
		}
		return
	}
	for s != "" {
		i := strings.IndexAny(s, " \t\r\n\u00a0")
		switch {
		case i < 0:
			w.word(s)
			return
		case i > 0:
			w.word(s[:i])
		}
		w.space = true
		s = strings.TrimLeft(s[i:], " \t\r\n\u00a0")
	}
}

// word writes a word, after what is due before it.
func (w *htmlText) word(s string) {
	if w.breaks > 0 || w.out.Len() == 0 {
		if w.quote > 0 {
			w.out.WriteString(strings.Repeat(">", w.quote) + " ")
		}
	} else if w.space {
		w.out.WriteByte(' ')
	}
	w.space, w.breaks = false, 0
	w.out.WriteString(s)
}

// newline sees to it that at least n line breaks stand at the end.
func (w *htmlText) newline(n int) {
	w.space = false
	for w.out.Len() > 0 && w.breaks < n {
		w.hardBreak()
	}
}

func (w *htmlText) hardBreak() {
	if w.out.Len() > 0 && w.breaks < 2 {
		if w.breaks == 1 && w.quote > 0 {
			w.out.WriteString(strings.Repeat(">", w.quote))
		}
		w.out.WriteByte('\n')
		w.breaks++
	}
	w.space = false
}
