package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestAccess: nothing that axe knows of keeps anybody out, in any state, in light, dark
// and forced colours; and at a zoom of 400 % nothing has to be scrolled sideways.
func TestAccess(t *testing.T) {
	p := e2e.StartBrowser(t).Open(t, e2e.StartBridge(t, "demo", "-listen", "127.0.0.1:0").URL)
	check := func(state string, looks ...string) {
		t.Helper()
		for _, look := range looks {
			p.Look(look)
			if found := p.Barriers(); found != "" {
				t.Errorf("%s, %s:\n\t%s", state, look, found)
			}
		}
	}
	all, two := e2e.Looks, e2e.Looks[:2]
	p.Click("button", "Server settings")
	p.Wait("group", "Incoming mail")
	check("sign-in", all...)
	p.Fill("textbox", "Email address", "ada@demo.test")
	p.Fill("textbox", "Password", "wrong")
	p.Click("button", "Sign in")
	p.Wait("alert", "")
	check("refused", two...)
	p.Fill("textbox", "Password", "demo")
	p.Press(kb.Enter)
	p.Wait("row", "~Grace Hopper")
	check("list", all...)
	p.Press("j")
	p.Press("x")
	p.WaitText("heading", "1 selected")
	check("selected", all...)
	p.Press("x")
	p.Click("row", "~Soup, and other slow technologies")
	p.Wait("Iframe", "Message body")
	p.Click("button", "Show details")
	check("reader", all...)
	p.Click("button", "Move to…")
	p.Wait("dialog", "Move to")
	check("menu of mailboxes", two...)
	p.Press(kb.Escape)
	p.Click("row", "~Re: The kitchen wall")
	p.Wait("article", "Re: The kitchen wall")
	check("conversation", all...)
	p.Click("button", "Reply")
	p.Wait("dialog", "New message")
	check("composer", all...)
	p.Click("button", "Discard draft")
	p.WaitGone("dialog", "New message")
	p.Wait("button", "Undo")
	check("notice", two...)
	p.Press("?")
	p.Wait("dialog", "Keyboard shortcuts")
	check("keys", two...)
	p.Press(kb.Escape)
	p.Click("button", "Account")
	p.Wait("menuitemradio", "Light")
	check("menu of the account", two...)
	p.Press(kb.Escape)
	p.Fill("searchbox", "Search mail", "nothingofthesort")
	p.Press(kb.Enter)
	p.WaitText("region", "Nothing found")
	check("nothing found", two...)
	p.Fill("searchbox", "Search mail", "")
	p.Press(kb.Escape)

	p.Size(320, 256)
	narrow := func(state string) {
		t.Helper()
		if wide := p.Eval("document.documentElement.scrollWidth"); wide != "320" {
			t.Errorf("%s: the page is %s wide, because of %s", state, wide, p.Eval(`[...document.querySelectorAll("body *")]
				.filter((e) => e.getBoundingClientRect().right > 321 && getComputedStyle(e).visibility === "visible").slice(0, 5).map((e) => e.outerHTML.slice(0, 90)).join("\n")`))
		}
		check(state+", zoomed", "light")
	}
	p.Wait("row", "~Grace Hopper")
	narrow("list")
	p.Click("button", "Mailboxes")
	p.Wait("treeitem", "Sent")
	narrow("drawer")
	p.Click("treeitem", "~Inbox")
	p.WaitGone("treeitem", "Sent")
	p.Eval(`[...document.querySelectorAll("[role=row]")].find((r) => r.textContent.includes("The kitchen wall")).click()`)
	p.Wait("article", "Re: The kitchen wall")
	narrow("reader")
	p.Click("button", "Reply")
	p.Wait("dialog", "New message")
	narrow("composer")
}
