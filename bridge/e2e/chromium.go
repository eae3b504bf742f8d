package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

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
	browser, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() { cancel(); stop() })
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("Chromium did not start (Debian package chromium): %v", err)
	}
	return &Browser{func(t testing.TB, complain complaints) (context.Context, tab) {
		t.Helper()
		ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
		t.Cleanup(cancel)
		if err := chromedp.Do(ctx); err != nil { // makes the tab; it must outlive any timeout
			t.Fatal(err)
		}
		go complain.watch(ctx)
		return ctx, chromium{}
	}}
}

// watch keeps what a page of Chromium complains of.
func (c complaints) watch(ctx context.Context) {
	for m, err := range chromedp.Console(ctx) {
		switch {
		case err != nil:
			return // the page was closed
		case m.Source == "network" && strings.Contains(m.Text, "401"):
			// Nobody is signed in yet.
		case strings.Contains(m.Text, "WebSocket is closed before the connection is established"):
			// The page was left while its socket was being opened.
		case m.Source == "network":
			_, _ = c.lost.Write([]byte(m.String() + " " + m.URL + "\n"))
		case m.IsException(), m.Type == chromedp.ConsoleError:
			_, _ = c.thrown.Write([]byte(m.String() + "\n"))
		}
	}
}

// chromium is a tab of Chromium, asked over its DevTools protocol. Which one is in the
// contexts that its methods get.
type chromium struct{}

// call makes one call that must succeed of Chromium's protocol, for what no other
// browser can be asked.
func call[P, R any](p *Page, cmd cdp.Command[P, R], params P) (result R) {
	p.t.Helper()
	p.do("asking Chromium", func(ctx context.Context) (err error) {
		result, err = chromedp.Call(ctx, cmd, params)
		return err
	})
	return result
}

func (chromium) load(ctx context.Context, url string) error {
	return chromedp.Do(ctx, chromedp.Navigate(url))
}

func (chromium) reload(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Reload()) }

func (chromium) front(ctx context.Context) error {
	_, err := chromedp.Call(ctx, page.BringToFront, cdp.Empty{})
	return err
}

// size makes small ones those of a phone that is touched.
func (chromium) size(ctx context.Context, width, height int64) error {
	options := []chromedp.EmulateViewportOption{}
	if width < 700 {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	return chromedp.Do(ctx, chromedp.EmulateViewport(width, height, options...))
}

func (chromium) picture(ctx context.Context) ([]byte, error) {
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

func (chromium) elements(ctx context.Context, role, name string, within element) ([]element, error) {
	from, _ := strconv.ParseInt(within.id, 10, 64) // none has 0
	if from == 0 {
		root, err := chromedp.Call(ctx, dom.GetDocument, dom.GetDocumentParams{Depth: new(int64)})
		if err != nil {
			return nil, err
		}
		from = int64(root.Root.BackendNodeID)
	}
	all, err := chromedp.Call(ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{BackendNodeID: cdp.BackendNodeID(from), Role: role})
	var found []element
	for _, n := range all.Nodes {
		if called := axString(n.Name); !n.Ignored && matches(called, name) {
			found = append(found, element{strconv.FormatInt(int64(n.BackendDOMNodeID), 10), called})
		}
	}
	return found, err
}

func axString(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return plain(v.Value)
}

func (chromium) eval(ctx context.Context, expression string) (string, error) {
	yes := true
	result, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: expression, AwaitPromise: &yes, ReturnByValue: &yes})
	if err != nil {
		return "", err
	}
	return returned(result.Result, result.ExceptionDetails)
}

func (chromium) apply(ctx context.Context, e element, function string) (string, error) {
	id, err := strconv.ParseInt(e.id, 10, 64)
	if err != nil {
		return "", err
	}
	object, err := chromedp.Call(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: cdp.BackendNodeID(id)})
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
	return returned(result.Result, result.ExceptionDetails)
}

// returned is the text that a script came to, or what it threw.
func returned(value *runtime.RemoteObject, thrown *runtime.ExceptionDetails) (string, error) {
	if thrown == nil {
		return plain(value.Value), nil
	}
	if thrown.Exception != nil {
		return "", errors.New(thrown.Text + " " + thrown.Exception.Description)
	}
	return "", errors.New(thrown.Text)
}

// plain is a JSON string's text.
func plain(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return string(raw)
	}
	return s
}

func (chromium) before(ctx context.Context, script string) error {
	_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	return err
}

func (chromium) click(ctx context.Context, x, y float64) error {
	return chromedp.Do(ctx, chromedp.MouseClickXY(x, y))
}

func (chromium) enter(ctx context.Context, text string) error {
	return chromedp.Do(ctx, chromedp.KeyEvent(text))
}

func (chromium) press(ctx context.Context, key rune) error {
	events := kb.Encode(key)
	for i, e := range events {
		if e.Type == kb.KeyChar { // it comes with the key, or not at all
			continue
		}
		if e.Type == kb.KeyDown && i+1 < len(events) && events[i+1].Type == kb.KeyChar {
			e.Text, e.UnmodifiedText = events[i+1].Text, events[i+1].UnmodifiedText
		}
		if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, *e); err != nil {
			return err
		}
	}
	return nil
}

func (chromium) give(ctx context.Context, selector string, files []string) error {
	root, err := chromedp.Call(ctx, dom.GetDocument, dom.GetDocumentParams{Depth: new(int64)})
	if err != nil {
		return err
	}
	field, err := chromedp.Call(ctx, dom.QuerySelector, dom.QuerySelectorParams{NodeID: root.Root.NodeID, Selector: selector})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{NodeID: field.NodeID, Files: files})
	return err
}

// Tab opens another tab beside this one: it has the same cookies and the same storage.
func (p *Page) Tab(url string) *Page {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx)
	p.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		p.t.Fatal(err)
	}
	other := &Page{t: p.t, ctx: ctx, tab: chromium{}, complaints: complaints{&tail{}, &tail{}}}
	go other.watch(ctx)
	other.Size(1280, 900)
	other.do("loading "+url, func(ctx context.Context) error { return other.tab.load(ctx, url) })
	return other
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

// Paper shows the page as it is printed.
func (p *Page) Paper(on bool) {
	p.t.Helper()
	media := "screen"
	if on {
		media = "print"
	}
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media})
}

// Speak has the browser ask for a language, and loads the page again.
func (p *Page) Speak(tag string) {
	p.t.Helper()
	call(p, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: p.Eval("navigator.userAgent"), AcceptLanguage: tag})
	p.Reload()
}
