package downstream

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// isIJSON reports whether text is JSON as JMAP wants it (RFC 8620 §1.5: I-JSON, RFC
// 7493 §2): UTF-8 without lone surrogates, and no name twice in one object.
// Noncharacters are let through: mail has them, and clients send back what they got.
func isIJSON(text []byte) bool {
	if !json.Valid(text) || !utf8.Valid(text) {
		return false
	}
	var open []map[string]bool // the names seen in each object we are in, nil for an array
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			open = append(open, map[string]bool{})
		case '[':
			open = append(open, nil)
		case '}', ']':
			open = open[:len(open)-1]
		case '"':
			end := stringEnd(text, i)
			s := text[i:end]
			if loneSurrogate(s) {
				return false
			}
			i = end - 1
			if !isName(text[end:]) {
				continue
			}
			name := decodeName(s)
			seen := open[len(open)-1]
			if seen[name] {
				return false
			}
			seen[name] = true
		}
	}
	return true
}

// stringEnd is where the string that begins at i ends, behind its quote.
func stringEnd(text []byte, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// isName reports whether what was before rest is the name of a member.
func isName(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return len(rest) > 0 && rest[0] == ':'
}

// decodeName undoes the escapes of a name: "a" and "\u0061" are one.
func decodeName(s []byte) string {
	if bytes.IndexByte(s, '\\') < 0 {
		return string(s[1 : len(s)-1])
	}
	var name string
	_ = json.Unmarshal(s, &name) // it is valid
	return name
}

// loneSurrogate reports whether a string has half of a surrogate pair.
func loneSurrogate(s []byte) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		if i++; s[i] != 'u' {
			continue
		}
		switch half(s[i+1 : i+5]) {
		case high:
			if len(s) < i+11 || s[i+5] != '\\' || s[i+6] != 'u' || half(s[i+7:i+11]) != low {
				return true
			}
			i += 10
		case low:
			return true
		default:
			i += 4
		}
	}
	return false
}

const (
	whole = iota
	high
	low
)

// half says which half of a pair four hexadecimal digits are, if they are one.
func half(hex []byte) int {
	if hex[0] != 'd' && hex[0] != 'D' {
		return whole
	}
	switch hex[1] {
	case '8', '9', 'a', 'b', 'A', 'B':
		return high
	case 'c', 'd', 'e', 'f', 'C', 'D', 'E', 'F':
		return low
	}
	return whole
}
