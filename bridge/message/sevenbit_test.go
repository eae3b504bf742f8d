package message

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func sevenBitOf(t *testing.T, raw string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := SevenBit(&out, strings.NewReader(raw))
	return out.String(), err
}

func TestSevenBit(t *testing.T) {
	for _, c := range []struct{ name, from, to string }{
		{
			"text", "Subject: gr\xc3\xbc\xc3\x9fe\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nsch\xc3\xb6n\r\n.\r\n",
			"Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nsch=C3=B6n\r\n=2E\r\n",
		},
		{"no encoding named, bare LF", "Subject: x\n\n\xfc=\n", "Subject: x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=FC=3D\r\n"},
		{"no line end at the end", "A: b\r\n\r\n\xfc", "A: b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=FC"},
		{"no body", "A: \xc3\xbc", "A: =?utf-8?q?=C3=BC?=\r\nContent-Transfer-Encoding: quoted-printable\r\n"},
		{
			"encoded already", "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC\xc3\xbc=\r\n.\r\n",
			"Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC=C3=BC=\r\n.\r\n",
		},
		{
			"addresses and a file's name", "From: J\xc3\xbcrgen <j@example.org>\r\nContent-Type: application/x; name=\"\xc3\xbc.x\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n",
			"From: =?utf-8?b?SsO8cmdlbg==?= <j@example.org>\r\nContent-Type: application/x; name*=utf-8''%C3%BC.x\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n",
		},
		{
			"a domain", "To: J\xc3\xbcrgen <j@b\xc3\xbccher.example>, g@example.org\r\n\r\n", "To: =?utf-8?b?SsO8cmdlbg==?= <j@xn--bcher-kva.example>, g@example.org\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
		},
		{
			"multipart, and a message in it",
			"Content-Type: multipart/mixed; boundary=a\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xfc\r\n--a\r\n\r\n\xfc\r\n--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: \xc3\xbc\r\n\r\n\xc3\xbc\r\n--a--\r\nend\r\n",
			"Content-Type: multipart/mixed; boundary=a\r\nContent-Transfer-Encoding: 7bit\r\n\r\n?\r\n--a\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=FC\r\n--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: =?utf-8?q?=C3=BC?=\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC\r\n--a--\r\nend\r\n",
		},
		{
			"signed, beside what is not",
			"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nplain \r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nxyz\r\n--b--\r\n--a\r\n\r\n\xfc\r\n--a--\r\n",
			"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nplain \r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nxyz\r\n--b--\r\n--a\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=FC\r\n--a--\r\n",
		},
	} {
		got, err := sevenBitOf(t, c.from)
		if err != nil || got != c.to {
			t.Errorf("%s: %v\n%q\nwant\n%q", c.name, err, got, c.to)
		}
	}
	_, err := sevenBitOf(t, "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\xfc\r\n--b--\r\n")
	if !errors.Is(err, ErrSigned) {
		t.Errorf("signed: %v", err)
	}
	if _, err := sevenBitOf(t, "From: gr\xc3\xbc\xc3\x9fe@example.org\r\n\r\n\r\n"); err == nil {
		t.Error("an address of letters that are not plain was written")
	}
	long := strings.Repeat("\xc3\xbc", 100_000)
	got, err := sevenBitOf(t, "A: b\r\n\r\n"+long)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(got, "\r\n\r\n")
	if back, err := io.ReadAll(DecodeTransfer("quoted-printable", strings.NewReader(body))); err != nil || string(back) != long {
		t.Errorf("a long line is %d octets, %v", len(back), err)
	}
}

// FuzzSevenBit: nothing but ASCII is left, and a second pass changes nothing.
func FuzzSevenBit(f *testing.F) {
	f.Add([]byte(nested))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\n\n--a\n\n\xfc\n--a\nContent-Type: message/rfc822\n\nSubject: \xc3\xbc\n\nc\n--a--"))
	f.Add([]byte("Content-Type: multipart/signed; boundary=\"\xfc\"\n\n--\xfc\n\nx"))
	f.Add([]byte("From: \xc3\xbc <\xc3\xbc@a>\n \n:\n\nx"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var once, twice bytes.Buffer
		if SevenBit(&once, bytes.NewReader(raw)) != nil {
			return
		}
		if !isASCII(once.String()) {
			t.Fatalf("%q became %q", raw, once.String())
		}
		if err := SevenBit(&twice, bytes.NewReader(once.Bytes())); err != nil || twice.String() != once.String() {
			t.Fatalf("%v: %q became %q, then %q", err, raw, once.String(), twice.String())
		}
	})
}

func TestASCIIAddress(t *testing.T) {
	for address, want := range map[string]string{
		"ada@bücher.example":     "ada@xn--bcher-kva.example",
		"ada@Bücher.Example":     "ada@xn--bcher-kva.example",
		"ada@example.org":        "ada@example.org",
		"grüße@bücher.example":   "grüße@bücher.example",
		"ada@ü\r\nx":             "ada@ü\r\nx",
		"ada@[IPv6:::1]":         "ada@[IPv6:::1]",
		"bücher.example":         "bücher.example",
		"\"a@ü\"@bücher.example": "\"a@ü\"@bücher.example",
	} {
		if got := ASCIIAddress(address); got != want {
			t.Errorf("%q is %q, want %q", address, got, want)
		}
	}
}
