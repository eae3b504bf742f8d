package message

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// DecodeText turns octets of a charset into text with LF line ends. Names are
// those of the WHATWG and of IANA. Octets without a name, or called US-ASCII, are
// taken for UTF-8, else for windows-1252, which is what they are in practice.
// problem says that something could not be decoded, and is U+FFFD now, or that the
// charset is not known and this is a guess. UTF-7 is
// never decoded: it hides markup.
func DecodeText(charset string, raw []byte) (text string, problem bool) {
	name := charsetName(charset)
	switch name {
	case "", "us-ascii", "ascii", "utf-8", "utf8", "unicode-1-1-utf-8":
		raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
		if utf8.Valid(raw) {
			return lines(string(raw)), false
		}
		if name == "" || strings.HasSuffix(name, "ascii") {
			return lines(decodeWestern(raw)), false
		}
		return lines(strings.ToValidUTF8(string(raw), "\ufffd")), true
	}
	enc := lookup(name)
	if enc == nil {
		if utf8.Valid(raw) {
			return lines(string(raw)), true
		}
		return lines(decodeWestern(raw)), true
	}
	decoded, err := enc.NewDecoder().Bytes(raw)
	text = lines(strings.ToValidUTF8(string(decoded), "\ufffd"))
	return text, err != nil || strings.ContainsRune(text, '\ufffd')
}

// KnownCharset says whether a charset's name is one that is decoded, or there is none.
func KnownCharset(charset string) bool {
	switch name := charsetName(charset); name {
	case "", "us-ascii", "ascii", "utf-8", "utf8", "unicode-1-1-utf-8":
		return true
	default:
		return lookup(name) != nil
	}
}

func charsetName(charset string) string {
	return strings.ToLower(strings.Trim(strings.TrimSpace(charset), `"'`))
}

// wholeCharacters leaves out the beginning of a UTF-8 character at the end of octets
// that were cut off somewhere.
func wholeCharacters(raw []byte) []byte {
	for n := 1; n <= min(utf8.UTFMax-1, len(raw)); n++ {
		if tail := raw[len(raw)-n:]; utf8.RuneStart(tail[0]) {
			if tail[0] >= utf8.RuneSelf && !utf8.FullRune(tail) {
				return raw[:len(raw)-n]
			}
			break
		}
	}
	return raw
}

// aliases is names of charsets that mail uses and neither WHATWG nor IANA knows.
var aliases = map[string]string{
	"cp932": "shift_jis", "ms932": "shift_jis", "windows-932": "shift_jis", "cp936": "gbk", "ms936": "gbk", "x-gb18030": "gb18030",
	"cp949": "euc-kr", "ms949": "euc-kr", "cp950": "big5", "ms950": "big5", "big-5": "big5", "euckr": "euc-kr", "eucjp": "euc-jp",
	"latin-1": "iso-8859-1", "latin": "iso-8859-1", "ansi": "windows-1252", "8859-1": "iso-8859-1", "8859_1": "iso-8859-1",
	"win-1250": "windows-1250", "win-1251": "windows-1251", "win-1252": "windows-1252", "win1251": "windows-1251",
	"koi8r": "koi8-r", "koi8u": "koi8-u", "utf_8": "utf-8", "utf-8-mac": "utf-8", "utf8mb4": "utf-8",
}

// lookup finds a charset by its name, nil where it is not known. UTF-7 never is.
func lookup(name string) encoding.Encoding {
	if alias, ok := aliases[name]; ok {
		name = alias
	}
	switch name {
	case "utf-16", "utf16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7":
		return nil
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	}
	// WHATWG's replacement stands for charsets that are not safe in a browser, and would make
	// a single U+FFFD of the whole text.
	if enc, err := htmlindex.Get(name); err == nil && enc != encoding.Replacement {
		return enc
	}
	if enc, err := ianaindex.MIME.Encoding(name); err == nil && enc != encoding.Replacement {
		return enc // nil for those that are known and not supported
	}
	return nil
}

// decodeWestern is what octets are taken for that say nothing else.
func decodeWestern(raw []byte) string {
	decoded, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\ufffd")
	}
	return string(decoded)
}

// lines makes LF of every line end.
func lines(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
