package e2e_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestOnPaperAndLarger: a message is printed alone, its files come as one archive, it is read
// in the direction of its script, and as large as one likes.
func TestOnPaperAndLarger(t *testing.T) {
	mail := e2e.StartProvider(t)
	const shalom, wide = "שלום לכולם", `<table width="900"><tr><td>A newsletter for wide screens.</td></tr></table>`
	mail.Deliver(t, "ada", "INBOX", newsletter("News <news@hearth.test>", "Wide news", "", wide))
	mail.Deliver(t, "ada", "INBOX", newsletter("Dana <dana@hearth.test>", "Hebrew letter", "", "<p>"+shalom+", hello</p>"))
	mail.Deliver(t, "ada", "INBOX", parts("Hebrew and files", "mixed", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"+shalom+", hello.\n\nAnd in English.",
		part("Content-Type: text/plain; name=one.txt\nContent-Disposition: attachment", []byte("the first file")),
		part("Content-Type: text/plain; name=two.txt\nContent-Disposition: attachment", []byte("the second file"))))
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	frame := func(expression string) string {
		return `(() => { const body = document.querySelector("iframe.mail-frame:not([aria-busy])")?.contentDocument?.body; return body ? ` + expression + ` : "" })()`
	}
	more := func(item string) {
		p.In("toolbar", "Message actions").Click("button", "More")
		p.Click("menuitem", item)
	}

	p.Click("row", "~Hebrew and files")
	p.WaitText("article", shalom)
	// Each paragraph stands at the side its first letters begin at.
	const side = `(() => {
		const text = document.querySelector(".text-body .text-block"), box = text.getBoundingClientRect(), range = document.createRange(), found = [];
		const walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
		for (let n = walk.nextNode(); n; n = walk.nextNode()) for (const word of ["hello.", "English"]) {
			const at = n.data.indexOf(word);
			if (at < 0) continue;
			range.setStart(n, at); range.setEnd(n, at + word.length);
			found.push(range.getBoundingClientRect().left > box.left + box.width / 2 ? "right" : "left");
		}
		return found.join();
	})()`
	p.WaitEval(side, "right,left")
	p.Eval(`(document.addEventListener("click", (e) => {
		const link = e.target.closest("a[download]");
		if (link) { window.saved = link.href; e.preventDefault(); }
	}, true), "")`)
	p.Click("button", "Download all")
	p.WaitEval(`!!window.saved`, "true")
	zip := p.Await(`fetch(saved).then((r) => r.text())`)
	for _, want := range []string{"PK", "one.txt", "two.txt"} {
		if !strings.Contains(zip, want) {
			t.Errorf("the archive has no %q", want)
		}
	}

	p.Eval(`(window.print = () => { window.printed = true }, "")`)
	more("Print")
	p.WaitEval(`window.printed`, "true")
	p.Paper(true)
	p.WaitEval(`[".article", ".text-body"].every((s) => document.querySelector(s).checkVisibility())`, "true")
	if got := p.Eval(`[...document.querySelectorAll(".banner, .mailboxes, .messages, .toolbar, .answer-icons, .compose-float, .edge")].filter((e) => e.checkVisibility()).map((e) => e.className).join()`); got != "" {
		t.Errorf("on paper there is %s, too", got)
	}
	p.Paper(false)

	const size = `parseFloat(getComputedStyle(document.querySelector(".text-block")).fontSize)`
	was, err := strconv.ParseFloat(p.Eval(size), 64)
	if err != nil {
		t.Fatal(err)
	}
	more("Zoom in")
	p.WaitEval(size+" > "+strconv.FormatFloat(was*1.1, 'f', 2, 64), "true")
	more("Actual size")
	p.WaitEval(size, strconv.FormatFloat(was, 'f', -1, 64))

	p.Click("row", "~Hebrew letter")
	p.WaitEval(frame(`getComputedStyle(body).direction + " " + getComputedStyle(body.querySelector("p")).direction`), "rtl rtl")
	const zoom = `Number(body.style.zoom || 1)`
	p.Eval(`(document.getElementById("reader").focus(), "")`)
	const press = `(document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: KEY, ctrlKey: true, bubbles: true, cancelable: true })), "")`
	p.Eval(strings.Replace(press, "KEY", `"+"`, 1))
	p.WaitEval(frame(zoom+" > 1.1"), "true")
	p.Eval(strings.Replace(press, "KEY", `"0"`, 1))
	p.WaitEval(frame(zoom), "1")

	// On a phone what was made for wider screens fits, until somebody wants it larger.
	p.Click("row", "~Wide news")
	p.Size(390, 800)
	p.WaitEval(frame(zoom+" < 0.5"), "true")
	shot(t, p, "fits")
	p.Size(390, 800)
	more("Actual size")
	p.WaitEval(frame(zoom), "1")
	p.WaitEval(frame(`body.ownerDocument.documentElement.scrollWidth > 800`), "true")
	if got := p.Eval(`document.documentElement.scrollWidth`); got != "390" {
		t.Errorf("the page is %s wide", got)
	}
	more("Fit width")
	p.WaitEval(frame(zoom+" < 0.5"), "true")
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Error(thrown)
	}
}
