package e2e_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// runs is how often each thing is done; the median counts.
const runs = 9

// table is what BenchmarkReading finds: printed line by line, for it takes minutes.
type table struct{ b *testing.B }

// add is one line: milliseconds of all runs against a goal.
func (t *table) add(what string, goal float64, took []float64) {
	slices.Sort(took)
	t.line(what, goal, "ms", took[len(took)/2], fmt.Sprintf("%.0f to %.0f", took[0], took[len(took)-1]))
}

func (t *table) line(what string, goal float64, unit string, got float64, note string) {
	mark := ""
	if got > goal {
		mark = "over"
	}
	load, _ := os.ReadFile("/proc/loadavg") // where there is one
	busy, _, _ := strings.Cut(string(load), " ")
	fmt.Printf("| %-46s | %6.0f | %7.1f %-2s | %-4s | %s, load %s\n", what, goal, got, unit, mark, note, busy)
	t.b.ReportMetric(got, strings.ReplaceAll(what, " ", "-")+"-"+unit)
}

// html is a message as newsletters are.
func html(i int) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf("From: Weekly %d <weekly%d@hearth.test>\nTo: ada@hearth.test\nSubject: Weekly %d\nDate: %s\nMessage-ID: <weekly.%d@hearth.test>\n"+
		"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<html><body><table width=600><tr><td><h1>Weekly %d</h1>%s</td></tr></table></body></html>\n",
		i, i, i, time.Now().Format(time.RFC1123Z), i, i, strings.Repeat("<p style=\"color:#333\">Some words about <b>this</b> and <a href=\"https://example.org/\">that</a>.</p>\n", 120)), "\n", "\r\n"))
}

const (
	// rowsShown holds when every row in sight has its words.
	rowsShown = `(() => {
		const grid = document.querySelector("[role=grid]");
		if (!grid || !grid.clientHeight) return false;
		const box = grid.getBoundingClientRect();
		const seen = [...grid.querySelectorAll("[role=row]")].filter((r) => { const b = r.getBoundingClientRect(); return b.bottom > box.top + 1 && b.top < box.bottom - 1 });
		return seen.length >= Math.min(grid.getAttribute("aria-rowcount"), Math.floor(box.height / 76)) && seen.length > 0 && seen.every((r) => !r.classList.contains("row-skeleton"));
	})()`
)

// BenchmarkReading measures what people do in the browser in front of an inbox of
// 100,000, from the event to the second frame after it shows, and prints a table.
func BenchmarkReading(b *testing.B) {
	mail := e2e.StartBulkProvider(b)
	mail.Seed(b, "ada", "INBOX", many)
	for i := range runs {
		mail.Seed(b, "ada", fmt.Sprintf("Box%d", i), 300)
		mail.Doveadm(b, "mailbox", "subscribe", "-u", "ada", fmt.Sprintf("Box%d", i))
	}
	for i := range 2 * runs {
		mail.LDA(b, "ada", "grace@hearth.test", html(i))
	}
	bridge := e2e.StartBridge(b, "serve", "-listen", "127.0.0.1:0", "-data", b.TempDir(), "-config", mail.Config(b))
	s := e2e.SignIn(b, bridge, "ada")
	mailbox(s, "inbox")
	for threadIndex(s) != "ready" {
		time.Sleep(200 * time.Millisecond)
	}
	browser := e2e.StartBrowser(b)
	fmt.Printf("\n| %-46s | %6s | %10s | %4s | least to most\n", "", "goal", "median", "")
	// The parts can be had alone: -bench BenchmarkReading/opening.
	b.Run("coming", func(b *testing.B) { coming(&table{b}, browser, bridge.URL) })
	for _, part := range []struct {
		name    string
		measure func(*table, *e2e.Page)
		url     string
	}{
		{"opening", opening, bridge.URL},
		{"going", going, bridge.URL},
		{"acting", acting, bridge.URL},
		{"searching", searching, bridge.URL},
		{"scrolling", scrolling, bridge.URL},
		{"writing", writing, bridge.URL},
		{"far", far, e2e.Slowly(b, bridge.URL, 60*time.Millisecond, 9_000_000)},
	} {
		b.Run(part.name, func(b *testing.B) {
			p := browser.Open(b, part.url)
			signIn(p, "ada")
			p.WaitEval(rowsShown, "true")
			part.measure(&table{b}, p)
		})
	}
}

// coming measures the ways to the list.
func coming(t *table, browser *e2e.Browser, url string) {
	var p *e2e.Page
	var form, list []float64
	for range runs {
		p = browser.Open(t.b, url)
		p.Wait("button", "Sign in")
		form = append(form, p.Number(`Math.max(performance.getEntriesByName("first-contentful-paint")[0].startTime, performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd)`))
		p.Fill("textbox", "Email address", "ada@"+e2e.Domain)
		p.Fill("textbox", "Password", e2e.Password)
		p.WaitEval("hearthmail.ready", "true")
		_, painted := p.Took(`document.getElementById("signin-submit").click()`, rowsShown)
		list = append(list, painted)
	}
	shown, current := reloads(p)
	t.add("cold load to usable form", 250, form)
	t.add("sign-in to list", 300, list)
	t.add("warm reload to list", 250, shown)
	t.add("warm reload to live list", 600, current)
}

// reloads reloads a page that shows the list, and gives the milliseconds until it is
// painted, and until the first answer about it is.
func reloads(p *e2e.Page) (shown, current []float64) {
	p.OnEachLoad(`{
		const see = (name, shown) => new MutationObserver((_, watch) => {
			if (!shown()) return;
			watch.disconnect();
			requestAnimationFrame(() => requestAnimationFrame(() => { window[name] = performance.now() }));
		}).observe(document, {subtree: true, childList: true, attributes: true});
		see("listShown", () => ` + rowsShown + `);
		// Live is the list with the first answer about it.
		window.WebSocket = class extends WebSocket {
			constructor(...args) {
				super(...args);
				this.addEventListener("message", (e) => {
					if (!String(e.data).includes('"Email/query"')) return;
					const drawn = () => requestAnimationFrame(() => requestAnimationFrame(() => { window.listLive ??= performance.now() }));
					setTimeout(() => window.listShown ? drawn() : setTimeout(drawn, 50));
				});
			}
		};
	}`)
	for range runs {
		p.Rest(time.Second)
		p.Reload()
		p.WaitEval("!!window.listLive", "true")
		shown, current = append(shown, p.Number("window.listShown")), append(current, p.Number("window.listLive"))
	}
	return shown, current
}

// far measures what a person far away with a slow device waits for.
func far(t *table, p *e2e.Page) {
	p.Rest(2 * time.Second) // the service worker has its copies, the next messages are here
	p.Slower(4)
	defer p.Slower(1)
	shown, current := reloads(p)
	t.add("far and slow: reload to list", 600, shown)
	t.add("far and slow: reload to live list", 600, current)
	var took []float64
	for i := range runs {
		p.Rest(time.Second)
		took = append(took, open(p, 2*runs-i, `document.querySelector("iframe.mail-frame:not([aria-busy])")`))
	}
	t.add("far and slow: open an HTML message", 100, took)
}

// open opens the message in a row of the list, counted from 1, and leaves it again. It
// gives the milliseconds until it is painted.
func open(p *e2e.Page, row int, shown string) float64 {
	_, painted := p.Took(fmt.Sprintf(`document.querySelector("[aria-rowindex='%d']").click()`, row), shown)
	p.Press("u")
	p.WaitGone("article", "")
	return painted
}

// opening measures opening messages that lie in view.
func opening(t *table, p *e2e.Page) {
	p.Rest(2 * time.Second)
	var rich, plain []float64
	for i := range runs {
		rich = append(rich, open(p, i+1, `document.querySelector("iframe.mail-frame:not([aria-busy])")`))
	}
	p.Eval(fmt.Sprintf(`document.querySelector("[role=grid]").scrollTop = %d * 76`, 2*runs))
	p.WaitEval(rowsShown, "true")
	p.Rest(2 * time.Second)
	for i := range runs {
		plain = append(plain, open(p, 2*runs+i+1, `document.querySelector("article .text-body")`))
	}
	t.add("open a plain message", 40, plain)
	t.add("open an HTML message", 60, rich)
}

// going measures going about: scrolling on, jumping, other mailboxes.
func going(t *table, p *e2e.Page) {
	var next, jump, other []float64
	const scroll = `document.querySelector("[role=grid]").scrollTop`
	p.Eval(scroll + " = 0")
	p.WaitEval(rowsShown, "true")
	for range runs {
		p.Rest(500 * time.Millisecond)
		_, painted := p.Took(scroll+` += document.querySelector("[role=grid]").clientHeight`, rowsShown)
		next = append(next, painted)
	}
	for i := range runs {
		_, painted := p.Took(fmt.Sprintf("%s = %d * 76", scroll, many/2-i*997),
			fmt.Sprintf(`document.querySelector("[aria-rowindex='%d']") && %s`, many/2-i*997+1, rowsShown))
		jump = append(jump, painted)
		p.Rest(300 * time.Millisecond)
	}
	for i := range runs {
		_, painted := p.Took(fmt.Sprintf(`[...document.querySelectorAll("[role=treeitem]")].find((t) => t.textContent.includes("Box%d")).click()`, i),
			fmt.Sprintf(`document.querySelector("h1").textContent !== "" && [...document.querySelectorAll("h1")].some((h) => h.textContent === "Box%d") && %s`, i, rowsShown))
		other = append(other, painted)
		p.Rest(300 * time.Millisecond)
	}
	var back []float64
	for i := range runs {
		_, painted := p.Took(fmt.Sprintf(`[...document.querySelectorAll("[role=treeitem]")].find((t) => t.textContent.includes("Box%d")).click()`, i),
			fmt.Sprintf(`[...document.querySelectorAll("h1")].some((h) => h.textContent === "Box%d") && %s`, i, rowsShown))
		back = append(back, painted)
	}
	t.add("next window", 25, next)
	t.add("jump to row 50,000", 60, jump)
	t.add("switch mailbox, first time", 50, other)
	t.add("switch mailbox, again", 50, back)
}

// acting measures how soon what a person does shows.
func acting(t *table, p *e2e.Page) {
	p.Click("treeitem", "~Box0")
	p.WaitEval(rowsShown, "true")
	p.Rest(time.Second)
	var star, starChanged, gone, goneChanged []float64
	for i := range runs {
		changed, painted := p.Took(fmt.Sprintf(`document.querySelector("[aria-rowindex='%d'] .star").click()`, i%5+1),
			fmt.Sprintf(`document.querySelector("[aria-rowindex='%d'] .star").ariaPressed === "%v"`, i%5+1, i < 5))
		star, starChanged = append(star, painted), append(starChanged, changed)
		p.Rest(200 * time.Millisecond)
	}
	for range runs {
		changed, painted := p.Took(`window.second = document.querySelector("[aria-rowindex='2'] .row-main").textContent; document.querySelector("[aria-rowindex='2'] [aria-label=Delete]").click()`,
			`document.querySelector("[aria-rowindex='2'] .row-main").textContent !== window.second`)
		gone, goneChanged = append(gone, painted), append(goneChanged, changed)
		p.Rest(200 * time.Millisecond)
	}
	t.add("star, in the page", 17, starChanged)
	t.add("star, second frame", 34, star)
	t.add("delete, in the page", 17, goneChanged)
	t.add("delete, second frame", 34, gone)
}

// searching measures the first hits of a search by subject, and by words in bodies.
func searching(t *table, p *e2e.Page) {
	for _, kind := range []struct {
		name, words string
		goal        float64
	}{{"subject search, first hits", "subject:\"matter 1%d\"", 150}, {"body search, first hits", "\"message 990%d,\"", 350}} {
		var took []float64
		for i := range runs {
			p.Fill("searchbox", "Search mail", fmt.Sprintf(kind.words, i))
			_, painted := p.Took(`document.getElementById("search").form.requestSubmit()`,
				`[...document.querySelectorAll("h1")].some((h) => h.textContent === "Results") && document.querySelector(".row:not(.row-skeleton) .row-subject")`)
			took = append(took, painted)
			p.Rest(200 * time.Millisecond)
		}
		t.add(kind.name, kind.goal, took)
	}
}

// scrolling measures frames while 100,000 rows go by, and what memory that takes.
func scrolling(t *table, p *e2e.Page) {
	p.Click("treeitem", "~Inbox")
	p.WaitEval(rowsShown, "true")
	for _, way := range []struct{ speed, slower, goal int }{{1500, 1, 20}, {6000, 1, 20}, {1500, 4, 33}} {
		p.Slower(float64(way.slower))
		frames := strings.Fields(p.Await(fmt.Sprintf(`new Promise((resolve) => {
			const grid = document.querySelector("[role=grid]"), took = [];
			let last = performance.now(), bare = 0;
			const began = last, from = grid.scrollTop;
			requestAnimationFrame(function frame(now) {
				took.push(now - last);
				last = now;
				const box = grid.getBoundingClientRect(), under = document.elementFromPoint(box.left + 80, box.top + box.height / 2);
				if (!under.closest("[role=row]")) bare++;
				grid.scrollTop = from + (now - began) / 1000 * %d;
				if (now - began < 6000) requestAnimationFrame(frame);
				else { took.sort((a, b) => a - b); resolve(took[Math.floor(took.length * 0.95)] + " " + bare + " " + took.length) }
			});
		})`, way.speed)))
		var p95, bare float64
		if _, err := fmt.Sscan(frames[0]+" "+frames[1], &p95, &bare); err != nil {
			t.b.Fatal(err)
		}
		t.line(fmt.Sprintf("frame at %d px a second, %d x slower, 95 of 100", way.speed, way.slower), float64(way.goal), "ms", p95, fmt.Sprintf("%s of %s frames with uncovered area", frames[1], frames[2]))
	}
	p.Slower(1)
	p.Await(`new Promise((resolve) => {
		const grid = document.querySelector("[role=grid]");
		let row = 0;
		const step = setInterval(() => {
			grid.scrollTop = row * 76;
			row += 30;
			if (row > 20000) { clearInterval(step); resolve("") }
		}, 30);
	})`)
	t.line("wasm memory after 20,000 rows", 96, "MB", p.Number("hearthmail.memory()")/(1<<20), "")
}
