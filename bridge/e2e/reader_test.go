package e2e_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// elsewhere is a web server of a sender of mail: it has pictures, and a mailing list to
// leave. It remembers what it was asked for.
type elsewhere struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // guarded by mu
}

func startElsewhere(t *testing.T, mail *e2e.Provider) *elsewhere {
	e := &elsewhere{}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 120, 40))); err != nil {
		t.Fatal(err)
	}
	e.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		e.mu.Lock()
		e.asked = append(e.asked, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+string(body)))
		e.mu.Unlock()
		if r.Header.Get("Cookie")+r.Header.Get("Referer") != "" {
			t.Errorf("%s told who reads: %v", r.URL.Path, r.Header)
		}
		if r.Method == http.MethodGet {
			_, _ = w.Write(picture.Bytes())
		}
	}))
	e.TLS = mail.Authority.Config(t, "127.0.0.1")
	e.StartTLS()
	t.Cleanup(e.Close)
	return e
}

// requests is what was asked since the last call.
func (e *elsewhere) requests() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := strings.Join(e.asked, ", ")
	e.asked = nil
	return all
}

// newsletter is a message in HTML with more header fields.
func newsletter(from, subject, fields, html string) []byte {
	raw := letter(from, "Ada <ada@hearth.test>", subject, html)
	return bytes.Replace(raw, []byte("Content-Type: text/plain"), []byte(strings.ReplaceAll(fields, "\n", "\r\n")+"Content-Type: text/html"), 1)
}

// loadedImages counts the remote pictures that are shown.
const loadedImages = `[...document.querySelector("iframe.mail-frame").contentDocument.images].filter((i) => i.src.startsWith("blob:") && i.naturalWidth === 120).length`

// askedBridge counts the pictures that the page asked the bridge for.
const askedBridge = `performance.getEntriesByType("resource").filter((e) => e.name.includes("/pictures")).length`

// TestAboveTheMessage: remote pictures come when they are wanted and not before, through the
// bridge; a list is left in one click; what is doubtful about sender and links is said.
func TestAboveTheMessage(t *testing.T) { aboveTheMessage(t, e2e.StartBrowser(t)) }

func aboveTheMessage(t *testing.T, browser *e2e.Browser) {
	mail := e2e.StartProvider(t)
	web := startElsewhere(t, mail)
	html := strings.ReplaceAll(`<p>Hello</p><img src="WEB/a.png" width="120" height="40"><img src="WEB/a.png"><img src="WEB/b.png">
<img src="WEB/pixel.gif" width="1" height="1"><img src="WEB/hidden.gif" style="display:none">
<p><a href="https://evil.test/login">https://bank.test/</a> <a href="mailto:club@hearth.test?subject=Hi">write</a></p>`, "WEB", web.URL)
	list := fmt.Sprintf("List-Id: Club <club.hearth.test>\nList-Unsubscribe: <%s/leave>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n", web.URL)
	mail.Deliver(t, "ada", "INBOX", newsletter("Club <club@news.test>", "Club one", "Authentication-Results: mx.hearth.test; dmarc=pass; dkim=pass header.d=news.test\n"+list, html))
	mail.Deliver(t, "ada", "INBOX", newsletter("Club <club@news.test>", "Club two", "", html))
	mail.Deliver(t, "ada", "INBOX", newsletter("\"ada@hearth.test\" <x@evil.test>", "Club three",
		"Authentication-Results: hearth.test; dmarc=fail header.from=evil.test\nAuthentication-Results: hearth.test; dmarc=pass\nReply-To: y@other.test\n", html))
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Plainly", "Write to club@hearth.test."))
	p := browser.Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	open := func(subject string) {
		p.Click("row", "~"+subject)
		p.Wait("article", subject)
		p.WaitEval(`!!document.querySelector("iframe.mail-frame:not([aria-busy])")`, "true")
	}

	open("Club one")
	p.Wait("button", "Load images")
	shot(t, p, "blocked")
	if got := web.requests(); got != "" || p.Eval(askedBridge) != "0" {
		t.Errorf("before anybody wanted it: %s, %s of the bridge", got, p.Eval(askedBridge))
	}
	p.Click("button", "Show details")
	p.WaitText("article", "Signed by")
	p.WaitText("article", "news.test")
	if text := p.Text("article", "Club one"); strings.Contains(text, "shown as you") {
		t.Errorf("nothing is doubtful: %s", text)
	}
	p.Click("button", "Always load from club@news.test")
	p.WaitEval(loadedImages, "3")
	p.WaitGone("button", "Load images")
	shot(t, p, "loaded")
	got := web.requests()
	if strings.Count(got, "GET /a.png") != 1 || strings.Count(got, "GET /b.png") != 1 || strings.Contains(got, "gif") {
		t.Errorf("asked for %s", got)
	}

	p.Click("button", "Unsubscribe")
	p.Wait("alertdialog", "Unsubscribe from this mailing list?")
	shot(t, p, "unsubscribe")
	p.In("alertdialog", "Unsubscribe from this mailing list?").Click("button", "Unsubscribe")
	p.WaitText("status", "Unsubscribed")
	p.WaitText("article", "You unsubscribed")
	if got := web.requests(); got != "POST /leave List-Unsubscribe=One-Click" {
		t.Errorf("unsubscribed by %s", got)
	}

	link := func(event, selector string) {
		p.Eval(fmt.Sprintf(`(() => { const link = document.querySelector("iframe.mail-frame").contentDocument.querySelector(%q);
			link.dispatchEvent(new MouseEvent(%q, { bubbles: true, cancelable: true })); return ""; })()`, selector, event))
	}
	link("mouseover", "a[href^=https]")
	p.WaitEval(`document.getElementById("link-status").textContent`, "https://evil.test/login")
	link("click", "a[href^=https]")
	p.Wait("alertdialog", "This link is not what it seems")
	shot(t, p, "link")
	p.Click("button", "Cancel")
	link("click", "a[href^=mailto]")
	p.Wait("button", "Remove club@hearth.test")
	p.Click("button", "Discard draft")
	p.WaitGone("dialog", "New message")

	p.Click("row", "~Plainly")
	p.Click("link", "club@hearth.test")
	p.Wait("button", "Remove club@hearth.test")
	p.Click("button", "Discard draft")
	p.WaitGone("dialog", "New message")

	// The consent is remembered, for that sender; and is not given to whoever claims a name.
	open("Club two")
	p.WaitEval(loadedImages, "3")
	open("Club three")
	p.Wait("button", "Load images")
	p.WaitText("article", "may be forged")
	p.WaitText("article", "not come from your address")
	p.WaitText("article", "Answers go to another domain")
	shot(t, p, "forged")
	if p.Count("button", "~Always load") != 0 {
		t.Error("a forged sender may be trusted for always")
	}
	p.Reload()
	p.Wait("grid", "Messages")
	open("Club two")
	p.WaitEval(loadedImages, "3")
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}

// shot makes a picture to look at, where SCREENSHOTS names a folder, on a large screen and
// a small one, light and dark.
func shot(t *testing.T, p *e2e.Page, what string) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	for _, dark := range []bool{false, true} {
		for _, width := range []int64{1280, 390} {
			p.Size(width, 900)
			p.Dark(dark)
			time.Sleep(300 * time.Millisecond)
			p.Screenshot(filepath.Join(dir, fmt.Sprintf("%s-%s-%d-%v.png", t.Name(), what, width, dark)))
		}
	}
	p.Size(1280, 900)
	p.Dark(false)
}
