package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestOAuth: an account of a provider that wants to be signed in with is added without a
// password, read and sent from; when the provider takes its tokens back, the person signs in
// again, and their other account never noticed.
func TestOAuth(t *testing.T) {
	mail, tokens := e2e.StartTokenProvider(t, "grace")
	mail.Deliver(t, "ada", "INBOX", letter("Charles <charles@hearth.test>", "ada@hearth.test", "The engine", "About the engine"))
	mail.Deliver(t, "grace", "INBOX", letter("Howard <howard@hearth.test>", "grace@tokens.test", "The compiler", "About the compiler"))
	p := e2e.StartBrowser(t).Open(t, mail.TokenBridge(t, tokens).URL)
	signIn(p, "ada")
	p.Wait("row", "~The engine")

	p.Click("button", "Settings")
	p.Click("button", "Accounts")
	p.Click("button", "Add account")
	p.Fill("textbox", "Email address", "grace@"+e2e.TokenDomain)
	p.Wait("button", "Sign in with Example")
	p.WaitText("form", "asks you on a page of its own")
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		p.Screenshot(filepath.Join(dir, "oauth-form.png"))
	}
	if b := p.Barriers(); b != "" {
		t.Errorf("the form: %s", b)
	}
	// agree signs in on the page that opens, where the person has agreed before.
	agreed := 0
	agree := func() {
		t.Helper()
		p.Click("button", "Sign in with Example")
		agreed++
		until(t, func() bool { return tokens.Agreements() == agreed })
		p.Front()
	}
	agree()
	p.Wait("listitem", "grace@tokens.test") // it is added at once
	p.Eval("history.back()")
	p.WaitGone("region", "Settings")
	p.Click("treeitem", "All inboxes, 2 unread")
	p.Click("row", "~The compiler")
	p.WaitText("article", "About the compiler")
	p.Click("button", "Reply")
	p.WaitText("dialog", "To")
	p.Fill("textbox", "Message body", "Hello Howard")
	p.Click("button", "Send")
	p.Wait("status", "Message sent")

	// The access token ends: nobody notices.
	tokens.EndAccess()
	mail.Doveadm(t, "kick", "grace")
	mail.Deliver(t, "grace", "INBOX", letter("Howard <howard@hearth.test>", "grace@tokens.test", "The nanosecond", "About the wire"))
	p.Wait("row", "~The nanosecond")

	// All are taken back: this account says so, the other goes on.
	tokens.TakeBack()
	mail.Doveadm(t, "kick", "grace")
	p.Click("button", "Settings")
	p.Click("button", "Accounts")
	p.WaitText("list", "Example no longer lets Hearthmail in")
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		p.Screenshot(filepath.Join(dir, "oauth-refused.png"))
	}
	mail.Deliver(t, "ada", "INBOX", letter("Charles <charles@hearth.test>", "ada@hearth.test", "The mill", "About the mill"))
	mail.Deliver(t, "grace", "INBOX", letter("Howard <howard@hearth.test>", "grace@tokens.test", "The moth", "About the relay"))
	p.Wait("treeitem", "Inbox, 2 unread")
	p.Click("button", "Sign in again grace@tokens.test")
	agree()
	p.Wait("status", "Saved")
	p.Eval("history.back()")
	p.WaitGone("region", "Settings")
	p.Wait("row", "~The mill")
	p.Wait("row", "~The moth")
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}
