package e2e

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.do("loading again", p.tab.reload)
}

// Front shows the page instead of another that was opened.
func (p *Page) Front() {
	p.t.Helper()
	p.do("coming to the front", p.tab.front)
}

// Size sets the window's size in CSS pixels.
func (p *Page) Size(width, height int64) {
	p.t.Helper()
	p.do("a new size", func(ctx context.Context) error { return p.tab.size(ctx, width, height) })
}

// OnEachLoad runs a script in each page before anything of the page's own.
func (p *Page) OnEachLoad(script string) {
	p.t.Helper()
	p.do("a script for each page", func(ctx context.Context) error { return p.tab.before(ctx, script) })
}

// Click clicks in the middle of it, as a mouse does: what lies above it gets the
// click. What moves is clicked when it has come to rest.
func (p *Page) Click(role, name string) {
	p.t.Helper()
	x, y := p.middle(role, name)
	p.do("clicking "+role+" "+name, func(ctx context.Context) error { return p.tab.click(ctx, x, y) })
}

// middle is where something is in the window, once it was scrolled into sight and rests.
func (p *Page) middle(role, name string) (x, y float64) {
	p.t.Helper()
	var at string
	p.until(role+" "+name+" to rest", func(ctx context.Context) bool {
		found, err := p.elements(ctx, role, name)
		if err != nil || len(found) == 0 {
			return false
		}
		for was := "nowhere"; was != at; time.Sleep(30 * time.Millisecond) { // two frames
			was = at
			if at, err = p.tab.apply(ctx, found[0], middleOf); err != nil {
				return false
			}
		}
		return true
	})
	return p.twoNumbers(at)
}

const middleOf = `function() {
	this.scrollIntoView({block: "nearest"});
	const box = this.getBoundingClientRect();
	return (box.left + box.right) / 2 + " " + (box.top + box.bottom) / 2;
}`

// Fill types a text where another one was.
func (p *Page) Fill(role, name, text string) {
	p.t.Helper()
	p.apply(role, name, `function() { this.focus(); if (this.select) this.select() }`)
	if text == "" {
		p.Press("\b")
		return
	}
	p.do("typing into "+role+" "+name, func(ctx context.Context) error { return p.tab.enter(ctx, text) })
}

// Choose picks an option of a list by its text.
func (p *Page) Choose(role, name, option string) {
	p.t.Helper()
	p.apply(role, name, fmt.Sprintf(`function() {
		this.value = [...this.options].find((o) => o.text === %q).value;
		this.dispatchEvent(new Event("change", {bubbles: true}));
	}`, option))
}

// Pick gives files to the page's file field with an id, as its file dialog would.
func (p *Page) Pick(id string, files ...string) {
	p.t.Helper()
	p.do("giving "+strings.Join(files, ", "), func(ctx context.Context) error { return p.tab.give(ctx, "#"+id, files) })
}

// Press presses keys, "a" or of chromedp's kb package. As on a keyboard, a key that the
// page takes for a command types nothing.
func (p *Page) Press(keys string) {
	p.t.Helper()
	for _, key := range keys {
		p.do(fmt.Sprintf("pressing %q", key), func(ctx context.Context) error { return p.tab.press(ctx, key) })
	}
}
