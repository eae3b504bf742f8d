package draft

import (
	"strings"
	"unicode"
)

// PromisedFile finds the word by which a message promises a file: one of hints, which
// commas part. What is quoted, and the signature, promise nothing.
func PromisedFile(text, hints string) string {
	var own strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == signatureMark || strings.HasPrefix(line, "---------- ") {
			break
		}
		if !strings.HasPrefix(line, ">") {
			own.WriteString(" " + strings.ToLower(line))
		}
	}
	letters := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }
	said := " " + strings.Join(strings.FieldsFunc(own.String(), letters), " ") + " "
	for hint := range strings.SplitSeq(hints, ",") {
		hint = strings.ToLower(strings.TrimSpace(hint))
		if hint != "" && strings.Contains(said, " "+hint+" ") {
			return hint
		}
	}
	return ""
}
