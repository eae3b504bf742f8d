package e2e_test

import (
	"encoding/base64"
	"fmt"
	"image/color"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// arrived is a message as it lies in a mailbox, taken apart by the standard library.
type arrived struct {
	header mail.Header
	tree   string            // the media types, nested
	parts  map[string]string // the last part of each type
	ids    map[string]string // Content-ID by type
}

func arrival(t *testing.T, p *e2e.Provider, user, mailbox, subject string) *arrived {
	t.Helper()
	var raw string
	until(t, func() bool {
		_, raw, _ = strings.Cut(p.Doveadm(t, "fetch", "-u", user, "text", "mailbox", mailbox, "subject", subject), "text:\n")
		return raw != ""
	})
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	a := &arrived{header: m.Header, parts: map[string]string{}, ids: map[string]string{}}
	a.tree = a.part(t, m.Header, m.Body)
	return a
}

// part takes in a part and names it.
func (a *arrived) part(t *testing.T, header map[string][]string, body io.Reader) string {
	t.Helper()
	h := mail.Header(header)
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatalf("%v: %v", err, header)
	}
	if strings.HasPrefix(kind, "multipart/") {
		var inner []string
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return strings.TrimPrefix(kind, "multipart/") + "(" + strings.Join(inner, " ") + ")"
			}
			if err != nil {
				t.Fatal(err)
			}
			inner = append(inner, a.part(t, p.Header, p))
		}
	}
	switch h.Get("Content-Transfer-Encoding") {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	a.parts[kind], a.ids[kind] = strings.ReplaceAll(string(data), "\r\n", "\n"), strings.Trim(h.Get("Content-Id"), "<>")
	if params["format"] != "" {
		kind += ";" + params["format"]
	}
	return kind
}

// paste pastes into the message body what a clipboard would hold.
func paste(p *e2e.Page, fill string) {
	p.Eval(fmt.Sprintf(`(() => { const data = new DataTransfer(), body = document.querySelector(".composer-html"); %s;
		body.focus(); body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); return "" })()`, fill))
}

// shooter takes pictures to look at where SCREENSHOTS names a folder.
func shooter(p *e2e.Page) func(name string) {
	dir := os.Getenv("SCREENSHOTS")
	return func(name string) {
		if dir != "" {
			time.Sleep(400 * time.Millisecond)
			p.Screenshot(filepath.Join(dir, "compose-"+name+".png"))
		}
	}
}

// TestRichMail: what is written with formats, pictures and pasted things arrives as mail
// that any program shows; nothing that is pasted runs or loads.
func TestRichMail(t *testing.T) {
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the other server was asked for %s", r.URL) }))
	defer evil.Close()
	provider := e2e.StartProvider(t)
	provider.Deliver(t, "ada", "INBOX", []byte(strings.ReplaceAll("From: Grace Hopper <grace@hearth.test>\nTo: ada@hearth.test\nSubject: Shall we bake?\nMessage-ID: <shall@hearth.test>\n"+
		"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<style>.h{display:none}</style><p>Seen by all</p><p class=h>SECRET</p><div style='color:#fff'>SECRET</div>"+
		"<img src='"+evil.URL+"/pixel.gif' width=90 alt=Oven>\n", "\n", "\r\n")))
	p := e2e.StartBrowser(t).Open(t, provider.Bridge(t).URL)
	shot := shooter(p)
	signIn(p, "ada")
	undoFor(p, 0)
	p.Wait("row", "~Shall we bake?")
	p.Press("c")
	p.Fill("combobox", "To", "grace@hearth.test,")
	p.Fill("textbox", "Subject", "Rich mail")
	p.Wait("toolbar", "Formatting")
	p.Fill("textbox", "Message body", "Plain, ")
	p.WaitEval(`!!document.querySelector(".composer-html div")`, "true")
	bar := p.In("toolbar", "Formatting")
	bar.Click("button", "Bold")
	p.WaitEval(`document.querySelector("[data-format=bold]").getAttribute("aria-pressed")`, "true")
	p.Fill("textbox", "Message body", "bold")
	bar.Click("button", "Bold")
	p.Fill("textbox", "Message body", " and so on.")
	p.Press("\r")
	bar.Click("button", "Bulleted list")
	p.Fill("textbox", "Message body", "bread")
	p.Press("\r")
	p.Fill("textbox", "Message body", "butter")
	p.Press("\r")
	p.Press("\r")
	paste(p, fmt.Sprintf(`data.setData("text/html", %q)`, `<p style="color:white;font-family:Comic">Pasted <i>words</i><script>top.pwned=1</script>`+
		`<img src="`+evil.URL+`/pixel.gif" alt="dot" onerror="top.pwned=1"><a href="javascript:top.pwned=1">link</a><svg onload="top.pwned=1"></svg>`+
		`<iframe srcdoc="<script>top.pwned=1</script>"></iframe><div style="position:fixed;inset:0;background:url(`+evil.URL+`/bg)">over</div></p>`))
	p.WaitText("textbox", "Pasted words")
	for i, html := range hostile {
		if i%3 == 0 { // all of them are opened as mails elsewhere
			paste(p, fmt.Sprintf(`data.setData("text/html", %q)`, strings.ReplaceAll(strings.ReplaceAll(html, "EVILHOST", strings.TrimPrefix(evil.URL, "http://")), "EVIL", evil.URL)))
		}
	}
	paste(p, fmt.Sprintf(`data.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], "ember.png", {type: "image/png"}))`,
		base64.StdEncoding.EncodeToString(drawing(color.RGBA{0xc2, 0x41, 0x0c, 0xff}))))
	p.WaitEval(`[...document.querySelectorAll(".composer-html img[data-cid]")].map((i) => i.naturalWidth).join()`, "320")
	if bad := p.Eval(`[...document.querySelectorAll(".composer-html *")].filter((e) => /^(SCRIPT|IFRAME|SVG|STYLE|FORM|INPUT|OBJECT|VIDEO|LINK|META)$/i.test(e.tagName) ||
		[...e.attributes].some((a) => /^on/i.test(a.name) || /javascript:/i.test(a.value)) || ["fixed", "absolute"].includes(getComputedStyle(e).position)).map((e) => e.outerHTML).join()`); bad != "" {
		t.Errorf("in the editor stands %s", bad)
	}
	shot("rich")
	p.WaitText("status", "Saved")
	p.Click("button", "Send")
	p.Wait("status", "Message sent")
	a := arrival(t, provider, "grace", "INBOX", "Rich mail")
	if want := "related(alternative(text/plain;flowed text/html) image/png)"; a.tree != want {
		t.Errorf("the message is %s, not %s", a.tree, want)
	}
	html := a.parts["text/html"]
	for _, want := range []string{"<b>bold</b>", "<ul><li>bread", "Pasted <i>words</i>", `src="cid:` + a.ids["image/png"] + `"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is not in %s", want, html)
		}
	}
	for _, bad := range []string{"class=", "data-", "blob:", "script", "position", evil.URL, "color:white", "Comic", "\u200b"} {
		if strings.Contains(html, bad) {
			t.Errorf("%s is in %s", bad, html)
		}
	}
	if text := a.parts["text/plain"]; !strings.HasPrefix(text, "Plain, bold and so on.\n• bread\n• butter\n") || strings.Contains(text, "<") {
		t.Errorf("the text is %q", text)
	}
	if got := p.Eval("window.pwned"); got != "undefined" {
		t.Error("something ran")
	}

	// Who is known is suggested; what seems to be forgotten is asked about.
	p.Press("c")
	p.Fill("combobox", "To", "hop")
	p.Wait("option", "~grace@hearth.test")
	shot("suggested")
	p.Press("\r")
	p.Wait("button", "Remove Grace Hopper")
	p.Fill("textbox", "Message body", "Kept, attached. ")
	paste(p, fmt.Sprintf(`data.setData("text/plain", %q)`, strings.Repeat("word ", 40)))
	p.WaitEval(`document.querySelector(".composer-html").textContent.includes("word word word")`, "true")
	p.Click("button", "More options")
	p.Click("menuitemcheckbox", "Plain text")
	p.WaitGone("toolbar", "Formatting")
	if got := p.Property("textbox", "Message body", "value"); !strings.HasPrefix(got, "Kept, attached. word word") {
		t.Errorf("as text it is %q", got)
	}
	shot("plain")
	p.Click("button", "Send")
	p.Wait("alertdialog", "Send without a subject?")
	p.Click("button", "Cancel")
	p.Fill("textbox", "Subject", "Only words")
	p.Click("button", "Send")
	p.Wait("alertdialog", "Send without an attachment?")
	shot("asked")
	p.Click("button", "Send anyway")
	p.Wait("status", "Message sent")
	a = arrival(t, provider, "grace", "INBOX", "Only words")
	if a.tree != "text/plain;flowed" || !strings.Contains(a.parts["text/plain"], "word \nword") {
		t.Errorf("%s: %q", a.tree, a.parts["text/plain"])
	}

	// An answer quotes what was to be seen, and loads nothing.
	p.Click("row", "~Shall we")
	p.Wait("article", "Shall we bake?")
	p.Click("button", "Reply")
	p.Wait("button", "Remove Grace Hopper")
	p.WaitText("textbox", "Seen by all")
	p.Fill("textbox", "Message body", "Gladly.")
	shot("reply")
	p.Click("button", "Send")
	p.Wait("status", "Message sent")
	a = arrival(t, provider, "grace", "INBOX", "Re: Shall we bake?")
	if whole := a.parts["text/html"] + a.parts["text/plain"]; strings.Contains(whole, "SECRET") || !strings.Contains(a.parts["text/html"], `<blockquote type="cite">`) ||
		!strings.HasPrefix(a.parts["text/plain"], "Gladly.\n") || !strings.Contains(a.parts["text/plain"], "> Seen by all") {
		t.Errorf("the answer is %s", whole)
	}
	if got := a.header.Get("In-Reply-To"); got != "<shall@hearth.test>" {
		t.Errorf("in reply to %s", got)
	}
	for line := range strings.Lines(p.Thrown()) {
		if !strings.Contains(line, "Executing inline event handler") && !strings.Contains(line, "Setting the document's base URI") && strings.TrimSpace(line) != "" {
			t.Error(line)
		}
	}
}
