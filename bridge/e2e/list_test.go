package e2e_test

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestListOrderAndBulk: a mailbox in another order and narrowed, as its address says; then
// everything it has is archived at once, and comes back at once.
func TestListOrderAndBulk(t *testing.T) {
	mail := crowded(t, 699)
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	p.Wait("row", "~First")
	choose := func(role, name string) {
		t.Helper()
		p.Click("button", "Sort and filter")
		p.Wait("menu", "Sort and filter")
		p.Click(role, name)
		p.WaitGone("menu", "Sort and filter")
	}
	first := func(want string) {
		t.Helper()
		until(t, func() bool {
			return strings.Contains(p.Eval(`(document.getElementById("row-0") || document.body).textContent`), want)
		})
	}
	choose("menuitemradio", "Unread first")
	first("First")
	p.WaitEval("location.search", "?sort=unread")
	p.Reload()
	first("First")
	p.Click("treeitem", "Sent")
	p.Wait("heading", "Sent")
	p.Click("treeitem", "Inbox, 1 unread")
	p.WaitEval("location.search", "?sort=unread") // it is remembered for this mailbox
	first("First")
	choose("menuitemradio", "Size")
	first("Message")
	choose("menuitemradio", "Newest first")
	p.WaitEval("location.search", "")
	choose("menuitemcheckbox", "Unread")
	p.WaitEval(`document.querySelector("[role=grid]").getAttribute("aria-rowcount")`, "1")
	p.WaitEval("location.search", "?only=unread")
	choose("menuitemcheckbox", "Unread")
	p.WaitEval(`document.querySelector("[role=grid]").getAttribute("aria-rowcount")`, "700")

	newest := p.Eval(`document.querySelector("#row-0 .row-title").textContent`)
	p.Click("checkbox", "Select all")
	p.Click("button", "Select all 700 in this mailbox")
	p.Wait("heading", "700 selected")
	p.In("toolbar", "Message actions").Click("button", "Archive")
	p.Wait("progressbar", "")
	p.Wait("status", "700 messages archived")
	p.WaitText("region", "All done")
	if out := mail.Doveadm(t, "search", "-u", "ada", "mailbox", "Archive", "all"); strings.Count(out, "\n") != 700 {
		t.Errorf("%d messages in Archive", strings.Count(out, "\n"))
	}
	p.In("status", "700 messages archived").Click("button", "Undo")
	p.Wait("status", "Undone for 700 messages")
	first(newest)
	if out := mail.Doveadm(t, "search", "-u", "ada", "mailbox", "INBOX", "all"); strings.Count(out, "\n") != 700 {
		t.Errorf("%d messages in Inbox", strings.Count(out, "\n"))
	}
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Error(thrown)
	}
}
