package message

import (
	"bufio"
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// The fuzz targets have two properties each: what is unsafe never survives, and a second
// pass changes nothing.

// checkClean: no controls and no broken characters reach a client in what is read.
func checkClean(t *testing.T, what, s string) {
	t.Helper()
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		t.Fatalf("%s is %q", what, s)
	}
}

func checkAddress(t *testing.T, a jmap.EmailAddress) {
	t.Helper()
	checkClean(t, "an address", a.Email)
	if a.Name != nil {
		checkClean(t, "a name", *a.Name)
	}
}

func checkExtracted(t *testing.T, files []Extracted, limit int) {
	t.Helper()
	size := 0
	for _, f := range files {
		checkClean(t, "a file's name", f.Name)
		checkClean(t, "a content id", f.CID)
		if strings.ContainsAny(f.Name, `/\`) || !isMediaType(f.Type) {
			t.Fatalf("file %q of type %q", f.Name, f.Type)
		}
		size += len(f.Data)
	}
	if len(files) > maxExtracted+2 || size > limit {
		t.Fatalf("%d files of %d octets", len(files), size)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(nested))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=\n\n--\n\n"))
	f.Add([]byte("Content-Type: message/rfc822\n\nContent-Type: multipart/digest; boundary=a\n\n--a\n\nSubject: b\n\nc\n--a--"))
	f.Add([]byte("\n" + uu))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Parse(raw)
		sections := map[string]bool{}
		var walk func(p *Part, depth int)
		walk = func(p *Part, depth int) {
			if p.HeaderOffset < 0 || p.HeaderOffset > p.Offset || p.Size < 0 || p.Offset+p.Size > int64(len(raw)) || depth > maxDepth+1 {
				t.Fatalf("part %q lies outside: %d+%d of %d", p.Section, p.Offset, p.Size, len(raw))
			}
			checkClean(t, "a name", p.Name)
			checkClean(t, "a type", p.Type)
			checkClean(t, "a content id", p.CID)
			if strings.ContainsAny(p.Name, `/\`) {
				t.Fatalf("name %q", p.Name)
			}
			if !strings.HasPrefix(p.Type, "multipart/") {
				if sections[p.Section] || m.Root.Find(p.Section) != p {
					t.Fatalf("two parts %q", p.Section)
				}
				sections[p.Section] = true
				m.Octets(p)
			}
			for _, child := range p.Parts {
				walk(child, depth+1)
			}
		}
		walk(m.Root, 0)
		if n := utf8.RuneCountInString(m.Preview()); n > maxPreview {
			t.Fatalf("preview of %d characters", n)
		}
		checkClean(t, "the preview", m.Preview())
		if again := Parse(raw); !reflect.DeepEqual(m, again) {
			t.Fatal("a second pass is different")
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte("Subject: a\r\n b\r\nTo: c@d\r\n\r\nbody"))
	f.Add([]byte("\xef\xbb\xbfFrom x\nSubject: \xe9\x1b$B\nContent-Type: a/b; charset=iso-2022-jp\n\tfolded\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, body := splitHeader(raw)
		if body < 0 || body > len(raw) {
			t.Fatalf("the body is at %d of %d", body, len(raw))
		}
		e := h.Envelope()
		checkClean(t, "the subject", e.Subject)
		var again strings.Builder
		for _, field := range h.Fields() {
			if !ValidFieldName(field.Name) && len(field.Name) <= 76 || !utf8.ValidString(field.Value) || strings.Contains(field.Value, "\x00") {
				t.Fatalf("field %q: %q", field.Name, field.Value)
			}
			again.WriteString(field.Name + ":" + field.Value + "\r\n")
		}
		if second := ParseHeader([]byte(again.String() + "\r\n")); !reflect.DeepEqual(second.Fields(), h.Fields()) && !strings.Contains(again.String(), "\x1b") {
			t.Fatalf("%q, then %q", h.Fields(), second.Fields())
		}
	})
}

func FuzzAddresses(f *testing.F) {
	f.Add(`"Lovelace, Ada" <ada@example.org>, Friends: a@b, c@d;`)
	f.Add(`<@a,@b:"c\" d"@[IPv6:::1]> (e (f)), =?utf-8?q?=C3=A9?= <g@h>`)
	f.Fuzz(func(t *testing.T, raw string) {
		for _, a := range Addresses(raw) {
			checkAddress(t, a)
			field, err := AddressField("To", []jmap.EmailAddress{a})
			if err != nil {
				if ValidAddress(a.Email) == nil {
					t.Fatalf("%q cannot be written: %v", a.Email, err)
				}
				continue
			}
			checkClean(t, "a field", field.Value)
			again := Addresses(field.Value)
			if a.Email == "" && a.Name == nil {
				continue // nobody: nothing is written
			}
			if len(again) != 1 || again[0].Email != a.Email || ValidAddress(a.Email) == nil && !sameName(again[0].Name, a.Name) {
				t.Fatalf("%q was written as %q and read as %+v", raw, field.Value, again)
			}
		}
	})
}

func sameName(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

func FuzzDate(f *testing.F) {
	f.Add("Mon, 23 Nov 2026 10:00:00 +0100")
	f.Add("Mon Nov 23 10:00:00 EST 2026")
	f.Fuzz(func(t *testing.T, raw string) {
		at, ok := Date(raw)
		if !ok {
			return
		}
		if _, err := at.MarshalJSON(); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		again, ok := Date(DateField("Date", at).Value)
		if at.Year() >= 1000 && (!ok || !again.Equal(at)) {
			t.Fatalf("%q: %v, then %v", raw, at, again)
		}
	})
}

func FuzzWords(f *testing.F) {
	f.Add(" =?utf-8?q?=C3?= =?utf-8?b?qQ==?= plain =?iso-2022-jp?B?GyRCJDMbKEI=?=")
	f.Fuzz(func(t *testing.T, raw string) {
		text := Text(raw)
		checkClean(t, "the text", text)
		field := TextField("Subject", text)
		checkClean(t, "the field", field.Value)
		if again := Text(field.Value); again != text {
			t.Fatalf("%q was written as %q and read as %q", text, field.Value, again)
		}
		var line bytes.Buffer
		w := bufio.NewWriter(&line)
		writeField(w, field.Name, field.Value)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		checkWire(t, line.Bytes())
		if h := ParseHeader(line.Bytes()); len(h.Fields()) != 1 {
			t.Fatalf("%q is %d fields", line.String(), len(h.Fields()))
		}
	})
}

func FuzzParams(f *testing.F) {
	f.Add(`attachment; filename*0*=koi8-r'ru'%F0%D2; filename*1*=%C9%D7; filename*2=".txt"; size=3 (a comment)`)
	f.Fuzz(func(t *testing.T, raw string) {
		_, params := parseParams(raw)
		for name, value := range params {
			if name == "boundary" || !isToken(name) || strings.ContainsAny(name, "*'%") || len(name) > 100 || len(value) > 5000 {
				continue
			}
			checkClean(t, "a parameter", value)
			written := withParams("a/b", []OutField{{name, value}})
			if _, again := parseParams(written); strings.TrimSpace(again[name]) != strings.TrimSpace(value) {
				t.Fatalf("%q was written as %q and read as %q", value, written, again[name])
			}
		}
	})
}

func FuzzTNEF(f *testing.F) {
	f.Add(sample())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !isTNEF(raw) {
			raw = append(newWinmail().Bytes(), raw...)
		}
		files := Extract(raw)
		checkExtracted(t, files, 2*maxRTF+8*len(raw))
		if again := Extract(raw); !reflect.DeepEqual(files, again) {
			t.Fatal("a second pass is different")
		}
	})
}

func FuzzRTF(f *testing.F) {
	f.Add([]byte("LZFu"), uint32(100))
	f.Fuzz(func(t *testing.T, in []byte, size uint32) {
		size %= 1 << 16
		if out := inflateRTF(in, int(size)); len(out) > int(size) {
			t.Fatalf("%d octets instead of %d", len(out), size)
		}
	})
}

func FuzzUU(f *testing.F) {
	f.Add([]byte("before\r\n" + uu + "begin 644 x\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		files, text := extractUU(raw)
		checkExtracted(t, files, 2*len(raw))
		if len(text) > len(raw) || len(files) == 0 && !bytes.Equal(text, raw) {
			t.Fatalf("text is %q of %q", text, raw)
		}
	})
}
