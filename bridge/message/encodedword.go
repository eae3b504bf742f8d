package message

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text is a raw field value as people read it: unfolded, encoded words decoded
// (RFC 2047), controls removed, in Unicode's composed form (RFC 8621 §4.1.2.2).
func Text(raw string) string {
	return strings.TrimSpace(clean(decodeWords(unfold(raw))))
}

// clean makes a decoded text safe to show in one line: no controls, valid UTF-8.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, toUTF8(s))
	return norm.NFC.String(s)
}

// toUTF8 reads octets that have no declared charset: UTF-8, else windows-1252.
func toUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	text, _ := DecodeText("windows-1252", []byte(s))
	return text
}

// decodeWords decodes the encoded words of a text. White space between two of
// them is not shown (RFC 2047 §6.2). Neighbours of one charset are joined before
// they are decoded, for writers that split a character between two words.
func decodeWords(s string) string {
	var out strings.Builder
	var octets []byte // of the words since the last plain text
	charset := ""
	inWords := false
	flush := func() {
		text, _ := DecodeText(charset, octets)
		out.WriteString(text)
		octets = nil
	}
	for {
		at := strings.Index(s, "=?")
		if at < 0 {
			break
		}
		cs, more, length, ok := parseWord(s[at:])
		if !ok {
			flush()
			out.WriteString(s[:at+2])
			s, inWords = s[at+2:], false
			continue
		}
		if gap := s[:at]; !inWords || strings.TrimSpace(gap) != "" {
			flush()
			out.WriteString(gap)
		} else if !strings.EqualFold(cs, charset) {
			flush()
		}
		charset, inWords = cs, true
		octets = append(octets, more...)
		s = s[at+length:]
	}
	flush()
	out.WriteString(s)
	return out.String()
}

// maxWord is the longest encoded word that is looked for; RFC 2047 §2 allows 75 octets,
// and some writers put a whole subject into one.
const maxWord = 4096

// parseWord reads one encoded word at the start of s. Spaces and question marks that
// ought to have been encoded are taken.
func parseWord(s string) (charset string, octets []byte, length int, ok bool) {
	name, rest, ok := strings.Cut(s[2:min(len(s), maxWord)], "?")
	if !ok || name == "" || len(name) > 64 || len(rest) < 2 || rest[1] != '?' || strings.ContainsAny(name, " \t=") {
		return "", nil, 0, false
	}
	text := rest[2:]
	end := strings.Index(text, "?=")
	if end < 0 || strings.Contains(text[:end], "=?") {
		return "", nil, 0, false
	}
	switch text = text[:end]; rest[0] {
	case 'B', 'b':
		octets = decodeBase64(text)
	case 'Q', 'q':
		octets = decodeQ(text)
	default:
		return "", nil, 0, false
	}
	charset, _, _ = strings.Cut(name, "*") // RFC 2231 §5: a language may follow
	return charset, octets, 2 + len(name) + 3 + end + 2, true
}

// decodeBase64 decodes as much as can be, whatever the padding.
func decodeBase64(s string) []byte {
	out, _ := io.ReadAll(DecodeTransfer("base64", strings.NewReader(s)))
	return out
}

// decodeQ decodes the Q encoding (RFC 2047 §4.2).
func decodeQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
