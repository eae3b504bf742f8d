package e2e_test

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
	"github.com/hearthmail/hearthmail/web/words"
)

// untranslated gives what can be read or heard on the page and has letters of English:
// all but what people and servers wrote (which stands in dir=auto or bdi), names of keys,
// and the product's name. Where elements have a name that is not seen, that is looked at.
const untranslated = `(() => {
	const said = [];
	const apart = "[dir=auto], bdi, kbd, .avatar, .brand, iframe, script, noscript, option[lang], .palette-keys, .row-date[lang], input[placeholder*='.'], .chip-name, [title*='@']";
	const look = (e, text) => { if (/[A-Za-z]/.test(text.replaceAll(/Hearthmail|IMAP|POP3|\u2068[^\u2069]*\u2069/g, "")) && !e.closest(apart)) said.push(text.trim()) };
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ALL);
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		const e = n.nodeType === Node.TEXT_NODE ? n.parentElement : n;
		if (!e.checkVisibility?.({visibilityProperty: true})) continue;
		if (n.nodeType === Node.TEXT_NODE) look(e, n.data);
		else if (!e.matches("article, .chip, [title*='@'], [role=treeitem], .settings-form")) for (const name of ["aria-label", "title", "placeholder", "aria-valuetext"]) if (e.hasAttribute(name)) look(e, e.getAttribute(name));
	}
	return [...new Set(said)].join(" | ");
})()`

// outside gives what sticks out of the window sideways, or out of a button.
const outside = `(() => {
	const out = [];
	for (const e of document.querySelectorAll("body *")) {
		if (!e.checkVisibility({visibilityProperty: true})) continue;
		const r = e.getBoundingClientRect();
		const rolls = e.closest(".filters-scroll, .settings-nav, .swipe-bed, .drag-chip, .unseen, .unseen-field, .mailboxes, .tool-row, iframe");
		if (r.width > 0 && !rolls && (r.left < -1 || r.right > innerWidth + 1)) out.push(e.tagName + "." + e.className + " " + Math.round(r.left) + ".." + Math.round(r.right));
		if (e.matches("button, h1, h2") && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).textOverflow !== "ellipsis") out.push(e.tagName + " " + e.textContent);
	}
	if (document.documentElement.scrollWidth > innerWidth) out.push("the page rolls sideways");
	return out.join(" | ");
})()`

// foreign is what an English text is called in the made-up language; what is filled in
// comes in order.
func foreign(english string, filled ...string) string {
	text := words.Pretend(english)
	for _, f := range filled {
		from, to := strings.Index(text, "{"), strings.Index(text, "}")
		text = text[:from] + f + text[to+1:]
	}
	return text
}

// TestMirrored goes through the app in a language that is written from right to left and
// whose words are none of ours: all is translated, mirrored, and has room.
func TestMirrored(t *testing.T) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Bread", "About bread"))
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Butter", "About butter"))
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	check := func(state string) {
		t.Helper()
		for _, width := range []int64{1440, 390} {
			p.Size(width, 900)
			if said := p.Eval(untranslated); said != "" {
				t.Errorf("%s at %d: not translated: %s", state, width, said)
			}
			if out := p.Eval(outside); out != "" {
				t.Errorf("%s at %d: has no room: %s", state, width, out)
			}
		}
		p.Size(1440, 900)
	}
	p.Speak(words.Pseudo)
	p.Wait("form", foreign("Sign in"))
	p.Click("button", foreign("Server settings"))
	check("the form")
	p.Fill("textbox", foreign("Email address"), "ada@"+e2e.Domain)
	p.Fill("textbox", foreign("Password"), e2e.Password)
	p.Click("button", foreign("Sign in"))
	p.Wait("row", "~Butter")
	check("the list")
	p.Click("row", "~Butter")
	p.WaitText("article", "About butter")
	p.Click("button", foreign("Show details"))
	check("the reader")
	for what, right := range map[string]string{
		`[".mailboxes", ".messages"]`:                       "true",
		`[".messages", ".reader"]`:                          "true",
		`[".row .avatar", ".row .star"]`:                    "true",
		`["header.banner .brand", ".account-menu .avatar"]`: "true",
	} {
		if got := p.Eval(`((pair) => { const [a, b] = pair.map((s) => document.querySelector(s).getBoundingClientRect()); return a.left >= b.left })(` + what + `)`); got != right {
			t.Errorf("of %s the first stands to the left", what)
		}
	}
	p.Click("button", foreign("Reply"))
	p.Wait("dialog", foreign("New message"))
	check("the composer")
	p.Click("button", foreign("Save and close"))
	p.Click("button", foreign("Settings"))
	for _, section := range []string{"Reading", "Appearance", "Keyboard", "Privacy", "Identities", "Vacation reply"} {
		p.Click("button", foreign(section))
		p.Wait("heading", foreign(section))
		check("settings: " + section)
	}
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Error(thrown)
	}
}
