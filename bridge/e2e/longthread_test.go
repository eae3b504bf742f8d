package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// longThread is a provider where ada has a conversation of n messages, all seen but for
// the newest. The last of her mailbox is another message.
func longThread(t testing.TB, n int) *e2e.Provider {
	t.Helper()
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Beside it", "Hello"))
	dir := filepath.Join(mail.Maildir("ada", "INBOX"), "cur")
	mode, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		at := time.Now().Add(-time.Duration(n-i) * time.Hour)
		header := fmt.Sprintf("From: Person %d <p%d@hearth.test>\nTo: ada@hearth.test\nSubject: Re: A long story\nDate: %s\nMessage-ID: <%d@long.test>\n", i, i%7, at.Format(time.RFC1123Z), i)
		if i > 0 {
			header += fmt.Sprintf("In-Reply-To: <%d@long.test>\nReferences: <0@long.test> <%d@long.test>\n", i-1, i-1)
		}
		body := fmt.Sprintf("MIME-Version: 1.0\nContent-Type: text/html\n\n<p>Chapter %d of it.</p>", i) + strings.Repeat("<p>It goes on.</p>", 20)
		flags := "S"
		if i == n-1 {
			flags = ""
		}
		file := filepath.Join(dir, fmt.Sprintf("%d.M%d.test:2,%s", at.Unix(), i, flags))
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(header+body, "\n", "\r\n")), mode.Mode().Perm()|0o644); err != nil {
			t.Fatal(err)
		}
	}
	mail.Doveadm(t, "index", "-u", "ada", "INBOX")
	return mail
}

// TestLongThread: a conversation of 500 messages opens with its newest, and has in the page
// and fetches what is near the viewport, wherever one scrolls.
func TestLongThread(t *testing.T) {
	const n = 500
	mail := longThread(t, n)
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	bounded := func(where string, frames int) {
		t.Helper()
		nodes, err := strconv.Atoi(p.Eval(`document.querySelectorAll("article *").length`))
		if err != nil || nodes > 1200 {
			t.Errorf("%s: %d elements in the reader, %v", where, nodes, err)
		}
		if got := p.Eval(`document.querySelectorAll("article iframe").length`); got != strconv.Itoa(frames) {
			t.Errorf("%s: %s frames, not %d", where, got, frames)
		}
	}
	const chapter = `[...document.querySelectorAll("article iframe:not([aria-busy])")].map((f) => f.contentDocument.querySelector("p")?.textContent).join()`
	p.WaitText("row", strconv.Itoa(n)) // it is known that they belong together
	p.Click("row", "~A long story")
	p.WaitEval(chapter, "Chapter 499 of it.")
	p.Wait("button", "497 earlier messages")
	bounded("opened", 1)
	shot(t, p, "opened")

	p.Click("button", "497 earlier messages")
	p.WaitGone("button", "497 earlier messages")
	p.Wait("region", "~Message from Person 1,")
	bounded("unfolded", 1)
	shot(t, p, "lines")
	const scroll = `document.getElementById("reader").scrollTop`
	p.Eval(scroll + ` = document.querySelector(".lines").offsetHeight / 2`)
	p.Wait("region", "~Message from Person 250,")
	p.WaitGone("region", "~Message from Person 1,")
	bounded("in the middle", 1)

	// What is read stays where it is while what stands above it comes.
	p.Click("region", "~Message from Person 250,")
	p.WaitEval(chapter, "Chapter 250 of it.,Chapter 499 of it.")
	bounded("one unfolded", 2)
	const place = `Math.round([...document.querySelectorAll("section.message.unfolded")][0].getBoundingClientRect().top)`
	was, _ := strconv.Atoi(p.Eval(place))
	p.Click("region", "~Message from Person 248,")
	p.WaitEval(chapter, "Chapter 248 of it.,Chapter 250 of it.,Chapter 499 of it.")
	now, _ := strconv.Atoi(p.Eval(strings.Replace(place, "[0]", "[0].previousElementSibling.lastElementChild", 1)))
	if now < was-200 || now > was {
		t.Errorf("unfolding moved what is above from %d to %d", was, now)
	}

	p.Eval(scroll + ` = 0`)
	p.Click("region", "~Message from Person 0,")
	p.WaitEval(chapter, "Chapter 0 of it.,Chapter 248 of it.,Chapter 250 of it.,Chapter 499 of it.")
	if got, err := strconv.Atoi(p.Eval(scroll)); err != nil || got > 10 {
		t.Errorf("the oldest was opened, and the page stands at %d", got)
	}
	bounded("the oldest", 4)
	p.Wait("button", "Fold")
	p.WaitEval(`document.activeElement.getAttribute("aria-label")`, "Fold")
	p.Eval(scroll + ` = 1e9`)
	p.Wait("region", "~Message from Person 498,")
	bounded("the end", 4)
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Error(thrown)
	}
}
