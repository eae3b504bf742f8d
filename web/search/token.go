package search

import (
	"strings"
	"unicode"
)

// token is one word of the box, or what stands in parentheses.
type token struct {
	not    bool
	key    string // operator in lower case, "" for a plain word
	value  string
	quoted bool
	or     bool    // the word OR
	group  []token // what stands in parentheses; the rest is empty then
	// Where it stands in the text, its minus included.
	start, end int
}

const (
	// maxTokens bounds what a pasted text can ask of a server.
	maxTokens = 64
	// maxDepth is how far parentheses are read within parentheses.
	maxDepth = 8
)

// tokens cuts the text into words. A quote or parenthesis that is never closed goes
// to the end; one around nothing is a word.
func tokens(text string) []token {
	c := cutter{text: text, left: maxTokens}
	return c.list(0)
}

// cutter is how far a text has been read.
type cutter struct {
	text string
	at   int
	left int // words that may still come

	open  int  // parentheses that were never closed
	quote bool // a quote was never closed
}

func (c *cutter) rest() string { return c.text[c.at:] }

// list reads words up to the end, or to the parenthesis that closes them.
func (c *cutter) list(depth int) []token {
	var out []token
	for c.left > 0 {
		c.at += len(c.rest()) - len(strings.TrimLeftFunc(c.rest(), unicode.IsSpace))
		if c.rest() == "" || depth > 0 && c.rest()[0] == ')' {
			break
		}
		if t := c.token(depth); t.value != "" || t.group != nil {
			out = append(out, t)
		}
	}
	return out
}

func (c *cutter) token(depth int) token {
	c.left--
	t := token{start: c.at}
	if rest := c.rest(); len(rest) > 1 && rest[0] == '-' && !startsWithSpace(rest[1:]) {
		t.not = true
		c.at++
	}
	if c.rest()[0] == '(' && depth < maxDepth {
		before := *c
		c.at++
		t.group = c.list(depth + 1)
		if c.rest() == "" {
			c.open++
		}
		c.at += len(c.rest()) - len(strings.TrimPrefix(c.rest(), ")"))
		if t.group != nil {
			t.end = c.at
			return t
		}
		*c = before
	}
	rest := c.rest()
	if i := strings.IndexByte(rest, ':'); i > 0 && isOperator(strings.ToLower(rest[:i])) && len(rest) > i+1 && !startsWithSpace(rest[i+1:]) {
		t.key = strings.ToLower(rest[:i])
		c.at += i + 1
	}
	t.value, t.quoted = c.value(depth > 0)
	t.or = t.value == "OR" && !t.quoted && t.key == "" && !t.not
	t.end = c.at
	return t
}

// value reads up to the next space, or what stands in quotes. Within parentheses the
// one that closes them ends it.
func (c *cutter) value(within bool) (value string, quoted bool) {
	rest := c.rest()
	for _, q := range []string{`"`, "“", "„"} {
		if inner, ok := strings.CutPrefix(rest, q); ok {
			i := strings.IndexAny(inner, `"”“`)
			if i < 0 {
				c.at, c.quote = len(c.text), true
				return strings.TrimSpace(inner), true
			}
			c.at += len(q) + i + len(firstRune(inner[i:]))
			return strings.TrimSpace(inner[:i]), true
		}
	}
	end, open := len(rest), 0
	for i, r := range rest {
		if r == '(' {
			open++
		}
		if unicode.IsSpace(r) || r == ')' && within && open == 0 {
			end = i
			break
		}
		if r == ')' {
			open--
		}
	}
	c.at += end
	return rest[:end], false
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
