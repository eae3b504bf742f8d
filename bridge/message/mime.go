package message

import (
	"bytes"
	"strconv"
	"strings"
)

// Limits on what a message may make us do; Dovecot's own are the same. What lies
// beyond is one part that is not taken apart.
const (
	maxDepth = 100
	maxParts = 10_000
)

// Message is a message taken apart. The parts have their offsets in it.
type Message struct {
	Header Header
	Root   *Part

	raw []byte
}

// Parse takes a message apart. It never fails: what is no MIME is text.
func Parse(raw []byte) *Message {
	p := &mimeParser{raw: raw}
	h, body := splitHeader(raw)
	root := &Part{HeaderOffset: 0, Offset: int64(body)}
	root.describe(h)
	p.body(root, body, len(raw), "", 0)
	return &Message{Header: h, Root: root, raw: raw}
}

type mimeParser struct {
	raw   []byte
	parts int
}

// body fills in what lies between two offsets; number is the section number of
// the part, "" for the outermost.
func (p *mimeParser) body(part *Part, start, end int, number string, depth int) {
	part.Section = number
	part.Size = int64(end - start)
	p.parts++
	boundary := part.Params["boundary"]
	if !strings.HasPrefix(part.Type, "multipart/") || boundary == "" || depth >= maxDepth || p.parts >= maxParts {
		p.leaf(part, start, end, number, depth)
		return
	}
	pieces := p.split(start, end, boundary)
	if len(pieces) == 0 {
		p.leaf(part, start, end, number, depth)
		return
	}
	for i, piece := range pieces {
		if p.parts >= maxParts {
			return
		}
		h, at := splitHeader(p.raw[piece[0]:piece[1]])
		child := &Part{HeaderOffset: int64(piece[0]), Offset: int64(piece[0] + at)}
		child.describe(h)
		if part.Type == "multipart/digest" && h.first("Content-Type") == "" {
			child.Type = "message/rfc822" // RFC 2046 §5.1.5
		}
		part.Parts = append(part.Parts, child)
		p.body(child, piece[0]+at, piece[1], childNumber(number, i), depth+1)
	}
}

func childNumber(parent string, i int) string {
	if parent == "" {
		return strconv.Itoa(i + 1)
	}
	return parent + "." + strconv.Itoa(i+1)
}

// leaf is a part that is not multipart; a message that is not has section "1"
// (RFC 3501 §6.4.5). An attached message is taken apart too.
func (p *mimeParser) leaf(part *Part, start, end int, number string, depth int) {
	if strings.HasPrefix(part.Type, "multipart/") {
		part.Type = "text/plain" // it has no parts: what is there is shown
	}
	if number == "" {
		part.Section = "1"
	}
	attached := part.Type == "message/rfc822" || part.Type == "message/global"
	plain := part.Encoding == "" || part.Encoding == "7bit" || part.Encoding == "8bit" || part.Encoding == "binary"
	if !attached || !plain || depth >= maxDepth || p.parts >= maxParts {
		return
	}
	h, at := splitHeader(p.raw[start:end])
	inner := &Part{HeaderOffset: int64(start), Offset: int64(start + at)}
	inner.describe(h)
	if strings.HasPrefix(inner.Type, "multipart/") {
		p.body(inner, start+at, end, part.Section, depth+1)
		if inner.Type == "text/plain" { // it had no parts
			inner.Section += ".1"
		}
	} else {
		p.body(inner, start+at, end, part.Section+".1", depth+1)
	}
	part.Parts = []*Part{inner}
}

// split finds the pieces between boundary lines (RFC 2046 §5.1.1). The line end
// before a boundary belongs to the boundary. A missing last boundary is the end.
func (p *mimeParser) split(start, end int, boundary string) [][2]int {
	mark := []byte("--" + boundary)
	var pieces [][2]int
	from := -1
	for at := start; at < end && len(pieces) < maxParts; {
		found := bytes.Index(p.raw[at:end], mark)
		if found < 0 {
			break
		}
		line := at + found
		at = line + len(mark)
		if line > start && p.raw[line-1] != '\n' {
			continue
		}
		rest, next := lineAt(p.raw[:end], at)
		rest = bytes.TrimRight(rest, " \t\r")
		last := bytes.HasPrefix(rest, []byte("--")) && len(bytes.TrimLeft(rest[2:], " \t")) == 0
		if len(rest) > 0 && !last {
			continue
		}
		if from >= 0 {
			pieces = append(pieces, [2]int{from, trimLineEnd(p.raw, from, line)})
		}
		at, from = next, next
		if last {
			return pieces
		}
	}
	if from >= 0 {
		pieces = append(pieces, [2]int{from, end})
	}
	return pieces
}

func trimLineEnd(raw []byte, from, at int) int {
	if at > from && raw[at-1] == '\n' {
		at--
	}
	if at > from && raw[at-1] == '\r' {
		at--
	}
	return at
}

// Find gives the part with a section number, nil when there is none.
func (p *Part) Find(section string) *Part {
	if p.Section == section && !strings.HasPrefix(p.Type, "multipart/") {
		return p
	}
	for _, child := range p.Parts {
		if found := child.Find(section); found != nil {
			return found
		}
	}
	return nil
}

// FirstText is the part whose text a list shows: the first text/plain, else the
// first text/html, that is no attachment; nil when there is none.
func (p *Part) FirstText() *Part {
	text, html, _ := p.Bodies()
	for _, list := range [][]*Part{text, html} {
		for _, part := range list {
			if part.Type == "text/plain" || part.Type == "text/html" {
				return part
			}
		}
	}
	return nil
}
