package message

import (
	"bufio"
	"bytes"
	"errors"
	"strings"
)

// extractUU finds uuencoded files in a text: from a line "begin MODE NAME" to a line
// "end". text is what is left. A block that is not well formed stays text.
func extractUU(raw []byte) (files []Extracted, text []byte) {
	if !bytes.Contains(raw, []byte("begin ")) {
		return nil, raw
	}
	for at := 0; at < len(raw); {
		line, next := lineAt(raw, at)
		name, ok := beginLine(line)
		if !ok || len(files) == maxExtracted {
			text = append(text, raw[at:next]...)
			at = next
			continue
		}
		data, end, ok := decodeUU(raw, next)
		if ok {
			files = append(files, newExtracted(name, data))
		} else {
			// Nothing of what was looked at begins another block: it is not looked at again.
			text = append(text, raw[at:end]...)
		}
		at = end
	}
	return files, text
}

// lineAt is the line that begins at an offset, without its end, and where the next one
// begins.
func lineAt(raw []byte, at int) (line []byte, next int) {
	next = len(raw)
	if end := bytes.IndexByte(raw[at:], '\n'); end >= 0 {
		next = at + end + 1
	}
	return bytes.TrimRight(raw[at:next], "\r\n"), next
}

// beginLine reads "begin 644 name".
func beginLine(line []byte) (name string, ok bool) {
	rest, ok := strings.CutPrefix(string(line[:min(len(line), 1000)]), "begin ")
	mode, name, spaced := strings.Cut(rest, " ")
	name = strings.TrimSpace(name)
	octal := len(mode) >= 3 && len(mode) <= 4 && strings.Trim(mode, "01234567") == ""
	return name, ok && spaced && octal && name != ""
}

// decodeUU decodes the lines from an offset to the line "end", and says where what follows
// begins; false where a line is none of uuencode, with where that one begins.
func decodeUU(raw []byte, at int) (data []byte, end int, ok bool) {
	for at < len(raw) {
		line, next := lineAt(raw, at)
		if string(line) == "end" {
			return data, next, true
		}
		if data, ok = appendUU(data, line); !ok {
			return nil, at, false
		}
		at = next
	}
	return nil, at, false
}

// appendUU decodes one line: how many octets it has, as a character, and four characters
// for each three of them. Spaces at its end may have been lost.
func appendUU(data, line []byte) ([]byte, bool) {
	if len(line) == 0 {
		return data, true // a lone ` that was a space
	}
	if line[0] < ' ' || line[0] > '`' {
		return data, false
	}
	n := int(line[0]-' ') & 63
	groups := (n + 2) / 3
	line = line[1:]
	if len(line) > groups*4+2 || len(line) < groups*4-4 { // some writers add a check sum
		return data, false
	}
	for ; groups > 0; groups-- {
		var group [4]byte
		for i := range group {
			c := byte(' ')
			if i < len(line) {
				c = line[i]
			}
			if c < ' ' || c > '`' {
				return data, false
			}
			group[i] = (c - ' ') & 63
		}
		octets := [3]byte{group[0]<<2 | group[1]>>4, group[1]<<4 | group[2]>>2, group[2]<<6 | group[3]}
		data = append(data, octets[:min(n, 3)]...)
		n -= 3
		line = line[min(4, len(line)):]
	}
	return data, true
}

// uuReader decodes a part whose transfer encoding is uuencode: what is no line of it is
// passed over.
type uuReader struct {
	in     *bufio.Reader
	have   []byte
	inside bool
	err    error
}

func (u *uuReader) Read(p []byte) (int, error) {
	for len(u.have) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.fill()
	}
	n := copy(p, u.have)
	u.have = u.have[n:]
	return n, nil
}

// fill decodes one line. A line that does not fit the buffer is none.
func (u *uuReader) fill() {
	line, err := u.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return
	}
	u.err = err
	line = bytes.TrimRight(line, "\r\n")
	if _, begins := beginLine(line); begins {
		u.inside = true
		return
	}
	u.inside = u.inside && string(line) != "end"
	if data, ok := appendUU(nil, line); ok && u.inside {
		u.have = data
	}
}

// WithoutFiles is a text without the uuencoded files in it.
func WithoutFiles(raw []byte) []byte {
	_, text := extractUU(raw)
	return text
}
