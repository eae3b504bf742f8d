package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestSettings: what is chosen counts at once, and wherever else the member is signed in.
func TestSettings(t *testing.T) { settings(t, e2e.StartBrowser(t)) }

func settings(t *testing.T, browser *e2e.Browser) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Bread", "About bread"))
	bridge := mail.Bridge(t)
	p, other := browser.Open(t, bridge.URL), browser.Open(t, bridge.URL)
	signIn(p, "ada")
	signIn(other, "ada")
	other.Wait("row", "~Bread")
	p.Wait("row", "~Bread")
	p.Click("button", "Settings")
	p.Wait("region", "Settings")
	p.Click("radio", "Never by themselves")
	p.Click("button", "Appearance")
	p.Click("radio", "Dark")
	p.Click("radio", "Compact")
	other.WaitEval(`document.documentElement.dataset.theme`, "dark")
	other.WaitEval(`document.querySelector(".row").getBoundingClientRect().height`, "64")
	p.Click("button", "Keyboard")
	p.Click("checkbox", "Use single keys as shortcuts")

	p.Click("button", "Identities")
	p.Fill("textbox", "Name", "Ada of the Hearth")
	p.Fill("textbox", "Signature", "Yours, Ada")
	p.Click("button", "Save")
	p.Wait("status", "Saved")
	p.Eval("history.back()")
	p.WaitGone("region", "Settings")

	p.Click("row", "~Bread")
	p.WaitText("article", "About bread")
	p.Press("u") // is no shortcut any more
	p.Wait("article", "Bread")
	p.Press(kb.Escape)
	p.WaitGone("article", "Bread")
	p.Wait("treeitem", "Inbox, 1 unread")
	p.Eval(`location.href = "/settings/identities"`)
	p.Wait("region", "Settings")
	p.WaitEval(`document.querySelector(".settings .composer-html").textContent`, "Yours, Ada")
	for _, page := range []*e2e.Page{p, other} {
		if thrown := page.Thrown() + page.Lost(); thrown != "" {
			t.Error(thrown)
		}
	}
}
