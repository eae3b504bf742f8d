package draft

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// TestResent: the fields go before the message, which stays as it is.
func TestResent(t *testing.T) {
	name := "Grace \"Amazing\" Hopper"
	original := "From: somebody@elsewhere.test\r\nSubject: Hi\r\n\r\nHello\r\n"
	raw := Resent(jmap.Identity{Name: "Áda", Email: "ada@hearth.test"}, []jmap.EmailAddress{{Name: &name, Email: "grace@hearth.test"}, {Email: "a@b.test"}}, "x@hearth.test", noon) + original
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil || !strings.HasSuffix(raw, original) {
		t.Fatal(err, raw)
	}
	to, err := m.Header.AddressList("Resent-To")
	if err != nil || len(to) != 2 || to[0].Name != name || to[0].Address != "grace@hearth.test" {
		t.Errorf("%v %v", to, err)
	}
	from, err := m.Header.AddressList("Resent-From")
	if err != nil || from[0].Name != "Áda" || m.Header.Get("From") != "somebody@elsewhere.test" || m.Header.Get("Resent-Message-Id") != "<x@hearth.test>" {
		t.Errorf("%v %v %v", from, err, m.Header)
	}
}

// TestReceipt: a report that programs read, and words for people.
func TestReceipt(t *testing.T) {
	read := &jmap.Email{MessageId: []string{"q@elsewhere.test"}, ReceiptTo: []jmap.EmailAddress{{Email: "somebody@elsewhere.test"}}}
	words := strings.Repeat("Die Nachricht wurde gelesen – ja. ", 5)
	m, err := mail.ReadMessage(strings.NewReader(Receipt(read, jmap.Identity{Email: "ada@hearth.test"}, "r@hearth.test", "Gelesen: Größe\r\nBcc: evil@x.test", words, noon)))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || params["report-type"] != "disposition-notification" || m.Header.Get("Bcc") != "" {
		t.Fatalf("%s %v %v", kind, params, err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || !strings.HasPrefix(subject, "Gelesen: Größe") {
		t.Errorf("%q %v", subject, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	first, err := parts.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, first))
	if err != nil || strings.TrimSpace(string(text)) != strings.TrimSpace(words) {
		t.Errorf("%q %v", text, err)
	}
	second, err := parts.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	report, err := io.ReadAll(second)
	for _, want := range []string{"Final-Recipient: rfc822;ada@hearth.test\r\n", "Original-Message-ID: <q@elsewhere.test>\r\n", "Disposition: manual-action/MDN-sent-manually; displayed\r\n"} {
		if err != nil || !strings.Contains(string(report), want) {
			t.Errorf("%q is not in %q", want, report)
		}
	}
}

// FuzzRaw: whatever names and subjects hold, nothing gets out of its field.
func FuzzRaw(f *testing.F) {
	f.Add("Grace", "a@b.test", "Hi")
	f.Add("x\r\nBcc: evil@x.test", "a@b.test\r\nX: y", "=?utf-8?q?=0d=0a?=")
	f.Fuzz(func(t *testing.T, name, address, subject string) {
		who := jmap.EmailAddress{Name: &name, Email: address}
		raw := Receipt(&jmap.Email{ReceiptTo: []jmap.EmailAddress{who}, MessageId: []string{subject}}, jmap.Identity{Name: name, Email: "ada@hearth.test"}, "r@hearth.test", subject, subject, noon)
		head, _, _ := strings.Cut(raw, "\r\n\r\n")
		for line := range strings.SplitSeq(head+"\r\n"+Resent(jmap.Identity{Name: name, Email: "ada@hearth.test"}, []jmap.EmailAddress{who}, "x@hearth.test", noon), "\r\n") {
			field, _, ok := strings.Cut(line, ":")
			known := strings.Contains(" From To Subject Date Message-ID In-Reply-To References Auto-Submitted MIME-Version Content-Type Resent-Date Resent-From Resent-To Resent-Message-ID ", " "+field+" ")
			if line != "" && !strings.HasPrefix(line, " ") && (!ok || !known) || strings.ContainsAny(line, "\r\n\x00") {
				t.Errorf("%q in %q", line, raw)
			}
		}
	})
}
