package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// signIn fills in the form as a person of the test's provider.
func signIn(p *e2e.Page, name string) {
	p.Fill("textbox", "Email address", name+"@"+e2e.Domain)
	p.Fill("textbox", "Password", e2e.Password)
	p.Click("button", "Sign in")
	p.Wait("grid", "Messages")
}

// letter is a plain message.
func letter(from, to, subject, body string) []byte {
	return []byte(strings.ReplaceAll("From: "+from+"\nTo: "+to+"\nSubject: "+subject+
		"\nDate: "+time.Now().Format(time.RFC1123Z)+"\nMessage-ID: <"+strings.ReplaceAll(subject, " ", ".")+"@hearth.test>\nMIME-Version: 1.0\n"+
		"Content-Type: text/plain; charset=utf-8\n\n"+body+"\n", "\n", "\r\n"))
}

// TestTheMainJob is what the whole house is for: sign in, open, reply, receive the
// reply in another session without doing anything, delete.
func TestTheMainJob(t *testing.T) { theMainJob(t, e2e.StartBrowser(t)) }

// lateEditor keeps the program of the editor away until editorComes is called.
const lateEditor = `{
	const append = Element.prototype.append;
	Element.prototype.append = function (...nodes) {
		if (nodes[0]?.src?.includes("/editor.")) window.editorComes = () => append.apply(this, nodes);
		else append.apply(this, nodes);
	};
}`

func theMainJob(t *testing.T, browser *e2e.Browser) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace Hopper <grace@hearth.test>", "Ada <ada@hearth.test>", "Supper on Friday", "Will you come?\n\nGrace"))
	bridge := mail.Bridge(t)
	ada, grace := browser.Open(t, bridge.URL), browser.Open(t, bridge.URL)
	ada.OnEachLoad(lateEditor)
	ada.Reload()
	signIn(ada, "ada")
	undoFor(ada, 0)
	signIn(grace, "grace")
	grace.WaitText("region", "All done")

	ada.Wait("treeitem", "Inbox, 1 unread")
	ada.Click("row", "~Supper on Friday")
	ada.Wait("article", "Supper on Friday")
	ada.WaitText("article", "Will you come?")
	ada.Wait("treeitem", "Inbox")

	ada.Click("button", "Reply")
	ada.Wait("dialog", "New message")
	ada.Wait("button", "Remove Grace Hopper")
	ada.Fill("textbox", "Message body", "Gladly, with c")
	ada.Eval("editorComes()")
	ada.WaitEval("!!hearthmail.editor", "true")
	ada.Press("ake.") // goes on where it was
	ada.Click("button", "Send")
	ada.Wait("status", "Message sent")
	ada.WaitGone("dialog", "New message")

	// In the other session nobody does anything.
	grace.Wait("row", "~Re: Supper on Friday")
	grace.Wait("treeitem", "Inbox, 1 unread")
	grace.Click("row", "~Re: Supper on Friday")
	grace.Wait("Iframe", "Message body")
	grace.WaitEval(`document.querySelector("iframe.mail-frame:not([aria-busy])")?.contentDocument.body.innerText.includes("Gladly, with cake.")`, "true")

	ada.Wait("image", "Answered")
	ada.Click("treeitem", "Sent")
	ada.Wait("row", "~Re: Supper on Friday")
	ada.Click("treeitem", "Inbox")
	ada.Click("row", "~Supper on Friday")
	ada.Wait("article", "Supper on Friday")
	ada.Click("button", "Delete")
	ada.Wait("status", "Moved to Trash")
	ada.WaitGone("row", "~Supper on Friday")
	ada.WaitText("region", "All done")
	ada.Click("treeitem", "Trash")
	ada.Wait("row", "~Supper on Friday")

	for what, query := range map[string]string{"Sent": "Re: Supper on Friday", "Trash": "Supper on Friday"} {
		if out := mail.Doveadm(t, "search", "-u", "ada", "mailbox", what, "subject", query); strings.Count(out, "\n") != 1 {
			t.Errorf("%s holds %q", what, out)
		}
	}
	if out := mail.Doveadm(t, "search", "-u", "ada", "mailbox", "Drafts"); out != "" {
		t.Errorf("drafts are left: %q", out)
	}
	for _, p := range []*e2e.Page{ada, grace} {
		if thrown := p.Thrown(); thrown != "" {
			t.Errorf("the page's program failed: %s", thrown)
		}
	}
}

// TestOrganize: star, archive, undo, mark unread, move, search, by mouse and keys.
func TestOrganize(t *testing.T) { organize(t, e2e.StartBrowser(t)) }

func organize(t *testing.T, browser *e2e.Browser) {
	mail := e2e.StartProvider(t)
	for _, subject := range []string{"Bread", "Firewood", "The cat"} {
		mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", subject, "About: "+subject))
	}
	p := browser.Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	p.Wait("row", "~Bread")
	p.In("row", "~Bread").Click("button", "Star")
	p.Click("row", "~Bread")
	p.Wait("article", "Bread")
	p.Press("e")
	p.Wait("status", "Archived")
	p.WaitGone("row", "~Bread")
	p.Press("z")
	// It is the newest in the mailbox now: rows have moved.
	until(t, func() bool { return strings.Contains(p.Eval(`document.getElementById("row-0").textContent`), "Bread") })

	p.Click("row", "~Firewood")
	p.Wait("article", "Firewood")
	p.Wait("treeitem", "Inbox, 1 unread")
	p.In("toolbar", "Message actions").Click("button", "Mark unread")
	p.Wait("treeitem", "Inbox, 2 unread")

	p.Click("row", "~The cat")
	p.Wait("article", "The cat")
	p.In("toolbar", "Message actions").Click("button", "Move to…")
	p.Fill("textbox", "Find a mailbox", "arch")
	p.Press(kb.Enter)
	p.Wait("status", "Moved to Archive")
	p.WaitGone("row", "~The cat")

	p.Fill("searchbox", "Search mail", "cat")
	p.Press(kb.Enter)
	p.Wait("heading", "Results")
	p.Wait("row", "~The cat")
	p.WaitGone("row", "~Firewood")
	p.Press("g")
	p.Press("i")
	p.Wait("row", "~Firewood")

	flags := mail.Doveadm(t, "fetch", "-u", "ada", "flags", "mailbox", "INBOX", "subject", "Bread")
	if !strings.Contains(flags, `\Flagged`) || !strings.Contains(flags, `\Seen`) {
		t.Errorf("bread has %q", flags)
	}
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}
