package message

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// drawPart draws a part as a client could make it, with whatever in its names.
func drawPart(t *rapid.T, depth int) *OutPart {
	p := &OutPart{
		Name:        rapid.String().Draw(t, "name"),
		Disposition: rapid.SampledFrom([]string{"", "inline", "attachment"}).Draw(t, "disposition"),
		CID:         rapid.SampledFrom([]string{"", "a@b", "x.y-z"}).Draw(t, "cid"),
		Language:    rapid.SampledFrom([][]string{nil, {"de"}, {"de", "en"}}).Draw(t, "language"),
		Location:    rapid.SampledFrom([]string{"", "https://a.example/b?c=d"}).Draw(t, "location"),
	}
	kinds := []string{"text", "octets", "message"}
	if depth < 3 {
		kinds = append(kinds, "parts", "parts")
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "text":
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`(From |\.|=|a {0,3}|é|\n|\r\n|\t){0,80}`)).Draw(t, "text")
		p.Type = rapid.SampledFrom([]string{"text/plain", "text/html", "text/calendar"}).Draw(t, "type")
		p.Text = &text
	case "octets":
		p.Type = rapid.SampledFrom([]string{"application/x-thing", "image/png", "text/csv"}).Draw(t, "type")
		p.Open = octets(rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "octets"))
	case "message":
		p.Type = "message/rfc822"
		body := rapid.StringMatching(`([a-zé ]{0,50}\r\n){0,3}`).Draw(t, "body") + rapid.SampledFrom([]string{"", strings.Repeat("x", 1200), "\x00"}).Draw(t, "end")
		p.Open = octets([]byte("Subject: inner\r\n\r\n" + body))
	case "parts":
		p.Type, p.Name, p.Disposition, p.CID = rapid.SampledFrom([]string{"multipart/mixed", "multipart/related", "multipart/alternative"}).Draw(t, "type"), "", "", ""
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			p.Parts = append(p.Parts, drawPart(t, depth+1))
		}
	}
	return p
}

// TestAnyTreeReadsTheSame: what is written is what is read, and every line of it is one
// for the wire.
func TestAnyTreeReadsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := drawPart(t, 0)
		var raw bytes.Buffer
		if err := Write(&raw, &Composition{Root: root}); err != nil {
			t.Fatal(err)
		}
		checkWire(t, raw.Bytes())
		m := Parse(raw.Bytes())
		compareParts(t, m, root, m.Root)
		if n := len(m.Header.Fields()); n > 8 {
			t.Fatalf("%d header fields in\n%s", n, raw.String())
		}
	})
}

func compareParts(t *rapid.T, m *Message, wrote *OutPart, read *Part) {
	wantName := ""
	if wrote.Name != "" {
		wantName = baseName(clean(strings.TrimPrefix(oneLine(wrote.Name), "\ufeff")))
	}
	if read.Type != wrote.Type || read.Disposition != wrote.Disposition || read.CID != wrote.CID ||
		strings.Join(read.Language, ",") != strings.Join(wrote.Language, ",") || read.Location != wrote.Location {
		t.Fatalf("wrote %+v, read %+v in\n%s", wrote, read, m.raw)
	}
	if strings.TrimSpace(read.Name) != strings.TrimSpace(norm.NFC.String(wantName)) {
		t.Fatalf("name %q of %q in\n%s", read.Name, wrote.Name, m.raw)
	}
	switch {
	case wrote.Parts != nil:
		if len(read.Parts) != len(wrote.Parts) {
			t.Fatalf("%d parts of %d in\n%s", len(read.Parts), len(wrote.Parts), m.raw)
		}
		for i := range wrote.Parts {
			compareParts(t, m, wrote.Parts[i], read.Parts[i])
		}
	case wrote.Text != nil:
		got, problem := DecodeText(read.Params["charset"], m.Octets(read))
		if want := lines(strings.ToValidUTF8(*wrote.Text, "\ufffd")); problem || got != strings.TrimPrefix(want, "\ufeff") {
			t.Fatalf("text %q, want %q in\n%s", got, want, m.raw)
		}
	default:
		r, err := wrote.Open()
		if err != nil {
			t.Fatal(err)
		}
		want := new(bytes.Buffer)
		_, _ = want.ReadFrom(r)
		if got := m.Octets(read); !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("octets %q, want %q in\n%s", got, want, m.raw)
		}
	}
}

// TestAnyAddressesReadTheSame: groups and names of all kinds.
func TestAnyAddressesReadTheSame(t *testing.T) {
	address := rapid.Custom(func(t *rapid.T) jmap.EmailAddress {
		a := jmap.EmailAddress{Email: rapid.SampledFrom([]string{"a@b.example", `"a, b"@c.example`, "x@[IPv6:::1]", "half", "dörte@d.example", ""}).Draw(t, "email")}
		if name := rapid.String().Draw(t, "name"); Text(oneLine(name)) == name && name != "" || a.Email == "" {
			name = "N" + strings.TrimSpace(name)
			a.Name = &name
		}
		return a
	})
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) jmap.EmailAddressGroup {
			name := Text("G" + oneLine(rapid.String().Draw(t, "group")))
			return jmap.EmailAddressGroup{Name: &name, Addresses: rapid.SliceOfN(address, 0, 4).Draw(t, "addresses")}
		}), 1, 3).Draw(t, "groups")
		field, err := GroupsField("To", groups)
		if err != nil {
			t.Fatal(err)
		}
		var raw bytes.Buffer
		text := ""
		if err := Write(&raw, &Composition{Header: []OutField{field}, Root: &OutPart{Type: "text/plain", Text: &text}}); err != nil {
			t.Fatal(err)
		}
		checkWire(t, raw.Bytes())
		value, _ := ParseHeader(raw.Bytes()).Raw("To")
		read := GroupedAddresses(value)
		if len(read) != len(groups) {
			t.Fatalf("%d groups of %d: %s", len(read), len(groups), value)
		}
		for i, g := range groups {
			if !sameName(read[i].Name, g.Name) || len(read[i].Addresses) != len(g.Addresses) {
				t.Fatalf("wrote %+v, read %+v: %s", g, read[i], value)
			}
			for j, a := range g.Addresses {
				if got := read[i].Addresses[j]; got.Email != a.Email || a.Name != nil && Text(*a.Name) != *got.Name {
					t.Fatalf("wrote %q %q, read %+v: %s", a.Email, *a.Name, got, value)
				}
			}
		}
	})
}
