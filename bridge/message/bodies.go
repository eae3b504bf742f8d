package message

import (
	"slices"
	"strings"
)

// Bodies sorts the parts into what to show as text, what to show as HTML, and
// what to offer as attachments: the algorithm of RFC 8621 §4.1.4.
func (p *Part) Bodies() (text, html, attachments []*Part) {
	b := &bodySorter{}
	b.sort([]*Part{p}, "mixed", false, &b.html, &b.text)
	return b.text, b.html, b.attachments
}

type bodySorter struct {
	text, html, attachments []*Part
}

// sort walks one level. htmlBody and textBody are nil where an alternative has
// been found already.
func (b *bodySorter) sort(parts []*Part, multipart string, inAlternative bool, html, text *[]*Part) {
	textLength, htmlLength := lengthOf(text), lengthOf(html)
	for i, part := range parts {
		if sub, ok := strings.CutPrefix(part.Type, "multipart/"); ok {
			b.sort(part.Parts, sub, inAlternative || sub == "alternative", html, text)
			continue
		}
		if !isInline(part, i, multipart) {
			b.attachments = append(b.attachments, part)
			continue
		}
		if multipart == "alternative" {
			switch part.Type {
			case "text/plain":
				appendTo(text, part)
			case "text/html":
				appendTo(html, part)
			default:
				b.attachments = append(b.attachments, part)
			}
			continue
		}
		if inAlternative {
			if part.Type == "text/plain" {
				html = nil
			}
			if part.Type == "text/html" {
				text = nil
			}
		}
		appendTo(text, part)
		appendTo(html, part)
		if (text == nil || html == nil) && isMedia(part.Type) {
			b.attachments = append(b.attachments, part)
		}
	}
	if multipart != "alternative" || text == nil || html == nil {
		return
	}
	// Where only one kind was found, it serves as the other too.
	if textLength == len(*text) && htmlLength != len(*html) {
		*text = append(*text, (*html)[htmlLength:]...)
	}
	if htmlLength == len(*html) && textLength != len(*text) {
		*html = append(*html, (*text)[textLength:]...)
	}
}

func lengthOf(list *[]*Part) int {
	if list == nil {
		return -1
	}
	return len(*list)
}

func appendTo(list *[]*Part, part *Part) {
	if list != nil {
		*list = append(*list, part)
	}
}

func isMedia(mediaType string) bool {
	return strings.HasPrefix(mediaType, "image/") || strings.HasPrefix(mediaType, "audio/") || strings.HasPrefix(mediaType, "video/")
}

// isInline: shown with the text, and no attachment.
func isInline(part *Part, i int, multipart string) bool {
	return part.Disposition != "attachment" &&
		(part.Type == "text/plain" || part.Type == "text/html" || isMedia(part.Type)) &&
		// A part after the first is a body of its own only where it has no name.
		(i == 0 || multipart != "related" && (isMedia(part.Type) || part.Name == ""))
}

// HasAttachment says whether there is something besides the text that a person
// would call an attachment (RFC 8621 §4.1.4): a cid image of the text is none.
func (p *Part) HasAttachment() bool {
	_, _, attachments := p.Bodies()
	return HasAttachment(attachments)
}

// HasAttachment is Part.HasAttachment for attachments that are at hand.
func HasAttachment(attachments []*Part) bool {
	return slices.ContainsFunc(attachments, func(a *Part) bool { return a.Disposition == "attachment" || a.CID == "" })
}
