package e2e

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/emulation"
)

// Looks are the ways a page can be shown that its colours have to hold up in.
var Looks = []string{"light", "dark", "forced colours"}

// Look shows the page in one of Looks, with nothing moving.
func (p *Page) Look(look string) {
	p.t.Helper()
	scheme, forced := "light", "none"
	switch look {
	case "dark":
		scheme = "dark"
	case "forced colours":
		forced = "active"
	}
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "forced-colors", Value: forced}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// Barriers are what axe finds that keeps people out, in words; "" for nothing. What is
// inside of mail is its sender's.
func (p *Page) Barriers() string {
	p.t.Helper()
	if p.Eval(`typeof axe`) != "object" {
		dir, err := root()
		if err != nil {
			p.t.Fatal(err)
		}
		script, err := os.ReadFile(filepath.Join(dir, "web/static/node_modules/axe-core/axe.min.js"))
		if err != nil {
			p.t.Fatalf("%v: run make deps", err)
		}
		p.Await(fmt.Sprintf("(%q, (() => { %s })(), Promise.resolve(''))", "axe", script))
	}
	return p.Await(`(async () => {
		await new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)));
		await Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {})));
		const found = await axe.run(document, {resultTypes: ["violations"], iframes: false});
		return found.violations.map((v) => v.id + ": " + v.help + v.nodes.slice(0, 4).map((n) => "\n\t\t" + n.target + " " + n.html.slice(0, 140) +
			"\n\t\t\t" + n.any.concat(n.all, n.none).map((c) => c.message).join("; ").slice(0, 260)).join("")).join("\n\t");
	})()`)
}
