package message

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

// pathological is inputs that made parsers of mail take quadratic time, or worse, each of
// n octets or so.
var pathological = map[string]func(n int) string{
	"folded field":      func(n int) string { return "X: " + strings.Repeat("\n a", n/3) },
	"many fields":       func(n int) string { return strings.Repeat("A: b\n", n/5) },
	"lines, no fields":  func(n int) string { return "A: b\n" + strings.Repeat("x\nB: c\n", n/7) },
	"quotes":            func(n int) string { return "From: " + strings.Repeat(`"`, n) },
	"escaped quotes":    func(n int) string { return "From: " + strings.Repeat(`"\`, n/2) },
	"brackets":          func(n int) string { return "From: " + strings.Repeat("(", n) },
	"brackets, closed":  func(n int) string { return "From: " + strings.Repeat("(", n/2) + strings.Repeat(")", n/2) },
	"angles":            func(n int) string { return "From: " + strings.Repeat("<", n) },
	"angles, quoted":    func(n int) string { return "From: " + strings.Repeat(`<"`, n/2) },
	"commas":            func(n int) string { return "From: " + strings.Repeat(",", n) },
	"groups":            func(n int) string { return "From: " + strings.Repeat("a:", n/2) },
	"literals":          func(n int) string { return "From: " + strings.Repeat("a@[", n/3) },
	"ids":               func(n int) string { return "References: " + strings.Repeat("<", n) },
	"ids, comments":     func(n int) string { return "References: " + strings.Repeat("(<a@b>", n/6) },
	"words":             func(n int) string { return "Subject: " + strings.Repeat("=?utf-8?q?a", n/11) },
	"words, empty":      func(n int) string { return "Subject: " + strings.Repeat("=?", n/2) },
	"words, charsets":   func(n int) string { return "Subject: " + strings.Repeat("=?utf-8?q?a?= =?utf-16?q?b?= ", n/30) },
	"words, padding":    func(n int) string { return "Subject: =?utf-8?b?" + strings.Repeat("=", n) + "?=" },
	"parameters":        func(n int) string { return "Content-Type: a/b" + strings.Repeat("; x*1*=a", n/8) },
	"parameter quotes":  func(n int) string { return "Content-Type: a/b; x=" + strings.Repeat(`";`, n/2) },
	"parameter comment": func(n int) string { return "Content-Type: a/b; x=" + strings.Repeat(`(;`, n/2) },
	"date":              func(n int) string { return "Date: " + strings.Repeat("(", n) },
	"language":          func(n int) string { return "Content-Language: " + strings.Repeat("(,", n/2) },
	"nested multiparts": func(n int) string { return strings.Repeat("Content-Type: multipart/mixed; boundary=b\n\n--b\n", n/48) },
	"nested, own names": func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String()
	},
	"nested messages": func(n int) string { return strings.Repeat("Content-Type: message/rfc822\n\n", n/30) },
	"many parts": func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\n", n/5)
	},
	"almost parts": func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n--b\n" + strings.Repeat("--b--b", n/6)
	},
	"base64": func(n int) string { return "Content-Transfer-Encoding: base64\n\n" + strings.Repeat("=", n) },
	"quoted-printable": func(n int) string {
		return "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("="+strings.Repeat(" ", 75), n/76)
	},
	"uuencode":       func(n int) string { return "\n\n" + strings.Repeat("begin 644 x\n#0V%T\n", n/18) },
	"uuencode, ends": func(n int) string { return "\n\n" + strings.Repeat("begin 644 x\nend\n", n/16) },
	"html":           func(n int) string { return "Content-Type: text/html\n\n" + strings.Repeat("<", n) },
	"quoted text":    func(n int) string { return "\n\n" + strings.Repeat(">:\n", n/3) },
}

// everything does what is ever done with a message.
func everything(raw []byte) {
	m := Parse(raw)
	m.Header.Envelope()
	m.Preview()
	m.Root.HasAttachment()
	_ = SevenBit(io.Discard, bytes.NewReader(raw)) // what it cannot write it refuses
	_ = SevenBit(io.Discard, bytes.NewReader(append([]byte("A: \xff\n"), bytes.ReplaceAll(raw, []byte("a"), []byte("\xfc"))...)))
	for _, f := range m.Header.Fields() {
		Text(f.Value)
		GroupedAddresses(f.Value)
		MessageIDs(f.Value)
		URLs(f.Value)
		Date(f.Value)
	}
	if text := m.Root.FirstText(); text != nil {
		octets := m.Octets(text)
		DecodeText(text.Params["charset"], octets)
		Extract(octets)
	}
}

// TestHostileMessagesTakeNoTime is here to end at all: what is quadratic takes minutes for
// each of these.
func TestHostileMessagesTakeNoTime(t *testing.T) {
	for name, input := range pathological {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everything([]byte(input(1 << 18)))
		})
	}
}

// BenchmarkHostile shows ns/B at one size and at twice that: they should be alike.
func BenchmarkHostile(b *testing.B) {
	for name, input := range pathological {
		for _, n := range []int{1 << 19, 1 << 20} {
			raw := []byte(input(n))
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.SetBytes(int64(len(raw)))
				for b.Loop() {
					everything(raw)
				}
			})
		}
	}
}
