package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a page is waited for. It bounds a hang; nothing is
// measured with it.
const patience = 30 * time.Second

// Browser is a headless Chromium.
type Browser struct{ ctx context.Context }

// StartBrowser starts Chromium and stops it when the test ends.
func StartBrowser(t testing.TB) *Browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.WSURLReadTimeout(60*time.Second),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() { cancel(); stop() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium did not start (Debian package chromium): %v", err)
	}
	return &Browser{ctx}
}

// Page is one tab, in a browser session of its own: nobody else's cookies.
type Page struct {
	t      testing.TB
	ctx    context.Context
	thrown *tail
	lost   *tail     // answers of the network that were errors, or none
	within [2]string // role and name of what is looked in, "" for all
}

// In is the page as far as it is within something with a role and a name.
func (p *Page) In(role, name string) *Page {
	inner := *p
	inner.within = [2]string{role, name}
	return &inner
}

// Open opens a page in a new browser session.
func (b *Browser) Open(t testing.TB, url string) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx, thrown: &tail{}, lost: &tail{}}
	if err := chromedp.Do(ctx); err != nil { // makes the tab; it must outlive any timeout
		t.Fatal(err)
	}
	go p.watch()
	p.Size(1280, 900)
	p.run(chromedp.Navigate(url))
	t.Cleanup(func() {
		if t.Failed() {
			p.Screenshot(filepath.Join(os.TempDir(), strings.ReplaceAll(t.Name(), "/", "-")+".png"))
		}
	})
	return p
}

// watch keeps what the page complains of.
func (p *Page) watch() {
	for m, err := range chromedp.Console(p.ctx) {
		switch {
		case err != nil:
			return // the page was closed
		case m.Source == "network" && strings.Contains(m.Text, "401"):
			// Nobody is signed in yet.
		case strings.Contains(m.Text, "WebSocket is closed before the connection is established"):
			// The page was left while its socket was being opened.
		case m.Source == "network":
			_, _ = p.lost.Write([]byte(m.String() + " " + m.URL + "\n"))
		case m.IsException(), m.Type == chromedp.ConsoleError:
			_, _ = p.thrown.Write([]byte(m.String() + "\n"))
		}
	}
}

// Thrown is what the page calls an error on its console: what nothing caught, what
// a policy forbade. A bridge that does not answer is none.
func (p *Page) Thrown() string { return p.thrown.String() }

// Lost is what was asked for over the network in vain.
func (p *Page) Lost() string { return p.lost.String() }

func (p *Page) run(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("%v\n%s", err, p.outline())
	}
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.run(chromedp.Reload())
}

// Size sets the window's size in CSS pixels.
func (p *Page) Size(width, height int64) {
	p.t.Helper()
	options := []chromedp.EmulateViewportOption{}
	if width < 700 {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	p.run(chromedp.EmulateViewport(width, height, options...))
}

// Dark sets the colour scheme the system asks for.
func (p *Page) Dark(dark bool) {
	p.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// Speak has the browser ask for a language, and loads the page again.
func (p *Page) Speak(tag string) {
	p.t.Helper()
	call(p, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: p.Eval("navigator.userAgent"), AcceptLanguage: tag})
	p.Reload()
}

// nodes lists what has a role and a name; name "" takes any, a name that begins
// with ~ need only contain the rest.
func (p *Page) nodes(ctx context.Context, role, name string) ([]*accessibility.Node, error) {
	root, err := chromedp.Call(ctx, dom.GetDocument, dom.GetDocumentParams{Depth: new(int64)})
	if err != nil {
		return nil, err
	}
	from := root.Root.BackendNodeID
	if p.within[0] != "" {
		outer := *p
		outer.within = [2]string{}
		found, err := outer.nodes(ctx, p.within[0], p.within[1])
		if err != nil || len(found) == 0 {
			return nil, err
		}
		from = found[0].BackendDOMNodeID
	}
	all, err := chromedp.Call(ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{BackendNodeID: from, Role: role})
	var found []*accessibility.Node
	for _, n := range all.Nodes {
		if !n.Ignored && matches(axString(n.Name), name) {
			found = append(found, n)
		}
	}
	return found, err
}

func matches(have, want string) bool {
	if part, ok := strings.CutPrefix(want, "~"); ok {
		return strings.Contains(have, part)
	}
	return want == "" || have == want
}

func axString(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return plain(v.Value)
}

// find waits for something with a role and a name.
func (p *Page) find(role, name string) cdp.BackendNodeID {
	p.t.Helper()
	var id cdp.BackendNodeID
	p.until(role+" "+name, func(ctx context.Context) bool {
		found, err := p.nodes(ctx, role, name)
		if err != nil || len(found) == 0 {
			return false
		}
		id = found[0].BackendDOMNodeID
		return true
	})
	return id
}

// Wait waits until something with a role and a name is there.
func (p *Page) Wait(role, name string) {
	p.t.Helper()
	p.find(role, name)
}

// WaitGone waits until nothing with a role and a name is there.
func (p *Page) WaitGone(role, name string) {
	p.t.Helper()
	p.until("no "+role+" "+name, func(ctx context.Context) bool {
		found, err := p.nodes(ctx, role, name)
		return err == nil && len(found) == 0
	})
}

// try gives up on a question that a page on its way elsewhere never answers.
func (p *Page) try(ctx context.Context, ok func(ctx context.Context) bool) bool {
	ctx, cancel := context.WithTimeout(ctx, patience/6)
	defer cancel()
	return ok(ctx)
}

func (p *Page) until(what string, ok func(ctx context.Context) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for !p.try(ctx, ok) {
		select {
		case <-ctx.Done():
			p.t.Fatalf("waited in vain for: %s\n%s", what, p.outline())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Count counts what has a role and a name now.
func (p *Page) Count(role, name string) int {
	p.t.Helper()
	found, err := p.nodes(p.ctx, role, name)
	if err != nil {
		p.t.Fatal(err)
	}
	return len(found)
}

// plain is a JSON string's text.
func plain(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return string(raw)
	}
	return s
}

// call makes one protocol call that must succeed.
func call[P, R any](p *Page, cmd cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, cmd, params)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, p.outline())
	}
	return result
}

// apply runs a JavaScript function with the element as this, and gives what it
// returns as text.
func (p *Page) apply(ctx context.Context, id cdp.BackendNodeID, function string) (string, error) {
	object, err := chromedp.Call(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: id})
	if err != nil {
		return "", err
	}
	yes := true
	result, err := chromedp.Call(ctx, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: "function() { return String((" + function + ").call(this)) }",
		ObjectID:            object.Object.ObjectID,
		ReturnByValue:       &yes,
		UserGesture:         &yes,
	})
	if err != nil {
		return "", err
	}
	if result.ExceptionDetails != nil {
		return "", errors.New(result.ExceptionDetails.Text)
	}
	return plain(result.Result.Value), nil
}

func (p *Page) mustApply(id cdp.BackendNodeID, function string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	out, err := p.apply(ctx, id, function)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, p.outline())
	}
	return out
}

// Click clicks in the middle of it, as a mouse does: what lies above it gets the
// click. What moves is clicked when it has come to rest.
func (p *Page) Click(role, name string) {
	p.t.Helper()
	id := p.find(role, name)
	x, y := p.middle(id)
	for {
		time.Sleep(30 * time.Millisecond) // two frames
		nowX, nowY := p.middle(id)
		if nowX == x && nowY == y {
			break
		}
		x, y = nowX, nowY
	}
	p.run(chromedp.MouseClickXY(x, y))
}

// middle is where an element is in the window, once it was scrolled into sight.
func (p *Page) middle(id cdp.BackendNodeID) (x, y float64) {
	p.t.Helper()
	p.mustApply(id, `function() { this.scrollIntoView({block: "nearest"}) }`)
	q := call(p, dom.GetBoxModel, dom.GetBoxModelParams{BackendNodeID: id}).Model.Content
	return (q[0] + q[4]) / 2, (q[1] + q[5]) / 2
}

// Fill types a text where another one was.
func (p *Page) Fill(role, name, text string) {
	p.t.Helper()
	id := p.find(role, name)
	p.mustApply(id, `function() { this.focus(); if (this.select) this.select() }`)
	if text == "" {
		p.Press("\b")
		return
	}
	p.run(chromedp.KeyEvent(text))
}

// Choose picks an option of a list by its text.
func (p *Page) Choose(role, name, option string) {
	p.t.Helper()
	p.mustApply(p.find(role, name), fmt.Sprintf(`function() {
		this.value = [...this.options].find((o) => o.text === %q).value;
		this.dispatchEvent(new Event("change", {bubbles: true}));
	}`, option))
}

// Pick gives files to the page's file field with an id, as its file dialog would.
func (p *Page) Pick(id string, files ...string) {
	p.t.Helper()
	root := call(p, dom.GetDocument, dom.GetDocumentParams{Depth: new(int64)})
	field := call(p, dom.QuerySelector, dom.QuerySelectorParams{NodeID: root.Root.NodeID, Selector: "#" + id})
	call(p, dom.SetFileInputFiles, dom.SetFileInputFilesParams{NodeID: field.NodeID, Files: files})
}

// Press presses a key, "a" or one of chromedp's kb package. As on a keyboard, a key
// that the page takes for a command types nothing.
func (p *Page) Press(key string) {
	p.t.Helper()
	for _, r := range key {
		events := kb.Encode(r)
		for i, e := range events {
			if e.Type == kb.KeyChar { // it comes with the key, or not at all
				continue
			}
			if e.Type == kb.KeyDown && i+1 < len(events) && events[i+1].Type == kb.KeyChar {
				e.Text, e.UnmodifiedText = events[i+1].Text, events[i+1].UnmodifiedText
			}
			call(p, input.DispatchKeyEvent, *e)
		}
	}
}

// Text is the text of something with a role and a name.
func (p *Page) Text(role, name string) string {
	p.t.Helper()
	return p.mustApply(p.find(role, name), `function() { return this.innerText }`)
}

// Property is a DOM property of something with a role and a name.
func (p *Page) Property(role, name, property string) string {
	p.t.Helper()
	return p.mustApply(p.find(role, name), fmt.Sprintf("function() { return this[%q] }", property))
}

// Eval runs an expression on the page and gives its value as text.
func (p *Page) Eval(expression string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", expression, err, p.outline())
	}
	return out
}

// WaitEval waits until an expression's value, as text, is want.
func (p *Page) WaitEval(expression, want string) {
	p.t.Helper()
	p.until(expression+" to be "+want, func(ctx context.Context) bool {
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
		return err == nil && out == want
	})
}

// WaitText waits until something with a role contains a text.
func (p *Page) WaitText(role, text string) {
	p.t.Helper()
	p.until(role+" with "+text, func(ctx context.Context) bool {
		found, err := p.nodes(ctx, role, "")
		if err != nil {
			return false
		}
		for _, n := range found {
			if strings.Contains(axString(n.Name), text) || strings.Contains(p.tryText(ctx, n.BackendDOMNodeID), text) {
				return true
			}
		}
		return false
	})
}

// tryText is the text of an element; one that went away meanwhile has none.
func (p *Page) tryText(ctx context.Context, id cdp.BackendNodeID) string {
	out, err := p.apply(ctx, id, "function() { return this.innerText || this.textContent }")
	if err != nil {
		return ""
	}
	return out
}

// Screenshot writes what the window shows as a PNG file.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Logf("no screenshot: %v", err)
		return
	}
	if err := os.WriteFile(file, png, 0o600); err != nil {
		p.t.Logf("no screenshot: %v", err)
		return
	}
	p.t.Logf("screenshot: %s", file)
}

// outline is what the page says, for the log of a failed test.
func (p *Page) outline() string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		return "the page does not answer: " + err.Error()
	}
	return "the page says:\n" + text
}
