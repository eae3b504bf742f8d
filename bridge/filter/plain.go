package filter

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainText is what HTML says, in lines.
func plainText(s string) string {
	z := html.NewTokenizer(strings.NewReader(s))
	var out strings.Builder
	var hidden atom.Atom
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return tidy(out.String())
		}
		t := z.Token()
		switch {
		case kind == html.TextToken && hidden == 0:
			out.WriteString(strings.NewReplacer("\n", " ", "\r", " ").Replace(t.Data))
		case kind == html.StartTagToken && hidden == 0 && (t.DataAtom == atom.Style || t.DataAtom == atom.Script || t.DataAtom == atom.Title):
			hidden = t.DataAtom
		case kind == html.EndTagToken && t.DataAtom == hidden:
			hidden = 0
		case breaks[t.DataAtom]:
			out.WriteByte('\n')
		}
	}
}

// breaks is the elements that stand on lines of their own.
var breaks = map[atom.Atom]bool{
	atom.Br: true, atom.P: true, atom.Div: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Tr: true, atom.Table: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.Blockquote: true, atom.Hr: true, atom.Pre: true,
}

// tidy leaves one space between words and at most one empty line between others.
func tidy(s string) string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		if line != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
