package e2e_test

import (
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

const (
	// writable holds when a new message is there and takes what is typed.
	writable = `document.activeElement?.closest("[role=dialog]")`
	// longReply puts 200 KB into the editor.
	longReply = `(() => {
		const editor = document.querySelector("[role=dialog] [aria-label='Message body']");
		editor.focus();
		document.execCommand("insertHTML", false, ("<div>" + "Some words of a long reply. ".repeat(7) + "</div>").repeat(1000));
		return editor.innerText.length;
	})()`
	// typed types 200 letters, 30 ms apart, and gives for each the milliseconds from when its
	// key went down to when the text has it.
	typed = `new Promise((resolve) => {
		const editor = document.querySelector("[role=dialog] [aria-label='Message body']");
		const took = [];
		const began = performance.now();
		const next = () => {
			const due = began + took.length * 30;
			document.execCommand("insertText", false, "x");
			editor.offsetHeight;
			took.push(performance.now() - due);
			if (took.length === 200) resolve(took.join(" "));
			else setTimeout(next, Math.max(0, began + took.length * 30 - performance.now()));
		};
		next();
	})`
)

// press clicks a button by its text.
func press(text string) string {
	return `[...document.querySelectorAll("button")].find((b) => b.offsetParent && b.textContent.trim() === "` + text + `").click()`
}

// writing measures what a person who writes waits for.
func writing(t *table, p *e2e.Page) {
	p.Rest(5 * time.Second) // the editor has come
	var open, sent, taken []float64
	for range runs {
		_, painted := p.Took(press("Compose"), writable)
		open = append(open, painted)
		p.Click("button", "Save and close")
		p.WaitGone("dialog", "New message")
	}
	t.add("new message, ready to type", 35, open)

	p.Press("c")
	p.WaitEval("!!"+writable, "true")
	p.Eval(longReply)
	p.Rest(3 * time.Second)
	var late []float64
	for ms := range strings.FieldsSeq(p.Await(typed)) {
		n, _ := strconv.ParseFloat(ms, 64)
		late = append(late, n)
	}
	t.add("a letter in a reply of 200 KB", 16, late)
	t.line("a letter in a reply of 200 KB, 95 of 100", 16, "ms", late[len(late)*95/100], "")
	p.Click("button", "Discard draft")
	p.WaitGone("dialog", "New message")

	for range 3 {
		p.Press("c")
		p.Fill("combobox", "To", "grace@hearth.test,")
		p.Fill("textbox", "Subject", "Measured")
		p.Fill("textbox", "Message body", "Hello.")
		p.Rest(time.Second)
		changed, painted := p.Took(press("Send"), `!document.querySelector("[role=dialog]") || document.querySelector("[role=dialog]").textContent.includes("Sending")`)
		sent, taken = append(sent, changed), append(taken, painted)
		p.WaitGone("dialog", "New message")
	}
	t.add("send, in the page", 16, sent)
	t.add("send, second frame", 34, taken)
}
