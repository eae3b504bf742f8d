package search

import (
	"strings"
	"unicode"
)

// token is one word of the box.
type token struct {
	not    bool
	key    string // operator in lower case, "" for a plain word
	value  string
	quoted bool
	or     bool // the word OR
}

// maxTokens bounds what a pasted text can ask of a server.
const maxTokens = 64

// tokens cuts the text into words. A quote that is never closed goes to the end.
func tokens(text string) []token {
	var out []token
	for len(out) < maxTokens {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		if text == "" {
			break
		}
		var t token
		if len(text) > 1 && text[0] == '-' && !startsWithSpace(text[1:]) {
			t.not, text = true, text[1:]
		}
		if i := strings.IndexByte(text, ':'); i > 0 && isOperator(strings.ToLower(text[:i])) && len(text) > i+1 && !startsWithSpace(text[i+1:]) {
			t.key, text = strings.ToLower(text[:i]), text[i+1:]
		}
		t.value, t.quoted, text = cutValue(text)
		t.or = t.value == "OR" && !t.quoted && t.key == "" && !t.not
		if t.value != "" {
			out = append(out, t)
		}
	}
	return out
}

func cutValue(text string) (value string, quoted bool, rest string) {
	for _, q := range []string{`"`, "“", "„"} {
		if inner, ok := strings.CutPrefix(text, q); ok {
			i := strings.IndexAny(inner, `"”“`)
			if i < 0 {
				return strings.TrimSpace(inner), true, ""
			}
			rest = inner[i:]
			return strings.TrimSpace(inner[:i]), true, rest[len(firstRune(rest)):]
		}
	}
	i := strings.IndexFunc(text, unicode.IsSpace)
	if i < 0 {
		return text, false, ""
	}
	return text[:i], false, text[i:]
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

func startsWithSpace(s string) bool { return strings.TrimLeftFunc(s, unicode.IsSpace) != s }
