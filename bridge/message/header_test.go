package message

import (
	"strings"
	"testing"
)

func TestHeaderValuesAreExact(t *testing.T) {
	h := ParseHeader([]byte("Subject:  two spaces \r\nX-Folded: one\r\n\ttwo\r\n  three\r\nX-Empty:\r\nx-null: a\x00b\r\n\r\nbody: no\r\n"))
	for name, want := range map[string]string{
		"subject": "  two spaces ", "X-FOLDED": " one\r\n\ttwo\r\n  three", "X-Empty": "", "X-Null": " ab",
	} {
		if got, ok := h.Raw(name); !ok || got != want {
			t.Errorf("%s is %q, %v", name, got, ok)
		}
	}
	if n := len(h.Fields()); n != 4 {
		t.Errorf("%d fields", n)
	}
}

// TestNoMessageIsLost: whatever is wrong with a header, subject and text are found.
func TestNoMessageIsLost(t *testing.T) {
	for name, raw := range map[string]string{
		"byte order mark":           "\xef\xbb\xbfSubject: x\r\n\r\nbody",
		"mbox line":                 "From ada@example.org Mon Nov 23 10:00:00 2026\r\nSubject: x\r\n\r\nbody",
		"quoted mbox line":          ">From ada Mon Nov 23 10:00:00 2026\nSubject: x\n\nbody",
		"one bad line":              "Subject: x\r\nthis is no field\r\nTo: a@b\r\n\r\nbody",
		"bad line that is folded":   "To: a@b\r\nno field\r\n\tand more of it\r\nSubject: x\r\n\r\nbody",
		"begins with white space":   " lost\r\nSubject: x\r\n\r\nbody",
		"space before the colon":    "Subject : x\r\n\r\nbody",
		"blank line forgotten":      "Subject: x\r\nbody, which has\r\ntwo lines",
		"no blank line, one line":   "Subject: x\r\nbody",
		"8-bit name":                "S\xfcbject: y\r\nSubject: x\r\n\r\nbody",
		"lines end with LF":         "Subject: x\n\nbody",
		"transfer encoding unknown": "Subject: x\nContent-Transfer-Encoding: eight-bit\n\nbody",
		"commented encoding":        "Subject: x\nContent-Transfer-Encoding: (not) 8-bit (really)\n\nbody",
		"type is nonsense":          "Subject: x\nContent-Type: text\n\nbody",
		"charset is nonsense":       "Subject: x\nContent-Type: text/plain; charset=\"no such\"\n\nbody",
		"multipart without parts":   "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\nbody",
		"boundary is not closed":    "Subject: x\nContent-Type: multipart/mixed; boundary=\"b\n\nbody",
	} {
		m := Parse([]byte(raw))
		if s := m.Header.Envelope().Subject; s != "x" {
			t.Errorf("%s: the subject is %q", name, s)
		}
		text := m.Root.FirstText()
		if text == nil {
			t.Errorf("%s: there is no text", name)
			continue
		}
		if got, _ := DecodeText(text.Params["charset"], m.Octets(text)); !strings.HasPrefix(got, "body") {
			t.Errorf("%s: the text is %q", name, got)
		}
	}
}

func TestHeadersIn8Bit(t *testing.T) {
	for raw, want := range map[string]string{
		"Subject: caf\xc3\xa9\r\n\r\n": "café",
		"Subject: caf\xe9\r\n\r\n":     "café",
		"Subject: \xf0\xd2\xc9\xd7\xc5\xd4\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n":         "Привет",
		"Content-Type: text/plain; charset=\"EUC-KR\"\r\nSubject: \xbe\xc8\xb3\xe7\r\n\r\n":             "안녕",
		"Subject: \x1b$B$3$s$K$A$O\x1b(B\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n":      "こんにちは",
		"Subject: caf\xe9\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n":                           "café",
		"Subject: \x93caf\xe9\x94 =?utf-8?q?=E2=82=AC?=\r\nContent-Type: text/plain; charset=x\r\n\r\n": "“café” €",
	} {
		if got := ParseHeader([]byte(raw)).Envelope().Subject; got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

// TestTheFirstFieldOfMIMECounts, as it does for mail servers: a scanner and we see the
// same parts.
func TestTheFirstFieldOfMIMECounts(t *testing.T) {
	m := Parse([]byte("Content-Type: text/html\nContent-Type: text/plain\nSubject: first\nSubject: last\n\nx"))
	if m.Root.Type != "text/html" {
		t.Errorf("type %s", m.Root.Type)
	}
	if s := m.Header.Envelope().Subject; s != "last" { // RFC 8621 §4.1.3
		t.Errorf("subject %q", s)
	}
}

func TestMessageIDs(t *testing.T) {
	for raw, want := range map[string]string{
		" <a@b>":                         "a@b",
		" <a@b>\r\n\t<c@d> (e) <f@g>":    "a@b c@d f@g",
		" <a@b><c@d>":                    "a@b c@d",
		" < a@b >":                       "a@b",
		" <long\r\n id@b>":               "longid@b",
		" (<no@comment>) <a@b>":          "a@b",
		" <a(1)@b>":                      "a(1)@b",
		" a@b":                           "a@b",
		" your mail of Monday <a@b>":     "a@b",
		" <broken <a@b>":                 "a@b",
		" <broken":                       "",
		" no id at all":                  "",
		` <"quoted"@b>`:                  `"quoted"@b`,
		" <no.at.sign>":                  "no.at.sign",
		" <>":                            "",
		" ((((":                          "",
		" <a@b\x01>":                     "a@b",
		" ( unclosed comment <a@b> <c@d": "a@b",
	} {
		if got := strings.Join(MessageIDs(raw), " "); got != want {
			t.Errorf("MessageIDs(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestURLs(t *testing.T) {
	for raw, want := range map[string]string{
		" <https://a.example/b>, <mailto:c@d>":     "https://a.example/b mailto:c@d",
		" (use this: <x>) <https://a.example/(b)>": "https://a.example/(b)",
		" <https://a.example/long\r\n /path>":      "https://a.example/long/path",
		" NO (posting not allowed on this list)":   "",
	} {
		if got := strings.Join(URLs(raw), " "); got != want {
			t.Errorf("URLs(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestParams(t *testing.T) {
	for raw, want := range map[string]string{
		`attachment; filename=plain.txt`:                                                  "plain.txt",
		`attachment; filename="with space; and \"quotes\".txt"`:                           `with space; and "quotes".txt`,
		`attachment; filename=report (1).pdf`:                                             "report (1).pdf",
		`attachment; filename*=utf-8'en'Caf%C3%A9.txt`:                                    "Café.txt",
		`attachment; filename*=iso-8859-1''Caf%E9.txt`:                                    "Café.txt",
		`attachment; filename*=''Caf%C3%A9.txt`:                                           "Café.txt",
		`attachment; filename*0*=koi8-r'ru'%F0%D2; filename*1*=%C9%D7; filename*2=".txt"`: "Прив.txt",
		`attachment; filename*1="b.txt"; filename*0="a"`:                                  "ab.txt",
		`attachment; filename*0*=utf-8''a%C3; filename*1*=%A9.txt`:                        "aé.txt",
		`attachment; filename="=?utf-8?B?Q2Fmw6k=?= .txt"`:                                "Café .txt",
		`attachment; filename==?utf-8?Q?a=2Etxt?=`:                                        "a.txt",
		"attachment; filename=\"caf\xe9.txt\"":                                            "café.txt",
		`attachment; filename="fallback.txt"; filename*=utf-8''real.txt`:                  "real.txt",
		`attachment; filename="..\..\evil/../x.txt"`:                                      "x.txt",
		`attachment (comment; filename=no.txt); filename = spaced.txt`:                    "spaced.txt",
		"attachment; filename=\"a\r\n b.txt\"":                                            "a b.txt",
		`attachment; filename="never closed.txt`:                                          "never closed.txt",
		`attachment; FILENAME=Upper.TXT;;`:                                                "Upper.TXT",
	} {
		_, params := parseParams(raw)
		var p Part
		p.SetName(params["filename"])
		if p.Name != want {
			t.Errorf("%s: %q, want %q", raw, p.Name, want)
		}
	}
	if kind, params := parseParams(`Multipart/Mixed (a comment); boundary="=?utf-8?q?b?="; charset=utf-8 (of course)`); kind != "multipart/mixed" ||
		params["boundary"] != "=?utf-8?q?b?=" || params["charset"] != "utf-8" {
		t.Errorf("%q %v", kind, params)
	}
	if _, params := parseParams("a/b" + strings.Repeat("; x*1*=a", 10_000)); len(params["x"]) > maxParams {
		t.Errorf("%d sections", len(params["x"]))
	}
}
