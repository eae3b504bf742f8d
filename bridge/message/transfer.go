package message

import (
	"bufio"
	"encoding/base64"
	"io"
)

// DecodeTransfer undoes a transfer encoding (RFC 2045 §6). It takes what broken
// writers make: stray characters and missing padding in base64, bare equals signs
// in quoted-printable. An encoding it does not know is left as it is.
func DecodeTransfer(encoding string, r io.Reader) io.Reader {
	switch encoding {
	case "base64":
		return &base64Reader{in: bufio.NewReader(r)}
	case "quoted-printable":
		return &qpReader{in: bufio.NewReader(r)}
	case "x-uuencode":
		return &uuReader{in: bufio.NewReader(r)}
	}
	return r
}

// KnownTransferEncoding says whether DecodeTransfer knows what to undo.
func KnownTransferEncoding(encoding string) bool {
	switch encoding {
	case "", "7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode":
		return true
	}
	return false
}

// base64Reader decodes base64 in groups of four, passing over what is none.
type base64Reader struct {
	in    *bufio.Reader
	have  []byte
	group [4096]byte
	buf   [3072]byte
	err   error
}

func (b *base64Reader) Read(p []byte) (int, error) {
	for len(b.have) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		b.fill()
	}
	n := copy(p, b.have)
	b.have = b.have[n:]
	return n, nil
}

// fill decodes up to 4096 characters. Padding ends a group; what follows it is a
// new one, as of two files glued together.
func (b *base64Reader) fill() {
	n := 0
	for n < len(b.group) && b.err == nil {
		c, err := b.in.ReadByte()
		if err != nil {
			b.err = err
			break
		}
		if c == '=' {
			break
		}
		if isBase64(c) {
			b.group[n] = c
			n++
		}
	}
	if n%4 == 1 {
		n-- // a lone character says nothing
	}
	count, err := base64.RawStdEncoding.Decode(b.buf[:], b.group[:n])
	if err != nil && b.err == nil {
		b.err = err
	}
	b.have = b.buf[:count]
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// qpReader decodes quoted-printable octet by octet.
type qpReader struct {
	in *bufio.Reader
}

func (q *qpReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c, err := q.in.ReadByte()
		if err != nil {
			return n, endOf(n, err)
		}
		if c != '=' {
			p[n] = c
			n++
			continue
		}
		if d, ok := q.escape(); ok {
			p[n] = d
			n++
		}
		if n > 0 && q.in.Buffered() == 0 {
			return n, nil
		}
	}
	return n, nil
}

func endOf(n int, err error) error {
	if n > 0 {
		return nil // the next Read finds it again
	}
	return err
}

// escape reads what follows an equals sign: false for a soft line break.
func (q *qpReader) escape() (byte, bool) {
	var err error
	next, _ := q.in.Peek(2) // fewer at the end
	if len(next) == 2 && unhex(next[0]) >= 0 && unhex(next[1]) >= 0 {
		_, _ = q.in.Discard(2) // it was peeked at
		return byte(unhex(next[0])<<4 | unhex(next[1])), true
	}
	blank := 0
	for {
		next, err = q.in.Peek(blank + 1)
		if err != nil || next[blank] != ' ' && next[blank] != '\t' && next[blank] != '\r' {
			break
		}
		blank++
		if blank > 76 {
			return '=', true
		}
	}
	switch {
	case len(next) > blank && next[blank] == '\n':
		_, _ = q.in.Discard(blank + 1)
		return 0, false
	case err != nil:
		_, _ = q.in.Discard(blank)
		return 0, false
	}
	return '=', true
}
