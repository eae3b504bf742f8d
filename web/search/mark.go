package search

import (
	"html"
	"slices"
	"strings"
	"unicode"
)

// Span is a piece of a text, marked where it is one of the words looked for.
type Span struct {
	Text string
	Mark bool
}

// Wanted gives the words of a search that are looked for in a part of messages: the
// plain ones, and those of the operators named. What must not be there is left out.
func Wanted(text string, keys ...string) []string {
	return wanted(tokens(text), keys, nil)
}

func wanted(list []token, keys, into []string) []string {
	for _, t := range list {
		switch {
		case t.not, t.or:
		case t.group != nil:
			into = wanted(t.group, keys, into)
		case (t.key == "" || slices.Contains(keys, t.key)) && !slices.Contains(into, t.value):
			into = append(into, t.value)
		}
	}
	return into
}

// Mark cuts a text into spans, whatever the case of the words in it.
func Mark(text string, words []string) []Span {
	if len(words) == 0 {
		return []Span{{Text: text}}
	}
	folded, origin := fold(text)
	marked := make([]bool, len(text))
	for _, word := range words {
		look, _ := fold(word)
		for at := 0; look != ""; {
			i := strings.Index(folded[at:], look)
			if i < 0 {
				break
			}
			for o := origin[at+i]; o < origin[at+i+len(look)]; o++ {
				marked[o] = true
			}
			at += i + len(look)
		}
	}
	var out []Span
	for start, i := 0, 1; i <= len(text); i++ {
		if i == len(text) || marked[i] != marked[start] {
			out = append(out, Span{text[start:i], marked[start]})
			start = i
		}
	}
	return out
}

// fold is a text in lower case, and where in the text each octet of it comes from.
func fold(text string) (folded string, origin []int) {
	var b strings.Builder
	origin = make([]int, 0, len(text)+1)
	for i, r := range text {
		b.WriteRune(unicode.ToLower(r))
		for len(origin) < b.Len() {
			origin = append(origin, i)
		}
	}
	return b.String(), append(origin, len(text))
}

// Snippet reads what a SearchSnippet says (RFC 8621 §5): text with entities, and marks
// as its only elements. Anything else in it is text.
func Snippet(s string) []Span {
	var out []Span
	for i, piece := range strings.Split(s, "<mark>") {
		word, rest, ok := strings.Cut(piece, "</mark>")
		if i == 0 || !ok {
			word, rest = "", piece
		}
		for _, span := range []Span{{word, true}, {rest, false}} {
			if span.Text = html.UnescapeString(span.Text); span.Text != "" {
				out = append(out, span)
			}
		}
	}
	return out
}
