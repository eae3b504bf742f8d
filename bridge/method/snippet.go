package method

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// stretch is a piece of a text, in octets.
type stretch struct{ start, end int }

const markStart, markEnd = "<mark>", "</mark>"

// findWords finds words in a text, whatever their case; what overlaps is one stretch.
func findWords(text string, words []string) []stretch {
	folded, origin := fold(text)
	var all []stretch
	for _, word := range words {
		look, _ := fold(word)
		if look == "" {
			continue
		}
		for at := 0; ; {
			i := strings.Index(folded[at:], look)
			if i < 0 {
				break
			}
			all = append(all, stretch{origin[at+i], origin[at+i+len(look)]})
			at += i + len(look)
		}
	}
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Or(a.start-b.start, a.end-b.end) })
	out := all[:0]
	for _, s := range all {
		if n := len(out); n > 0 && s.start <= out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
			continue
		}
		out = append(out, s)
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

// markAll is a text as HTML with stretches of it marked, "" when there are none.
func markAll(text string, found []stretch) string {
	if len(found) == 0 {
		return ""
	}
	var b strings.Builder
	at := 0
	for _, s := range found {
		b.WriteString(html.EscapeString(text[at:s.start]) + markStart + html.EscapeString(text[s.start:s.end]) + markEnd)
		at = s.end
	}
	b.WriteString(html.EscapeString(text[at:]))
	return b.String()
}

// markAround is the piece of a text around its first stretch as HTML, at most maxSnippet
// octets, cut between characters and, before it, between words.
func markAround(text string, found []stretch) string {
	at := contextStart(text, found[0].start, maxSnippet/3)
	var b strings.Builder
	for _, s := range found {
		for at < s.start {
			if !writeEscaped(&b, text, &at, maxSnippet) {
				return b.String()
			}
		}
		if b.Len()+len(markStart)+len(markEnd)+maxEscaped > maxSnippet {
			return b.String()
		}
		b.WriteString(markStart)
		for at < s.end && writeEscaped(&b, text, &at, maxSnippet-len(markEnd)) {
		}
		b.WriteString(markEnd)
		if at < s.end {
			return b.String()
		}
	}
	for at < len(text) && writeEscaped(&b, text, &at, maxSnippet) {
	}
	return b.String()
}

// maxEscaped is the most octets one character takes in HTML.
const maxEscaped = len("&quot;")

// writeEscaped writes the character at a place of a text, if it fits.
func writeEscaped(b *strings.Builder, text string, at *int, limit int) bool {
	_, size := utf8.DecodeRuneInString(text[*at:])
	escaped := html.EscapeString(text[*at : *at+size])
	if b.Len()+len(escaped) > limit {
		return false
	}
	b.WriteString(escaped)
	*at += size
	return true
}

// contextStart is where to begin so that what comes before a place takes at most so many
// octets, at the beginning of a word if there is one.
func contextStart(text string, place, octets int) int {
	start, word := place, -1
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:start])
		if octets -= len(html.EscapeString(text[start-size : start])); octets < 0 {
			if word >= 0 {
				return word
			}
			return start
		}
		if unicode.IsSpace(r) {
			word = start
		}
		start -= size
	}
	return 0
}
