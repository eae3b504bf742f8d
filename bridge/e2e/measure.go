package e2e

import (
	"strconv"
	"time"

	"github.com/chromedp/cdproto/emulation"
)

// Measuring happens in the page, with its own clock: what the protocol between here
// and there costs is not what people wait for.

// Took does something on the page and gives the milliseconds until an expression holds
// for the first time, and until the second frame after that. act and shown are
// JavaScript: statements, and an expression.
func (p *Page) Took(act, shown string) (changed, painted float64) {
	p.t.Helper()
	out := p.Await(`new Promise((resolve) => {
		const shown = () => ` + shown + `;
		const began = performance.now();
		const look = () => {
			if (!shown()) return;
			watch.disconnect();
			const changed = performance.now() - began;
			requestAnimationFrame(() => requestAnimationFrame(() => resolve(changed + " " + (performance.now() - began))));
			look.done = true;
		};
		const watch = new MutationObserver(() => look.done || look());
		watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
		` + act + `;
		look();
	})`)
	return p.twoNumbers(out)
}

// Slower makes the page's processor slower by a factor.
func (p *Page) Slower(factor float64) {
	p.t.Helper()
	call(p, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: factor})
}

// Rest lets the page go on for a while, as people who read do.
func (p *Page) Rest(d time.Duration) {
	p.t.Helper()
	time.Sleep(d)
}

// Number is the value of an expression on the page.
func (p *Page) Number(expression string) float64 {
	p.t.Helper()
	n, err := strconv.ParseFloat(p.Eval(expression), 64)
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return n
}

func (p *Page) twoNumbers(text string) (a, b float64) {
	p.t.Helper()
	for i, c := range text {
		if c != ' ' {
			continue
		}
		x, err1 := strconv.ParseFloat(text[:i], 64)
		y, err2 := strconv.ParseFloat(text[i+1:], 64)
		if err1 == nil && err2 == nil {
			return x, y
		}
	}
	p.t.Fatalf("not two numbers: %q", text)
	return 0, 0
}
