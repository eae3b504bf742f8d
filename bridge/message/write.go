package message

import (
	"bufio"
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
)

// OutPart is a part of a message to be written: a multipart with Parts, text in
// Text, or octets from Open.
type OutPart struct {
	Type        string // lower case, without parameters
	Name        string
	Disposition string
	CID         string
	Language    []string
	Location    string
	Charset     string     // of what Open gives, where it is text
	Params      []OutField // more parameters of the type
	Header      []OutField // more fields of the part
	Text        *string    // written as UTF-8
	Open        func() (io.ReadCloser, error)
	Parts       []*OutPart

	encoding string // transfer encoding
}

// SetContentType sets type, name and parameters from the value of a Content-Type field.
func (p *OutPart) SetContentType(value string) {
	var params map[string]string
	p.Type, params = parseParams(value)
	for _, name := range slices.Sorted(maps.Keys(params)) {
		switch name {
		case "charset":
			p.Charset = params[name]
		case "name":
			p.Name = params[name]
		case "boundary":
		default:
			p.Params = append(p.Params, OutField{name, params[name]})
		}
	}
}

// Composition is a message to be written.
type Composition struct {
	Header []OutField // without MIME-Version and Content-…
	Root   *OutPart
}

// Arrange puts text, html, the images html shows, and attachments into the usual
// tree: mixed(related(alternative(text, html), inline…), attachments…), without the
// levels that would hold one part.
func Arrange(text, html *OutPart, inline, attachments []*OutPart) *OutPart {
	wrap := func(kind string, parts ...*OutPart) *OutPart {
		parts = slices.DeleteFunc(parts, func(p *OutPart) bool { return p == nil })
		switch len(parts) {
		case 0:
			return nil
		case 1:
			return parts[0]
		}
		return &OutPart{Type: "multipart/" + kind, Parts: parts}
	}
	root := wrap("alternative", text, html)
	root = wrap("related", append([]*OutPart{root}, inline...)...)
	root = wrap("mixed", append([]*OutPart{root}, attachments...)...)
	if root == nil {
		empty := ""
		root = &OutPart{Type: "text/plain", Text: &empty}
	}
	return root
}

// Write writes a message: CRLF line ends, lines of at most 998 octets, 7-bit
// throughout but for attached messages.
func Write(w io.Writer, c *Composition) error {
	out := bufio.NewWriter(w)
	for _, f := range c.Header {
		if !strings.EqualFold(f.Name, "MIME-Version") {
			writeField(out, f.Name, f.Value)
		}
	}
	writeField(out, "MIME-Version", "1.0")
	if err := c.Root.plan(0); err != nil {
		return err
	}
	if err := writePart(out, c.Root); err != nil {
		return err
	}
	return out.Flush()
}

// plan chooses the transfer encodings.
func (p *OutPart) plan(depth int) error {
	if depth > maxDepth {
		return errors.New("a message's parts lie too deep")
	}
	switch {
	case p.Parts != nil:
		for _, child := range p.Parts {
			if err := child.plan(depth + 1); err != nil {
				return err
			}
			if child.encoding == "8bit" {
				p.encoding = "8bit" // RFC 2045 §6.4
			}
		}
		return nil
	case p.Text != nil:
		p.encoding = textEncoding(*p.Text)
		return nil
	case p.Open == nil:
		return errors.New("a part has neither text nor octets")
	case strings.HasPrefix(p.Type, "message/"):
		return p.planMessage()
	}
	p.encoding = "base64"
	return nil
}

// planMessage leaves an attached message as it is (RFC 2046 §5.2.1), unless it has lines
// that no server would take.
func (p *OutPart) planMessage() error {
	r, err := p.Open()
	if err != nil {
		return err
	}
	p.encoding = "7bit"
	in := bufio.NewReader(newCRLFReader(r))
	for column := 0; err == nil; column++ {
		var c byte
		c, err = in.ReadByte()
		switch {
		case c == '\n':
			column = -1
		case c >= 0x80 && p.encoding == "7bit":
			p.encoding = "8bit"
		case column > maxLine || c == 0 && err == nil:
			p.encoding = "base64"
		}
	}
	if !errors.Is(err, io.EOF) {
		return errors.Join(err, r.Close())
	}
	return r.Close()
}

func writePart(w *bufio.Writer, p *OutPart) error {
	if p.Parts != nil {
		return writeMultipart(w, p)
	}
	var params []OutField
	isText := strings.HasPrefix(mediaType(p), "text/")
	switch {
	case p.Text != nil && isText:
		params = append(params, OutField{"charset", "utf-8"})
	case p.Text == nil && p.Charset != "":
		params = append(params, OutField{"charset", p.Charset})
	}
	if p.Name != "" {
		params = append(params, OutField{"name", p.Name})
	}
	writeField(w, "Content-Type", withParams(mediaType(p), append(params, p.Params...)))
	writeField(w, "Content-Transfer-Encoding", p.encoding)
	writePartFields(w, p)
	_, _ = w.WriteString("\r\n")
	if p.Text != nil {
		return writeText(w, *p.Text, p.encoding)
	}
	return writeOctets(w, p)
}

// mediaType is the part's, or octets when it is none.
func mediaType(p *OutPart) string {
	major, minor, ok := strings.Cut(p.Type, "/")
	switch {
	case ok && isToken(major) && isToken(minor):
		return p.Type
	case p.Text != nil:
		return "text/plain"
	}
	return "application/octet-stream"
}

// isToken: RFC 2045 §5.1.
func isToken(s string) bool {
	return s != "" && len(s) < 128 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?=`, r) })
}

func writePartFields(w *bufio.Writer, p *OutPart) {
	if p.Disposition != "" {
		disposition := p.Disposition
		if !isToken(disposition) {
			disposition = "attachment"
		}
		var params []OutField
		if p.Name != "" {
			params = append(params, OutField{"filename", p.Name})
		}
		writeField(w, "Content-Disposition", withParams(disposition, params))
	}
	if id := IDsField("Content-ID", []string{p.CID}); id.Value != "" {
		writeField(w, id.Name, id.Value)
	}
	if len(p.Language) > 0 {
		writeField(w, "Content-Language", encodeText(oneLine(strings.Join(p.Language, ", "))))
	}
	if p.Location != "" {
		writeField(w, "Content-Location", encodeText(oneLine(p.Location)))
	}
	for _, f := range p.Header {
		writeField(w, f.Name, f.Value)
	}
}

func writeMultipart(w *bufio.Writer, p *OutPart) error {
	kind, ok := strings.CutPrefix(mediaType(p), "multipart/")
	if !ok {
		kind = "mixed"
	}
	// A line of base64 or quoted-printable never begins with "--=_".
	boundary := "=_" + rand.Text()
	writeField(w, "Content-Type", withParams("multipart/"+kind, append([]OutField{{"boundary", boundary}}, p.Params...)))
	if p.encoding != "" {
		writeField(w, "Content-Transfer-Encoding", p.encoding)
	}
	writePartFields(w, p)
	for _, child := range p.Parts {
		_, _ = w.WriteString("\r\n--" + boundary + "\r\n")
		if err := writePart(w, child); err != nil {
			return err
		}
	}
	_, err := w.WriteString("\r\n--" + boundary + "--\r\n")
	return err
}

func writeText(w *bufio.Writer, text, encoding string) error {
	text = strings.ReplaceAll(lines(strings.ToValidUTF8(text, "\ufffd")), "\n", "\r\n")
	switch encoding {
	case "quoted-printable":
		writeQuotedPrintable(w, text)
		return nil
	case "base64":
		return writeBase64(w, strings.NewReader(text))
	}
	_, err := w.WriteString(text)
	return err
}

func writeOctets(w *bufio.Writer, p *OutPart) error {
	r, err := p.Open()
	if err != nil {
		return err
	}
	if p.encoding == "base64" {
		err = writeBase64(w, r)
	} else {
		_, err = io.Copy(w, newCRLFReader(r))
	}
	return errors.Join(err, r.Close())
}
