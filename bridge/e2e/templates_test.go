package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestWritingHelps: text blocks are filled in, people of a vCard are suggested, several messages are passed on at once, a
// signature has formats, and an address that is nearly somebody's is asked about.
func TestWritingHelps(t *testing.T) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace Hopper <grace@hearth.test>", "ada@hearth.test", "The first", "One"))
	mail.Deliver(t, "ada", "INBOX", letter("Grace Hopper <grace@hearth.test>", "ada@hearth.test", "The second", "Two"))
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	shot := shooter(p)
	signIn(p, "ada")
	undoFor(p, 0)
	p.Wait("row", "~The second")

	p.Eval(`(history.pushState({}, "", "/settings/identities"), dispatchEvent(new PopStateEvent("popstate")), "")`)
	p.Fill("textbox", "Name", "Ada Lovelace")
	p.WaitEval(`!!document.querySelector(".settings .composer-html div")`, "true")
	p.In("toolbar", "Formatting").Click("button", "Bold")
	p.Fill("textbox", "Signature", "Ada")
	p.Fill("textbox", "Answers go to", "Office <office@hearth.test>")
	p.Click("button", "Save")
	p.Wait("status", "Saved")
	p.Click("button", "Composing")
	p.Click("button", "New template")
	p.Wait("form", "Template")
	p.WaitEval(`!!document.querySelector(".settings .composer-html div")`, "true")
	p.Fill("textbox", "Name", "Thanks")
	p.Fill("textbox", "Text", "Dear {first name}, thank you. {my name}")
	shot("template")
	if barriers := p.Barriers(); barriers != "" {
		t.Errorf("a template: %s", barriers)
	}
	p.In("form", "Template").Click("button", "Save")
	p.Wait("listitem", "Thanks")
	cards := filepath.Join(t.TempDir(), "people.vcf")
	if err := os.WriteFile(cards, []byte("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Charles Babbage\r\nEMAIL:charles@engine.example\r\nEND:VCARD\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Pick("people-file", cards)
	p.Wait("status", "One address imported")
	shot("composing")
	p.Click("button", "Close settings")

	p.Press("c")
	p.Fill("combobox", "To", "babb")
	p.Wait("option", "~charles@engine.example")
	p.Fill("combobox", "To", "Grace Hopper <grace@heart.test>,")
	p.Fill("textbox", "Subject", "Two things")
	p.WaitEval(`document.querySelector(".dock .composer-html").innerHTML.includes("<b>Ada</b>")`, "true")
	p.Click("button", "More options")
	p.Click("menuitem", "Insert “Thanks”")
	p.WaitText("textbox", "Dear Grace, thank you. Ada Lovelace")
	shot("signed")
	p.Click("button", "Send")
	p.Wait("alertdialog", "Is the address right?")
	p.WaitText("alertdialog", "grace@hearth.test")
	shot("address")
	p.Press(kb.Escape)
	p.Click("button", "Discard draft")
	p.WaitGone("dialog", "New message")

	p.Click("checkbox", "Select all")
	p.Click("button", "Forward 2 as attachments")
	p.Wait("button", "Remove The first.eml")
	p.Wait("button", "Remove The second.eml")
	p.Fill("combobox", "To", "grace@hearth.test,")
	p.Click("button", "Send")
	p.Wait("status", "Message sent")
	a := arrival(t, mail, "grace", "INBOX", "Fwd: The")
	if !strings.HasSuffix(a.tree, "message/rfc822 message/rfc822)") || a.header.Get("Reply-To") != "Office <office@hearth.test>" || !strings.Contains(a.parts["text/html"], "<b>Ada</b>") {
		t.Errorf("%s, %v\n%s", a.tree, a.header, a.parts["text/html"])
	}
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}
