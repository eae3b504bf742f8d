package message

import "strings"

// skipper passes over what must not be looked into: quoted strings, comments, domain
// literals. What is never closed is not passed over, and no other of its kind after it:
// nothing is searched for twice.
type skipper struct {
	s                             string
	noQuote, noComment, noLiteral bool
}

// over gives the last octet of what begins at an offset, or the offset itself.
func (k *skipper) over(at int) int {
	var end int
	var ok bool
	switch c := k.s[at]; {
	case c == '\\':
		return min(at+1, len(k.s)-1)
	case c == '"' && !k.noQuote:
		end, ok = quoteEnd(k.s, at)
		k.noQuote = !ok
	case c == '(' && !k.noComment:
		end, ok = commentEnd(k.s, at)
		k.noComment = !ok
	case c == '[' && !k.noLiteral:
		end = strings.IndexByte(k.s[at:], ']') + at
		ok = end >= at
		k.noLiteral = !ok
	}
	if !ok {
		return at
	}
	return end
}

// quoteEnd finds the end of the quoted string that begins at an offset; false where it
// has none.
func quoteEnd(s string, at int) (int, bool) {
	for i := at + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i, true
		}
	}
	return 0, false
}

// commentEnd finds the end of the comment that begins at an offset, comments within it
// passed over; false where it has none.
func commentEnd(s string, at int) (int, bool) {
	depth := 0
	for i := at; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i, true
			}
		}
	}
	return 0, false
}

// stripComments puts a space for each comment, nested ones and all (RFC 5322 §3.2.2).
func stripComments(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	var out strings.Builder
	start := 0
	skip := skipper{s: s, noLiteral: true}
	for i := 0; i < len(s); i++ {
		end := skip.over(i)
		if s[i] == '(' && end > i {
			out.WriteString(s[start:i])
			out.WriteByte(' ')
			start = end + 1
		}
		i = end
	}
	return out.String() + s[start:]
}
