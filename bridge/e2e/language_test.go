package e2e_test

import (
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestLanguage: the form is in the language of the browser before the app is there; what
// is chosen counts at once, here and on the member's other devices, and nothing that was
// being written is lost; it is there without the bridge too.
func TestLanguage(t *testing.T) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Bread", "About bread"))
	browser := e2e.StartBrowser(t)
	bridge := mail.Bridge(t)
	p, other := browser.Open(t, bridge.URL), browser.Open(t, bridge.URL)
	signIn(other, "ada")
	other.Wait("button", "Compose")

	p.Speak("de-AT")
	p.Wait("form", "Anmelden")
	p.WaitEval(`document.documentElement.lang + " " + document.documentElement.dir`, "de ltr")
	p.Fill("textbox", "E-Mail-Adresse", "ada@"+e2e.Domain)
	p.Fill("textbox", "Passwort", e2e.Password)
	p.Click("button", "Anmelden")
	p.Wait("row", "~Bread")
	p.Click("button", "Schreiben")
	p.Fill("textbox", "Betreff", "Brot")
	p.Click("button", "Einstellungen")
	p.Click("button", "Darstellung")
	p.Choose("combobox", "Sprache", "Français")
	p.Wait("combobox", "Langue")
	other.Wait("button", "Écrire")
	if subject := p.Property("textbox", "Objet", "value"); subject != "Brot" {
		t.Errorf("what was written became %q", subject)
	}
	p.WaitEval(`document.documentElement.lang`, "fr")
	p.Reload()
	p.Wait("combobox", "Langue")
	p.WaitEval(`document.querySelector(".signin-lead").textContent.slice(0, 15)`, "Connectez-vous ")

	p.WaitEval(`navigator.serviceWorker.controller?.state`, "activated")
	bridge.Stop()
	p.Reload()
	p.Wait("combobox", "Langue")
	for _, page := range []*e2e.Page{p, other} {
		if thrown := page.Thrown(); thrown != "" {
			t.Error(thrown)
		}
	}
}
