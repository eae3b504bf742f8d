package gateway

import (
	"bytes"
	"encoding/json"
	"net/mail"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/bridge/e2e"
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
)

// python reads a message and prints its recipients, its parts and their text.
const python = `
import sys, json, email, email.policy
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
def tree(p):
    return p.get_content_subtype() + "(" + " ".join(map(tree, p.iter_parts())) + ")" if p.is_multipart() else p.get_content_type()
defects = [str(d) for p in m.walk() for d in p.defects]
print(json.dumps({"tree": tree(m), "defects": defects, "subject": m["subject"] or "",
    "rcpt": [a.addr_spec for h in ("to", "cc", "bcc") if m[h] for a in m[h].addresses],
    "text": m.get_body(("plain",)).get_content(), "html": (m.get_body(("html",)) or m.get_body(("plain",))).get_content()}))
`

// TestWhatIsWrittenBecomesOneMessage: whatever is typed, the bridge makes one well-formed
// message of it, to exactly the chosen people; Python's mail library reads the same.
func TestWhatIsWrittenBecomesOneMessage(t *testing.T) {
	provider := e2e.StartProvider(t)
	ada := connect(t, provider.Bridge(t).URL, "ada@"+e2e.Domain, e2e.Password)
	drafts := ""
	for _, m := range list(t, ada.call(t, "Mailbox/get", obj{"ids": nil}), "list") {
		if dig(m, "role") == "drafts" {
			drafts = text(t, m, "id")
		}
	}
	picture := jmap.Id(text(t, ada.upload(t, "image/png", []byte("\x89PNG\r\n")), "blobId"))
	file := jmap.Id(text(t, ada.upload(t, "application/pdf", []byte("%PDF")), "blobId"))
	me := jmap.Identity{Name: "Ada, née \"Byron\"", Email: "ada@" + e2e.Domain}
	// write creates the email and gives the message it became.
	write := func(t *testing.T, e jmap.Email) []byte {
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var o obj
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		set := ada.call(t, "Email/set", obj{"create": obj{"e": o}})
		if dig(set, "created", "e") == nil {
			t.Fatalf("not created: %s\n%s", show(set), raw)
		}
		_, _, data := ada.download(t, text(t, set, "created", "e", "blobId"), "message/rfc822")
		ada.call(t, "Email/set", obj{"destroy": []string{text(t, set, "created", "e", "id")}})
		return data
	}
	_, err := exec.LookPath("python3")
	hasPython := err == nil

	for name, c := range map[string]struct {
		body  draft.Body
		parts []jmap.EmailBodyPart
		tree  string
	}{
		"text": {draft.Plain("Hello\n\nFrom here"), nil, "text/plain"},
		"rich": {draft.Rich(`<div>Hello <b>there</b></div>`), nil, "alternative(text/plain text/html)"},
		"a picture in the text": {
			draft.Rich(`<div>See <img data-cid="p@x" src="blob:1"></div>`),
			[]jmap.EmailBodyPart{{BlobId: picture, Type: "image/png", Name: "Öfen.png", Cid: "p@x"}},
			"related(alternative(text/plain text/html) image/png)",
		},
		"all of it": {
			draft.Rich(`<div>See <img data-cid="p@x" src="blob:1"></div>`),
			[]jmap.EmailBodyPart{{BlobId: picture, Type: "image/png", Name: "p.png", Cid: "p@x"}, {BlobId: file, Type: "application/pdf", Name: "日本語.pdf"}, {BlobId: picture, Type: "image/png", Name: "not shown.png", Cid: "q@x"}},
			"mixed(related(alternative(text/plain text/html) image/png) application/pdf image/png)",
		},
		"text with a file": {draft.Plain("Here"), []jmap.EmailBodyPart{{BlobId: file, Type: "application/pdf", Name: "a.pdf"}}, "mixed(text/plain application/pdf)"},
	} {
		t.Run(name, func(t *testing.T) {
			e := draft.Build(jmap.Email{Subject: "Grüße " + name, To: []jmap.EmailAddress{draft.Address("Grace", "grace@hearth.test")}}, me, c.body, c.parts, jmap.Id(drafts))
			data := write(t, e)
			if !hasPython {
				t.Skip("there is no python3 to read it")
			}
			got := readByPython(t, data)
			if got.Tree != c.tree || len(got.Defects) > 0 || got.Subject != "Grüße "+name || !slices.Equal(got.Rcpt, []string{"grace@hearth.test"}) {
				t.Errorf("%+v, want %s\n%s", got, c.tree, data)
			}
			if want := strings.TrimRight(draft.Flow(c.body.Text), "\n"); strings.TrimRight(got.Text, "\n") != want {
				t.Errorf("text %q, want %q", got.Text, want)
			}
			if c.body.HTML != "" && got.HTML != c.body.HTML {
				t.Errorf("HTML %q, want %q", got.HTML, c.body.HTML)
			}
		})
	}

	addresses := rapid.SliceOfN(rapid.OneOf(
		rapid.SampledFrom([]string{"grace@hearth.test", "Grace@hearth.test", "\"odd one\"@hearth.test", "no address", "a@b\r\nBcc: eve@evil.org", "<x@y.org>", "jürgen@bücher.example", ""}),
		rapid.String(),
	), 0, 4)
	t.Run("anything", rapid.MakeCheck(func(r *rapid.T) {
		pick := func(field string) (out []jmap.EmailAddress) {
			for _, a := range addresses.Draw(r, field) {
				name := rapid.OneOf(rapid.Just("Grace\r\nBcc: eve@evil.org"), rapid.String()).Draw(r, "name")
				out = append(out, jmap.EmailAddress{Name: &name, Email: a})
			}
			return out
		}
		headers := jmap.Email{To: pick("to"), Cc: pick("cc"), Bcc: pick("bcc"), Subject: rapid.String().Draw(r, "subject")}
		body := draft.Plain(rapid.String().Draw(r, "text"))
		if rapid.Bool().Draw(r, "rich") {
			body = draft.Rich("<div>" + rapid.String().Draw(r, "html") + "</div>")
		}
		e := draft.Build(headers, me, body, nil, jmap.Id(drafts))
		data := write(t, e)
		m, err := mail.ReadMessage(bytes.NewReader(data))
		if err != nil {
			r.Fatalf("%v\n%s", err, data)
		}
		for field, want := range map[string][]jmap.EmailAddress{"To": headers.To, "Cc": headers.Cc, "Bcc": headers.Bcc} {
			if n := len(m.Header[field]); n > 1 || n == 0 && slices.ContainsFunc(want, func(a jmap.EmailAddress) bool { return draft.ValidAddress(a.Email) }) {
				r.Fatalf("%d fields %s\n%s", n, field, data)
			}
			chosen := map[string]bool{}
			for _, a := range want {
				if draft.ValidAddress(a.Email) {
					chosen[strings.ToLower(strings.TrimSpace(a.Email))] = true
				}
			}
			got, _ := draft.ParseAddresses(m.Header.Get(field))
			for _, a := range got {
				if !chosen[strings.ToLower(a.Email)] {
					r.Fatalf("%s has %s, which nobody chose\n%s", field, a.Email, data)
				}
			}
		}
		if n := len(m.Header["Subject"]); n > 1 || n == 0 && e.Subject != "" {
			r.Fatalf("%d fields Subject\n%s", n, data)
		}
		for _, one := range []string{"From", "Date", "Message-Id", "Mime-Version", "Content-Type"} {
			if len(m.Header[one]) != 1 {
				r.Fatalf("%d fields %s\n%s", len(m.Header[one]), one, data)
			}
		}
	}))
}

type pythonMail struct {
	Tree, Subject, Text, HTML string
	Defects, Rcpt             []string
}

func readByPython(t *testing.T, data []byte) (m pythonMail) {
	t.Helper()
	cmd := exec.Command("python3", "-c", python)
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python: %v\n%s", err, data)
	}
	if err := json.Unmarshal(out, &m); err != nil {
		t.Fatal(err)
	}
	m.Text, m.HTML = strings.ReplaceAll(m.Text, "\r\n", "\n"), strings.ReplaceAll(m.HTML, "\r\n", "\n")
	return m
}
