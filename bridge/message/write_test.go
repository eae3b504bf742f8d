package message

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

var wireLine = regexp.MustCompile(`^[^\r\n]{0,998}\r\n$`)

func checkWire(t interface{ Fatalf(string, ...any) }, raw []byte) {
	// The line end after the last line is SMTP's to add.
	for line := range bytes.Lines(append(bytes.TrimSuffix(raw, []byte("\r\n")), "\r\n"...)) {
		if !wireLine.Match(line) {
			t.Fatalf("not a line for the wire: %q", line)
		}
	}
}

func octets(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

// TestWhatIsWrittenReadsTheSame is the writer's promise: whatever is put in comes
// out of the parser again.
func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	local := rapid.StringMatching(`[a-z0-9]{1,12}(\.[a-z0-9]{1,8})?`)
	rapid.Check(t, func(t *rapid.T) {
		subject := rapid.String().Draw(t, "subject")
		name := rapid.String().Draw(t, "name")
		address := local.Draw(t, "local") + "@example.org"
		text := rapid.String().Draw(t, "text")
		file := rapid.SliceOf(rapid.Byte()).Draw(t, "file")
		fileName := rapid.String().Draw(t, "file name")
		from, err := AddressField("From", []jmap.EmailAddress{{Name: &name, Email: address}, {Email: "b@example.org"}})
		if err != nil {
			t.Fatal(err)
		}
		c := &Composition{
			Header: []OutField{from, TextField("Subject", subject), IDsField("Message-ID", []string{"x@y"}), DateField("Date", time.Unix(1700000000, 0))},
			Root: Arrange(&OutPart{Type: "text/plain", Text: &text}, nil, nil,
				[]*OutPart{{Type: "application/x-thing", Name: fileName, Disposition: "attachment", Open: octets(file)}}),
		}
		var raw bytes.Buffer
		if err := Write(&raw, c); err != nil {
			t.Fatal(err)
		}
		checkWire(t, raw.Bytes())
		m := Parse(raw.Bytes())
		e := m.Header.Envelope()
		if want := norm.NFC.String(strings.TrimSpace(subjectAsRead(subject))); e.Subject != want {
			t.Fatalf("subject %q, want %q", e.Subject, want)
		}
		if len(e.From) != 2 || e.From[0].Email != address || e.From[1].Email != "b@example.org" {
			t.Fatalf("from %v", e.From)
		}
		texts, _, attachments := m.Root.Bodies()
		if len(texts) == 0 || len(attachments) != 1 {
			t.Fatalf("%d texts, %d attachments in\n%s", len(texts), len(attachments), raw.String())
		}
		got, _ := DecodeText("utf-8", decoded(raw.Bytes(), texts[0]))
		if want := lines(strings.ToValidUTF8(text, "\ufffd")); strings.TrimLeft(got, "\ufeff") != strings.TrimLeft(want, "\ufeff") {
			t.Fatalf("text %q, want %q in\n%s", got, want, raw.String())
		}
		if data := decoded(raw.Bytes(), attachments[0]); !bytes.Equal(data, file) {
			t.Fatalf("file %x, want %x", data, file)
		}
	})
}

// subjectAsRead is a subject with what no header can carry taken out.
func subjectAsRead(s string) string { return oneLine(strings.TrimLeft(oneLine(s), "\ufeff")) }

func decoded(raw []byte, p *Part) []byte {
	body := raw[p.Offset : p.Offset+p.Size]
	out, err := io.ReadAll(DecodeTransfer(p.Encoding, bytes.NewReader(body)))
	if err != nil {
		panic(err)
	}
	return out
}

func TestNothingIsInjected(t *testing.T) {
	evil := "Hi\r\nBcc: victim@example.org\r\n\r\nbody"
	if _, err := AddressField("To", []jmap.EmailAddress{{Email: "a@b.example>\r\nBcc: <x@y.example"}}); err == nil {
		t.Error("an address with a line end was taken")
	}
	to, err := AddressField("To", []jmap.EmailAddress{{Name: &evil, Email: "a@b.example"}})
	if err != nil {
		t.Fatal(err)
	}
	text := "hello"
	var raw bytes.Buffer
	err = Write(&raw, &Composition{
		Header: []OutField{to, TextField("Subject", evil), IDsField("In-Reply-To", []string{"a@b>\r\nBcc: x"})},
		Root:   &OutPart{Type: "text/plain\r\nBcc: x", Name: evil, CID: evil, Text: &text},
	})
	if err != nil {
		t.Fatal(err)
	}
	checkWire(t, raw.Bytes())
	if h := ParseHeader(raw.Bytes()); len(h.All("Bcc")) > 0 {
		t.Errorf("injected:\n%s", raw.String())
	}
}

func TestStripBcc(t *testing.T) {
	in := "To: a@b\nBCC : x@y,\n\tz@y\r\nSubject: s\rResent-Bcc: q@q\n\nBcc: stays\nend"
	var out bytes.Buffer
	if err := StripBcc(&out, strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	if want := "To: a@b\r\nSubject: s\r\n\r\nBcc: stays\r\nend"; out.String() != want {
		t.Errorf("got %q\nwant %q", out.String(), want)
	}
}

func FuzzStripBcc(f *testing.F) {
	f.Add("Bcc: a@b\r\n c\r\nTo: x\r\n\r\nbody")
	f.Fuzz(func(t *testing.T, in string) {
		var once, twice bytes.Buffer
		if err := StripBcc(&once, strings.NewReader(in)); err != nil {
			t.Fatal(err)
		}
		header, _, _ := bytes.Cut(once.Bytes(), []byte("\r\n\r\n"))
		if h := ParseHeader(header); len(h.All("Bcc")) > 0 {
			t.Fatalf("Bcc left in %q", header)
		}
		if err := StripBcc(&twice, bytes.NewReader(once.Bytes())); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Fatalf("a second pass changed %q to %q", once.Bytes(), twice.Bytes())
		}
	})
}
