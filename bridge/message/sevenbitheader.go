package message

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// readHeader reads the lines of a header and the blank one after it; a boundary, or the
// end, ends it too. Where the blank line was forgotten it is made up, as splitHeader has it.
func (s *sevenBit) readHeader() ([]byte, error) {
	var raw []byte
	var stray []lineRead // the lines from the last one that was no field
	size := 0
	for {
		if err := s.next(); err != nil {
			return nil, err
		}
		level, _ := s.boundary()
		over := s.ended || level >= 0
		_, isField := fieldName(s.line)
		if over && len(stray) > 0 || !over && len(s.line) > 0 && s.line[0] != ' ' && s.line[0] != '\t' && !isField && s.began && len(stray) > 0 {
			if !s.ended {
				stray = append(stray, s.read())
			}
			s.again = append(stray, s.again...)
			s.line, s.ended = nil, false
			return append(raw, "\r\n"...), nil
		}
		if over {
			return raw, nil
		}
		if size += len(s.line); size > maxHeader {
			return nil, fmt.Errorf("a header of the message is longer than %d octets", maxHeader)
		}
		switch {
		case s.began && len(s.line) == 0:
			return append(withLines(raw, stray), "\r\n"...), nil
		case s.began && isField:
			raw, stray = withLines(raw, stray), nil
			raw = withLines(raw, []lineRead{s.read()})
		case len(stray) > 0 || s.began && s.line[0] != ' ' && s.line[0] != '\t':
			stray = append(stray, s.read())
		default:
			raw = withLines(raw, []lineRead{s.read()})
		}
	}
}

// read is the line as it is to be read again.
func (s *sevenBit) read() lineRead { return lineRead{slices.Clone(s.line), s.whole, s.began} }

// withLines adds lines to a header. The last may lack its end, if the message does.
func withLines(raw []byte, lines []lineRead) []byte {
	for _, l := range lines {
		raw = append(raw, l.line...)
		if l.whole || len(l.line) < 1<<15 {
			raw = append(raw, "\r\n"...)
		}
	}
	return raw
}

// asciiHeader writes a header's fields in ASCII.
func asciiHeader(raw []byte) ([]byte, error) {
	if isASCII(string(raw)) {
		return raw, nil
	}
	var buf bytes.Buffer
	out := bufio.NewWriter(&buf)
	fields, blank := splitFields(raw)
	for _, f := range fields {
		name, isField := fieldName(f)
		switch {
		case isASCII(string(f)):
			_, _ = out.Write(f)
		case !isField:
			_ = plainly(out, string(f))
		default:
			field := asciiField(name, f)
			if !isASCII(field.Value) {
				return nil, errors.New("the field " + name + " of the message has an address with other than plain letters")
			}
			writeField(out, field.Name, field.Value)
		}
	}
	_, _ = out.Write(blank)
	_ = out.Flush() // into memory
	return buf.Bytes(), nil
}

// writeHeader writes a header. The transfer encoding becomes another; "": it stays.
func (s *sevenBit) writeHeader(raw []byte, was, encoding string, sealed bool) error {
	if sealed {
		return signed(s.out, string(raw))
	}
	if encoding == "" || encoding == "7bit" && (was == "" || was == "7bit") {
		_, err := s.out.Write(raw)
		return err
	}
	fields, blank := splitFields(raw)
	for _, f := range fields {
		if name, ok := fieldName(f); !ok || !strings.EqualFold(name, "Content-Transfer-Encoding") {
			_, _ = s.out.Write(f)
		}
	}
	writeField(s.out, "Content-Transfer-Encoding", encoding)
	_, _ = s.out.Write(blank)
	return nil
}

// splitFields splits a header into fields with their continuation lines; blank is the line
// that ends it.
func splitFields(raw []byte) (fields [][]byte, blank []byte) {
	start, at := 0, 0
	for line := range bytes.Lines(raw) {
		if line[0] != ' ' && line[0] != '\t' && at > start {
			fields = append(fields, raw[start:at])
			start = at
		}
		if string(line) == "\r\n" {
			return fields, line
		}
		at += len(line)
	}
	if at > start {
		fields = append(fields, raw[start:at])
	}
	return fields, nil
}

// asciiField is a field with encoded words for what is no ASCII.
func asciiField(name string, raw []byte) OutField {
	value, _ := ParseHeader(raw).Raw(name)
	switch strings.ToLower(name) {
	case "from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender", "resent-to", "resent-cc", "resent-bcc":
		groups := GroupedAddresses(value)
		for _, g := range groups {
			for i := range g.Addresses {
				g.Addresses[i].Email = ASCIIAddress(g.Addresses[i].Email)
			}
		}
		if f, err := GroupsField(name, groups); err == nil {
			return f
		}
	case "content-type", "content-disposition":
		kind, params := parseParams(value)
		var list []OutField
		for _, param := range slices.Sorted(maps.Keys(params)) {
			list = append(list, OutField{param, params[param]})
		}
		if isASCII(kind) {
			return OutField{name, withParams(oneLine(kind), list)}
		}
	}
	return TextField(name, strings.TrimSpace(unfold(value)))
}
