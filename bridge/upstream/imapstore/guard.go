package imapstore

import (
	"bytes"
	"errors"
	"fmt"
)

const (
	// maxDepth of lists in lists. A message may have 100 levels of parts.
	maxDepth = 500
	// maxLine is the most octets of one answer, literals not counted: a SEARCH
	// without ESEARCH names a million UIDs in 8 MB.
	maxLine = 32 << 20
)

var errGuard = errors.New("the server's answer is malformed beyond use")

// guard reads along with the library and stops what would harm it: it takes a
// BODYSTRUCTURE apart by recursion without a limit, and a stack that overflows
// ends the whole process, other people's sessions included; and it collects a line
// without an end in memory. It follows the library's reading of quotes and literals
// exactly; where the library is so lenient that the two could come to differ, it
// stops too.
type guard struct {
	state   guardState
	word    []byte // of the line's beginning
	words   int
	tagged  bool
	depth   int
	line    int   // octets so far
	literal int64 // octets left
}

type guardState byte

const (
	guardBegin   guardState = iota // in the words before what decides how the line is read
	guardCode                      // where a response code may begin
	guardInCode                    // in a response code
	guardText                      // in text for people
	guardData                      // in data
	guardQuoted                    // in a quoted string
	guardEscaped                   // after its backslash
	guardSize                      // in a literal's size
	guardEnd                       // between it and the line end
	guardLiteral                   // in a literal
)

// look reads what came next.
func (g *guard) look(p []byte) error {
	for len(p) > 0 {
		if g.state == guardLiteral {
			n := min(g.literal, int64(len(p)))
			p, g.literal = p[n:], g.literal-n
			if g.literal == 0 {
				g.state = guardData
			}
			continue
		}
		if g.line++; g.line > maxLine {
			return fmt.Errorf("%w: a line without an end", errGuard)
		}
		if err := g.next(p[0]); err != nil {
			return err
		}
		p = p[1:]
	}
	return nil
}

func (g *guard) next(b byte) error {
	switch g.state {
	case guardQuoted:
		switch b {
		case '"':
			g.state = guardData
		case '\\':
			g.state = guardEscaped
		}
		return nil
	case guardEscaped:
		g.state = guardQuoted
		return nil
	case guardSize, guardEnd:
		return g.size(b)
	}
	if b == '\n' {
		if g.state == guardInCode { // the library reads on to the next bracket
			return fmt.Errorf("%w: a response code without an end", errGuard)
		}
		*g = guard{word: g.word[:0]}
		return nil
	}
	switch g.state {
	case guardBegin:
		return g.begin(b)
	case guardCode:
		if g.state = guardText; b == '[' {
			g.state = guardInCode
		}
	case guardInCode:
		if b == ']' {
			g.state = guardText
		}
	case guardData:
		return g.data(b)
	}
	return nil
}

// begin reads the words that say what kind of line it is: TAG OK …, * OK …,
// * 3 FETCH …, + ….
func (g *guard) begin(b byte) error {
	if b != ' ' {
		if g.word = append(g.word, b); len(g.word) > 1000 {
			return fmt.Errorf("%w: a word without an end", errGuard)
		}
		return nil
	}
	g.words++
	word := g.word
	switch {
	case g.words == 1 && bytes.HasPrefix(word, []byte("+")):
		g.state = guardText
	case g.words == 1:
		g.tagged = !bytes.Equal(word, []byte("*"))
	case g.tagged, isStatus(word):
		g.state = guardCode
	case g.words == 2 && len(word) > 0 && word[0] >= '0' && word[0] <= '9':
		// a number: the kind follows
	default:
		g.state = guardData
	}
	g.word = word[:0]
	return nil
}

func isStatus(word []byte) bool {
	for _, status := range []string{"OK", "NO", "BAD", "BYE", "PREAUTH"} {
		if bytes.EqualFold(word, []byte(status)) {
			return true
		}
	}
	return false
}

func (g *guard) data(b byte) error {
	switch b {
	case '(':
		if g.depth++; g.depth > maxDepth {
			return fmt.Errorf("%w: lists in lists without an end", errGuard)
		}
	case ')':
		g.depth--
	case '"':
		g.state = guardQuoted
	case '{':
		g.state, g.literal = guardSize, 0
	}
	return nil
}

// size reads {123} and the line end after it.
func (g *guard) size(b byte) error {
	switch {
	case g.state == guardSize && b >= '0' && b <= '9' && g.literal < 1<<40:
		g.literal = g.literal*10 + int64(b-'0')
	case g.state == guardSize && b == '}':
		g.state = guardEnd
	case g.state == guardEnd && (b == ' ' || b == '\r'):
	case g.state == guardEnd && b == '\n':
		if g.state = guardLiteral; g.literal == 0 {
			g.state = guardData
		}
	default:
		return fmt.Errorf("%w: a literal without a size", errGuard)
	}
	return nil
}
