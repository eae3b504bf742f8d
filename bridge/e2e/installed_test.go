package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestInstallable: the manifest names icons that exist, the worker is active, and
// without a bridge the app's shell is still there.
func TestInstallable(t *testing.T) { installable(t, e2e.StartBrowser(t)) }

func installable(t *testing.T, browser *e2e.Browser) {
	mail := e2e.StartProvider(t)
	bridge := mail.Bridge(t)
	var manifest struct {
		Name, Display string
		StartURL      string `json:"start_url"`
		Icons         []struct{ Src, Purpose string }
	}
	if err := json.Unmarshal([]byte(get(t, bridge.URL+"/manifest.webmanifest")), &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.Name != "Hearthmail" || manifest.Display != "standalone" || manifest.StartURL != "/" {
		t.Errorf("manifest: %+v", manifest)
	}
	maskable := false
	for _, icon := range manifest.Icons {
		get(t, bridge.URL+icon.Src)
		maskable = maskable || icon.Purpose == "maskable"
	}
	if !maskable {
		t.Error("no maskable icon")
	}

	p := browser.Open(t, bridge.URL)
	p.Wait("form", "Sign in")
	until(t, func() bool {
		return p.Eval(`window.active = window.active || (navigator.serviceWorker.ready.then(() => { window.active = "yes" }), "no")`) == "yes" &&
			p.Eval(`navigator.serviceWorker.controller ? "yes" : "no"`) == "yes"
	})
	bridge.Stop()
	p.Eval("location.assign('/mail/somewhere')")
	until(t, func() bool { return p.Eval("location.pathname") == "/mail/somewhere" })
	p.Wait("form", "Sign in")
	p.Fill("textbox", "Email address", "ada@hearth.test")
	p.Fill("textbox", "Password", "x")
	p.Click("button", "Sign in")
	p.WaitText("alert", "The bridge cannot be reached")
}

// TestTheFormIsInThePage: before any script of ours has run.
func TestTheFormIsInThePage(t *testing.T) {
	bridge := e2e.StartBridge(t, "demo", "-listen", "127.0.0.1:0")
	page := get(t, bridge.URL+"/")
	for _, want := range []string{`<form id="signin" aria-label="Sign in"`, `type="password"`, `role="progressbar"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	// Everything the page names is there, and named by its content.
	for _, m := range regexp.MustCompile(`"(/assets/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		get(t, bridge.URL+m[1])
		if !regexp.MustCompile(`\.[0-9a-f]{12}\.`).MatchString(m[1]) {
			t.Errorf("%s does not say its content", m[1])
		}
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return string(body)
}
