package draft

import (
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// signatureText is the signature of an identity below its mark, "" for none.
func signatureText(from jmap.Identity) string {
	text := from.TextSignature
	if strings.TrimSpace(text) == "" {
		text = HTMLToText(CleanHTML(from.HtmlSignature))
	}
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return signatureMark + "\n" + strings.TrimRight(text, "\n") + "\n"
}

// SignatureHTML is the signature of an identity with its formats, "" for none: of one that has
// only a text, that.
func SignatureHTML(from jmap.Identity) string {
	signature := CleanHTML(from.HtmlSignature)
	if strings.TrimSpace(HTMLToText(signature)) != "" {
		return signature
	}
	if strings.TrimSpace(from.TextSignature) == "" {
		return ""
	}
	return TextToHTML(strings.TrimRight(from.TextSignature, "\n"))
}

// Signature is what was written as a signature, in both forms; that with formats is "" where
// there are none.
func Signature(source string) (text, html string) {
	html = CleanHTML(source)
	text = HTMLToText(html)
	if CleanHTML(TextToHTML(text)) == html || text == "" {
		html = ""
	}
	return text, html
}

// signatureHTML is SignatureHTML below its mark.
func signatureHTML(from jmap.Identity) string {
	signature := SignatureHTML(from)
	if signature == "" {
		return ""
	}
	return "<div>" + signatureMark + "</div>" + signature
}

// Resign puts the signature of the identity is in the place of that of was. One that was
// changed in the message is the person's own, and stays.
func Resign(b Body, was, is jmap.Identity) Body {
	return Body{Text: resignText(b.Text, signatureText(was), signatureText(is)), HTML: resignHTML(b.HTML, signatureHTML(was), signatureHTML(is))}
}

func resignText(text, was, is string) string {
	if was == is {
		return text
	}
	if was == "" {
		at := quoteStart(text)
		gap := "\n"
		if at < len(text) {
			is += "\n"
		}
		return strings.TrimRight(text[:at], "\n") + "\n" + gap + is + text[at:]
	}
	at := strings.Index("\n"+text, "\n"+was)
	if at < 0 {
		return text
	}
	return text[:at] + is + text[at+len(was):]
}

// quoteStart is where what is quoted begins in a text, with the line that says whose it is.
func quoteStart(text string) int {
	at, before := 0, 0
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, ">"):
			return before
		case strings.HasPrefix(line, forwardMark):
			return at
		}
		if at += len(line); strings.TrimSpace(line) == "" {
			before = at
		}
	}
	return at
}

// forwardMark begins the title of a forwarded message in every language.
const forwardMark = "-----"

func resignHTML(source, was, is string) string {
	if was == is || source == "" {
		return source
	}
	blocks := topBlocks(source)
	texts := make([]string, len(blocks))
	for i, b := range blocks {
		texts[i] = strings.TrimSpace(HTMLToText(b))
	}
	from, to := quoteBlock(blocks, texts), 0
	to = from
	if was != "" {
		if from, to = findBlocks(texts, strings.Fields(HTMLToText(was))); to == 0 {
			return source
		}
	} else {
		is = emptyLine + is + emptyLine
	}
	return strings.Join(blocks[:from], "") + is + strings.Join(blocks[to:], "")
}

// findBlocks finds the first blocks that read as these words; to is 0 where there are none.
func findBlocks(texts, want []string) (from, to int) {
	whole := strings.Join(want, " ")
	for from = range texts {
		if texts[from] != strings.TrimSpace(signatureMark) {
			continue
		}
		said := ""
		for to = from; to < len(texts) && len(said) <= len(whole); to++ {
			said = strings.Join(strings.Fields(said+" "+texts[to]), " ")
			if said == whole {
				return from, to + 1
			}
		}
	}
	return 0, 0
}

// quoteBlock is the first block of what is quoted, with the one that says whose it is.
func quoteBlock(blocks, texts []string) int {
	for i, b := range blocks {
		switch {
		case strings.HasPrefix(texts[i], forwardMark):
			return i
		case strings.HasPrefix(b, "<blockquote"):
			return max(i-1, 0)
		}
	}
	return len(blocks)
}

// topBlocks parts HTML into its outermost elements, each with the text before it.
func topBlocks(source string) []string {
	b := blockSplitter{whole: source}
	walkHTML(source, &b)
	if b.start < len(source) {
		b.blocks = append(b.blocks, source[b.start:])
	}
	return b.blocks
}

// blockSplitter is a htmlWalker that notes where the outermost elements end.
type blockSplitter struct {
	whole  string
	start  int
	depth  int
	blocks []string
}

func (*blockSplitter) text(string) {}

func (b *blockSplitter) tag(t tag, rest string) string {
	switch {
	case t.closing && b.depth > 0:
		b.depth--
	case !t.closing && !void[t.name]:
		b.depth++
	}
	if end := len(b.whole) - len(rest); b.depth == 0 && end > b.start {
		b.blocks = append(b.blocks, b.whole[b.start:end])
		b.start = end
	}
	return rest
}
