package e2e_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
	"github.com/hearthmail/hearthmail/web/words"
)

// TestPanes: the edges between panes are moved by mouse, finger and key, as far as each
// pane stays of use, also right to left; a reload has them where they were from its first
// frame on.
func TestPanes(t *testing.T) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Bread", "About bread"))
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	p.Wait("row", "~Bread")
	wide := func(pane, want string) {
		t.Helper()
		p.WaitEval(`Math.round(document.querySelector("`+pane+`").getBoundingClientRect().width)`, want)
	}
	focus := func(pane string) { p.Eval(`document.querySelector("[data-edge=` + pane + `]").focus()`) }
	const tree, list, reader = ".window:not(.hung) .mailboxes", ".window:not(.hung) .messages", ".window:not(.hung) .reader"
	wide(tree, "232")
	wide(list, "410")
	p.Drag("separator", "Width of the mailboxes", 40, 5)
	wide(tree, "272")
	p.Drag("separator", "Width of the messages", -60, 5)
	wide(list, "350")
	if got := p.Eval(`["min", "now", "max"].map((what) => document.querySelector("[data-edge=list]").getAttribute("aria-value" + what))`); got != "280,350,688" {
		t.Errorf("the edge of the list says %s", got)
	}
	p.Touch("separator", "Width of the messages").Move(100, 0).Lift()
	wide(list, "450")
	p.Press(kb.ArrowRight)
	wide(list, "474")
	p.Press(kb.Home)
	wide(list, "280")
	p.Press(kb.End)
	wide(list, "688")
	wide(reader, "320")
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		p.Screenshot(filepath.Join(dir, "panes-desktop.png"))
	}

	p.OnEachLoad(`window.widths = new Set();
		(function look() {
			for (const tree of document.querySelectorAll(".window:not([hidden]) .mailboxes")) if (tree.checkVisibility()) widths.add(tree.offsetWidth + " " + document.querySelector(".window:not([hidden]) .messages").offsetWidth);
			requestAnimationFrame(look);
		})()`)
	p.Reload()
	p.Wait("row", "~Bread")
	p.WaitEval(`[...widths].join()`, "272 688")

	p.Size(1110, 800) // the window has less room than was chosen
	wide(list, "518")
	wide(reader, "320")
	p.Size(900, 800) // two panes
	p.WaitGone("separator", "Width of the mailboxes")
	wide(list, "580")
	focus("list")
	p.Press(kb.Enter)
	wide(list, "360")
	p.Size(390, 800)
	p.WaitGone("separator", "Width of the messages")
	p.Size(1280, 900)
	wide(list, "410")
	p.DoubleClick("separator", "Width of the mailboxes")
	wide(tree, "232")

	p.Speak(words.Pseudo)
	p.Wait("row", "~Bread")
	p.Drag("separator", foreign("Width of the mailboxes"), -50, 0)
	wide(tree, "282")
	focus("list")
	p.Press(kb.ArrowLeft)
	wide(list, "434")
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		time.Sleep(300 * time.Millisecond)
		p.Screenshot(filepath.Join(dir, "panes-mirrored.png"))
	}
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Error(thrown)
	}
}
