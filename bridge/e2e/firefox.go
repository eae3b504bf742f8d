package e2e

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// quiet is the part of a profile that keeps Firefox from the network, from pages of its
// own and from asking anything. The rest its remote agent sets by itself. The last lines
// keep it from more processes than are looked at, and from compiling the app a second
// time to run it faster.
const quiet = `
user_pref("app.normandy.enabled", false);
user_pref("app.update.auto", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.newtabpage.activity-stream.feeds.system.topstories", false);
user_pref("browser.newtabpage.enabled", false);
user_pref("browser.ping-centre.telemetry", false);
user_pref("browser.region.network.url", "");
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.safebrowsing.update.enabled", false);
user_pref("browser.search.update", false);
user_pref("browser.sessionstore.resume_from_crash", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("browser.startup.page", 0);
user_pref("browser.topsites.contile.enabled", false);
user_pref("datareporting.healthreport.uploadEnabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("datareporting.usage.uploadEnabled", false);
user_pref("dom.push.connection.enabled", false);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("media.gmp-manager.updateEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.dns.disablePrefetch", true);
user_pref("network.trr.mode", 5);
user_pref("services.settings.server", "data:,#remote-settings-dummy/v1");
user_pref("toolkit.telemetry.enabled", false);
user_pref("toolkit.telemetry.server", "data:,");
user_pref("toolkit.telemetry.unified", false);
user_pref("dom.ipc.processPrelaunch.enabled", false);
user_pref("javascript.options.wasm_optimizingjit", false);
user_pref("media.rdd-process.enabled", false);
`

var listening = regexp.MustCompile(`WebDriver BiDi listening on (ws://[0-9.:]+)`)

// StartFirefox starts Firefox and stops it when the test ends.
func StartFirefox(t testing.TB) *Browser {
	t.Helper()
	profile := t.TempDir()
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(quiet), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), "firefox-esr", "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+profile, "MOZ_CRASHREPORTER_DISABLE=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("Firefox did not start (Debian package firefox-esr): %v", err)
	}
	f := &firefox{complaints: map[string]complaints{}}
	said := make(chan string, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				said <- m[1]
			}
		}
		_, _ = io.Copy(io.Discard, out) // a line too long for the scanner
	}()
	t.Cleanup(func() {
		if f.bidi != nil {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			_, _ = f.bidi.call(ctx, "browser.close", values{}) // it may have died
		}
		hangs := time.AfterFunc(patience/3, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
		defer hangs.Stop()
		if f.bidi == nil {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		}
		<-read
		_ = cmd.Wait()
	})
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	select {
	case url := <-said:
		f.bidi, err = dialBiDi(ctx, url+"/session", f.event)
	case <-read:
		err = errors.New("it ended")
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err == nil {
		_, err = f.bidi.call(ctx, "session.subscribe", values{"events": []string{"log.entryAdded", "network.responseCompleted", "network.fetchError"}})
	}
	if err != nil {
		t.Fatalf("Firefox did not start: %v", err)
	}
	return &Browser{f.open}
}

// firefox is a running Firefox.
type firefox struct {
	bidi *bidi

	mu         sync.Mutex
	complaints map[string]complaints // by tab; guarded by mu
}

// open makes a window, for a tab that is not in front does not draw, in a container:
// with cookies and storage of its own.
func (f *firefox) open(t testing.TB, complain complaints) (context.Context, tab) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	user, err := result[struct{ UserContext string }](ctx, f.bidi, "browser.createUserContext", values{})
	if err != nil {
		t.Fatal(err)
	}
	made, err := result[struct{ Context string }](ctx, f.bidi, "browsingContext.create", values{"type": "window", "userContext": user.UserContext})
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	f.complaints[made.Context] = complain
	f.mu.Unlock()
	return ctx, &firefoxTab{f.bidi, made.Context}
}

// event keeps what pages complain of.
func (f *firefox) event(method string, params json.RawMessage) {
	var e struct {
		Context   string // of network events
		Source    struct{ Context string }
		Level     string
		Text      string
		ErrorText string
		Request   struct{ URL string }
		Response  struct{ Status int }
	}
	if json.Unmarshal(params, &e) != nil {
		return
	}
	f.mu.Lock()
	c, known := f.complaints[e.Context+e.Source.Context]
	f.mu.Unlock()
	switch {
	case !known:
	case method == "log.entryAdded" && e.Level == "error":
		_, _ = c.thrown.Write([]byte(e.Text + "\n"))
	case method == "network.responseCompleted" && e.Response.Status >= 400 && e.Response.Status != 401: // nobody is signed in yet
		_, _ = fmt.Fprintf(c.lost, "%d %s\n", e.Response.Status, e.Request.URL)
	case method == "network.fetchError" && e.ErrorText != "NS_BINDING_ABORTED": // the page was left
		_, _ = fmt.Fprintf(c.lost, "%s %s\n", e.ErrorText, e.Request.URL)
	}
}

// firefoxTab is a tab of Firefox, by its name.
type firefoxTab struct {
	bidi *bidi
	name string
}

func (f *firefoxTab) do(ctx context.Context, method string, params values) error {
	params["context"] = f.name
	_, err := f.bidi.call(ctx, method, params)
	return err
}

func (f *firefoxTab) load(ctx context.Context, url string) error {
	return f.do(ctx, "browsingContext.navigate", values{"url": url, "wait": "complete"})
}

func (f *firefoxTab) reload(ctx context.Context) error {
	return f.do(ctx, "browsingContext.reload", values{"wait": "complete"})
}

func (f *firefoxTab) front(ctx context.Context) error {
	return f.do(ctx, "browsingContext.activate", values{})
}

func (f *firefoxTab) size(ctx context.Context, width, height int64) error {
	return f.do(ctx, "browsingContext.setViewport", values{"viewport": values{"width": width, "height": height}})
}

func (f *firefoxTab) picture(ctx context.Context) ([]byte, error) {
	shot, err := result[struct{ Data string }](ctx, f.bidi, "browsingContext.captureScreenshot", values{"context": f.name})
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(shot.Data)
}

// node is an element as BiDi writes it.
func (e element) node() values { return values{"sharedId": e.id} }

// withoutRole is what has no role in ARIA (https://www.w3.org/TR/html-aam-1.0/), but one of
// Chromium's own.
var withoutRole = map[[2]string]string{
	{"textbox", "Password"}:    "input[autocomplete=current-password]",
	{"Iframe", "Message body"}: "iframe",
}

func (f *firefoxTab) elements(ctx context.Context, role, name string, within element) ([]element, error) {
	attributes := values{"role": role}
	locator := values{"type": "accessibility", "value": attributes}
	if roleless, ok := withoutRole[[2]string{role, name}]; ok {
		locator = values{"type": "css", "value": roleless}
	} else if name != "" && !strings.HasPrefix(name, "~") {
		attributes["name"] = name
		name = ""
	}
	params := values{"context": f.name, "locator": locator}
	if within.id != "" {
		params["startNodes"] = []values{within.node()}
	}
	located, err := result[struct{ Nodes []struct{ SharedID string } }](ctx, f.bidi, "browsingContext.locateNodes", params)
	if err != nil {
		return nil, err
	}
	var found []element
	for _, n := range located.Nodes {
		found = append(found, element{id: n.SharedID})
	}
	if name == "" {
		return found, nil
	}
	return f.named(ctx, found, name)
}

// named are those elements whose name matches. Firefox finds things by their name but
// does not tell it: it is made of what names are made of.
func (f *firefoxTab) named(ctx context.Context, all []element, name string) ([]element, error) {
	args := []values{}
	for _, e := range all {
		args = append(args, e.node())
	}
	out, err := f.script(ctx, "script.callFunction", values{"arguments": args, "functionDeclaration": `(...all) => JSON.stringify(all.map((e) =>
		(e.getAttribute("aria-labelledby") || "").split(/\s+/).map((id) => document.getElementById(id)?.textContent || "").join(" ").trim() ||
		e.ariaLabel || [...e.labels || []].map((l) => l.textContent).join(" ") || e.alt || e.textContent.trim() || e.title || ""))`})
	if err != nil {
		return nil, err
	}
	var names []string
	if err := json.Unmarshal([]byte(out), &names); err != nil {
		return nil, err
	}
	var found []element
	for i, called := range names {
		if matches(called, name) {
			found = append(found, element{all[i].id, called})
		}
	}
	return found, nil
}

func (f *firefoxTab) eval(ctx context.Context, expression string) (string, error) {
	return f.script(ctx, "script.evaluate", values{"expression": expression})
}

func (f *firefoxTab) apply(ctx context.Context, e element, function string) (string, error) {
	return f.script(ctx, "script.callFunction", values{"this": e.node(), "functionDeclaration": "function() { return String((" + function + ").call(this)) }"})
}

// script runs one, and gives the text it comes to.
func (f *firefoxTab) script(ctx context.Context, method string, params values) (string, error) {
	params["target"] = values{"context": f.name}
	params["awaitPromise"], params["userActivation"] = true, true
	came, err := result[struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Text string }
	}](ctx, f.bidi, method, params)
	if err != nil {
		return "", err
	}
	if came.ExceptionDetails != nil {
		return "", errors.New(came.ExceptionDetails.Text)
	}
	return fmt.Sprint(came.Result.Value), nil
}

func (f *firefoxTab) before(ctx context.Context, script string) error {
	_, err := f.bidi.call(ctx, "script.addPreloadScript", values{"functionDeclaration": "() => {" + script + "}", "contexts": []string{f.name}})
	return err
}

func (f *firefoxTab) click(ctx context.Context, x, y float64) error {
	return f.do(ctx, "input.performActions", values{"actions": []values{{"type": "pointer", "id": "mouse", "actions": []values{
		{"type": "pointerMove", "x": int(x), "y": int(y)}, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0},
	}}}})
}

// webDriverKeys are the keys that write nothing: WebDriver §17.4.2 has a character for
// each, as kb has.
var webDriverKeys = map[string]rune{
	kb.Backspace: '\ue003', kb.Tab: '\ue004', kb.Enter: '\ue007', kb.Escape: '\ue00c', kb.PageUp: '\ue00e', kb.PageDown: '\ue00f',
	kb.End: '\ue010', kb.Home: '\ue011', kb.ArrowLeft: '\ue012', kb.ArrowUp: '\ue013', kb.ArrowRight: '\ue014', kb.ArrowDown: '\ue015',
	kb.Delete: '\ue017', kb.F2: '\ue032', "\n": '\ue007',
}

func (f *firefoxTab) enter(ctx context.Context, text string) error {
	var keys []values
	for _, r := range text {
		if special, ok := webDriverKeys[string(r)]; ok {
			r = special
		}
		keys = append(keys, values{"type": "keyDown", "value": string(r)}, values{"type": "keyUp", "value": string(r)})
	}
	if err := f.do(ctx, "browsingContext.activate", values{}); err != nil { // a window behind another has no caret
		return err
	}
	return f.do(ctx, "input.performActions", values{"actions": []values{{"type": "key", "id": "keyboard", "actions": keys}}})
}

func (f *firefoxTab) press(ctx context.Context, key rune) error { return f.enter(ctx, string(key)) }

func (f *firefoxTab) give(ctx context.Context, selector string, files []string) error {
	located, err := result[struct{ Nodes []struct{ SharedID string } }](ctx, f.bidi, "browsingContext.locateNodes",
		values{"context": f.name, "locator": values{"type": "css", "value": selector}})
	if err != nil {
		return err
	}
	if len(located.Nodes) != 1 {
		return fmt.Errorf("there are %d of %s", len(located.Nodes), selector)
	}
	return f.do(ctx, "input.setFiles", values{"element": element{id: located.Nodes[0].SharedID}.node(), "files": files})
}
