package draft

import (
	"html"
	"slices"
	"strconv"
	"strings"
)

// CleanHTML makes small HTML of an editor's that other programs show right: the
// elements, attributes and styles of an allow-list, well formed, and nothing else. No
// word is lost by it. A second pass changes nothing.
func CleanHTML(source string) string { return cleanHTML(source, false) }

// VisibleHTML is CleanHTML for what somebody else wrote: what its readers were not to
// see (no size, no colour of its own, out of sight, pictures that only count readers)
// is left out, so that an answer never carries it along.
func VisibleHTML(source string) string { return cleanHTML(source, true) }

func cleanHTML(source string, visible bool) string {
	c := cleaner{visible: visible}
	walkHTML(source, &c)
	for len(c.open) > 0 {
		c.pop()
	}
	return c.out.String()
}

// maxDepth is how deep elements may lie; deeper ones are dropped, their text stays.
const maxDepth = 200

// kept are the elements that mail is made of.
var kept = words("a abbr address b blockquote br caption center cite code col colgroup dd del div dl dt em font " +
	"h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup " +
	"table tbody td tfoot th thead tr tt u ul var")

// void elements have no end.
var void = words("br col hr img")

// endsItself elements end where the next of their kind begins.
var endsItself = words("p li td th tr dt dd")

// without elements are dropped with all that is in them, besides skipped.
var without = words("head iframe object embed applet audio video canvas math form select button datalist frameset")

// attributesOf are the attributes that elements keep, besides those of all.
var (
	attributesOfAll = words("dir lang align style")
	attributesOf    = map[string]map[string]bool{
		"a":          words("href title"),
		"blockquote": words("type"),
		"col":        words("span width"),
		"font":       words("color face size"),
		"img":        words("alt height src title width"),
		"li":         words("value"),
		"ol":         words("start type"),
		"ul":         words("type"),
		"table":      words("bgcolor border cellpadding cellspacing width"),
		"td":         words("bgcolor colspan height rowspan valign width"),
		"th":         words("bgcolor colspan height rowspan valign width"),
		"tr":         words("bgcolor valign"),
	}
)

// element is one that is open.
type element struct {
	name    string
	written bool
	hidden  bool
	paint   paint // of the text in it
}

// cleaner writes what is kept.
type cleaner struct {
	out     strings.Builder
	open    []element
	hidden  int // open elements that are hidden
	visible bool
}

// text writes text; what is between words of an editor and no part of them is dropped.
func (c *cleaner) text(s string) {
	if c.hidden > 0 || c.visible && len(c.open) > 0 && c.open[len(c.open)-1].paint.unseen() {
		return
	}
	c.out.WriteString(escape(html.UnescapeString(s)))
}

var (
	dropControls = func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		return r
	}
	textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\u00a0", "&nbsp;")
	attrEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
)

func escape(s string) string { return textEscaper.Replace(strings.Map(dropControls, s)) }

// tag writes a tag, if it is one to keep.
func (c *cleaner) tag(t tag, rest string) string {
	switch {
	case (skipped[t.name] || without[t.name]) && !t.closing:
		return skip(rest, t.name)
	case !kept[t.name]:
	case t.closing:
		c.end(t.name)
	default:
		c.begin(t)
	}
	return rest
}

// endLast ends the element that a next one of its kind ends: the innermost, but for those
// that leave nothing behind.
func (c *cleaner) endLast(name string) {
	n := len(c.open)
	for n > 0 && !c.open[n-1].written && !c.open[n-1].hidden {
		n--
	}
	if n > 0 && c.open[n-1].name == name {
		for len(c.open) >= n {
			c.pop()
		}
	}
}

func (c *cleaner) begin(t tag) {
	if endsItself[t.name] {
		c.endLast(t.name)
	}
	attrs, look := c.attributes(t)
	e := element{name: t.name, paint: look.paint, hidden: c.visible && (look.hidden || t.name == "img" && dot(attrs))}
	if e.hidden {
		c.hidden++
	}
	// A span that says nothing is an editor's leftover, a picture without a source none.
	bare := (t.name == "span" || t.name == "font") && len(attrs) == 0
	e.written = c.hidden == 0 && !bare && len(c.open) < maxDepth
	if t.name == "img" && e.written && !slices.ContainsFunc(attrs, func(a attr) bool { return a.name == "src" }) {
		e.written = false
		for _, a := range attrs {
			if a.name == "alt" {
				c.out.WriteString(escape(a.value))
			}
		}
	}
	if e.written {
		c.out.WriteString("<" + t.name)
		for _, a := range attrs {
			c.out.WriteString(" " + a.name + `="` + attrEscaper.Replace(a.value) + `"`)
		}
		c.out.WriteByte('>')
	}
	switch {
	case void[t.name] && e.hidden:
		c.hidden--
	case void[t.name]:
	case len(c.open) < 2*maxDepth:
		c.open = append(c.open, e)
	case e.hidden:
		c.hidden--
	}
}

// end closes the innermost element of a name, and those in it.
func (c *cleaner) end(name string) {
	for i, e := range slices.Backward(c.open) {
		if e.name != name {
			continue
		}
		for len(c.open) > i {
			c.pop()
		}
		return
	}
}

func (c *cleaner) pop() {
	e := c.open[len(c.open)-1]
	c.open = c.open[:len(c.open)-1]
	if e.hidden {
		c.hidden--
	}
	if e.written {
		c.out.WriteString("</" + e.name + ">")
	}
}

type attr struct{ name, value string }

// attributes are those of a tag that are kept, and what the element looks like.
func (c *cleaner) attributes(t tag) (out []attr, look look) {
	if len(c.open) > 0 {
		look.paint = c.open[len(c.open)-1].paint
	}
	var cid, remote string // where an editor keeps what a picture is
	had := map[string]bool{}
	eachAttribute(" "+t.attrs+" ", func(name, value string) bool {
		switch {
		case had[name]:
		case t.name == "img" && name == "data-cid":
			cid = value
		case t.name == "img" && name == "data-remote":
			remote = value
		case name == "style":
			if value = look.style(value); value != "" {
				out = append(out, attr{name, value})
			}
		case attributesOfAll[name] || attributesOf[t.name][name]:
			if value, ok := attributeValue(name, value); ok {
				look.attribute(name, value)
				out = append(out, attr{name, value})
			}
		}
		had[name] = true
		return true
	})
	if t.name == "img" && cid+remote != "" {
		out = slices.DeleteFunc(out, func(a attr) bool { return a.name == "src" })
		source := "cid:" + cid
		if cid == "" {
			source = remote
		}
		if source, ok := attributeValue("src", source); ok {
			out = append(out, attr{"src", source})
		}
	}
	return out, look
}

// attributeValue is the value of an attribute, if it is one that means what it ought to.
func attributeValue(name, value string) (string, bool) {
	value = strings.TrimSpace(strings.Map(dropControls, value))
	switch name {
	case "href":
		return value, hasScheme(value, "http://", "https://", "mailto:", "tel:")
	case "src":
		return value, hasScheme(value, "http://", "https://", "cid:")
	case "alt", "title":
		return value, true
	case "type":
		return value, len(value) == 1 || strings.EqualFold(value, "cite") || strings.EqualFold(value, "disc") || strings.EqualFold(value, "circle") || strings.EqualFold(value, "square")
	case "dir":
		return value, value == "ltr" || value == "rtl" || value == "auto"
	}
	return value, value != "" && len(value) <= 100 && plainValue(value)
}

// hasScheme reports whether an address begins with one of those and has more.
func hasScheme(value string, schemes ...string) bool {
	return slices.ContainsFunc(schemes, func(s string) bool {
		return len(value) > len(s) && strings.EqualFold(value[:len(s)], s)
	})
}

// dot reports whether a picture is too small to be seen.
func dot(attrs []attr) bool {
	for _, a := range attrs {
		if n, err := strconv.Atoi(strings.TrimSuffix(a.value, "px")); err == nil && n <= 2 && (a.name == "width" || a.name == "height") {
			return true
		}
	}
	return false
}
