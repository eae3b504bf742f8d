package e2e_test

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestReload: a reload draws what was there before the bridge has answered, and then
// what is new; after signing out nothing of it is left.
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
	p.Eval(`sessionStorage.removeItem("deaf")`)
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
