package sieve

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

const (
	// RFC 5804 §4: a quoted string has at most 1024 octets; some servers send more.
	maxQuoted = 8 << 10
	// maxLiteral bounds one string; scripts are rarely over a few KB.
	maxLiteral = 1 << 20
	// maxAnswer bounds all that answers one command.
	maxAnswer = 4 << 20
	// maxWords bounds the words of an answer, and its lines.
	maxWords = 10_000
	// maxDepth bounds parentheses within a response code.
	maxDepth = 10
)

var (
	errSyntax  = errors.New("not a ManageSieve response")
	errTooLong = errors.New("the server's answer is too long")
)

// word is one element of a line: a string, or an atom as it stands.
type word struct {
	text   string
	quoted bool // a string
}

// answer is what a server says to one command: lines, and how it ended.
type answer struct {
	lines [][]word
	// status is "OK", "NO" or "BYE".
	status string
	// code is the response code in capitals, "" for none, and args what follows it.
	code string
	args []word
	text string // for people
}

// reader takes answers apart (RFC 5804 §4).
type reader struct {
	r *bufio.Reader
	// left is how many octets, and words how many words, the answer may still have.
	left, words int
}

func newReader(r io.Reader) *reader { return &reader{r: bufio.NewReaderSize(r, 4096)} }

// buffered reports whether the server has said more than was read.
func (r *reader) buffered() bool { return r.r.Buffered() > 0 }

// answer reads one answer: lines of words up to the one that says OK, NO or BYE.
// Of AUTHENTICATE the server may instead ask for more, with a line that is one
// string: with challenges that line ends the reading, and status is "".
func (r *reader) answer(challenges bool) (answer, error) {
	r.left, r.words = maxAnswer, maxWords
	var a answer
	for range maxWords {
		line, err := r.line(&a)
		if err != nil || a.status != "" {
			return a, err
		}
		a.lines = append(a.lines, line)
		if challenges {
			return a, nil
		}
	}
	return a, errTooLong
}

// line reads one line; one that ends the answer is put into a.
func (r *reader) line(a *answer) ([]word, error) {
	var words []word
	for {
		c, err := r.peek()
		if err != nil {
			return nil, err
		}
		switch c {
		case '\r', '\n':
			return words, r.end()
		case ' ':
			r.skip()
		default:
			w, err := r.word()
			if err != nil {
				return nil, err
			}
			if len(words) == 0 && isStatus(w) {
				return nil, r.status(a, strings.ToUpper(w.text))
			}
			words = append(words, w)
		}
	}
}

func isStatus(w word) bool {
	return !w.quoted && (strings.EqualFold(w.text, "OK") || strings.EqualFold(w.text, "NO") || strings.EqualFold(w.text, "BYE"))
}

// status reads the rest of a line that begins with OK, NO or BYE.
func (r *reader) status(a *answer, status string) error {
	for {
		c, err := r.peek()
		if err != nil {
			return err
		}
		switch c {
		case '\r', '\n':
			a.status = status
			return r.end()
		case ' ':
			r.skip()
		case '(':
			if a.code != "" || a.text != "" {
				return errSyntax
			}
			r.skip()
			words, err := r.list(1)
			if err != nil {
				return err
			}
			if len(words) == 0 || words[0].quoted {
				return errSyntax
			}
			a.code, a.args = strings.ToUpper(words[0].text), words[1:]
		default:
			w, err := r.word()
			if err != nil {
				return err
			}
			if !w.quoted || a.text != "" {
				return errSyntax
			}
			a.text = w.text
		}
	}
}

// list reads words up to the closing parenthesis. Lists within lists are extensions
// of the future: their words count as those of the outer one.
func (r *reader) list(depth int) ([]word, error) {
	if depth > maxDepth {
		return nil, errTooLong
	}
	var words []word
	for {
		c, err := r.peek()
		if err != nil {
			return nil, err
		}
		switch c {
		case ' ':
			r.skip()
		case ')':
			r.skip()
			return words, nil
		case '(':
			r.skip()
			inner, err := r.list(depth + 1)
			if err != nil {
				return nil, err
			}
			words = append(words, inner...)
		default:
			w, err := r.word()
			if err != nil {
				return nil, err
			}
			words = append(words, w)
		}
	}
}

// word reads a quoted string, a literal or an atom.
func (r *reader) word() (word, error) {
	if r.words--; r.words < 0 {
		return word{}, errTooLong
	}
	c, err := r.peek()
	if err != nil {
		return word{}, err
	}
	switch c {
	case '"':
		text, err := r.quoted()
		return word{text, true}, err
	case '{':
		text, err := r.literal()
		return word{text, true}, err
	}
	var b strings.Builder
	for isAtom(c) {
		r.skip()
		if b.WriteByte(c); b.Len() > maxQuoted {
			return word{}, errTooLong
		}
		if c, err = r.peek(); err != nil {
			return word{}, err
		}
	}
	if b.Len() == 0 {
		return word{}, errSyntax
	}
	return word{text: b.String()}, nil
}

func isAtom(c byte) bool { return c > ' ' && c < 0x7f && c != '"' && c != '(' && c != ')' && c != '{' }

func (r *reader) quoted() (string, error) {
	r.skip()
	var b strings.Builder
	for {
		c, err := r.next()
		switch {
		case err != nil:
			return "", err
		case c == '"':
			return b.String(), nil
		case c == 0 || c == '\r' || c == '\n':
			return "", errSyntax
		case c == '\\':
			if c, err = r.next(); err != nil {
				return "", err
			}
			if c == 0 || c == '\r' || c == '\n' {
				return "", errSyntax
			}
		}
		if b.WriteByte(c); b.Len() > maxQuoted {
			return "", errTooLong
		}
	}
}

// literal reads {12}CRLF and twelve octets. The plus sign of a client's literal is
// taken as well: it says nothing here.
func (r *reader) literal() (string, error) {
	r.skip()
	size := 0
	for digits := 0; ; digits++ {
		c, err := r.next()
		if err != nil {
			return "", err
		}
		if c == '+' && digits > 0 {
			if c, err = r.next(); err != nil {
				return "", err
			}
			if c != '}' {
				return "", errSyntax
			}
		}
		if c == '}' && digits > 0 {
			break
		}
		if c < '0' || c > '9' {
			return "", errSyntax
		}
		if size = size*10 + int(c-'0'); size > maxLiteral {
			return "", errTooLong
		}
	}
	if err := r.end(); err != nil {
		return "", err
	}
	if r.left -= size; r.left < 0 {
		return "", errTooLong
	}
	// The memory grows with what arrives, not with what was announced.
	var b strings.Builder
	if _, err := io.CopyN(&b, r.r, int64(size)); err != nil {
		return "", err
	}
	return b.String(), nil
}

// end reads the end of a line.
func (r *reader) end() error {
	c, err := r.next()
	if err == nil && c == '\r' {
		c, err = r.next()
	}
	if err == nil && c != '\n' {
		return errSyntax
	}
	return err
}

func (r *reader) peek() (byte, error) {
	if r.left <= 0 {
		return 0, errTooLong
	}
	p, err := r.r.Peek(1)
	if err != nil {
		return 0, err
	}
	return p[0], nil
}

// skip takes what was peeked at.
func (r *reader) skip() { _, _ = r.next() }

func (r *reader) next() (byte, error) {
	if r.left <= 0 {
		return 0, errTooLong
	}
	r.left--
	return r.r.ReadByte()
}
