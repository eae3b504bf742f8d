package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestNewBuild: the next load after an update is of the new build, and so is what is
// kept for when the bridge is away.
func TestNewBuild(t *testing.T) {
	app := filepath.Join(t.TempDir(), "app")
	if err := os.CopyFS(app, os.DirFS("../../web/dist/app")); err != nil {
		t.Fatal(err)
	}
	bridge := e2e.StartBridge(t, "demo", "-listen", "127.0.0.1:0", "-app", app)
	p := e2e.StartBrowser(t).Open(t, bridge.URL)
	p.Wait("form", "Sign in")
	// kept is the shells in the cache: how many, and whether the page in them is new.
	const kept = `(window.kept || (window.kept = " ", caches.keys().then(async (names) => {
		const page = names.length ? await (await caches.match("/index.html", {cacheName: names[0]}))?.text() : "";
		window.kept = names.length + " " + Boolean(page?.includes("of the new build"))
	})), ((k) => { if (k !== " ") window.kept = ""; return k })(window.kept))`
	until(t, func() bool {
		return p.Eval(kept) == "1 false" && p.Eval(`navigator.serviceWorker.controller?.state`) == "activated"
	})

	for name, change := range map[string][2]string{
		"index.html": {"the mail address and password you already have", "the form of the new build"},
		"sw.js":      {`"shell-`, `"shell-new`},
	} {
		file := filepath.Join(app, name)
		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fresh := bytes.Replace(old, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(old, fresh) {
			t.Fatalf("%s has no %q", name, change[0])
		}
		if err := os.WriteFile(file, fresh, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, packed := range []string{file + ".br", file + ".gz"} {
			if err := os.Remove(packed); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.Reload()
	p.WaitText("main", "of the new build")
	until(t, func() bool { return p.Eval(kept) == "1 true" })
	bridge.Stop()
	p.Reload()
	p.WaitText("main", "of the new build")
	p.Fill("textbox", "Email address", "ada@demo.test")
	p.Fill("textbox", "Password", "demo")
	p.Click("button", "Sign in")
	p.WaitText("alert", "The bridge cannot be reached")
}
