package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// TestPOP3: a person whose provider has POP3 only signs in, has the mail on the bridge, and
// goes on reading, filing, searching and writing while the server is down.
func TestPOP3(t *testing.T) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace Hopper <grace@hearth.test>", "Ada <ada@hearth.test>", "Supper on Friday", "Will you come?\n\nGrace"))
	mail.Deliver(t, "ada", "INBOX", letter("Charles <charles@hearth.test>", "Ada <ada@hearth.test>", "Cogwheels", "They are brass."))
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	p.WaitEval("hearthmail.ready", "true")
	p.Fill("textbox", "Email address", "ada@"+e2e.Domain)
	p.Fill("textbox", "Password", e2e.Password)
	p.Click("button", "Server settings")
	incoming := p.In("group", "Incoming mail")
	incoming.Click("radio", "POP3")
	p.WaitText("group", "choose how long the server keeps a copy")
	for _, ports := range [][2]string{{"STARTTLS", "110"}, {"TLS", "995"}} {
		incoming.Choose("combobox", "Security", ports[0])
		if got := incoming.Property("spinbutton", "Port", "value"); got != ports[1] {
			t.Errorf("with %s the port is %s", ports[0], got)
		}
	}
	incoming.Fill("textbox", "Server", "127.0.0.1")
	incoming.Fill("spinbutton", "Port", strconv.Itoa(mail.POP3("", upstream.TLS).Port))
	incoming.Fill("textbox", "User name", "ada")
	incoming.Choose("combobox", "The server keeps a copy", "no longer than the download takes")
	if barriers := p.Barriers(); barriers != "" {
		t.Errorf("barriers: %s", barriers)
	}
	p.Click("button", "Sign in")
	p.Wait("row", "~Supper on Friday")
	p.Wait("treeitem", "Inbox, 2 unread")
	undoFor(p, 0)
	until(t, func() bool { return mail.Doveadm(t, "search", "-u", "ada", "mailbox", "INBOX") == "" }) // nothing is left there

	mail.Stop()
	p.Click("row", "~Supper on Friday")
	p.WaitText("article", "Will you come?")
	p.Click("button", "Reply")
	p.Wait("dialog", "New message")
	p.Fill("textbox", "Message body", "Gladly, with cake.")
	p.Click("button", "Send")
	p.Wait("status", "Message sent")
	until(t, func() bool {
		files, _ := filepath.Glob(filepath.Join(mail.Maildir("grace", "INBOX"), "new", "*"))
		for _, file := range files {
			if raw, err := os.ReadFile(file); err == nil && strings.Contains(string(raw), "Gladly, with cake.") {
				return true
			}
		}
		return false
	})
	p.Click("treeitem", "Sent")
	p.Wait("row", "~Re: Supper on Friday")
	p.Click("treeitem", "Inbox, 1 unread")
	p.Click("row", "~Cogwheels")
	p.Wait("article", "Cogwheels")
	p.Press("e")
	p.Wait("status", "Archived")
	p.Fill("searchbox", "Search mail", "brass")
	p.Press(kb.Enter)
	p.Wait("heading", "Results")
	p.Wait("row", "~Cogwheels")
	p.Click("treeitem", "Inbox")
	p.Click("button", "Check for new mail")
	p.Wait("note", "Mail is not downloaded") // and why

	mail.Restart(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace Hopper <grace@hearth.test>", "Ada <ada@hearth.test>", "Good", "Friday then."))
	p.Click("button", "Try again")
	p.Wait("row", "~Good")
	p.WaitGone("note", "Mail is not downloaded")

	// In the settings the rule can be changed without the password, and mail be fetched.
	p.Click("button", "Settings")
	p.Click("button", "Accounts")
	p.Click("button", "Edit ada@hearth.test")
	p.Click("button", "Server settings")
	own := p.In("group", "Incoming mail")
	if got := own.Property("combobox", "The server keeps a copy", "value"); got != "0" {
		t.Errorf("the server is said to keep a copy for %q", got)
	}
	own.Choose("combobox", "The server keeps a copy", "for 30 days")
	own.Choose("combobox", "Look for new mail", "every 10 minutes")
	p.Click("button", "Save")
	p.WaitText("listitem", "looked at every 10 minutes")
	mail.Deliver(t, "ada", "INBOX", letter("Grace Hopper <grace@hearth.test>", "Ada <ada@hearth.test>", "Saturday", "Or Saturday."))
	p.Click("button", "Check ada@hearth.test now")
	p.Wait("status", "~Looking for new mail")

	// Another account by POP3.
	mail.Deliver(t, "grace", "INBOX", letter("Howard <howard@hearth.test>", "grace@hearth.test", "The compiler", "About the compiler"))
	p.Click("button", "Add account")
	p.Fill("textbox", "Email address", "grace@hearth.test")
	p.Fill("textbox", "Password", e2e.Password)
	p.WaitText("form", "SMTP 127.0.0.1")
	p.Click("button", "Server settings")
	theirs := p.In("group", "Incoming mail")
	theirs.Click("radio", "POP3")
	p.WaitText("group", "POP3 downloads mail to this bridge")
	if got := theirs.Property("spinbutton", "Port", "value"); got != "995" {
		t.Errorf("by POP3 the port is %s", got)
	}
	theirs.Fill("textbox", "Server", "127.0.0.1")
	theirs.Fill("spinbutton", "Port", strconv.Itoa(mail.POP3("", upstream.TLS).Port))
	theirs.Fill("textbox", "User name", "grace")
	theirs.Choose("combobox", "The server keeps a copy", "until I delete the message here")
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		p.Screenshot(filepath.Join(dir, "pop3-account.png"))
		p.Size(390, 844)
		p.Dark(true)
		p.Screenshot(filepath.Join(dir, "pop3-account-phone.png"))
		p.Dark(false)
		p.Size(1440, 900)
	}
	if barriers := p.Barriers(); barriers != "" {
		t.Errorf("barriers: %s", barriers)
	}
	p.Click("button", "Add account")
	p.Wait("button", "Check grace@hearth.test now")
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		p.Screenshot(filepath.Join(dir, "pop3-accounts.png"))
	}
	p.Eval("history.back()")
	p.WaitGone("region", "Settings")
	p.Click("treeitem", "All inboxes, 4 unread")
	p.Wait("row", "~Saturday")
	p.Wait("row", "~The compiler")
	// Ada's copy stays on the server now.
	if mail.Doveadm(t, "search", "-u", "ada", "mailbox", "INBOX", "subject", "Saturday") == "" {
		t.Error("the server did not keep a copy")
	}
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}
