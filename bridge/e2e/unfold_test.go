package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// answered is a message of a conversation: the nth, from 1.
func answered(from, subject string, n int) []byte {
	raw := letter(from, "ada@hearth.test", subject, fmt.Sprintf("Word %d about %s.", n, subject))
	id := []byte("<" + strings.ReplaceAll(subject, " ", ".") + "@hearth.test>")
	if n == 1 {
		return raw
	}
	return bytes.Replace(raw, append([]byte("Message-ID: "), id...), fmt.Appendf(nil, "References: %s\r\nMessage-ID: <%d.%s", id, n, id[1:]), 1)
}

// TestUnfold: a conversation is unfolded in the list, by mouse and by key; each of its
// messages is then gone to, ticked, opened and acted on by itself, and the list stays where
// it is when mail comes.
func TestUnfold(t *testing.T) {
	mail := crowded(t, 40)
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Bread", "About bread"))
	for n, from := range []string{"Grace <grace@hearth.test>", "Linus <linus@hearth.test>", "Mary <mary@hearth.test>"} {
		mail.Deliver(t, "ada", "INBOX", answered(from, "The plan", n+1))
	}
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	shot := func(name string) {
		if dir := os.Getenv("SCREENSHOTS"); dir != "" {
			time.Sleep(400 * time.Millisecond)
			p.Screenshot(filepath.Join(dir, "unfold-"+name+".png"))
		}
	}
	signIn(p, "ada")
	p.Wait("row", "~Bread")
	rows := func(want string) {
		t.Helper()
		p.WaitEval(`document.querySelector("[role=grid]").getAttribute("aria-rowcount")`, want)
	}
	cursor := func(want string) {
		t.Helper()
		p.WaitEval(`document.querySelector(".row.cursor")?.textContent.includes(`+fmt.Sprintf("%q", want)+`)`, "true")
	}
	holds := func(mailbox, text string, want int) {
		t.Helper()
		until(t, func() bool {
			out := mail.Doveadm(t, "search", "-u", "ada", "mailbox", mailbox, "body", text)
			return strings.Count(out, "\n") == want
		})
	}
	rows("43")
	p.Click("button", "Show the 3 messages")
	rows("46")
	p.Wait("row", "~Message 2 of 3")
	p.WaitText("row", "Word 1 about")
	shot("desktop")
	p.Press("j")
	cursor("The plan")
	p.Press("j")
	cursor("Message 1 of 3")
	p.Press(kb.ArrowLeft)
	rows("43")
	cursor("The plan")
	p.WaitEval(`document.querySelector(".row.cursor .row-count").getAttribute("aria-expanded")`, "false")
	p.Press(kb.ArrowRight)
	rows("46")

	p.Press("j")
	p.Press("j")
	cursor("Message 2 of 3")
	p.Press("s")
	p.WaitEval(`[...document.querySelectorAll(".row-sub .star")].map((e) => e.ariaPressed).join()`, "false,true,false")
	p.Press("x")
	p.Wait("heading", "1 selected")
	p.Press("k")
	p.Press("k")
	p.Press("x") // the conversation: all of it
	p.Wait("heading", "3 selected")
	p.Press("x")
	p.WaitGone("heading", "3 selected")
	p.Press("j")
	p.Press("j")
	p.Press("#")
	p.Wait("status", "Moved to Trash")
	rows("45")
	p.Wait("row", "~Message 2 of 2")
	holds("Trash", "Word 2", 1)
	holds("INBOX", "Word 1", 1)
	p.Press("z")
	rows("46")
	cursor("Word 2") // wherever that is now

	p.Click("row", "~Message 3 of 3")
	p.WaitText("article", "Word 1 about The plan.")
	p.WaitEval(`document.querySelectorAll(".row.open").length + document.querySelector(".row.open").textContent`, p.Eval(`1 + [...document.querySelectorAll(".row-sub")].at(-1).textContent`))
	p.Press("e") // it alone
	p.Wait("status", "Archived")
	holds("Archive", "Word 1", 1)
	holds("INBOX", "Word 3", 1)
	p.WaitText("article", "About bread") // what is below it
	shot("alone")
	p.Press("u")

	// What is looked at stays, though a conversation above it goes to the top and grows.
	p.Eval(`document.querySelector("[role=grid]").scrollTop = 912 + 5`)
	const above = `(() => { const grid = document.querySelector("[role=grid]").getBoundingClientRect();
		const row = document.elementFromPoint(grid.left + 100, grid.top + 40).closest(".row");
		return row.querySelector(".row-title").textContent + " " + Math.round(row.getBoundingClientRect().top - grid.top) })()`
	p.WaitEval(`!!document.elementFromPoint(500, 300)?.closest(".row:not(.row-skeleton)")`, "true")
	was := p.Eval(above)
	mail.Deliver(t, "ada", "INBOX", answered("Linus <linus@hearth.test>", "The plan", 4))
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Firewood", "About firewood"))
	rows("48")
	p.WaitEval(above, was)
	p.Eval(`document.querySelector("[role=grid]").scrollTop = 0`)
	p.Wait("row", "~Message 4 of 4")

	p.Click("treeitem", "Archive")
	p.WaitText("heading", "Archive")
	p.Click("treeitem", "~Inbox")
	rows("44") // folded again
	p.Size(390, 800)
	p.Click("button", "Show the 4 messages")
	p.Wait("row", "~Message 4 of 4")
	shot("phone")
	p.Dark(true)
	shot("phone-dark")
	last := p.Eval(`[...document.querySelectorAll(".row-sub .row-preview")].at(-1).textContent`)[:len("Word 1")]
	p.Touch("row", "~Message 4 of 4").Move(-300, 4).Lift()
	p.Wait("status", "Moved to Trash")
	holds("Trash", last, 1)
	holds("INBOX", "Word 4", 1)
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Error(thrown)
	}
}
