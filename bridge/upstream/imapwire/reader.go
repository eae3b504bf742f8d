package imapwire

import (
	"bytes"
	"io"
	"math"
)

const (
	// maxDepth of lists in lists. A message may have 100 levels of parts.
	maxDepth = 500
	// maxLine is the most octets of one response, literals not counted: a SEARCH
	// without ESEARCH names a million UIDs in 8 MB.
	maxLine = 32 << 20
	// maxWord is the most octets of an atom, a tag or a name.
	maxWord = 64 << 10
	// maxText is the most octets kept of a string whose length is the server's
	// choice; what follows is read and dropped.
	maxText = 1 << 20
)

// reader takes responses apart, octet by octet and within limits. What its methods
// give as []byte is good until the next call.
type reader struct {
	from    io.Reader
	buf     []byte
	at, end int // what of buf has not been looked at
	line    int // octets of this response, literals not counted
	longest int // that line may be
	depth   int // of lists, where we are
	scratch []byte
}

func newReader(from io.Reader) *reader {
	return &reader{from: from, buf: make([]byte, 32<<10), longest: maxLine}
}

// begin begins a response.
func (r *reader) begin() { r.line, r.depth = 0, 0 }

// fill waits for octets; there are none left in the buffer.
func (r *reader) fill() error {
	for range 100 {
		n, err := r.from.Read(r.buf)
		if n > 0 {
			r.at, r.end = 0, n
			return nil
		}
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// buffered is what has been received and not looked at.
func (r *reader) buffered() []byte { return r.buf[r.at:r.end] }

func (r *reader) next() (byte, error) {
	if r.at == r.end {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	if r.line++; r.line > r.longest {
		return 0, violation("a line without an end")
	}
	b := r.buf[r.at]
	r.at++
	return b, nil
}

func (r *reader) peek() (byte, error) {
	if r.at < r.end {
		return r.buf[r.at], nil
	}
	if err := r.fill(); err != nil {
		return 0, err
	}
	return r.buf[r.at], nil
}

// drop drops an octet that was peeked at. That a line is too long shows when the next one
// is read.
func (r *reader) drop() {
	r.at++
	r.line++
}

func (r *reader) expect(want byte) error {
	b, err := r.next()
	if err == nil && b != want {
		err = violation("%q where %q belongs", b, want)
	}
	return err
}

// space reads the spaces between two things.
func (r *reader) space() error {
	if err := r.expect(' '); err != nil {
		return err
	}
	return r.spaces()
}

func (r *reader) spaces() error {
	for {
		b, err := r.peek()
		if err != nil || b != ' ' {
			return err
		}
		if r.drop(); r.line > r.longest {
			return violation("a line without an end")
		}
	}
}

// word reads up to a space, a line end, or an octet of stop, and at least one octet.
func (r *reader) word(stop string) ([]byte, error) {
	r.scratch = r.scratch[:0]
	for {
		b, err := r.peek()
		if err != nil {
			return nil, err
		}
		if b == ' ' || b == '\r' || b == '\n' || indexByte(stop, b) {
			break
		}
		if len(r.scratch) == maxWord {
			return nil, violation("a word without an end")
		}
		r.scratch = append(r.scratch, b)
		r.drop()
	}
	if len(r.scratch) == 0 {
		return nil, violation("a word is missing")
	}
	return r.scratch, nil
}

func indexByte(s string, b byte) bool {
	for i := range len(s) {
		if s[i] == b {
			return true
		}
	}
	return false
}

// maxDigits is more than any number has.
const maxDigits = 100

// number reads a number of at most most.
func (r *reader) number(most uint64) (uint64, error) {
	n, digits := uint64(0), 0
	for {
		b, err := r.peek()
		if err != nil {
			return 0, err
		}
		if b < '0' || b > '9' {
			break
		}
		r.drop()
		if digits++; digits > maxDigits {
			return 0, violation("a number without an end")
		}
		d := uint64(b - '0')
		if n > (math.MaxUint64-d)/10 {
			return 0, violation("a number that is too big")
		}
		n = n*10 + d
	}
	if digits == 0 || n > most {
		return 0, violation("no number, or one that is too big")
	}
	return n, nil
}

func (r *reader) number32() (uint32, error) {
	n, err := r.number(math.MaxUint32)
	return uint32(n), err
}

func (r *reader) number63() (int64, error) {
	n, err := r.number(math.MaxInt64)
	return int64(n), err
}

// quoted reads a quoted string after its first quote, and keeps at most keep octets.
func (r *reader) quoted(keep int64) ([]byte, error) {
	r.scratch = r.scratch[:0]
	for {
		b, err := r.next()
		if err != nil {
			return nil, err
		}
		switch b {
		case '"':
			return r.scratch, nil
		case '\r', '\n':
			return nil, violation("a quote without an end")
		case '\\':
			if b, err = r.next(); err != nil {
				return nil, err
			}
			if b == '\r' || b == '\n' {
				return nil, violation("a quote without an end")
			}
		}
		if int64(len(r.scratch)) < keep {
			r.scratch = append(r.scratch, b)
		}
	}
}

// size reads a literal's size after its first brace: 123}, 123+}, and the line end.
func (r *reader) size() (int64, error) {
	n, err := r.number(math.MaxInt64)
	if err != nil {
		return 0, err
	}
	b, err := r.next()
	if err == nil && b == '+' {
		b, err = r.next()
	}
	if err != nil {
		return 0, err
	}
	if b != '}' {
		return 0, violation("a literal without a size")
	}
	if b, err = r.next(); err == nil && b == '\r' {
		b, err = r.next()
	}
	if err == nil && b != '\n' {
		err = violation("a literal without a size")
	}
	return int64(n), err
}

// literal reads a literal of n octets and keeps at most keep of them, appended to
// into. It grows with what comes, not with what was announced.
func (r *reader) literal(into []byte, n, keep int64) ([]byte, error) {
	for kept := min(n, keep); kept > 0; {
		if r.at == r.end {
			if err := r.fill(); err != nil {
				return into, err
			}
		}
		piece := int(min(kept, int64(r.end-r.at)))
		into = append(into, r.buf[r.at:r.at+piece]...)
		r.at += piece
		kept -= int64(piece)
		n -= int64(piece)
	}
	return into, r.discard(n)
}

func (r *reader) discard(n int64) error {
	for n > 0 {
		if r.at == r.end {
			if err := r.fill(); err != nil {
				return err
			}
		}
		piece := min(n, int64(r.end-r.at))
		r.at += int(piece)
		n -= piece
	}
	return nil
}

// text reads a string of any kind, or an atom in its place, and keeps at most keep
// octets. NIL is null.
func (r *reader) text(keep int64) (text []byte, null bool, err error) {
	b, err := r.peek()
	if err != nil {
		return nil, false, err
	}
	switch b {
	case '"':
		r.drop()
		text, err = r.quoted(keep)
		return text, false, err
	case '~': // RFC 3516: a literal with NUL in it
		r.drop()
		if err := r.expect('{'); err != nil {
			return nil, false, err
		}
		text, err = r.sized(keep)
		return text, false, err
	case '{':
		r.drop()
		text, err = r.sized(keep)
		return text, false, err
	}
	text, err = r.word(`()"{`)
	return text, bytes.EqualFold(text, []byte("NIL")), err
}

func (r *reader) sized(keep int64) ([]byte, error) {
	n, err := r.size()
	if err != nil {
		return nil, err
	}
	r.scratch, err = r.literal(r.scratch[:0], n, keep)
	return r.scratch, err
}

// str is text as a string, "" for NIL.
func (r *reader) str() (string, error) {
	text, null, err := r.text(maxText)
	if null {
		return "", err
	}
	return string(text), err
}

// each calls f at each thing in a list; NIL is an empty list.
func (r *reader) each(f func() error) error {
	b, err := r.peek()
	if err != nil {
		return err
	}
	if b != '(' {
		word, err := r.word(`()"{`)
		if err == nil && !bytes.EqualFold(word, []byte("NIL")) {
			err = violation("a list is missing")
		}
		return err
	}
	r.drop()
	if r.depth++; r.depth > maxDepth {
		return violation("lists in lists without an end")
	}
	for {
		if err := r.spaces(); err != nil {
			return err
		}
		b, err := r.peek()
		if err != nil {
			return err
		}
		if b == ')' {
			r.drop()
			r.depth--
			return nil
		}
		before := r.line
		if err := f(); err != nil {
			return err
		}
		if r.line > r.longest || r.line == before {
			return violation("a list without an end")
		}
	}
}

// toLineEnd reads the rest of a line of text for people and keeps at most maxText
// octets. Braces and quotes mean nothing in it.
func (r *reader) toLineEnd() ([]byte, error) {
	r.scratch = r.scratch[:0]
	for {
		if r.at == r.end {
			if err := r.fill(); err != nil {
				return nil, err
			}
		}
		p, ended := r.buffered(), false
		if i := bytes.IndexByte(p, '\n'); i >= 0 {
			p, ended = p[:i+1], true
		}
		r.at += len(p)
		if r.line += len(p); r.line > r.longest {
			return nil, violation("a line without an end")
		}
		r.scratch = append(r.scratch, p[:min(len(p), maxText-len(r.scratch))]...)
		if ended {
			return bytes.TrimRight(r.scratch, "\r\n"), nil
		}
	}
}
