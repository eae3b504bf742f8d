package e2e_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// hugeText is n lines of plain text.
func hugeText(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Line %d of the log, see https://example.org/%d.\n", i, i)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// hugeHTML is messages that keep a browser busy, by name.
func hugeHTML() map[string]string {
	cells := strings.Repeat("<tr>"+strings.Repeat("<td bgcolor=\"#eeeeee\">x</td>", 10)+"</tr>", 2500)
	return map[string]string{
		"Many elements": "<form><p>begin</p><img src=\"https://example.org/count.png\">" + strings.Repeat("<i id=\"x\" class=\"y\">x</i> ", 25_000) + "</form><script>document.title = 'ran'</script>",
		"Giant table":   "<style>td{color:#333}</style><table>" + cells + "</table>",
		"Deep down":     strings.Repeat("<div>", 3000) + strings.Repeat("<kbd>x</kbd> ", 25_000),
	}
}

// TestHugeMail: what is very long is shown whole when somebody asks, and the app can be used
// while it comes.
func TestHugeMail(t *testing.T) {
	p := readerOfHugeMail(t)
	p.Click("row", "~The whole log")
	p.WaitText("article", "Line 10 of the log")
	p.WaitText("article", "its end is not shown")
	p.Click("button", "Show all")
	p.Press("?") // keys are answered meanwhile
	p.Wait("dialog", "Keyboard shortcuts")
	p.Press("\x1b")
	p.WaitGone("status", "Loading…")
	p.WaitEval(`[...document.querySelectorAll(".text-piece")].reduce((n, e) => n + e.textContent.split("\n").length, 0)`, fmt.Sprint(hugeLines))
	p.Eval(`document.getElementById("reader").scrollTop = 1e9`)
	p.Wait("link", fmt.Sprintf("https://example.org/%d", hugeLines-1))

	const inside = `document.querySelector("iframe.mail-frame:not([aria-busy])")?.contentDocument`
	for name, want := range map[string]string{"Many elements": "i:25000", "Giant table": "td:25000", "Deep down": "kbd:25000"} {
		p.Click("row", "~"+name)
		selector, _, _ := strings.Cut(want, ":")
		p.WaitText("article", "This message is very large")
		p.Click("button", "Show all")
		p.Press("?")
		p.Wait("dialog", "Keyboard shortcuts")
		p.Press("\x1b")
		p.WaitEval(fmt.Sprintf(`%q + ":" + %s?.querySelectorAll(%q).length`, selector, inside, selector), want)
		if got := p.Eval(`document.querySelectorAll("iframe.mail-frame")[0].contentDocument.querySelectorAll("div " + "> div ".repeat(450)).length`); got != "0" {
			t.Errorf("%s: %s elements are nested too deep", name, got)
		}
		if got := p.Eval(inside + `.querySelectorAll("form, script, img[src^=http]").length`); got != "0" {
			t.Errorf("%s: %s elements that are not allowed", name, got)
		}
		p.WaitEval(inside+`.documentElement.getBoundingClientRect().height - document.querySelector("iframe.mail-frame").offsetHeight < 2`, "true")
		p.Press("u")
		p.WaitGone("article", name)
	}
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Errorf("%.2000s", thrown)
	}
}

const hugeLines = 200_000

// readerOfHugeMail is ada, who has long messages.
func readerOfHugeMail(t testing.TB) *e2e.Page {
	t.Helper()
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Something else", "Hello"))
	mail.Deliver(t, "ada", "INBOX", letter("Cron <cron@hearth.test>", "ada@hearth.test", "The whole log", hugeText(hugeLines)))
	for name, html := range hugeHTML() {
		mail.Deliver(t, "ada", "INBOX", newsletter("Grace <grace@hearth.test>", name, "", html))
	}
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	return p
}

// BenchmarkHugeMail measures the longest task of the page while a long message comes after
// "Show all": for how long no key is answered.
func BenchmarkHugeMail(b *testing.B) {
	p := readerOfHugeMail(b)
	p.Eval(`(window.longest = 0, new PerformanceObserver((list) => {
		for (const e of list.getEntries()) longest = Math.max(longest, e.duration);
	}).observe({ type: "longtask" }), "")`)
	most := map[string]float64{}
	for b.Loop() {
		for _, name := range []string{"The whole log", "Many elements", "Giant table", "Deep down"} {
			p.Click("row", "~"+name)
			p.Wait("button", "Show all")
			// The browser is asked for nothing meanwhile: looking for roles is long work, too.
			longest, err := strconv.ParseFloat(p.Await(`new Promise((done) => {
				longest = 0;
				[...document.querySelectorAll("article button")].find((e) => e.textContent === "Show all").click();
				const look = () => document.querySelector("article [role=status]:not([hidden])") ? setTimeout(look, 100) : setTimeout(() => done(String(longest)), 500);
				setTimeout(look, 100);
			})`), 64)
			if err != nil {
				b.Fatal(err)
			}
			most[name] = max(most[name], longest)
			p.Press("u")
			p.WaitGone("article", name)
		}
		p.Reload()
		p.Wait("grid", "Messages")
		p.Eval(`(window.longest = 0, new PerformanceObserver((list) => {
			for (const e of list.getEntries()) longest = Math.max(longest, e.duration);
		}).observe({ type: "longtask" }), "")`)
	}
	for name, longest := range most {
		b.ReportMetric(longest, "ms-"+strings.ReplaceAll(name, " ", "-"))
	}
}
