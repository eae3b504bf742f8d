package message

import "strings"

// PlainText is a text as a person reads it, in one line: HTML without its tags, white
// space as single spaces. Of long texts the beginning.
func PlainText(mediaType, text string) string {
	if len(text) > maxPreviewInput {
		text = strings.ToValidUTF8(text[:maxPreviewInput], "")
	}
	if mediaType == "text/html" {
		text = htmlText(text)
	}
	return strings.Join(strings.Fields(text), " ")
}
