package imapwire

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// utf7 is the alphabet of modified UTF-7 (RFC 3501 §5.1.3).
var utf7 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding)

// EncodeUTF7 writes a mailbox's name in modified UTF-7.
func EncodeUTF7(name string) string {
	var out strings.Builder
	var wide []uint16 // what waits to be encoded
	flush := func() {
		if len(wide) == 0 {
			return
		}
		raw := make([]byte, 0, 2*len(wide))
		for _, u := range wide {
			raw = append(raw, byte(u>>8), byte(u))
		}
		out.WriteByte('&')
		out.WriteString(utf7.EncodeToString(raw))
		out.WriteByte('-')
		wide = wide[:0]
	}
	for _, r := range name {
		switch {
		case r == '&':
			flush()
			out.WriteString("&-")
		case r >= ' ' && r <= '~':
			flush()
			out.WriteRune(r)
		default:
			wide = utf16.AppendRune(wide, r)
		}
	}
	flush()
	return out.String()
}

// DecodeUTF7 reads a mailbox's name in modified UTF-7; ok is false when it is none that
// EncodeUTF7 would write, so that decoding and encoding again is always the same name.
func DecodeUTF7(wire string) (name string, ok bool) {
	whole := wire
	var out strings.Builder
	for wire != "" {
		plain, rest, shift := strings.Cut(wire, "&")
		out.WriteString(plain)
		if wire = rest; !shift {
			break
		}
		code, rest, closed := strings.Cut(wire, "-")
		if !closed {
			return "", false
		}
		if wire = rest; code == "" {
			out.WriteByte('&')
			continue
		}
		raw, err := utf7.DecodeString(code)
		if err != nil || len(raw)%2 != 0 {
			return "", false
		}
		wide := make([]uint16, len(raw)/2)
		for i := range wide {
			wide[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
		}
		out.WriteString(string(utf16.Decode(wide)))
	}
	name = out.String()
	return name, utf8.ValidString(name) && EncodeUTF7(name) == whole
}
