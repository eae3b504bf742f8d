package method

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/message"
)

// What is packed otherwise than by MIME, a winmail.dat or uuencoded files in a text, is
// told as parts of their own: the files take the place of winmail.dat among the
// attachments, or come after it where they were in a text, which is then shown without
// them. The text of a winmail.dat is shown where the message has no other. bodyStructure
// stays what MIME says, and every blob stays what it is.
const (
	maxTNEF = 32 << 20 // octets of a winmail.dat that is opened
	maxUU   = 2 << 20  // octets of a text that is searched for files
)

// wantInside asks for the containers of a message.
func (w *emailWants) wantInside(read *reader, b *bodies) {
	if !slices.ContainsFunc([]string{"bodyValues", "textBody", "htmlBody", "attachments"}, w.asks) {
		return
	}
	for _, p := range b.attachments {
		if isTNEF(p) {
			b.containers = append(b.containers, p)
		}
	}
	if holdsUU(b.root) {
		b.containers = append(b.containers, b.root)
	}
	for _, p := range b.containers {
		read.want(p.Section, 0)
	}
}

func isTNEF(p *message.Part) bool {
	return p.Size <= maxTNEF && (p.Type == "application/ms-tnef" || p.Type == "application/vnd.ms-tnef" || strings.EqualFold(p.Name, "winmail.dat"))
}

// holdsUU says whether a message may have uuencoded files in its text: they are of a time
// before MIME, or of programs that do without.
func holdsUU(root *message.Part) bool {
	plain := root.Encoding == "" || root.Encoding == "7bit" || root.Encoding == "8bit"
	return root.Type == "text/plain" && root.Disposition != "attachment" && plain && root.Size <= maxUU
}

// open takes the containers apart.
func (b *bodies) open(read *reader) {
	for _, p := range b.containers {
		raw, _ := read.octets(p.Section) // it was asked for
		decoded, _ := io.ReadAll(message.DecodeTransfer(p.Encoding, bytes.NewReader(raw)))
		files := message.Extract(decoded)
		if len(files) == 0 {
			continue
		}
		parts := make([]*message.Part, len(files))
		for i, f := range files {
			parts[i] = extractedPart(p, i, f)
			read.put(parts[i].Section, f.Data)
		}
		b.place(p, files, parts)
		if p == b.root {
			read.put(p.Section, message.WithoutFiles(decoded))
		}
	}
}

func extractedPart(of *message.Part, i int, f message.Extracted) *message.Part {
	p := &message.Part{
		Section: of.Section + ".x" + strconv.Itoa(i+1), Type: f.Type, Name: f.Name, CID: f.CID,
		Size: int64(len(f.Data)), Disposition: "attachment",
	}
	if f.Body {
		p.Disposition, p.Params = "", map[string]string{"charset": "utf-8"}
	}
	return p
}

// place sorts the parts of one container in.
func (b *bodies) place(p *message.Part, files []message.Extracted, parts []*message.Part) {
	silent := len(b.text) == 0 && len(b.html) == 0
	var attached []*message.Part
	for i, f := range files {
		switch {
		case !f.Body:
			attached = append(attached, parts[i])
		case !silent: // the message says it already
		case f.Type == "text/html":
			b.html = []*message.Part{parts[i]}
		case f.Type == "text/plain":
			b.text = []*message.Part{parts[i]}
		default:
			attached = append(attached, parts[i])
		}
	}
	// Where only one kind was found, it serves as the other too.
	if silent && len(b.text) == 0 {
		b.text = b.html
	}
	if silent && len(b.html) == 0 {
		b.html = b.text
	}
	at := slices.Index(b.attachments, p)
	if at < 0 {
		b.attachments = append(b.attachments, attached...)
		return
	}
	b.attachments = slices.Concat(b.attachments[:at], attached, b.attachments[at+1:])
}
