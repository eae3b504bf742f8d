package filter

import (
	"errors"
	"strings"
)

// kind is what a token is.
type kind int

const (
	identifier  kind = iota
	tagged           // an identifier after a colon
	numeric          // with its quantifier
	str              // a string of either form
	punctuation      // one of [ ] ( ) { } , ;
)

// token is one token of a script.
type token struct {
	kind kind
	// text is the name of an identifier or tag in lower case, or the string itself.
	text       string
	start, end int // where it lies in the script
}

func (t token) is(k kind, text string) bool { return t.kind == k && t.text == text }

// errScript: what is there is no Sieve script.
var errScript = errors.New("the script cannot be read")

// scan takes a script apart, leaving white space and comments out (RFC 5228 §8.1).
func scan(script string) ([]token, error) {
	var tokens []token
	// Some programs write a byte order mark.
	at := len(script) - len(strings.TrimPrefix(script, "\ufeff"))
	for {
		var err error
		if at, err = skipSpace(script, at); err != nil || at == len(script) {
			return tokens, err
		}
		t, err := scanToken(script, at)
		if err != nil {
			return tokens, err
		}
		tokens = append(tokens, t)
		at = t.end
	}
}

// skipSpace gives where white space and comments end.
func skipSpace(script string, at int) (int, error) {
	for at < len(script) {
		switch rest := script[at:]; {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			at++
		case rest[0] == '#':
			at += lineLen(rest)
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return at, errScript
			}
			at += 2 + end + 2
		default:
			return at, nil
		}
	}
	return at, nil
}

// lineLen is the length of the first line, with its end.
func lineLen(s string) int {
	if end := strings.IndexByte(s, '\n'); end >= 0 {
		return end + 1
	}
	return len(s)
}

func scanToken(script string, at int) (token, error) {
	rest := script[at:]
	t := token{start: at}
	switch c := rest[0]; {
	case strings.IndexByte("[](){},;", c) >= 0:
		t.kind, t.text, t.end = punctuation, rest[:1], at+1
	case c == '"':
		text, n, ok := scanQuoted(rest)
		if !ok {
			return t, errScript
		}
		t.kind, t.text, t.end = str, text, at+n
	case c >= '0' && c <= '9':
		n := wordLen(rest)
		t.kind, t.text, t.end = numeric, rest[:n], at+n
	case c == ':':
		n := wordLen(rest[1:])
		if n == 0 {
			return t, errScript
		}
		t.kind, t.text, t.end = tagged, strings.ToLower(rest[1:1+n]), at+1+n
	default:
		n := wordLen(rest)
		if n == 0 {
			return t, errScript
		}
		t.kind, t.text, t.end = identifier, strings.ToLower(rest[:n]), at+n
		if t.text == "text" && strings.HasPrefix(rest[n:], ":") {
			text, n, ok := scanText(rest)
			if !ok {
				return t, errScript
			}
			t.kind, t.text, t.end = str, text, at+n
		}
	}
	return t, nil
}

func wordLen(s string) int {
	n := 0
	for n < len(s) && (s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z' || s[n] >= '0' && s[n] <= '9' || s[n] == '_') {
		n++
	}
	return n
}

// scanQuoted reads a quoted string at the start of s; n is its length.
func scanQuoted(s string) (text string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), i + 1, true
		case '\\':
			if i++; i == len(s) {
				return "", 0, false
			}
		}
		b.WriteByte(s[i])
	}
	return "", 0, false
}

// scanText reads a text: of lines at the start of s. On its first line nothing but a
// comment may follow.
func scanText(s string) (text string, n int, ok bool) {
	n = lineLen(s)
	if head := strings.TrimLeft(s[len("text:"):n], " \t"); head != "" && head[0] != '#' && head[0] != '\r' && head[0] != '\n' {
		return "", 0, false
	}
	var b strings.Builder
	for n < len(s) {
		line := s[n : n+lineLen(s[n:])]
		n += len(line)
		if strings.TrimRight(line, "\r\n") == "." {
			return b.String(), n, true
		}
		b.WriteString(strings.TrimPrefix(line, ".")) // of two dots, one is what was meant
	}
	return "", 0, false
}
