package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestManyMessages: any position of a long list is a drag of its scrollbar away, and
// only what is near is in the page.
func TestManyMessages(t *testing.T) {
	const n = 3000
	mail := crowded(t, n-1)
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	p.Wait("row", "")
	near := func(where string) {
		t.Helper()
		if rows, err := strconv.Atoi(p.Eval(`document.querySelectorAll("[role=row]").length`)); err != nil || rows < 5 || rows > 60 {
			t.Errorf("%s: %d rows in the page, %v", where, rows, err)
		}
	}
	if got := p.Eval(`document.querySelector("[role=grid]").getAttribute("aria-rowcount")`); got != strconv.Itoa(n) {
		t.Errorf("the grid says it has %s rows", got)
	}
	near("at the top")
	p.Eval(`(() => { const g = document.querySelector("[role=grid]"); g.scrollTop = g.scrollHeight / 2 })()`)
	p.Wait("row", "~Message 1500")
	near("in the middle")
	p.Press(kb.End)
	p.Wait("row", "~Message 0")
	near("at the end")
	p.Press(kb.Enter)
	p.WaitText("article", "Some text that goes on")
	if got := p.Eval(`document.querySelector(".row.open").getAttribute("aria-rowindex")`); got != strconv.Itoa(n) {
		t.Errorf("row %s is open", got)
	}
	p.Press("u")
	p.Press(kb.Home)
	p.Wait("row", "~First")
	p.Press(kb.PageDown)
	p.Press(kb.PageDown)
	until(t, func() bool {
		at, err := strconv.Atoi(p.Eval(`document.querySelector(".row.cursor").getAttribute("aria-rowindex")`))
		return err == nil && at > 10 && at < 30
	})
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Error(thrown)
	}
}

// TestPhone: one pane at a time, with ways back.
func TestPhone(t *testing.T) {
	mail := e2e.StartProvider(t)
	for _, subject := range []string{"Bread", "Firewood"} {
		mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", subject, "About: "+subject))
	}
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	p.Size(390, 800)
	signIn(p, "ada")
	p.Click("row", "~Bread")
	p.WaitText("article", "About: Bread")
	p.WaitGone("grid", "Messages")
	p.Click("button", "Back")
	p.WaitGone("article", "Bread")
	p.Click("row", "~Firewood")
	p.WaitText("article", "About: Firewood")
	p.Eval("history.back()")
	p.Wait("grid", "Messages")
	p.WaitGone("article", "Firewood")

	p.Click("button", "Mailboxes")
	p.Click("treeitem", "Sent")
	p.WaitText("heading", "Sent")
	p.WaitGone("treeitem", "Sent") // the drawer has closed
	p.Click("button", "Mailboxes")
	p.Wait("treeitem", "Sent")
	p.Eval(`document.elementFromPoint(innerWidth - 10, innerHeight / 2).click()`) // beside it
	p.WaitGone("treeitem", "Sent")

	p.Click("button", "Compose")
	p.Wait("dialog", "New message")
	if got := p.Eval(`(() => { const r = document.querySelector("[role=dialog]").getBoundingClientRect(); return [r.width, r.height] })()`); got != "390,800" {
		t.Errorf("the composer measures %s", got)
	}
	if wide := p.Eval("document.documentElement.scrollWidth"); wide != "390" {
		t.Errorf("the page is %s wide", wide)
	}
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Error(thrown)
	}
}

// TestAttachments go with a message, and come out of it as they were.
func TestAttachments(t *testing.T) {
	mail := e2e.StartProvider(t)
	bridge := mail.Bridge(t)
	browser := e2e.StartBrowser(t)
	ada, grace := browser.Open(t, bridge.URL), browser.Open(t, bridge.URL)
	signIn(ada, "ada")
	undoFor(ada, 0)
	signIn(grace, "grace")
	ada.Wait("treeitem", "Inbox")
	dir := t.TempDir()
	content := strings.Repeat("Zwölf Boxkämpfer\x00\r\n", 5000)
	plan, photo := filepath.Join(dir, "Plan für Küche.bin"), filepath.Join(dir, "wrong.txt")
	for _, file := range []string{plan, photo} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ada.Click("button", "Compose")
	ada.Fill("combobox", "To", "grace@hearth.test")
	ada.Fill("textbox", "Subject", "The plan")
	ada.Pick(ada.Eval(`document.querySelector("[role=dialog] input[type=file]").id`), plan, photo)
	ada.Click("button", "Remove wrong.txt")
	ada.WaitText("list", "105 KB")
	ada.WaitGone("progressbar", "Uploading Plan für Küche.bin")
	ada.Click("button", "Send")
	ada.Wait("status", "Message sent")

	grace.Wait("image", "Attachment")
	grace.Click("row", "~The plan")
	grace.Wait("link", "Download Plan für Küche.bin")
	if n := grace.Count("link", "~Download "); n != 1 {
		t.Errorf("%d attachments came", n)
	}
	got := grace.Eval(`(window.got || (window.got = "", fetch(document.querySelector(".attachment a").href)
		.then((r) => r.text()).then((text) => { window.got = text })), "")`)
	until(t, func() bool { got = grace.Eval("window.got"); return got != "" })
	if got != content {
		t.Errorf("%d octets came, not the %d that were sent", len(got), len(content))
	}

	grace.Click("button", "Forward")
	grace.Wait("button", "Remove Plan für Küche.bin")
	grace.Fill("combobox", "To", "ada@hearth.test")
	grace.Click("button", "Send")
	ada.Wait("row", "~Fwd: The plan")
	ada.Click("row", "~Fwd: The plan")
	ada.Wait("link", "Download Plan für Küche.bin")
	for _, p := range []*e2e.Page{ada, grace} {
		if thrown := p.Thrown() + p.Lost(); thrown != "" {
			t.Error(thrown)
		}
	}
}

// TestTheme: what is chosen holds against the system, and after a reload.
func TestTheme(t *testing.T) {
	mail := e2e.StartProvider(t)
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	const ground = `getComputedStyle(document.body).backgroundColor`
	light := p.Eval(ground)
	p.Dark(true)
	dark := p.Eval(ground)
	if light == dark {
		t.Errorf("light and dark are both %s", light)
	}
	p.Click("button", "Account")
	p.Click("menuitemradio", "Light")
	p.WaitEval(ground, light)
	p.Reload()
	p.Wait("grid", "Messages")
	p.WaitEval(ground, light)
	p.Click("button", "Account")
	p.Click("menuitemradio", "System")
	p.WaitEval(ground, dark)
}

// TestServersAreShown: what was found for an address stands in the form, and what is
// not encrypted is warned of.
func TestServersAreShown(t *testing.T) {
	p := e2e.StartBrowser(t).Open(t, e2e.StartBridge(t, "demo", "-listen", "127.0.0.1:0").URL)
	p.Click("button", "Server settings")
	p.Fill("textbox", "Email address", "ada@demo.test")
	for _, side := range []string{"Incoming mail", "Outgoing mail (SMTP)"} {
		group := p.In("group", side)
		group.WaitText("paragraph", "others on the way can read")
		if got := group.Property("combobox", "Security", "value"); got != "none" {
			t.Errorf("%s: security %s", side, got)
		}
		if port := group.Property("spinbutton", "Port", "value"); port == "993" || port == "465" || port == "" {
			t.Errorf("%s: port %s", side, port)
		}
		group.Choose("combobox", "Security", "STARTTLS")
		group.WaitGone("paragraph", "~others on the way can read")
	}
	if got := p.In("group", "Outgoing mail (SMTP)").Property("spinbutton", "Port", "value"); got != "587" {
		t.Errorf("STARTTLS took the port to %s", got)
	}
}
