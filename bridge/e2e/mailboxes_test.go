package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestMailboxes: mailboxes are made, renamed, moved, emptied and deleted where they
// stand, and the server has them so.
func TestMailboxes(t *testing.T) {
	mail := e2e.StartProvider(t)
	for range 3 {
		mail.Deliver(t, "ada", "Trash", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Old news", "Gone soon"))
	}
	browser := e2e.StartBrowser(t)
	bridge := mail.Bridge(t)
	p, other := browser.Open(t, bridge.URL), browser.Open(t, bridge.URL)
	signIn(p, "ada")
	signIn(other, "ada")
	p.Wait("treeitem", "Inbox")

	p.Click("button", "New mailbox")
	p.Fill("textbox", "Name", "inbox")
	p.Click("button", "Create")
	p.WaitText("alert", "name already")
	if barriers := p.Barriers(); barriers != "" {
		t.Errorf("barriers: %s", barriers)
	}
	p.Fill("textbox", "Name", "House")
	p.Press(kb.Enter)
	p.Wait("treeitem", "House")
	other.Wait("treeitem", "House")

	p.In("treeitem", "House").Click("button", "Mailbox options")
	p.Click("menuitem", "New mailbox inside…")
	p.Fill("textbox", "Name", "Kitchen")
	p.Click("button", "Create")
	p.Wait("treeitem", "Kitchen")
	p.Eval(`[...document.querySelectorAll("[role=treeitem]")].find((e) => e.ariaLabel === "House").focus()`)
	p.Press(kb.F2)
	p.Fill("textbox", "Name", "Home")
	p.Click("button", "Rename")
	p.WaitGone("treeitem", "House")
	other.Wait("treeitem", "Home")
	other.Wait("treeitem", "Kitchen")

	p.In("treeitem", "Kitchen").Click("button", "Mailbox options")
	p.Click("menuitem", "Move inside…")
	p.Choose("combobox", "Inside", "(the top level)")
	p.Click("button", "Move")
	p.WaitEval(`[...document.querySelectorAll("[role=treeitem]")].find((e) => e.ariaLabel === "Kitchen").ariaLevel`, "1")
	p.In("treeitem", "Kitchen").Click("button", "Mailbox options")
	p.Click("menuitem", "Delete…")
	p.In("alertdialog", "~Kitchen").Click("button", "Delete")
	p.WaitGone("treeitem", "Kitchen")
	other.WaitGone("treeitem", "Kitchen")

	p.Click("treeitem", "Trash")
	p.Wait("row", "~Old news")
	p.In("treeitem", "Trash").Click("button", "Mailbox options")
	p.Click("menuitem", "Empty Trash…")
	p.WaitText("alertdialog", "3 messages")
	p.Click("button", "Delete for good")
	p.WaitGone("row", "~Old news")

	p.Press("?")
	p.WaitText("dialog", "Go to Drafts")
	p.Press(kb.Escape)
	p.Eval(`document.dispatchEvent(new KeyboardEvent("keydown", {key: "k", ctrlKey: true, bubbles: true}))`)
	p.Fill("combobox", "Command", "gohom")
	p.Wait("option", "~Go to Home")
	p.Press(kb.Enter)
	p.WaitText("heading", "Home")
	for _, page := range []*e2e.Page{p, other} {
		if thrown := page.Thrown() + page.Lost(); thrown != "" {
			t.Error(thrown)
		}
	}
}
