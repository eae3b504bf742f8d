package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestTabs: two tabs show the same at once, whichever of them something is done in; and an
// address opens what it was of, in another tab and after signing in elsewhere.
func TestTabs(t *testing.T) {
	mail := e2e.StartProvider(t)
	for _, subject := range []string{"Bread", "Firewood"} {
		mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", subject, "About: "+subject))
	}
	browser := e2e.StartBrowser(t)
	bridge := mail.Bridge(t)
	p := browser.Open(t, bridge.URL)
	signIn(p, "ada")
	p.Wait("row", "~Bread")
	p.Click("row", "~Bread")
	p.WaitText("article", "About: Bread")
	message := p.Eval("location.href")
	p.Press("u")
	other := p.Tab(p.Eval("location.href"))
	other.Wait("row", "~Firewood")

	star := func(subject string) string {
		return `[...document.querySelectorAll(".row")].find((r) => r.textContent.includes("` + subject + `"))?.querySelector(".star").ariaPressed`
	}
	p.In("row", "~Firewood").Click("button", "Star")
	other.WaitEval(star("Firewood"), "true")
	other.In("row", "~Firewood").Click("button", "Star")
	p.WaitEval(star("Firewood"), "false")
	other.Click("row", "~Firewood")
	p.Wait("treeitem", "Inbox")
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "The cat", "About: The cat"))
	for _, page := range []*e2e.Page{p, other} {
		page.Wait("row", "~The cat")
		page.Wait("treeitem", "Inbox, 1 unread")
	}
	other.Press("e")
	p.WaitGone("row", "~Firewood")
	p.Drag("separator", "Width of the mailboxes", 40, 0)
	other.WaitEval(`document.querySelector(".mailboxes").offsetWidth`, "272")

	// What another program begins.
	mailer := p.Tab(p.Eval(`location.origin + "/compose?mailto=" + encodeURIComponent("mailto:grace@hearth.test?subject=Bread&body=Is it done?")`))
	mailer.Wait("dialog", "New message")
	mailer.Wait("button", "Remove grace@hearth.test")
	mailer.WaitEval(`document.querySelector("[role=dialog] [aria-label='Message body']").innerText.includes("Is it done?")`, "true")
	mailer.Wait("row", "~The cat")

	// Bookmarks.
	kept := p.Tab(message)
	kept.WaitText("article", "About: Bread")
	kept.Wait("row", "~The cat")
	kept.WaitEval(`document.querySelector(".row.open .row-title").textContent`, "Bread")
	p.Fill("searchbox", "Search mail", "from:grace bread")
	p.Press(kb.Enter)
	p.WaitEval(`document.querySelector("[role=grid]").getAttribute("aria-rowcount")`, "1")
	search := p.Eval("location.href")
	p.Click("row", "~Bread")
	p.WaitText("article", "About: Bread")
	found := p.Eval("location.href")
	for _, address := range []string{search, found} {
		kept.Eval(`location.href = ` + "`" + address + "`")
		kept.WaitEval(`document.querySelector("[role=grid]")?.getAttribute("aria-rowcount")`, "1")
		kept.WaitEval(`document.querySelector("#search").value`, "from:grace bread")
		kept.WaitEval(`!!document.querySelector("article")`, map[bool]string{true: "true", false: "false"}[address == found])
	}
	elsewhere := browser.Open(t, found)
	signIn(elsewhere, "ada")
	elsewhere.WaitText("article", "About: Bread")
	elsewhere.WaitEval(`document.querySelector("[role=grid]").getAttribute("aria-rowcount")`, "1")

	for _, page := range []*e2e.Page{p, other, kept, elsewhere} {
		if thrown := page.Thrown() + page.Lost(); thrown != "" {
			t.Error(thrown)
		}
	}
	p.Press(kb.Escape)
	p.Click("button", "Account")
	p.Click("menuitem", "Sign out")
	other.Wait("form", "Sign in") // the same cookie
	elsewhere.Wait("article", "Bread")
}
