package message

import (
	"strings"
	"testing"
	"time"
)

func TestText(t *testing.T) {
	for raw, want := range map[string]string{
		" plain":                                      "plain",
		" =?utf-8?q?Caf=C3=A9?=":                      "Café",
		" =?UTF-8?B?8J+Yig==?= smile":                 "😊 smile",
		" =?utf-8?b?ww==?= =?utf-8?b?pA==?=":          "ä",
		" a =?utf-8?q?b?= =?utf-8?q?c?= d":            "a bc d",
		" =?iso-8859-1*de?q?Gr=FC=DFe?=":              "Grüße",
		" =?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=": "こんにちは",
		" =?koi8-r?B?8NLJ18XU?=":                      "Привет",
		" folded\r\n text":                            "folded text",
		" =?broken?":                                  "=?broken?",
		" raw \xe4 octets":                            "raw ä octets",
		" =?utf-8?q?line=0D=0ABcc:_x?=":               "lineBcc: x",
		" =?x-unknown?q?abc?=":                        "abc",
		" =?utf-8?Q?=E2=80=8F?= x":                    "\u200f x",
		" =?utf-8?q?spaces in it?=":                   "spaces in it",
		" =?utf-8?q?why?_not?=":                       "why? not",
		" =?utf-8?q??=x":                              "x",
		" =?utf-8?b?Q2Fmw6k?=":                        "Café",
		" =?utf-8?b?Q2Fmw6k?==?utf-8?b?IQ=?=":         "Café!",
		" =?utf-8?b?YQ==Yg==?=":                       "ab",
		" =?utf-8?q?=C3?= =?utf-8?b?qQ==?=":           "é",
		" =?utf-8*fr?q?=C3=A9?=":                      "é",
		" \"=?utf-8?q?=C3=A9?=\"":                     "\"é\"",
		" a=?utf-8?q?=C3=A9?=b":                       "aéb",
		" =?utf-8?x?abc?=":                            "=?utf-8?x?abc?=",
		" =?utf-8?q?=?=utf-8?q?a?=":                   "=utf-8?q?a?=",
		" =?gb2312?B?xOO6ww==?=":                      "你好",
		" =?ks_c_5601-1987?B?vsiz5w==?=":              "안녕",
		" =?cp932?B?g26DjYFb?=":                       "ハロー",
		" =?utf-7?q?+ADw-?=":                          "+ADw-",
		" =?utf-8?q?a=00b=1B[31m?=":                   "ab[31m",
	} {
		if got := Text(raw); got != want {
			t.Errorf("Text(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for raw, want := range map[string]string{
		"ada@example.org": "|ada@example.org",
		"Ada Lovelace <ada@example.org>, b@c.example":        "Ada Lovelace|ada@example.org;|b@c.example",
		`"Lovelace, Ada" <ada@example.org>`:                  "Lovelace, Ada|ada@example.org",
		`=?utf-8?q?M=C3=BCller=2C_A?= <m@example.org>`:       "Müller, A|m@example.org",
		`"=?utf-8?q?M=C3=BC?=" <m@example.org>`:              "Mü|m@example.org",
		`ada@example.org (Ada (really) Lovelace)`:            "Ada (really) Lovelace|ada@example.org",
		`"quoted local"@example.org`:                         `|"quoted local"@example.org`,
		`<@relay.example:ada@example.org>`:                   "|ada@example.org",
		`Friends: ada@a.example, "B" <b@b.example>;, c@c.cx`: "|ada@a.example;B|b@b.example;|c@c.cx",
		`undisclosed-recipients:;`:                           "",
		`just a name`:                                        "|just a name",
		`Name ada@example.org`:                               "Name|ada@example.org",
		`Broken <ada@example.org`:                            "Broken|ada@example.org",
		``:                                                   "",
		`<@a.example,@b.example:ada@c.example>, d@e.example`: "|ada@c.example;|d@e.example",
		`"a, b"@c.example, "d@e"@f.example`:                  `|"a, b"@c.example;|"d@e"@f.example`,
		`"Lovelace" ada@example.org`:                         "Lovelace|ada@example.org",
		`<ada@example.org> (Ada)`:                            "Ada|ada@example.org",
		`Ada (a (nested (deep)) comment) <ada@example.org>`:  "Ada|ada@example.org",
		`Ada \(x\) <ada@example.org>`:                        "Ada (x)|ada@example.org",
		`"Ada <x@y>" <ada@example.org>`:                      "Ada <x@y>|ada@example.org",
		`a@b.example; c@d.example`:                           "|a@b.example;|c@d.example",
		`ada@[IPv6:2001:db8::1], b@c.example`:                "|ada@[IPv6:2001:db8::1];|b@c.example",
		`"never closed <a@b.example>, c@d.example`:           "never closed|a@b.example;|c@d.example",
		`(never closed <a@b.example>, c@d.example`:           "(never closed|a@b.example;|c@d.example",
		`Broken <a@b.example, c@d.example`:                   "Broken|a@b.example;|c@d.example",
		`A: b@c.example; D: e@f.example;, g@h.example`:       "|b@c.example;|e@f.example;|g@h.example",
		`A: b@c.example, d@e.example`:                        "|b@c.example;|d@e.example",
		`,, a@b.example ,,`:                                  "|a@b.example",
		`<>`:                                                 "|",
		`Ada <>`:                                             "Ada|",
		` ada @ example . org `:                              "|ada@example.org",
		`=?utf-8?q?ada=40example=2Eorg?=`:                    "|ada@example.org",
		`=?utf-8?q?real=40bank=2Eexample=3E?=@evil.example`:  "|=?utf-8?q?real=40bank=2Eexample=3E?=@evil.example",
		`=?utf-8?q?=22quoted=22_name?= <a@b.example>`:        `"quoted" name|a@b.example`,
		`=?utf-8?q?A=2C_B?= <a@b.example>, c@d.example`:      "A, B|a@b.example;|c@d.example",
		`dörte@sörensen.example`:                             "|dörte@sörensen.example",
		`a@b@c.example`:                                      "|a@b@c.example",
	} {
		var got []string
		for _, a := range Addresses(raw) {
			name := ""
			if a.Name != nil {
				name = *a.Name
			}
			got = append(got, name+"|"+a.Email)
		}
		if s := strings.Join(got, ";"); s != want {
			t.Errorf("Addresses(%q) = %q, want %q", raw, s, want)
		}
	}
}

func TestGroupedAddresses(t *testing.T) {
	groups := GroupedAddresses(`x@y.example, Team: a@b.example, c@d.example;, z@y.example`)
	if len(groups) != 3 || groups[0].Name != nil || *groups[1].Name != "Team" || len(groups[1].Addresses) != 2 || groups[2].Name != nil {
		t.Errorf("got %+v", groups)
	}
}

func TestValidAddress(t *testing.T) {
	for _, good := range []string{"a@b", "ada.l+tag@example.org", `"a b"@example.org`, "dörte@sörensen.example", "a@[127.0.0.1]", "o'neil@x.example"} {
		if err := ValidAddress(good); err != nil {
			t.Errorf("%q was refused", good)
		}
	}
	for _, bad := range []string{"", "a", "@b", "a@", "a b@c", "a@b c", "a@b\r\nRCPT TO:<x@y>", "a@b>", "<a@b>", "a..b@c", ".a@b", `"a@b`, "\"a\x00\"@b", "a@-b", "a@b..c", "a@b SIZE=1", strings.Repeat("a", 65) + "@b"} {
		if ValidAddress(bad) == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestDate(t *testing.T) {
	for raw, want := range map[string]string{
		"Mon, 23 Nov 2026 10:00:00 +0100":       "2026-11-23T09:00:00Z",
		"23 Nov 2026 10:00 EST":                 "2026-11-23T15:00:00Z",
		"Mon, 23 Nov 26 10:00:00 PDT":           "2026-11-23T17:00:00Z",
		"Mon,23 November 2026 10:00:00 -0000":   "2026-11-23T10:00:00Z",
		"Mon, 23 Nov 2026 10:00:00 +0100 (CET)": "2026-11-23T09:00:00Z",
		"Fri, 1 Jan 99 00:00:60 GMT":            "1999-01-01T00:00:59Z",
		"Mon, 23 Nov\r\n 2026 10:00:00 Z":       "2026-11-23T10:00:00Z",
		"Mon, 23 Nov 2026 10:00:00 EDT":         "2026-11-23T14:00:00Z",
		"Mon, 23 Nov 2026 10:00:00 CST":         "2026-11-23T16:00:00Z",
		"Mon, 23 Nov 2026 10:00:00 PST":         "2026-11-23T18:00:00Z",
		"Mon, 23 Nov 2026 10:00:00 A":           "2026-11-23T10:00:00Z",
		"Mon, 23 Nov 2026 10:00:00 XYZ":         "2026-11-23T10:00:00Z",
		"Mon, 23 Nov 2026 10:00:00 GMT+0200":    "2026-11-23T08:00:00Z",
		"Mon, 23 Nov 2026 10:00:00 -03:30":      "2026-11-23T13:30:00Z",
		"Mon, 23 Nov 2026 10:00:00 +9999":       "2026-11-23T10:00:00Z",
		"Monday, 23 Nov 126 10:00:00 +0000":     "2026-11-23T10:00:00Z",
		"Tue, 23 Nov 2026 10:00:00 +0000":       "2026-11-23T10:00:00Z", // it was a Monday
		"(a comment) 23 (b) Nov 2026 10:00":     "2026-11-23T10:00:00Z",
		"Mon Nov 23 10:00:00 2026":              "2026-11-23T10:00:00Z",
		"Mon Nov 23 10:00:00 EST 2026":          "2026-11-23T15:00:00Z",
		"23-Nov-2026 10:00:00 +0100":            "2026-11-23T09:00:00Z",
		"2026-11-23T10:00:00+01:00":             "2026-11-23T09:00:00Z",
		"Mon, 23 Nov 2026 10:00:00 PM +0000":    "2026-11-23T22:00:00Z",
		"29 Feb 2024 00:00:00 +0000":            "2024-02-29T00:00:00Z",
	} {
		got, ok := Date(raw)
		if !ok || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("Date(%q) = %v, %v, want %s", raw, got, ok, want)
		}
	}
	for _, raw := range []string{"", "yesterday", "31 Feb 2026 10:00:00 +0000", "1 Jan 2026 25:00:00 +0000", "Mon, 23", "29 Feb 2026 00:00 Z", "23-Nov-", "1 Jan -5 0:00", "1 Ja 2026 0:00"} {
		if got, ok := Date(raw); ok {
			t.Errorf("Date(%q) = %v", raw, got)
		}
	}
}

const nested = "From: a@b\r\nContent-Type: multipart/mixed; boundary=\"outer b\"\r\n\r\npreamble\r\n" +
	"--outer b\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n" +
	"--in\r\n\r\nplain\r\n--in\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<b>Gr=FC=DFe</b>\r\n--in--\r\n" +
	"--outer b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: multipart/mixed; boundary=deep\r\n\r\n--deep\r\n\r\none\r\n--deep\r\n\r\ntwo\r\n--deep--\r\n" +
	"--outer b\r\nContent-Type: application/pdf; name*=utf-8''M%C3%BCll.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVs\r\nbG8=\r\n--outer b--\r\nepilogue"

func TestParseNumbersPartsAsIMAPDoes(t *testing.T) {
	m := Parse([]byte(nested))
	for section, want := range map[string]string{"1.1": "plain", "1.2": "<b>Gr\xfc\xdfe</b>", "2.1": "one", "2.2": "two", "3": "Hello"} {
		p := m.Root.Find(section)
		if p == nil {
			t.Errorf("no part %s", section)
			continue
		}
		if got := string(decoded([]byte(nested), p)); got != want {
			t.Errorf("part %s is %q, want %q", section, got, want)
		}
	}
	if p := m.Root.Find("3"); p.Name != "Müll.pdf" {
		t.Errorf("name %q", p.Name)
	}
	text, html, attachments := m.Root.Bodies()
	if len(text) != 1 || text[0].Section != "1.1" || len(html) != 1 || html[0].Section != "1.2" || len(attachments) != 2 {
		t.Errorf("bodies: %v %v %v", text, html, attachments)
	}
	if !m.Root.HasAttachment() {
		t.Error("no attachment")
	}
}

// TestBodies sorts the example of RFC 8621 §4.1.4, and what is seen besides.
func TestBodies(t *testing.T) {
	part := func(kind, disposition, name string, parts ...*Part) *Part {
		return &Part{Type: kind, Disposition: disposition, CID: name, Parts: parts}
	}
	names := func(parts []*Part) string {
		var out strings.Builder
		for _, p := range parts {
			out.WriteString(p.CID)
		}
		return out.String()
	}
	named := part("text/plain", "", "N")
	named.Name = "notes.txt"
	for _, tc := range []struct {
		name             string
		root             *Part
		text, html, rest string
	}{
		{"the example", part("multipart/mixed", "", "",
			part("text/plain", "inline", "A"),
			part("multipart/mixed", "", "",
				part("multipart/alternative", "", "",
					part("multipart/mixed", "", "", part("text/plain", "inline", "B"), part("image/jpeg", "inline", "C"), part("text/plain", "inline", "D")),
					part("multipart/related", "", "", part("text/html", "", "E"), part("image/jpeg", "", "F"))),
				part("image/jpeg", "attachment", "G"), part("application/x-excel", "", "H"), part("message/rfc822", "", "J")),
			part("text/plain", "inline", "K")), "ABCDK", "AEK", "CFGHJ"},
		{"one text", part("text/plain", "", "A"), "A", "A", ""},
		{"one picture", part("image/png", "", "A"), "A", "A", ""},
		{"one file", part("application/pdf", "", "A"), "", "", "A"},
		{"one attached text", part("text/plain", "attachment", "A"), "", "", "A"},
		{"html in an alternative", part("multipart/alternative", "", "", part("text/html", "", "A")), "A", "A", ""},
		{"text in an alternative", part("multipart/alternative", "", "", part("text/plain", "", "A")), "A", "A", ""},
		{"a calendar beside", part("multipart/alternative", "", "", part("text/plain", "", "A"), part("text/html", "", "B"), part("text/calendar", "", "C")), "A", "B", "C"},
		{"a named text after", part("multipart/mixed", "", "", part("text/plain", "", "A"), named), "A", "A", "N"},
		{"a named text first", part("multipart/mixed", "", "", named, part("text/plain", "", "A")), "NA", "NA", ""},
		{"related, a picture first", part("multipart/related", "", "", part("image/png", "", "A"), part("text/html", "", "B")), "A", "A", "B"},
	} {
		text, html, attachments := tc.root.Bodies()
		if names(text) != tc.text || names(html) != tc.html || names(attachments) != tc.rest {
			t.Errorf("%s: text %s, html %s, attachments %s", tc.name, names(text), names(html), names(attachments))
		}
	}
}

func TestParseBrokenMessages(t *testing.T) {
	for name, raw := range map[string]string{
		"empty":            "",
		"no header":        "\r\nbody",
		"no body":          "Subject: x",
		"mbox line":        "From ada Mon Nov 23\nSubject: x\n\nbody",
		"bad line":         "Subject: x\nthis is no field\nTo: a@b\n\nbody",
		"no end boundary":  "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nbody",
		"no boundary":      "Content-Type: multipart/mixed\n\nbody",
		"boundary nowhere": "Content-Type: multipart/mixed; boundary=b\n\nbody",
		"unknown encoding": "Content-Transfer-Encoding: (what) x-thing\n\nbody",
		"byte order mark":  "\xef\xbb\xbfSubject: x\n\nbody",
	} {
		m := Parse([]byte(raw))
		text, _, _ := m.Root.Bodies()
		if strings.Contains(raw, "body") && (len(text) != 1 || strings.TrimSpace(string(decoded([]byte(raw), text[0]))) != "body") {
			t.Errorf("%s: the text is lost", name)
		}
		if strings.Contains(raw, "Subject: x") && m.Header.Envelope().Subject != "x" {
			t.Errorf("%s: the subject is lost", name)
		}
	}
}

func TestParseIsBounded(t *testing.T) {
	deep := strings.Repeat("Content-Type: multipart/mixed; boundary=b\n\n--b\n", 3000)
	wide := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 12_000)
	for name, raw := range map[string]string{"deep": deep, "wide": wide} {
		depth, parts := measure(Parse([]byte(raw)).Root)
		if depth > maxDepth+1 || parts > maxParts+1 {
			t.Errorf("%s: depth %d, %d parts", name, depth, parts)
		}
	}
}

func measure(p *Part) (depth, parts int) {
	for _, child := range p.Parts {
		d, n := measure(child)
		depth, parts = max(depth, d), parts+n
	}
	return depth + 1, parts + 1
}

func TestDecodeTextCharsets(t *testing.T) {
	for _, tc := range []struct{ charset, raw, want string }{
		{"", "caf\xc3\xa9", "café"},
		{"", "caf\xe9", "café"},
		{"us-ascii", "\x93hi\x94", "“hi”"},
		{"windows-1252", "\x80", "€"},
		{"Shift_JIS", "\x83n\x83\x8d\x81[", "ハロー"},
		{"gb18030", "\xc4\xe3\xba\xc3", "你好"},
		{"utf-16", "\xff\xfeh\x00i\x00", "hi"},
		{"utf-8", "\xef\xbb\xbfa\r\nb\rc", "a\nb\nc"},
		{"utf-7", "+ADw-script+AD4-", "+ADw-script+AD4-"},
		{"iso-2022-kr", "plain", "plain"},
		{"hz-gb-2312", "~{VPND~}", "中文"},
		{"latin-1", "caf\xe9", "café"},
		{"'windows-1251'", "\xcf\xf0", "Пр"},
		{"big5", "\xa4\xa4\xa4\xe5", "中文"},
		{"no such charset", "caf\xe9", "café"},
	} {
		if got, _ := DecodeText(tc.charset, []byte(tc.raw)); got != tc.want {
			t.Errorf("DecodeText(%q, %q) = %q, want %q", tc.charset, tc.raw, got, tc.want)
		}
	}
	if _, problem := DecodeText("utf-8", []byte("\xff")); !problem {
		t.Error("broken UTF-8 is no problem")
	}
}

func TestPreview(t *testing.T) {
	for _, tc := range []struct{ mediaType, text, want string }{
		{"text/plain", "Hello\n\nAda wrote:\n> old\n> older\nYes!\n-- \nme", "Hello Yes!"},
		{"text/plain", "See the cat.\n\n" + uu, "See the cat."},
		{"text/html", "<html><head><title>t</title><style>p{}</style></head><p>One &amp; <b>two</b></p><script>x()</script>", "One & two"},
		{"text/plain", strings.Repeat("ä", 300), strings.Repeat("ä", 256)},
	} {
		if got := Preview(tc.mediaType, tc.text); got != tc.want {
			t.Errorf("Preview(%q) = %q, want %q", tc.text, got, tc.want)
		}
	}
}

// TestPreviewOfABeginning: the octets a list has of a message end anywhere.
func TestPreviewOfABeginning(t *testing.T) {
	for _, header := range []string{"", "Content-Type: text/plain; charset=us-ascii\n", "Content-Type: text/html; charset=utf-8\n", "Content-Transfer-Encoding: quoted-printable\n"} {
		body := "Grüße 😊"
		if strings.HasPrefix(header, "Content-Transfer") {
			body = "Gr=C3=BC=C3=9Fe =F0=9F=98=8A"
		}
		for n := range len(body) {
			got := Parse([]byte(header + "\n" + body[:n])).Preview()
			if got = strings.TrimRight(got, "=0123456789ABCDEF "); !strings.HasPrefix("Grüße", got) {
				t.Errorf("%q %q: %q", header, body[:n], got)
			}
		}
	}
}

func TestTruncate(t *testing.T) {
	if got, cut := Truncate("aä", 2, false); got != "a" || !cut {
		t.Errorf("got %q, %v", got, cut)
	}
	if got, _ := Truncate("ab<img src=x>", 7, true); got != "ab" {
		t.Errorf("got %q", got)
	}
}

func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(nested)))
	for b.Loop() {
		Parse([]byte(nested))
	}
}
