package e2e_test

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestReceipts: a sender who asks learns that a message was read when the reader says so, and
// the other way round; what is redirected arrives as it was.
func TestReceipts(t *testing.T) {
	mail := e2e.StartProvider(t)
	asks := strings.Replace(string(letter("Grace Hopper <grace@hearth.test>", "ada@hearth.test", "Did you see this", "A moth in the relay")),
		"MIME-Version", "Disposition-Notification-To: Grace Hopper <grace@hearth.test>\r\nMIME-Version", 1)
	mail.Deliver(t, "ada", "INBOX", []byte(asks))
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	shot := shooter(p)
	signIn(p, "ada")
	undoFor(p, 0)
	p.Click("row", "~Did you see this")
	p.Wait("note", "Read receipt")
	shot("receipt")
	p.Click("button", "Send receipt")
	p.Wait("status", "Read receipt sent")
	p.WaitGone("note", "Read receipt")
	if a := arrival(t, mail, "grace", "INBOX", "Read: Did you see this"); a.tree != "report(text/plain message/disposition-notification)" || a.header.Get("In-Reply-To") != "<Did.you.see.this@hearth.test>" {
		t.Errorf("%s %v", a.tree, a.header)
	}

	p.In("article", "Did you see this").Click("button", "More")
	p.Click("menuitem", "Redirect…")
	p.Fill("textbox", "To", "nobody")
	p.In("dialog", "Redirect").Click("button", "Redirect")
	p.WaitText("alert", "Not a valid address")
	p.Fill("textbox", "To", "howard@hearth.test")
	shot("redirect")
	if barriers := p.Barriers(); barriers != "" {
		t.Errorf("redirect: %s", barriers)
	}
	p.In("dialog", "Redirect").Click("button", "Redirect")
	p.Wait("status", "Message sent")
	a := arrival(t, mail, "howard", "INBOX", "Did you see this")
	if a.header.Get("From") != "Grace Hopper <grace@hearth.test>" || !strings.Contains(a.header.Get("Resent-From"), "ada@hearth.test") || !strings.Contains(a.parts["text/plain"], "moth") {
		t.Errorf("%v %q", a.header, a.parts)
	}

	p.Press("c")
	p.Fill("combobox", "To", "grace@hearth.test,")
	p.Fill("textbox", "Subject", "Tell me")
	p.Fill("textbox", "Message body", "When you read it.")
	for _, wish := range []string{"Ask for a read receipt", "Ask for a delivery report"} {
		p.In("dialog", "New message").Click("button", "More options")
		p.Click("menuitemcheckbox", wish)
		p.In("dialog", "New message").Click("button", "More options")
	}
	p.Click("button", "Send")
	p.Wait("status", "Message sent")
	told := arrival(t, mail, "grace", "INBOX", "Tell me")
	if !strings.Contains(told.header.Get("Disposition-Notification-To"), "ada@hearth.test") {
		t.Errorf("%v", told.header)
	}
	if got := mail.Notify.Load(); got != "[SUCCESS FAILURE DELAY]" {
		t.Errorf("asked to be told %v", got)
	}
	p.Click("treeitem", "Sent")
	p.Click("row", "~Tell me")
	p.Click("button", "Show details")
	p.WaitText("article", "grace@hearth.test: taken by the mail server")
	p.Click("button", "Hide details")
	mail.Deliver(t, "ada", "INBOX", []byte(strings.ReplaceAll("From: Mail Delivery System <mailer-daemon@hearth.test>\nTo: ada@hearth.test\nSubject: Delivered\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nDelivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; hearth.test\n\n"+
		"Final-Recipient: rfc822; grace@hearth.test\nAction: delivered\nStatus: 2.0.0\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: "+told.header.Get("Message-Id")+"\n--b--\n", "\n", "\r\n")))
	p.Wait("treeitem", "Inbox, 1 unread")
	p.Click("button", "Show details")
	p.WaitText("article", "grace@hearth.test: delivered")
	shot("delivered")
	if left := mail.Doveadm(t, "search", "-u", "ada", "mailbox", "Drafts"); left != "" {
		t.Errorf("left in Drafts: %s", left)
	}
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}
