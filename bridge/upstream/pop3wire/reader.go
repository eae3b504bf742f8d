package pop3wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

const (
	// maxLine: RFC 2449 §4 allows 512 octets for a reply, and lists have shorter lines.
	maxLine = 4096
	// maxList is how many lines an answer may have: a maildrop of more is none.
	maxList = 2_000_000
	// maxMessage is how long a message may be, in octets.
	maxMessage = 1 << 30
)

var (
	errSyntax   = errors.New("not a POP3 reply")
	errTooLong  = errors.New("the server's line is too long")
	errTooMuch  = errors.New("the server's answer does not end")
	errUnasked  = errors.New("the server spoke before it was asked")
	errArgument = errors.New("a line end or NUL in an argument of a command")
)

// reply is the first line of an answer.
type reply struct {
	status string // "+OK", "-ERR" or, while signing in, "+"
	code   string // in capitals, without brackets; "" for none (RFC 2449 §8)
	text   string // what follows
}

// reader takes answers apart.
type reader struct {
	r *bufio.Reader
	// bare: the server ended its last line with LF alone, so that "." and LF end an answer. Of
	// other servers LF without CR is a part of a line, or a message with one in it could
	// end before its end.
	bare bool
}

func newReader(r io.Reader) *reader { return &reader{r: bufio.NewReaderSize(r, 16<<10)} }

// line reads one line, without its end; it is good until the next is read.
func (r *reader) line() ([]byte, error) {
	line, err := r.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull) || len(line) > maxLine:
		return nil, errTooLong
	case err != nil:
		if len(line) > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	r.bare = !bytes.HasSuffix(line, []byte("\r\n"))
	return bytes.TrimRight(line, "\r\n"), nil
}

// reply reads the first line of an answer.
func (r *reader) reply() (reply, error) {
	line, err := r.line()
	if err != nil {
		return reply{}, err
	}
	status, text, _ := strings.Cut(string(line), " ")
	a := reply{status: strings.ToUpper(status), text: strings.TrimSpace(text)}
	if a.status != "+OK" && a.status != "-ERR" && a.status != "+" {
		return reply{}, errSyntax
	}
	if rest, ok := strings.CutPrefix(a.text, "["); ok && a.status != "+" {
		if code, text, ok := strings.Cut(rest, "]"); ok {
			a.code, a.text = strings.ToUpper(code), strings.TrimSpace(text)
		}
	}
	return a, nil
}

// list reads lines up to the one that is a dot.
func (r *reader) list(take func(line string) error) error {
	for range maxList {
		line, err := r.line()
		if err != nil {
			return err
		}
		if string(line) == "." {
			return nil
		}
		if err := take(strings.TrimPrefix(string(line), ".")); err != nil {
			return err
		}
	}
	return errTooMuch
}

// body gives a message up to the line that is a dot, with doubled dots undone (RFC 1939
// §3). It must be read to its end, or the connection is of no more use.
type body struct {
	r     *reader
	read  int64
	start bool // a line begins here
	cr    bool // the last octet was CR
	err   error
}

func (r *reader) body() *body { return &body{r: r, start: true} }

func (b *body) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && b.err == nil {
		if n > 0 && b.r.r.Buffered() < 3 {
			break // what there is goes out before more is waited for
		}
		if b.start && b.dot() {
			continue
		}
		if b.err != nil {
			break
		}
		n += b.octets(p[n:])
		if b.read > maxMessage {
			b.err = errTooMuch
		}
	}
	if n > 0 {
		return n, nil
	}
	return n, b.err
}

// dot looks at the beginning of a line: a dot alone is the end, another is taken away.
func (b *body) dot() bool {
	first, err := b.r.r.Peek(1)
	if err != nil {
		b.err = unexpected(err)
		return false
	}
	if first[0] != '.' {
		return false
	}
	_, _ = b.r.r.Discard(1)
	end := "\r\n"
	if b.r.bare {
		end = "\n"
	}
	next, err := b.r.r.Peek(len(end))
	switch {
	case err != nil:
		b.err = unexpected(err)
	case string(next) == end:
		_, _ = b.r.r.Discard(len(end))
		b.err = io.EOF
		return true
	case b.r.bare && string(next) == "\r":
		if next, err = b.r.r.Peek(2); err == nil && string(next) == "\r\n" {
			_, _ = b.r.r.Discard(2)
			b.err = io.EOF
			return true
		}
	}
	b.start = false
	return false
}

// octets copies what lies in the buffer, up to the end of a line.
func (b *body) octets(p []byte) int {
	if b.r.r.Buffered() == 0 {
		if _, err := b.r.r.Peek(1); err != nil {
			b.err = unexpected(err)
			return 0
		}
	}
	ready, _ := b.r.r.Peek(min(b.r.r.Buffered(), len(p)))
	if end := bytes.IndexByte(ready, '\n'); end >= 0 {
		ready = ready[:end+1]
	}
	n := copy(p, ready)
	_, _ = b.r.r.Discard(n)
	b.read += int64(n)
	b.start = p[n-1] == '\n' && (b.r.bare || n > 1 && p[n-2] == '\r' || n == 1 && b.cr)
	b.cr = p[n-1] == '\r'
	return n
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
