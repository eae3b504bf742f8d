package message

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
)

// ErrSigned: what is signed has octets that cannot be written otherwise without making
// the signature wrong.
var ErrSigned = errors.New("the signed part of the message has other than plain letters")

// SevenBit copies a message so that it has ASCII alone, with CRLF for every line end: for
// servers that do not take more (RFC 6152 §3). Text that is not encoded becomes
// quoted-printable, header fields get encoded words; what is encoded stays as it is.
// Memory does not grow with the message.
func SevenBit(w io.Writer, r io.Reader) error {
	s := &sevenBit{in: bufio.NewReaderSize(newCRLFReader(r), 1<<16), out: bufio.NewWriter(w)}
	if err := s.entity("", false); err != nil {
		return err
	}
	s.release()
	return s.out.Flush()
}

// sevenBit copies one line after the other. line is one that was read and not written.
type sevenBit struct {
	in         *bufio.Reader
	out        *bufio.Writer
	boundaries []string // of the multiparts around, the outermost first
	messages   int      // attached, around

	line  []byte // without CRLF
	whole bool   // CRLF ended it: else there is more of it, or it is the last
	began bool   // it is the beginning of a line
	held  bool   // CRLF is to be written before it, unless it is a boundary
	ended bool   // there is no line

	again []lineRead // lines to be read once more, before others
}

// lineRead is a line as sevenBit has it.
type lineRead struct {
	line         []byte
	whole, began bool
}

// next reads a line, or 64 KB of a longer one.
func (s *sevenBit) next() error {
	if len(s.again) > 0 {
		first := s.again[0]
		s.line, s.whole, s.began, s.again, s.ended = first.line, first.whole, first.began, s.again[1:], false
		return nil
	}
	s.began = s.whole || s.line == nil
	line, err := s.in.ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	s.ended = len(line) == 0
	s.line, s.whole = bytes.CutSuffix(line, []byte("\r\n"))
	if s.line == nil {
		s.line = []byte{}
	}
	return nil
}

// boundary says which of the multiparts around the line belongs to, from 0; -1 for none.
func (s *sevenBit) boundary() (level int, last bool) {
	rest, ok := bytes.CutPrefix(s.line, []byte("--"))
	if !ok || !s.began {
		return -1, false
	}
	for i, b := range slices.Backward(s.boundaries) {
		if after, ok := bytes.CutPrefix(rest, []byte(b)); ok {
			switch strings.TrimRight(string(after), " \t") {
			case "":
				return i, false
			case "--":
				return i, true
			}
		}
	}
	return -1, false
}

// copy writes lines up to a boundary, or the end, each as write has it.
func (s *sevenBit) copy(write func(w *bufio.Writer, line string) error) error {
	for {
		if err := s.next(); err != nil || s.ended {
			return err
		}
		if level, _ := s.boundary(); level >= 0 {
			return nil
		}
		if s.held {
			_, _ = s.out.WriteString("\r\n")
		}
		if err := write(s.out, string(s.line)); err != nil {
			return err
		}
		s.held = s.whole
	}
}

// release writes the line end that is due, and the boundary that copy stopped at.
func (s *sevenBit) release() {
	if s.held {
		_, _ = s.out.WriteString("\r\n")
	}
	s.held = false
	if !s.ended {
		_, _ = s.out.Write(s.line)
		s.held = s.whole
	}
}

// plainly writes a question mark for what is no ASCII: where nothing is read, or what is
// there is broken anyway.
func plainly(w *bufio.Writer, line string) error {
	for i := range len(line) {
		c := line[i]
		if c > 127 {
			c = '?'
		}
		_ = w.WriteByte(c) // Flush tells
	}
	return nil
}

// quoted writes what is in quoted-printable already.
func quoted(w *bufio.Writer, line string) error {
	const hex = "0123456789ABCDEF"
	for i := range len(line) {
		if c := line[i]; c > 127 {
			_, _ = w.Write([]byte{'=', hex[c>>4], hex[c&15]})
		} else {
			_ = w.WriteByte(c)
		}
	}
	return nil
}

// signed writes what must stay as it is.
func signed(w *bufio.Writer, line string) error {
	if !isASCII(line) {
		return ErrSigned
	}
	_, err := w.WriteString(line)
	return err
}

// asQuoted writes a line, or a part of a long one, in quoted-printable.
func (s *sevenBit) asQuoted(w *bufio.Writer, line string) error {
	if !s.began {
		_, _ = w.WriteString("=\r\n") // what was written of this line has no end
	}
	writeQuotedPrintable(w, line)
	return nil
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > 127 })
}

// entity copies header and body of a message or a part, up to a boundary around it or the
// end. Inside is the type of the multipart it is in; sealed: it is signed.
func (s *sevenBit) entity(inside string, sealed bool) error {
	raw, err := s.readHeader()
	if err != nil {
		return err
	}
	if !sealed {
		if raw, err = asciiHeader(raw); err != nil {
			return err
		}
	}
	part := &Part{}
	part.describe(ParseHeader(raw))
	if inside == "multipart/digest" && !bytes.Contains(bytes.ToLower(raw), []byte("content-type")) {
		part.Type = "message/rfc822" // RFC 2046 §5.1.5
	}
	boundary := part.Params["boundary"]
	isPlain := slices.Contains([]string{"", "7bit", "8bit", "binary"}, part.Encoding)
	multipart := strings.HasPrefix(part.Type, "multipart/") && boundary != "" && isASCII(boundary) && len(s.boundaries) < maxDepth && isPlain
	attached := (part.Type == "message/rfc822" || part.Type == "message/global") && isPlain && s.messages < maxDepth
	encoding := ""
	switch {
	case sealed || !isPlain:
	case multipart || attached:
		encoding = "7bit"
	default:
		encoding = "quoted-printable"
	}
	if err := s.writeHeader(raw, part.Encoding, encoding, sealed); err != nil {
		return err
	}
	if level, _ := s.boundary(); s.ended || level >= 0 {
		return nil // there is no body
	}
	switch {
	case multipart:
		return s.multipart(part.Type, boundary, sealed)
	case attached:
		s.messages++
		defer func() { s.messages-- }()
		return s.entity("", sealed)
	case sealed:
		return s.copy(signed)
	case encoding != "":
		return s.copy(s.asQuoted)
	case part.Encoding == "quoted-printable":
		return s.copy(quoted)
	}
	return s.copy(plainly)
}

// multipart copies parts up to the boundary of a multipart around, or the end.
func (s *sevenBit) multipart(kind, boundary string, sealed bool) error {
	own := len(s.boundaries)
	s.boundaries = append(s.boundaries, boundary)
	defer func() { s.boundaries = s.boundaries[:own] }()
	outside := plainly // before the first part and after the last
	if sealed {
		outside = signed
	}
	if err := s.copy(outside); err != nil {
		return err
	}
	for {
		level, last := s.boundary()
		if s.ended || level < own {
			return nil
		}
		s.release()
		if last {
			s.boundaries = s.boundaries[:own]
			return s.copy(outside)
		}
		if s.held { // the boundary's own line end
			_, _ = s.out.WriteString("\r\n")
			s.held = false
		}
		if err := s.entity(kind, sealed || kind == "multipart/signed"); err != nil {
			return err
		}
	}
}
