package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// undoFor has what the person on the page sends held back for some seconds, 0 for none: who
// waits for mail to arrive need not wait for that.
func undoFor(p *e2e.Page, seconds int) {
	p.Await(fmt.Sprintf(`fetch("/jmap/session").then((r) => r.json()).then((s) => fetch("/jmap/api", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({
		using: ["urn:ietf:params:jmap:core", "urn:hearthmail:bridge"],
		methodCalls: [["BridgeSettings/set", {accountId: s.primaryAccounts["urn:ietf:params:jmap:mail"], update: {singleton: {"settings/undoSeconds": %d}}}, "0"]],
	})})).then((r) => r.text())`, seconds))
	p.WaitEval(fmt.Sprintf(`Object.values(localStorage).some((v) => v.includes('"undoSeconds":%d'))`, seconds), "true")
}

// TestOutbox: what was sent can be taken back for a while, is sent also when the page is
// gone, once; and what a server refuses comes back with its words.
func TestOutbox(t *testing.T) {
	mail := e2e.StartProvider(t)
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	shot := shooter(p)
	signIn(p, "ada")
	p.Wait("treeitem", "Inbox")
	undoFor(p, 4)
	plan := filepath.Join(t.TempDir(), "plan.txt")
	if err := os.WriteFile(plan, []byte("the plan"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Press("c")
	p.Fill("combobox", "To", "grace@hearth.test,")
	p.Fill("textbox", "Subject", "Thought better of")
	p.Fill("textbox", "Message body", "Too early.")
	p.Pick(p.Eval(`document.querySelector("[role=dialog] input[type=file]").id`), plan)
	p.WaitGone("progressbar", "Uploading plan.txt")
	p.Click("button", "Send")
	p.Wait("status", "Message sent")
	p.WaitGone("dialog", "New message")
	shot("undo")
	p.Click("button", "Undo")
	p.Wait("dialog", "New message")
	p.Wait("button", "Remove grace@hearth.test")
	p.Wait("button", "Remove plan.txt")
	p.WaitText("textbox", "Too early.")
	p.WaitEval(`document.activeElement.classList.contains("composer-html")`, "true")
	p.Fill("textbox", "Message body", "Now it is time. ")
	p.Click("button", "Send")
	p.Wait("status", "Message sent")
	lies := func(user, mailbox string) int {
		return strings.Count(mail.Doveadm(t, "search", "-u", user, "mailbox", mailbox, "subject", "Thought better of"), "\n")
	}
	until(t, func() bool { return lies("ada", "Drafts") == 1 }) // the draft of before is gone
	p.Reload()                                                  // nobody is there when it goes out
	p.Wait("treeitem", "Inbox")
	a := arrival(t, mail, "grace", "INBOX", "Thought better of")
	if a.tree != "mixed(alternative(text/plain;flowed text/html) text/plain)" {
		t.Errorf("the message is %s", a.tree)
	}
	p.WaitGone("treeitem", "Outbox, 1")
	until(t, func() bool { return lies("ada", "Sent") == 1 && lies("ada", "Drafts") == 0 })
	if n := lies("grace", "INBOX"); n != 1 {
		t.Errorf("it came %d times", n)
	}

	mail.Closed.Store(true)
	undoFor(p, 1)
	p.Press("c")
	p.Fill("combobox", "To", "grace@hearth.test,")
	p.Fill("textbox", "Subject", "Knocking")
	p.Fill("textbox", "Message body", "Keep me")
	p.Click("button", "Send")
	p.Wait("status", "Message sent")
	p.WaitText("alert", "550 5.1.1 nobody here is called grace@hearth.test")
	shot("failed")
	p.In("alert", "").Click("button", "Edit")
	p.Wait("dialog", "New message")
	p.Wait("button", "Remove grace@hearth.test")
	p.WaitText("textbox", "Keep me")
	p.WaitGone("alert", "")
	p.WaitGone("treeitem", "Outbox, 1")
	p.Click("button", "Send")
	p.WaitText("alert", "nobody here is called grace@hearth.test")
	p.Click("treeitem", "Outbox, 1")
	p.Wait("listitem", "Knocking")
	if barriers := p.Barriers(); barriers != "" {
		t.Errorf("the outbox: %s", barriers)
	}
	shot("outbox")
	mail.Closed.Store(false)
	p.In("region", "Outbox").Click("button", "Retry")
	p.WaitGone("treeitem", "Outbox, 1")
	p.WaitGone("alert", "")
	p.WaitText("region", "Nothing waits to be sent.")
	if a := arrival(t, mail, "grace", "INBOX", "Knocking"); !strings.Contains(a.parts["text/plain"], "Keep me") {
		t.Errorf("it says %q", a.parts)
	}

	p.Click("button", "Close outbox")
	p.Press("c")
	p.Fill("combobox", "To", "grace@hearth.test,")
	p.Fill("textbox", "Subject", "For the morning")
	p.Fill("textbox", "Message body", "Good morning.")
	p.Click("button", "Send later")
	p.Wait("button", "~Tomorrow morning")
	if barriers := p.Barriers(); barriers != "" {
		t.Errorf("send later: %s", barriers)
	}
	shot("later")
	p.Click("button", "~Tomorrow morning")
	p.Wait("status", "~also while this window is closed")
	p.Wait("treeitem", "Outbox, 1")
	p.Click("treeitem", "Drafts, 1")
	p.Wait("image", "Waits to be sent")
	p.Click("row", "~For the morning") // it is read, not written: else it could go out twice
	p.Wait("article", "For the morning")
	p.WaitText("note", "Goes out")
	shot("scheduled")
	p.In("note", "Outbox").Click("button", "Outbox")
	p.In("listitem", "For the morning").Click("button", "Send now")
	p.Wait("status", "Message sent")
	p.WaitGone("treeitem", "Outbox, 1")
	arrival(t, mail, "grace", "INBOX", "For the morning")
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}
