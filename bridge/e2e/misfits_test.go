package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestLayout: in no state and at no width does anything lie on anything else, stick out of
// its place, or get too small to be pressed.
func TestLayout(t *testing.T) {
	p := e2e.StartBrowser(t).Open(t, e2e.StartBridge(t, "demo", "-listen", "127.0.0.1:0").URL)
	check := func(state string, widths ...int64) {
		t.Helper()
		for _, width := range widths {
			p.Size(width, 800)
			if found := p.Misfits(); found != "" {
				t.Errorf("%s at %d:\n\t%s", state, width, found)
			}
		}
		p.Size(1440, 800)
	}
	all, phones := []int64{1440, 1024, 768, 390, 320}, []int64{390, 320}
	check("sign-in", all...)
	p.Fill("textbox", "Email address", "ada@demo.test")
	p.Fill("textbox", "Password", "demo")
	p.Click("button", "Sign in")
	p.Wait("row", "~Grace Hopper")
	check("list", all...)
	p.Press("j")
	p.Press("x")
	p.Wait("heading", "1 selected")
	check("selection", all...)
	p.Press("x")
	p.Click("button", "Sort and filter")
	p.Wait("menu", "Sort and filter")
	check("menu of the list", all...)
	p.Press(kb.Escape)
	p.Click("row", "~Soup, and other slow technologies")
	p.Wait("Iframe", "Message body")
	check("newsletter", all...)
	p.Click("row", "~Re: The kitchen wall")
	p.Wait("article", "Re: The kitchen wall")
	check("conversation", all...)
	p.Click("button", "Reply")
	p.Wait("dialog", "New message")
	check("composer", all...)
	p.Click("button", "Discard draft")
	p.WaitGone("dialog", "New message")
	p.Press("u")
	p.Size(390, 800)
	p.Click("button", "Mailboxes")
	p.Wait("treeitem", "Sent")
	check("drawer", phones...)
	p.Press(kb.Escape)
	p.Click("button", "Settings")
	for _, section := range []string{"Accounts", "Reading", "Composing", "Appearance", "Keyboard", "Privacy", "Identities", "About"} {
		p.Click("button", section)
		p.Wait("heading", section)
		check("settings: "+section, 1024, 390, 320)
	}
}
