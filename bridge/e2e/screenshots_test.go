package e2e_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestScreenshots makes the README's pictures, and others to look at, in the folder
// that SCREENSHOTS names: `make screenshots`.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Skip("SCREENSHOTS names no folder: this makes pictures, it tests nothing")
	}
	bridge := e2e.StartBridge(t, "demo", "-listen", "127.0.0.1:0")
	browser := e2e.StartBrowser(t)
	for _, look := range []struct {
		name          string
		width, height int64
		dark          bool
	}{
		{"desktop-light", 1280, 800, false},
		{"desktop-dark", 1280, 800, true},
		{"tablet-light", 900, 1100, false},
		{"phone-light", 390, 800, false},
		{"phone-dark", 390, 800, true},
	} {
		p := browser.Open(t, bridge.URL)
		p.Size(look.width, look.height)
		p.Dark(look.dark)
		shot := func(what string) {
			time.Sleep(500 * time.Millisecond) // for what appears gently
			p.Screenshot(filepath.Join(dir, look.name+"-"+what+".png"))
		}
		p.Wait("form", "Sign in")
		shot("signin")
		p.Fill("textbox", "Email address", "ada@demo.test")
		p.Fill("textbox", "Password", "demo")
		p.Click("button", "Sign in")
		p.Wait("row", "~Grace Hopper")
		shot("list")
		p.Click("row", "~Soup, and other slow technologies")
		p.Wait("Iframe", "Message body")
		shot("newsletter")
		if look.width < 700 {
			p.Click("button", "Back")
		}
		p.Click("row", "~Re: The kitchen wall")
		p.Wait("article", "Re: The kitchen wall")
		shot("conversation")
		p.Click("button", "Reply")
		p.Wait("dialog", "New message")
		shot("composer")
		p.Click("button", "Discard draft")
		p.WaitGone("dialog", "New message")
		p.Press("?")
		p.Wait("dialog", "Keyboard shortcuts")
		shot("keys")
	}
}
