package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestSearch: words with suggestions, chips that edit them, marks where they stand,
// and nothing found.
func TestSearch(t *testing.T) {
	mail := e2e.StartProvider(t)
	grace, sam := "Grace Hopper <grace@hearth.test>", "Sam <sam@hearth.test>"
	mail.Deliver(t, "ada", "INBOX", letter(grace, "Ada <ada@hearth.test>", "Harbour plans", "Shall we meet at the old lighthouse?\n\nGrace"))
	mail.Deliver(t, "ada", "INBOX", letter(sam, "Ada <ada@hearth.test>", "Lighthouse tickets", "They are here."))
	mail.Deliver(t, "ada", "INBOX", letter(sam, "Ada <ada@hearth.test>", "Lunch", "At noon?"))
	mail.Deliver(t, "ada", "Archive", []byte(strings.Replace(string(letter(grace, "Ada <ada@hearth.test>", "Old lighthouse", `<p title="lighthouse">The <b>light</b>house and the lighthouse</p>`)), "text/plain", "text/html", 1)))
	bridge := mail.Bridge(t)
	p := e2e.StartBrowser(t).Open(t, bridge.URL)
	signIn(p, "ada")
	p.Wait("row", "~Lunch")

	// Suggestions: of operators, then of people.
	p.Press("/")
	p.Wait("option", "~from:")
	p.Fill("searchbox", "Search mail", "gra")
	p.Wait("option", "~Grace Hopper")
	p.Press(kb.Escape)
	p.WaitGone("listbox", "Suggestions")
	p.Fill("searchbox", "Search mail", "from:hop")
	p.Wait("option", "~Grace Hopper")
	p.Press(kb.ArrowDown)
	p.Press(kb.Enter)
	p.WaitText("status", "2 messages found")
	p.WaitEval("location.search", "?q=from%3Agrace%40hearth.test")

	// All mail but Junk and Trash; each row says where it lies.
	p.Fill("searchbox", "Search mail", "lighthouse")
	p.Press(kb.Enter)
	p.WaitText("status", "3 messages found")
	p.Wait("row", "~in Archive")
	p.WaitEval("[...document.querySelectorAll('.row mark')].some(m => m.textContent == 'Lighthouse')", "true")
	// The preview is where the word stands in the body.
	p.WaitEval("[...document.querySelectorAll('.row-preview mark')].some(m => m.textContent == 'lighthouse')", "true")

	// Chips edit the words.
	p.Click("button", "This mailbox")
	p.WaitText("status", "2 messages found")
	p.WaitEval("document.querySelector('#search').value", "lighthouse in:Inbox")
	p.Click("button", "All mail")
	p.WaitText("status", "3 messages found")
	p.Click("button", "Unread")
	p.WaitEval("new URL(location).searchParams.get('q')", "lighthouse is:unread")
	p.Click("button", "Unread")
	p.Click("button", "From…")
	p.Click("menuitemradio", "~Sam")
	p.WaitText("status", "1 message found")
	p.Click("button", "From: sam@hearth.test")
	p.Click("menuitemradio", "Anyone")
	p.Click("button", "Date")
	p.Click("menuitemradio", "Past week")
	p.WaitEval("new URL(location).searchParams.get('q')", "lighthouse newer:7d")
	p.WaitText("status", "3 messages found")

	// Saved under a name, it stands in the tree, and goes again.
	p.Click("button", "Save search")
	p.WaitEval("document.activeElement.id + document.activeElement.value", "search-namelighthouse newer:7d")
	p.Fill("textbox", "Name", "Lights")
	p.Press(kb.Enter)
	p.Wait("treeitem", "Lights")
	p.Click("treeitem", "~Inbox")
	p.WaitGone("group", "Search filters")
	p.Click("treeitem", "Lights")
	p.WaitText("status", "3 messages found")
	p.Click("button", "Edit saved search")
	p.Fill("textbox", "Name", "Beacons")
	p.Press(kb.Enter)
	p.Wait("treeitem", "Beacons")
	p.Click("button", "Edit saved search")
	p.Click("button", "Remove")
	p.WaitGone("treeitem", "Beacons")

	// Marked in what is read, text and HTML, where attributes stay what they are.
	p.Click("row", "~Harbour plans")
	p.WaitEval("document.querySelector('.text-body mark')?.textContent", "lighthouse")
	p.Click("row", "~Old lighthouse")
	p.WaitEval("document.querySelector('iframe')?.contentDocument.body.querySelector('p')?.outerHTML",
		`<p title="lighthouse">The <b>light</b>house and the <mark>lighthouse</mark></p>`)

	p.WaitEval("hearthmail.markWords(document.querySelector('.html-host'), ['well-known', '(x/y]', '\\\\d']) ?? 'any words'", "any words")

	// Nothing found: everywhere can be tried.
	p.Fill("searchbox", "Search mail", "zeppelin in:archive")
	p.Press(kb.Enter)
	p.Wait("heading", "Nothing found")
	p.Click("button", "Search all mail")
	p.Click("button", "Search Junk and Trash too")
	p.WaitEval("document.querySelector('#search').value", "zeppelin in:anywhere")

	// What was searched for is suggested again, until it is cleared.
	p.Fill("searchbox", "Search mail", "zepp")
	p.Wait("option", "~zeppelin in:archive")
	p.Click("button", "Clear recent searches")
	p.WaitGone("option", "~zeppelin in:archive")
}

// TestSearchScreenshots makes pictures to look at: see TestScreenshots.
func TestSearchScreenshots(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Skip("SCREENSHOTS names no folder")
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
		{"phone-light", 390, 800, false},
		{"phone-dark", 390, 800, true},
	} {
		p := browser.Open(t, bridge.URL)
		p.Size(look.width, look.height)
		p.Dark(look.dark)
		shot := func(what string) {
			time.Sleep(500 * time.Millisecond)
			p.Screenshot(filepath.Join(dir, look.name+"-"+what+".png"))
		}
		p.Fill("textbox", "Email address", "ada@demo.test")
		p.Fill("textbox", "Password", "demo")
		p.Click("button", "Sign in")
		p.Wait("row", "~Grace Hopper")
		p.Press("/")
		shot("search-empty")
		p.Fill("searchbox", "Search mail", "gra")
		shot("search-suggest")
		p.Fill("searchbox", "Search mail", "kitchen")
		p.Press(kb.Enter)
		p.Wait("group", "Search filters")
		shot("search-results")
		p.Click("button", "Date")
		shot("search-date")
		p.Press(kb.Escape)
		p.Click("button", "Save search")
		shot("search-save")
		p.Fill("textbox", "Name", "Kitchen")
		p.Press(kb.Enter)
		shot("search-saved")
		p.Click("button", "Edit saved search")
		p.Click("button", "Remove")
		p.Click("row", "~kitchen")
		p.Wait("article", "~kitchen")
		shot("search-read")
		if look.width < 700 {
			p.Click("button", "Back")
		}
		p.Fill("searchbox", "Search mail", "zeppelin is:unread")
		p.Press(kb.Enter)
		shot("search-nothing")
	}
}
