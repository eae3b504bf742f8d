package e2e_test

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestReload: a reload draws what was there before the app is there, and before the bridge
// has answered, and then what is new; after signing out nothing of it is left.
func TestReload(t *testing.T) { reload(t, e2e.StartBrowser(t)) }

func reload(t *testing.T, browser *e2e.Browser) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Supper", "Will you come?"))
	p := browser.Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	p.Wait("row", "~Supper")
	p.OnEachLoad(`if (location.protocol === "http:" && sessionStorage.getItem("deaf")) window.WebSocket = class extends EventTarget { close() {} }`)
	p.Eval(`sessionStorage.setItem("deaf", "1")`)
	p.Reload()
	p.Wait("row", "~Supper") // from the tab alone
	// Before there is an app, a picture of it, which is nothing to those who listen.
	p.OnEachLoad(`if (location.protocol === "http:" && sessionStorage.getItem("slow")) {
		const go = window.fetch;
		window.fetch = (what, ...rest) => String(what).endsWith(".wasm") ? new Promise(() => {}) : go(what, ...rest);
	}`)
	// What is still being loaded when a page is left is an error on Firefox's console.
	const loaded = `performance.getEntriesByType("resource").some((e) => e.name.endsWith(".wasm"))`
	p.Eval(`sessionStorage.setItem("slow", "1")`)
	p.Reload()
	p.WaitEval(`[...document.querySelectorAll(".window.hung[inert] .row-subject")].map((e) => e.checkVisibility() && e.textContent).join()`, "Supper")
	if n := p.Count("row", ""); n != 0 {
		t.Errorf("%d rows that nobody can use are read out", n)
	}
	p.WaitEval(loaded, "true")
	p.Eval(`sessionStorage.setItem("hearthmail.picture", sessionStorage.getItem("hearthmail.picture").replace("ada@", "grace@"))`)
	p.Reload()
	p.WaitEval(`document.readyState + document.querySelectorAll(".hung").length`, "complete0") // it is hers alone
	p.WaitEval(loaded, "true")
	p.Eval(`sessionStorage.removeItem("deaf"), sessionStorage.removeItem("slow")`)
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Firewood", "Is there any?"))
	p.Reload()
	p.Wait("row", "~Firewood")
	p.Wait("row", "~Supper")
	p.Click("button", "Account")
	p.Click("menuitem", "Sign out")
	p.Wait("form", "Sign in")
	if left := p.Eval(`JSON.stringify({...sessionStorage}) + JSON.stringify({...localStorage})`); strings.Contains(left, "Supper") || strings.Contains(left, "ada@") {
		t.Errorf("left after signing out: %s", left)
	}
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Error(thrown)
	}
}
