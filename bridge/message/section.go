package message

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// ErrSection: a path names no section of any message.
var ErrSection = errors.New("not a section of a message")

// Locate says where a section lies, by its IMAP name, in a message of this size of which
// p is the root: "" is all of it, "HEADER" and "TEXT" its two halves, "1.2" a part's body,
// "1.2.MIME" its header, "2.HEADER" and "2.TEXT" those of an attached message. One that is
// not there has no octets.
func (p *Part) Locate(path string, size int64) (from, to int64, err error) {
	specifier := ""
	for _, word := range []string{"HEADER", "TEXT", "MIME"} {
		if rest, ok := strings.CutSuffix(path, word); ok && (rest == "" || strings.HasSuffix(rest, ".")) {
			specifier, path = word, strings.TrimSuffix(rest, ".")
		}
	}
	if path != "" {
		for word := range strings.SplitSeq(path, ".") {
			if n, err := strconv.ParseUint(word, 10, 31); err != nil || n == 0 {
				return 0, 0, ErrSection
			}
		}
		found := p.find(path)
		switch {
		case found == nil:
			return 0, 0, nil
		case specifier == "MIME":
			return found.HeaderOffset, found.Offset, nil
		case specifier == "":
			return found.Offset, found.Offset + found.Size, nil
		case len(found.Parts) == 0 || found.Parts[0].HeaderOffset != found.Offset:
			return 0, 0, nil // no message is attached there
		}
		p, size = found.Parts[0], found.Offset+found.Size
	}
	switch specifier {
	case "HEADER":
		return p.HeaderOffset, p.Offset, nil
	case "TEXT":
		return p.Offset, size, nil
	case "MIME":
		return 0, 0, ErrSection
	}
	return 0, size, nil
}

// Section is a piece of a message by its IMAP name: "HEADER", "1.2" the body of a part
// as it lies there, "1.2.MIME" its header. One that is not there is nil.
func (m *Message) Section(path string) []byte {
	if path == "HEADER" {
		return m.raw[:m.Root.Offset]
	}
	number, mime := strings.CutSuffix(path, ".MIME")
	p := m.Root.find(number)
	switch {
	case p == nil:
		return nil
	case mime:
		return m.raw[p.HeaderOffset:p.Offset]
	}
	return m.raw[p.Offset : p.Offset+p.Size]
}

// find finds any part, a multipart too.
func (p *Part) find(section string) *Part {
	if p.Section == section {
		return p
	}
	for _, child := range p.Parts {
		if found := child.find(section); found != nil {
			return found
		}
	}
	return nil
}

// Octets is a part's content with its transfer encoding undone, as far as it can be.
func (m *Message) Octets(p *Part) []byte {
	decoded, _ := io.ReadAll(DecodeTransfer(p.Encoding, bytes.NewReader(m.raw[p.Offset:p.Offset+p.Size])))
	return decoded
}

// DecodeBeginning undoes the transfer encoding of octets that were cut off anywhere, up to
// the last whole character, if the charset is UTF-8.
func DecodeBeginning(encoding string, raw []byte) []byte {
	if at := bytes.LastIndexByte(raw, '='); encoding == "quoted-printable" && at >= 0 && at > len(raw)-3 {
		raw = raw[:at]
	}
	decoded, _ := io.ReadAll(DecodeTransfer(encoding, bytes.NewReader(raw))) // as far as it can be
	return wholeCharacters(decoded)
}

// Preview is the beginning of the text that a list shows. The message may have been cut
// anywhere behind it.
func (m *Message) Preview() string {
	first := m.Root.FirstText()
	if first == nil {
		return ""
	}
	raw := m.raw[first.Offset : first.Offset+min(first.Size, 4*maxPreviewInput)]
	text, _ := DecodeText(first.Params["charset"], DecodeBeginning(first.Encoding, raw))
	return Preview(first.Type, strings.TrimRight(text, "\ufffd"))
}

// IsMessage says whether octets can be taken for a message: they begin with a header
// field, a byte order mark or an mbox line before it aside.
func IsMessage(raw []byte) bool {
	return len(ParseHeader(raw[:min(len(raw), maxHeader)]).fields) > 0
}
