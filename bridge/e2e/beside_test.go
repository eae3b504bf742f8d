package e2e_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// part is a part of a message: its header and what it holds.
func part(header string, body []byte) string {
	return header + "\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(body) + "\n"
}

// parts is a message of several parts.
func parts(subject, kind string, list ...string) []byte {
	return []byte(strings.ReplaceAll("From: Grace Hopper <grace@hearth.test>\nTo: Ada <ada@hearth.test>\nSubject: "+subject+
		"\nDate: "+time.Now().Format(time.RFC1123Z)+"\nMessage-ID: <"+strings.ReplaceAll(subject, " ", ".")+"@hearth.test>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/"+kind+"; boundary=cut\n\n--cut\n"+strings.Join(list, "\n--cut\n")+"\n--cut--\n", "\n", "\r\n"))
}

// drawing is a picture of one colour.
func drawing(c color.Color) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for i := range 320 * 200 {
		img.Set(i%320, i/320, c)
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img) // memory takes all
	return b.Bytes()
}

const (
	simpleHTML = `<div>Gladly, <span style="color:#222">with cake</span> and <a href="https://example.org/">this recipe</a>.</div>` +
		`<div class="gmail_quote"><div class="gmail_attr">On Mon, 1 May 2026 Ada wrote:<br></div><blockquote class="gmail_quote">Shall we bake?</blockquote></div>`
	inlineHTML = `<p>See.</p><blockquote type="cite">One?</blockquote><p>No.</p><blockquote type="cite">Two?</blockquote><p>Yes.</p>`
)

// quotes are bodies, and what of their text is folded: a quote at the end, with the line
// that says whose it is, and never what somebody says below it.
var quotes = []struct{ html, folded string }{
	{`<p>Yes.</p><blockquote type="cite">Shall we?</blockquote>`, "Shall we?"},
	{`<p>Yes.</p><div class="moz-cite-prefix">On 1 May Ada wrote:</div><blockquote type="cite">Shall we?</blockquote><br>`, "On 1 May Ada wrote:Shall we?"},
	{`<p>Yes.</p><blockquote type="cite">Shall we?</blockquote><p>Or not.</p>`, ""},
	{`<p>Yes.</p><blockquote type="cite">Shall we?</blockquote>Or not.`, ""},
	{`<blockquote type="cite">Only this.</blockquote>`, ""},
	{`<p>Yes.</p><blockquote>A poem.</blockquote>`, ""},
	{`<div>Yes.</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: A:</div><br>All of it.</div>`, ""},
	{`<div class="gmail_quote"><div class="gmail_attr">On 1 May Ada wrote:</div><blockquote class="gmail_quote">One?</blockquote><div>No.</div><blockquote class="gmail_quote">Two?</blockquote></div>`, "Two?"},
	{`<p>Fine.</p><p>-----Original Message-----</p><p>From: Ada</p>Shall we?`, "-----Original Message-----From: AdaShall we?"},
	{`<p>-----Original Message-----</p><p>From: Ada</p>`, ""},
	{`<p>Yes.</p><blockquote type="cite">Shall we?</blockquote><img width=1 height=1 src="https://example.org/count">`, "Shall we?"},
	{`<p data-quoted="">Said.</p>`, ""},
}

// TestBesideTheText: files are seen and downloaded, quotes folded, sources shown; a message
// is read in the other form that it has.
func TestBesideTheText(t *testing.T) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", parts("Answers between", "alternative", "Content-Type: text/html\n\n"+inlineHTML))
	mail.Deliver(t, "ada", "INBOX", parts("Cake it is", "alternative",
		"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\nOnly the plain text says fl \now.\n\nAda wrote on 1 May:\n> Shall we bake?",
		"Content-Type: text/html; charset=utf-8\n\n"+simpleHTML))
	mail.Deliver(t, "ada", "INBOX", parts("Three files", "mixed", "Content-Type: text/plain\n\nHere they are.",
		part("Content-Type: image/png; name=ember.png\nContent-Disposition: attachment", drawing(color.RGBA{0xc2, 0x41, 0x0c, 0xff})),
		part("Content-Type: text/plain; charset=utf-8; name=list.txt\nContent-Disposition: attachment", []byte("bread\n<b>fire</b>wood")),
		part("Content-Type: application/zip; name=all.zip\nContent-Disposition: attachment", []byte("PK"))))
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	shot := func(name string) {
		if dir := os.Getenv("SCREENSHOTS"); dir != "" {
			time.Sleep(400 * time.Millisecond)
			p.Screenshot(filepath.Join(dir, "beside-"+name+".png"))
		}
	}
	signIn(p, "ada")

	for _, q := range quotes {
		folded := p.Eval(fmt.Sprintf(`[...new DOMParser().parseFromString(hearthmail.sanitizeMail(%q).html, "text/html").querySelectorAll("[data-quoted]")].map((e) => e.textContent).join("")`, q.html))
		if folded != q.folded {
			t.Errorf("%s: folded is %q", q.html, folded)
		}
	}

	p.Click("row", "~Three files")
	p.WaitText("article", "Here they are.")
	for _, name := range []string{"ember.png", "list.txt", "all.zip"} {
		p.Wait("link", "Download "+name)
	}
	p.Wait("button", "Download all")
	p.WaitEval(`document.querySelectorAll(".attachment img[data-picture=shown]").length`, "1")
	shot("files")
	p.Click("button", "View ember.png")
	p.Wait("dialog", "ember.png")
	p.WaitEval(`document.getElementById("viewer-picture").naturalWidth`, "320")
	shot("viewer")
	p.Press(kb.ArrowRight)
	p.Wait("dialog", "list.txt")
	p.WaitText("dialog", "<b>fire</b>wood")
	p.Click("button", "Next file")
	p.Wait("dialog", "all.zip")
	p.WaitText("dialog", "cannot be shown here")
	p.Press(kb.Escape)
	p.WaitGone("dialog", "all.zip")
	p.WaitEval(`document.activeElement.getAttribute("aria-label")`, "View ember.png")

	p.Click("row", "~Cake it is")
	p.Wait("Iframe", "Message body")
	p.WaitEval(`!document.querySelector("iframe.mail-frame:not([aria-busy])")`, "false")
	quote := `getComputedStyle(document.querySelector("iframe.mail-frame").contentDocument.querySelector("blockquote")).display`
	p.WaitEval(quote, "none")
	shot("quote")
	p.Click("button", "Show quoted text")
	p.WaitEval(quote, "block")
	p.Click("button", "Hide quoted text")
	p.WaitEval(quote, "none")
	p.Dark(true)
	p.WaitEval(`document.querySelector(".html-host").dataset.look`, "dark")
	shot("dark")
	p.Click("button", "Show original colours")
	p.WaitEval(`document.querySelector(".html-host").dataset.look`, "original")
	p.Dark(false)
	p.In("toolbar", "Message actions").Click("button", "More")
	p.Wait("menuitem", "Show original")
	shot("menu")
	p.Click("menuitem", "Show as plain text")
	p.WaitText("article", "Only the plain text says flow.")
	p.Click("button", "Show quoted text")
	p.WaitText("article", "Shall we bake?")
	p.In("toolbar", "Message actions").Click("button", "More")
	p.Click("menuitem", "Show original")
	p.WaitText("dialog", "Subject: Cake it is")
	p.WaitText("dialog", "gmail_quote")
	shot("original")
	p.Press(kb.Escape)
	p.WaitGone("dialog", "Original message")

	p.Click("row", "~Answers between")
	p.WaitEval(`[...document.querySelector("iframe.mail-frame:not([aria-busy])")?.contentDocument.querySelectorAll("blockquote") ?? []].map((e) => getComputedStyle(e).display).join()`, "block,block")
	p.WaitGone("button", "Show quoted text")
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}

const summons = `BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:tea
SEQUENCE:1
SUMMARY:Tea\, with <b>cake</b>
DTSTART;TZID=Europe/Berlin:20260701T150000
DTEND;TZID=Europe/Berlin:20260701T163000
RRULE:FREQ=MONTHLY;BYDAY=1WE
LOCATION:Kitchen
ORGANIZER;CN=Grace Hopper:mailto:grace@hearth.test
ATTENDEE;CN=Ada;PARTSTAT=ACCEPTED:mailto:ada@hearth.test
END:VEVENT
END:VCALENDAR
`

// TestEnclosures: an invitation and a contact are shown as what they mean.
func TestEnclosures(t *testing.T) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", parts("Tea and a card", "mixed", "Content-Type: text/plain\n\nWill you come?",
		part("Content-Type: text/calendar; charset=utf-8; method=REQUEST", []byte(summons)),
		part("Content-Type: text/vcard; charset=utf-8; name=grace.vcf\nContent-Disposition: attachment",
			[]byte("BEGIN:VCARD\nVERSION:4.0\nFN:Grace Hopper\nORG:Navy\nEMAIL:grace@hearth.test\nTEL:+1 555 0100\nEND:VCARD\n"))))
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	p.Click("row", "~Tea and a card")
	p.Wait("region", "Invitation")
	for _, words := range []string{"Tea, with <b>cake</b>", "Updated", "Every month on the first Wednesday", "Kitchen", "Ada <ada@hearth.test> – accepted"} {
		p.WaitText("region", words)
	}
	when := p.Eval(`new Date(Date.UTC(2026, 6, 1, 13)).toLocaleString([], {dateStyle: "full", timeStyle: "short"})`)
	p.WaitText("region", when)
	p.Wait("region", "Contact")
	p.Wait("link", "grace@hearth.test")
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		time.Sleep(400 * time.Millisecond)
		p.Screenshot(filepath.Join(dir, "beside-invitation.png"))
		p.Size(390, 800)
		p.Dark(true)
		time.Sleep(400 * time.Millisecond)
		p.Screenshot(filepath.Join(dir, "beside-phone.png"))
		p.Size(1280, 900)
		p.Dark(false)
	}
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}
