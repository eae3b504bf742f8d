package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long a page is waited for, on a machine that has much else to do. It
// bounds a hang; nothing is measured with it.
const patience = 60 * time.Second

// Browser is a browser without a window: see StartBrowser and StartFirefox.
type Browser struct {
	// open makes a tab with cookies of its own, which ends with its context, and hands
	// what its page complains of to complain.
	open func(t testing.TB, complain complaints) (context.Context, tab)
}

// tab is one tab of a browser: all that a Page needs to ask of it. What only Chromium
// can do is asked with call.
type tab interface {
	load(ctx context.Context, url string) error
	reload(ctx context.Context) error
	// front shows it instead of another that was opened.
	front(ctx context.Context) error
	// size is that of what can be seen of the page, in CSS pixels.
	size(ctx context.Context, width, height int64) error
	// picture is what can be seen, as PNG.
	picture(ctx context.Context) ([]byte, error)

	// elements lists what has a role and a name: see matches. It looks within an
	// element, the zero one standing for the whole page.
	elements(ctx context.Context, role, name string, within element) ([]element, error)
	// eval gives the text that an expression is, or that the promise it is resolves to.
	eval(ctx context.Context, expression string) (string, error)
	// apply gives what a JavaScript function with the element as its this returns, as text.
	apply(ctx context.Context, e element, function string) (string, error)
	// before runs a script in each page that is loaded, before anything of its own.
	before(ctx context.Context, script string) error

	click(ctx context.Context, x, y float64) error
	enter(ctx context.Context, text string) error
	press(ctx context.Context, key rune) error
	give(ctx context.Context, selector string, files []string) error
}

// element is what a browser calls an element of the page, and its accessible name as
// far as the browser tells.
type element struct{ id, name string }

// complaints are what a page says on its console, and what was asked for in vain.
type complaints struct{ thrown, lost *tail }

// Page is one tab, in a browser session of its own: nobody else's cookies.
type Page struct {
	t   testing.TB
	ctx context.Context
	tab tab
	complaints
	within [2]string // role and name of what is looked in, "" for all
}

// Open opens a page in a new browser session.
func (b *Browser) Open(t testing.TB, url string) *Page {
	t.Helper()
	p := &Page{t: t, complaints: complaints{&tail{}, &tail{}}}
	p.ctx, p.tab = b.open(t, p.complaints)
	p.Size(1280, 900)
	p.do("loading "+url, func(ctx context.Context) error { return p.tab.load(ctx, url) })
	t.Cleanup(func() {
		if t.Failed() {
			p.Screenshot(filepath.Join(os.TempDir(), strings.ReplaceAll(t.Name(), "/", "-")+".png"))
		}
	})
	return p
}

// In is the page as far as it is within something with a role and a name.
func (p *Page) In(role, name string) *Page {
	inner := *p
	inner.within = [2]string{role, name}
	return &inner
}

// Thrown is what the page calls an error on its console: what nothing caught, what
// a policy forbade. A bridge that does not answer is none.
func (p *Page) Thrown() string { return p.thrown.String() }

// Lost is what was asked for over the network in vain.
func (p *Page) Lost() string { return p.lost.String() }

// elements lists what has a role and a name; name "" takes any, a name that begins
// with ~ need only contain the rest.
func (p *Page) elements(ctx context.Context, role, name string) ([]element, error) {
	var within element
	if p.within[0] != "" {
		found, err := p.tab.elements(ctx, p.within[0], p.within[1], within)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		within = found[0]
	}
	return p.tab.elements(ctx, role, name, within)
}

func matches(have, want string) bool {
	if part, ok := strings.CutPrefix(want, "~"); ok {
		return strings.Contains(have, part)
	}
	return want == "" || have == want
}

// Wait waits until something with a role and a name is there.
func (p *Page) Wait(role, name string) {
	p.t.Helper()
	p.until(role+" "+name, func(ctx context.Context) bool {
		found, err := p.elements(ctx, role, name)
		return err == nil && len(found) > 0
	})
}

// WaitGone waits until nothing with a role and a name is there.
func (p *Page) WaitGone(role, name string) {
	p.t.Helper()
	p.until("no "+role+" "+name, func(ctx context.Context) bool {
		found, err := p.elements(ctx, role, name)
		return err == nil && len(found) == 0
	})
}

// WaitText waits until something with a role contains a text.
func (p *Page) WaitText(role, text string) {
	p.t.Helper()
	p.until(role+" with "+text, func(ctx context.Context) bool {
		found, err := p.elements(ctx, role, "")
		if err != nil {
			return false
		}
		for _, e := range found {
			if strings.Contains(e.name, text) {
				return true
			}
			shown, err := p.tab.apply(ctx, e, "function() { return this.innerText || this.textContent }")
			if err == nil && strings.Contains(shown, text) { // what went away meanwhile has none
				return true
			}
		}
		return false
	})
}

// WaitEval waits until an expression's value, as text, is want.
func (p *Page) WaitEval(expression, want string) {
	p.t.Helper()
	p.until(expression+" to be "+want, func(ctx context.Context) bool {
		out, err := p.tab.eval(ctx, "String("+expression+")")
		return err == nil && out == want
	})
}

// until asks again and again. A question that a page on its way elsewhere never answers
// is given up early.
func (p *Page) until(what string, ok func(ctx context.Context) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	try := func() bool {
		ctx, cancel := context.WithTimeout(ctx, patience/4)
		defer cancel()
		return ok(ctx)
	}
	for !try() {
		select {
		case <-ctx.Done():
			p.t.Fatalf("waited in vain for: %s\n%s", what, p.outline())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Count counts what has a role and a name now.
func (p *Page) Count(role, name string) (n int) {
	p.t.Helper()
	p.do("counting "+role+" "+name, func(ctx context.Context) error {
		found, err := p.elements(ctx, role, name)
		n = len(found)
		return err
	})
	return n
}

// Text is the text of something with a role and a name.
func (p *Page) Text(role, name string) string {
	p.t.Helper()
	return p.apply(role, name, `function() { return this.innerText }`)
}

// Property is a DOM property of something with a role and a name.
func (p *Page) Property(role, name, property string) string {
	p.t.Helper()
	return p.apply(role, name, fmt.Sprintf("function() { return this[%q] }", property))
}

// Eval runs an expression on the page and gives its value as text.
func (p *Page) Eval(expression string) string {
	p.t.Helper()
	return p.Await("String(" + expression + ")")
}

// Await runs an expression on the page, a promise, and gives what it resolves to.
func (p *Page) Await(expression string) (out string) {
	p.t.Helper()
	p.do(expression, func(ctx context.Context) (err error) {
		out, err = p.tab.eval(ctx, expression)
		return err
	})
	return out
}

// apply waits for something with a role and a name, and gives what a JavaScript function
// with it as this returns. What is drawn anew meanwhile is looked for again.
func (p *Page) apply(role, name, function string) (out string) {
	p.t.Helper()
	p.until(role+" "+name+" to be asked", func(ctx context.Context) bool {
		found, err := p.elements(ctx, role, name)
		if err != nil || len(found) == 0 {
			return false
		}
		out, err = p.tab.apply(ctx, found[0], function)
		return err == nil
	})
	return out
}

// do asks the browser for what must succeed.
func (p *Page) do(what string, ask func(ctx context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := ask(ctx); err != nil {
		p.t.Fatalf("%.300s: %v\n%s", what, err, p.outline())
	}
}

// Screenshot writes what the window shows as a PNG file.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := p.tab.picture(ctx)
	if err == nil {
		err = os.WriteFile(file, png, 0o600)
	}
	if err != nil {
		p.t.Logf("no screenshot: %v", err)
		return
	}
	p.t.Logf("screenshot: %s", file)
}

// outline is what the page says, for the log of a failed test.
func (p *Page) outline() string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	text, err := p.tab.eval(ctx, "document.body.innerText")
	if err != nil {
		return "the page does not answer: " + err.Error()
	}
	return "the page says:\n" + text
}
