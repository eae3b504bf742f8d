package message

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

const (
	maxPreview      = 256     // characters (RFC 8621 §4.1.4)
	maxPreviewInput = 1 << 16 // octets of text that are looked at
)

// Preview is the beginning of a text in one line, without quoted lines, at most
// 256 characters.
func Preview(mediaType, text string) string {
	if len(text) > maxPreviewInput {
		text = strings.ToValidUTF8(text[:maxPreviewInput], "")
	}
	if mediaType == "text/html" {
		text = htmlText(text)
	} else {
		text = withoutQuotes(text)
	}
	words := strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u200b' || r == '\u200c' || r == '\u034f' || r == '\ufeff' || r == '\u00ad'
	})
	var out strings.Builder
	n := 0
	for _, w := range words {
		if n > 0 {
			w = " " + w
		}
		for _, r := range w {
			if n == maxPreview {
				return out.String()
			}
			out.WriteRune(r)
			n++
		}
	}
	return out.String()
}

// withoutQuotes leaves out quoted lines and the line that introduces them.
func withoutQuotes(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, ">") {
			if n := len(out); n > 0 && strings.HasSuffix(out[n-1], ":") {
				out = out[:n-1]
			}
			continue
		}
		if _, file := beginLine([]byte(line)); file || line == "--" {
			break // a uuencoded file, or the signature
		}
		if line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// unseen is elements whose text is not for reading.
var unseen = map[string]bool{"head": true, "style": true, "script": true, "title": true, "template": true, "noscript": true}

// htmlText is the text of HTML, for a preview: it is shown as text only.
func htmlText(s string) string {
	z := html.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(maxPreviewInput)
	var out strings.Builder
	hidden := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			if hidden == "" {
				out.WriteString(string(z.Text()))
				out.WriteByte(' ')
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			if hidden == "" && unseen[string(name)] {
				hidden = string(name)
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); hidden == string(name) {
				hidden = ""
			}
		}
	}
}

// Truncate cuts a text to at most so many octets, between characters, and for
// HTML not within a tag (RFC 8621 §4.2). cut says whether it had to.
func Truncate(text string, maxBytes int64, isHTML bool) (short string, cut bool) {
	if int64(len(text)) <= maxBytes {
		return text, false
	}
	end := int(maxBytes)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	short = text[:end]
	if isHTML {
		if open := strings.LastIndexByte(short, '<'); open > strings.LastIndexByte(short, '>') {
			short = short[:open]
		}
	}
	return short, true
}
