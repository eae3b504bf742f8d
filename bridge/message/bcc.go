package message

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// StripBcc copies a message without the fields that say who else gets it, and
// with CRLF for every line end: what goes out by SMTP. Memory does not grow with
// the message.
func StripBcc(w io.Writer, r io.Reader) error {
	in := bufio.NewReaderSize(newCRLFReader(r), 1<<16)
	out := bufio.NewWriter(w)
	dropping, whole := false, true // whole: at the beginning of a line
	for {
		line, err := in.ReadSlice('\n')
		if whole && len(line) > 0 {
			if string(line) == "\r\n" {
				if _, err := out.Write(line); err != nil {
					return err
				}
				break
			}
			if line[0] != ' ' && line[0] != '\t' {
				dropping = isBcc(line)
			}
		}
		if !dropping {
			if _, err := out.Write(line); err != nil {
				return err
			}
		}
		whole = !errors.Is(err, bufio.ErrBufferFull)
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err != nil && whole {
			return err
		}
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Flush()
}

func isBcc(line []byte) bool {
	name, _, ok := strings.Cut(string(line[:min(len(line), 64)]), ":")
	name = strings.TrimRight(strings.TrimPrefix(name, string(byteOrderMark)), " \t")
	return ok && (strings.EqualFold(name, "Bcc") || strings.EqualFold(name, "Resent-Bcc"))
}

// crlfReader gives CRLF for CR, LF and CRLF.
type crlfReader struct {
	in      *bufio.Reader
	pending bool // an LF is due
	wasCR   bool
	noNUL   bool // leave out NUL octets
}

// NewWireReader gives a message as mail servers take it: with CRLF for every line end,
// and without the NUL octets that IMAP cannot carry. Any other octet stays.
func NewWireReader(r io.Reader) io.Reader { return &crlfReader{in: bufio.NewReader(r), noNUL: true} }

func newCRLFReader(r io.Reader) io.Reader { return &crlfReader{in: bufio.NewReader(r)} }

func (c *crlfReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if c.pending {
			p[n] = '\n'
			n++
			c.pending = false
			continue
		}
		if n > 0 && c.in.Buffered() == 0 {
			return n, nil
		}
		b, err := c.in.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil // the next Read finds it again
			}
			return 0, err
		}
		wasCR := c.wasCR
		c.wasCR = b == '\r'
		switch {
		case b == 0 && c.noNUL:
		case b == '\n' && wasCR:
			// its CRLF was given when the CR came
		case b == '\n' || b == '\r':
			p[n] = '\r'
			n++
			c.pending = true
		default:
			p[n] = b
			n++
		}
	}
	return n, nil
}
