package message

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text is a raw field value as people read it: unfolded, encoded words decoded
// (RFC 2047), controls removed, in Unicode's composed form (RFC 8621 §4.1.2.2).
func Text(raw string) string {
	return clean(strings.TrimSpace(decodeWords(unfold(raw))))
}

// clean makes a decoded text safe to show in one line: no controls, valid UTF-8.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\t' {
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

// parseWord reads one encoded word at the start of s.
func parseWord(s string) (charset string, octets []byte, length int, ok bool) {
	parts := strings.SplitN(s[2:], "?", 4)
	if len(parts) < 4 || !strings.HasPrefix(parts[3], "=") || len(parts[1]) != 1 || parts[0] == "" {
		return "", nil, 0, false
	}
	charset, _, _ = strings.Cut(parts[0], "*") // RFC 2231 §5: a language may follow
	length = 2 + len(parts[0]) + 1 + 1 + 1 + len(parts[2]) + 2
	switch parts[1] {
	case "B", "b":
		octets = decodeBase64(parts[2])
	case "Q", "q":
		octets = decodeQ(parts[2])
	default:
		return "", nil, 0, false
	}
	return charset, octets, length, true
}

// decodeBase64 decodes as much as can be, whatever the padding.
func decodeBase64(s string) []byte {
	kept := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '+' || r == '/' {
			return r
		}
		return -1
	}, s)
	if len(kept)%4 == 1 {
		kept = kept[:len(kept)-1]
	}
	out, err := base64.RawStdEncoding.DecodeString(kept)
	if err != nil {
		return nil // only trailing bits can be wrong now, and RawStdEncoding takes those
	}
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
