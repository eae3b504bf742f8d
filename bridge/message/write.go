package message

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/hearthmail/hearthmail/shared/jmap"
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
	Text        *string // written as UTF-8
	Open        func() (io.ReadCloser, error)
	Parts       []*OutPart
}

// OutField is a header field: Value is what follows the colon, already in the
// form it has on the wire, unfolded.
type OutField struct{ Name, Value string }

// Composition is a message to be written.
type Composition struct {
	Header []OutField // without MIME-Version and Content-…
	Root   *OutPart
}

// Field builders. Controls never get through: what could end a line is dropped.

// TextField is an unstructured field (RFC 5322 §2.2.1) with encoded words where
// needed.
func TextField(name, text string) OutField { return OutField{name, encodeText(oneLine(text))} }

// AddressField is a field of addresses (RFC 5322 §3.4). An address that could not
// be put on the wire is an error that names it.
func AddressField(name string, list []jmap.EmailAddress) (OutField, error) {
	items := make([]string, len(list))
	for i, a := range list {
		if ValidAddress(a.Email) != nil {
			return OutField{}, fmt.Errorf("%q is not a mail address", a.Email)
		}
		items[i] = a.Email
		if a.Name != nil && *a.Name != "" {
			items[i] = encodePhrase(oneLine(*a.Name)) + " <" + a.Email + ">"
		}
	}
	return OutField{name, strings.Join(items, ", ")}, nil
}

// IDsField is a field of message ids. One that is none is left out.
func IDsField(name string, ids []string) OutField {
	var items []string
	for _, id := range ids {
		if id != "" && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == '<' || r == '>' || r == 0x7f }) {
			items = append(items, "<"+id+">")
		}
	}
	return OutField{name, strings.Join(items, " ")}
}

// DateField is a date (RFC 5322 §3.3).
func DateField(name string, t time.Time) OutField {
	return OutField{name, t.Format("Mon, 02 Jan 2006 15:04:05 -0700")}
}

// RawField is a field whose value is as it will be; false when name is no field
// name.
func RawField(name, value string) (OutField, bool) {
	ok := name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' })
	return OutField{name, strings.TrimSpace(oneLine(unfold(value)))}, ok
}

// NewMessageID makes a message id of a domain, without angle brackets.
func NewMessageID(domain string) string {
	if !validDomain(domain) || strings.HasPrefix(domain, "[") {
		domain = "localhost.invalid"
	}
	return strings.ToLower(rand.Text()) + "@" + domain
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// encodeText makes encoded words of a text that needs them.
func encodeText(s string) string {
	plain := !strings.Contains(s, "=?") && !strings.ContainsFunc(s, func(r rune) bool { return r > '~' })
	for w := range strings.FieldsSeq(s) {
		plain = plain && len(w) < 900
	}
	if plain {
		return s
	}
	encoder := mime.BEncoding
	if q := strings.Count(s, ""); len(s)-q < q/2 {
		encoder = mime.QEncoding
	}
	if !strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) {
		return forceEncode(s)
	}
	return encoder.Encode("utf-8", s)
}

// forceEncode makes encoded words of ASCII, which mime.WordEncoder leaves alone.
func forceEncode(s string) string {
	var words []string
	for len(s) > 0 {
		n := min(len(s), 45)
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}

// encodePhrase makes a display name: atoms as they are, else a quoted string, else
// encoded words.
func encodePhrase(s string) string {
	atoms := !strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && r != '.' && (r > '~' || !isAtext(r)) })
	switch {
	case strings.Contains(s, "=?") || strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) || len(s) > 200:
		// Base64 holds nothing that means something in a list of addresses.
		if strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) {
			return mime.BEncoding.Encode("utf-8", s)
		}
		return forceEncode(s)
	case atoms && !strings.Contains(s, ".") && s == strings.Join(strings.Fields(s), " "):
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
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
		if f.Value != "" {
			writeField(out, f.Name, f.Value)
		}
	}
	writeField(out, "MIME-Version", "1.0")
	if err := writePart(out, c.Root, 0); err != nil {
		return err
	}
	return out.Flush()
}

// writeField folds at spaces, before 78 octets where it can (RFC 5322 §2.1.1).
// Errors stay in the bufio.Writer.
func writeField(w *bufio.Writer, name, value string) {
	_, _ = w.WriteString(name + ":")
	column := len(name) + 1
	for i, word := range strings.Split(value, " ") {
		if i > 0 && word != "" && column+1+len(word) > 76 {
			_, _ = w.WriteString("\r\n")
			column = 0
		}
		_, _ = w.WriteString(" " + word)
		column += 1 + len(word)
	}
	_, _ = w.WriteString("\r\n")
}

func writePart(w *bufio.Writer, p *OutPart, depth int) error {
	if depth > maxDepth {
		return errors.New("a message's parts lie too deep")
	}
	if p.Parts != nil {
		return writeMultipart(w, p, depth)
	}
	var params []OutField
	encoding := "base64"
	switch {
	case p.Text != nil:
		params = append(params, OutField{"charset", "utf-8"})
		encoding = textEncoding(*p.Text)
	case strings.HasPrefix(p.Type, "message/"):
		encoding = "8bit" // RFC 2046 §5.2.1: nothing else is allowed
	}
	if p.Name != "" {
		params = append(params, OutField{"name", p.Name})
	}
	writeField(w, "Content-Type", withParams(mediaType(p), params))
	writeField(w, "Content-Transfer-Encoding", encoding)
	writePartFields(w, p)
	_, _ = w.WriteString("\r\n")
	if p.Text != nil {
		return writeText(w, *p.Text, encoding)
	}
	return writeOctets(w, p, encoding)
}

// mediaType is the part's, or octets when it is none.
func mediaType(p *OutPart) string {
	major, minor, ok := strings.Cut(p.Type, "/")
	token := func(s string) bool {
		return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?=`, r) })
	}
	if ok && token(major) && token(minor) {
		return p.Type
	}
	if p.Text != nil {
		return "text/plain"
	}
	return "application/octet-stream"
}

func writePartFields(w *bufio.Writer, p *OutPart) {
	disposition := oneLine(p.Disposition)
	if disposition == "" && p.Name != "" {
		disposition = "attachment"
	}
	if disposition != "" {
		var params []OutField
		if p.Name != "" {
			params = append(params, OutField{"filename", p.Name})
		}
		if disposition != "inline" {
			disposition = "attachment"
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
}

// withParams adds parameters: quoted where ASCII does, else by RFC 2231, in
// sections that fit a line.
func withParams(value string, params []OutField) string {
	for _, p := range params {
		v := oneLine(p.Value)
		if len(v) <= 60 && !strings.ContainsFunc(v, func(r rune) bool { return r > '~' }) {
			value += `; ` + p.Name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
			continue
		}
		escaped := strings.ReplaceAll(url.QueryEscape(v), "+", "%20")
		escaped = strings.NewReplacer("*", "%2A", "'", "%27", "(", "%28", ")", "%29").Replace(escaped)
		rest := "utf-8''" + escaped
		for n := 0; rest != ""; n++ {
			end := min(len(rest), 60)
			if at := strings.LastIndexByte(rest[:end], '%'); end < len(rest) && at > end-3 {
				end = at
			}
			value += fmt.Sprintf("; %s*%d*=%s", p.Name, n, rest[:end])
			rest = rest[end:]
		}
	}
	return value
}

func writeMultipart(w *bufio.Writer, p *OutPart, depth int) error {
	kind, ok := strings.CutPrefix(mediaType(p), "multipart/")
	if !ok {
		kind = "mixed"
	}
	// A line of base64 or quoted-printable never begins with "--=_".
	boundary := "=_" + rand.Text()
	params := []OutField{{"boundary", boundary}}
	writeField(w, "Content-Type", withParams("multipart/"+kind, params))
	writePartFields(w, p)
	for _, child := range p.Parts {
		_, _ = w.WriteString("\r\n--" + boundary + "\r\n")
		if err := writePart(w, child, depth+1); err != nil {
			return err
		}
	}
	_, err := w.WriteString("\r\n--" + boundary + "--\r\n")
	return err
}

// textEncoding is 7bit for short ASCII lines, else what is shorter.
func textEncoding(text string) string {
	plain, high := true, 0
	for line := range strings.Lines(text) {
		plain = plain && len(line) <= 900
	}
	for i := range len(text) {
		c := text[i]
		if c >= 0x80 || c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			high++
		}
	}
	switch {
	// A line that begins with "From " would be changed on its way by some.
	case plain && high == 0 && !strings.Contains("\n"+text, "\nFrom "):
		return "7bit"
	case high > len(text)/3:
		return "base64"
	}
	return "quoted-printable"
}

func writeText(w *bufio.Writer, text, encoding string) error {
	text = strings.ReplaceAll(lines(strings.ToValidUTF8(text, "\ufffd")), "\n", "\r\n")
	switch encoding {
	case "quoted-printable":
		qp := quotedprintable.NewWriter(w)
		if _, err := io.WriteString(qp, text); err != nil {
			return err
		}
		return qp.Close()
	case "base64":
		return writeBase64(w, strings.NewReader(text))
	}
	_, err := w.WriteString(text)
	return err
}

func writeOctets(w *bufio.Writer, p *OutPart, encoding string) error {
	if p.Open == nil {
		return errors.New("a part has neither text nor octets")
	}
	r, err := p.Open()
	if err != nil {
		return err
	}
	if encoding == "base64" {
		err = writeBase64(w, r)
	} else {
		_, err = io.Copy(w, newCRLFReader(r))
	}
	return errors.Join(err, r.Close())
}

// writeBase64 writes lines of 76 characters; memory does not grow with the input.
func writeBase64(w *bufio.Writer, r io.Reader) error {
	encoder := base64.NewEncoder(base64.StdEncoding, &lineBreaker{w: w})
	if _, err := io.Copy(encoder, r); err != nil {
		return err
	}
	if err := encoder.Close(); err != nil {
		return err
	}
	_, err := w.WriteString("\r\n")
	return err
}

type lineBreaker struct {
	w      *bufio.Writer
	column int
}

func (l *lineBreaker) Write(p []byte) (int, error) {
	for i := 0; i < len(p); {
		if l.column == 76 {
			if _, err := l.w.WriteString("\r\n"); err != nil {
				return i, err
			}
			l.column = 0
		}
		n := min(len(p)-i, 76-l.column)
		if _, err := l.w.Write(p[i : i+n]); err != nil {
			return i, err
		}
		l.column += n
		i += n
	}
	return len(p), nil
}
