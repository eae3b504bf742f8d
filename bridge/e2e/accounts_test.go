package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestAccounts: a second account is added, read, written from and removed; lists over both
// act on each message in its own account.
func TestAccounts(t *testing.T) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Charles <charles@hearth.test>", "ada@hearth.test", "The engine", "About the engine"))
	mail.Deliver(t, "grace", "INBOX", letter("Howard <howard@hearth.test>", "grace@hearth.test", "The compiler", "About the compiler"))
	mail.Deliver(t, "grace", "INBOX", letter("Howard <howard@hearth.test>", "grace@hearth.test", "The nanosecond", "About the wire"))
	browser := e2e.StartBrowser(t)
	bridge := mail.Bridge(t)
	p, other := browser.Open(t, bridge.URL), browser.Open(t, bridge.URL)
	signIn(p, "ada")
	undoFor(p, 0)
	signIn(other, "ada")
	p.Wait("row", "~The engine")
	other.Wait("row", "~The engine")
	shot := func(name string) {
		if dir := os.Getenv("SCREENSHOTS"); dir != "" {
			p.Screenshot(filepath.Join(dir, "accounts-"+name+".png"))
		}
	}

	// Adding: what is wrong is said where it can be mended.
	p.Click("button", "Settings")
	p.Click("button", "Accounts")
	p.Wait("listitem", "ada@hearth.test")
	p.Click("button", "Add account")
	p.Fill("textbox", "Email address", "grace@hearth.test")
	p.WaitText("form", "SMTP 127.0.0.1")
	p.Fill("textbox", "Password", "not hers")
	p.Click("button", "Add account")
	p.WaitText("alert", "refused the password")
	p.Fill("textbox", "Password", e2e.Password)
	p.Fill("textbox", "Name of the account", "Navy")
	p.Click("radio", "Blue")
	p.Click("button", "Server settings")
	p.Click("button", "Test")
	p.WaitText("form", "It lists the mailboxes")
	p.WaitEval(`document.querySelectorAll(".trial .failed").length + " " + (document.querySelectorAll(".trial .well").length > 8)`, "0 true")
	shot("form")
	if b := p.Barriers(); b != "" {
		t.Errorf("the form: %s", b)
	}
	p.Click("button", "Add account")
	p.Wait("listitem", "Navy")
	shot("list")
	if b := p.Barriers(); b != "" {
		t.Errorf("the accounts: %s", b)
	}

	// The tree has both, also where nobody did anything.
	other.Wait("treeitem", "Navy")
	other.Wait("treeitem", "All inboxes, 3 unread")
	p.Eval("history.back()")
	p.WaitGone("region", "Settings")
	p.Click("treeitem", "All inboxes, 3 unread")
	for _, subject := range []string{"The engine", "The compiler", "The nanosecond"} {
		p.Wait("row", "~"+subject)
	}
	p.WaitEval(`document.querySelector("#messages").getAttribute("aria-rowcount")`, "3")
	shot("inboxes")
	p.Size(390, 844)
	shot("inboxes-phone")
	p.Dark(true)
	shot("inboxes-phone-dark")
	p.Size(1440, 900)
	shot("inboxes-dark")
	p.Dark(false)
	if b := p.Barriers(); b != "" {
		t.Errorf("all inboxes: %s", b)
	}

	// Each is read and acted on in its own account.
	p.Click("row", "~The compiler")
	p.WaitText("article", "About the compiler")
	p.Wait("treeitem", "All inboxes, 2 unread")
	p.Reload()
	p.WaitText("article", "About the compiler")
	p.Click("button", "Reply")
	p.WaitText("dialog", "To")
	p.Fill("textbox", "Message body", "Hello Howard")
	// It goes out from the other account, with what was saved and attached.
	note := filepath.Join(t.TempDir(), "note.txt")
	if err := os.WriteFile(note, []byte("a note"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Pick(p.Eval(`document.querySelector("[role=dialog] input[type=file]").id`), note)
	p.WaitGone("progressbar", "Uploading note.txt")
	p.WaitText("status", "Saved")
	p.Choose("combobox", "From", "ada@hearth.test")
	p.WaitEval(`document.querySelector(".composer-from").selectedOptions[0].text`, "ada@hearth.test")
	p.Click("button", "Send")
	p.Wait("status", "Message sent")
	p.Press(kb.Escape)
	p.WaitGone("article", "The compiler")
	p.Click("checkbox", "Select all")
	p.Click("button", "Archive")
	p.WaitGone("row", "~The engine")
	p.Wait("treeitem", "All inboxes")
	p.WaitEval(`document.querySelectorAll("#messages .row").length`, "0")
	// has waits until a mailbox has a message, or no longer.
	has := func(user, mailbox, subject string, want bool) {
		t.Helper()
		until(t, func() bool {
			return (strings.TrimSpace(mail.Doveadm(t, "search", "-u", user, "mailbox", mailbox, "subject", subject)) != "") == want
		})
	}
	has("ada", "Archive", "The engine", true)
	has("grace", "Archive", "The compiler", true)
	has("grace", "Archive", "The nanosecond", true)

	// Searching, and moving from one to the other.
	p.Fill("searchbox", "Search mail", "subject:the")
	p.Press(kb.Enter)
	p.Wait("row", "~The nanosecond")
	p.Wait("row", "~The engine")
	shot("search")
	p.Click("button", "This account")
	p.WaitGone("row", "~The nanosecond")
	p.Click("button", "All accounts")
	p.Wait("row", "~The nanosecond")
	p.Click("row", "~The nanosecond")
	p.WaitText("article", "About the wire")
	p.Click("button", "Move to…")
	p.Fill("textbox", "Find a mailbox", "inbox")
	p.Click("button", "Inbox") // the first is Ada's
	p.Wait("status", "~Moved")
	has("ada", "INBOX", "nanosecond", true)
	has("grace", "*", "nanosecond", false)
	has("ada", "Sent", "compiler", true)
	has("ada", "Drafts", "compiler", false)
	has("grace", "Drafts", "compiler", false)
	if a := arrival(t, mail, "howard", "INBOX", "compiler"); a.header.Get("From") != "ada@hearth.test" && a.header.Get("From") != "<ada@hearth.test>" || !strings.HasPrefix(a.tree, "mixed(") || a.parts["text/plain"] != "a note" {
		t.Errorf("%v, %s, %q", a.header, a.tree, a.parts)
	}

	// Everything of all inboxes at once, which is more than was looked at; and back.
	const each = 120
	p.Click("treeitem", "~All inboxes")
	for _, name := range []string{"ada", "grace"} {
		crowd(t, mail, name, each)
	}
	count := func(name, mailbox string) int {
		return strings.Count(mail.Doveadm(t, "search", "-u", name, "mailbox", mailbox, "subject", "Message"), "\n")
	}
	p.Click("button", "Check for new mail")
	p.WaitEval(`document.querySelector("#messages").getAttribute("aria-rowcount")`, "241")
	p.Click("checkbox", "Select all")
	p.Click("button", "Select all 241 in all inboxes")
	p.Wait("heading", "241 selected")
	shot("everything")
	p.Click("button", "Archive")
	p.Wait("status", "241 messages archived")
	if a, g := count("ada", "Archive"), count("grace", "Archive"); a != each || g != each {
		t.Errorf("%d and %d of %d messages in the archives", a, g, each)
	}
	p.In("status", "241 messages archived").Click("button", "Undo")
	p.Wait("status", "Undone for 241 messages")
	if a, g := count("ada", "INBOX"), count("grace", "INBOX"); a != each || g != each {
		t.Errorf("%d and %d of %d messages are back", a, g, each)
	}
	p.WaitEval(`document.querySelector("#messages").getAttribute("aria-rowcount")`, "241")

	// The palette goes to a mailbox of either.
	p.Eval(`document.dispatchEvent(new KeyboardEvent("keydown", {key: "k", ctrlKey: true, bubbles: true}))`)
	p.Fill("combobox", "Command", "sent navy")
	p.Wait("option", "~Go to Sent · Navy")
	p.Press(kb.Enter)
	p.Wait("heading", "Sent")
	p.Wait("heading", "Nothing here")

	// Removing.
	p.Eval(`location.href = "/settings/accounts"`)
	p.Click("button", "Remove Navy")
	p.Click("button", "Remove")
	p.WaitGone("listitem", "Navy")
	other.WaitGone("treeitem", "Navy")
	for _, page := range []*e2e.Page{p, other} {
		// Servers of half an address, typed slowly, are looked for in vain.
		if thrown := page.Thrown(); thrown != "" {
			t.Error(thrown)
		}
	}
}
