package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// document is a PDF of pages that each say something, with a script that runs when it is
// opened and a link over each page; encrypted says that it wants a password.
func document(encrypted bool, pages ...string) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>"}
	var kids, table, b strings.Builder
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 4+2*i)
	}
	objects = append(objects, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(pages), kids.String()), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
	for i, text := range pages {
		drawing := "BT /F1 36 Tf 60 700 Td (" + text + ") Tj ET 1 0 0 rg 60 500 300 80 re f"
		objects = append(objects,
			fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R/Resources<</Font<</F1 3 0 R>>>>/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 612 792]/A<</S/URI/URI(https://evil.test/)>>>>]>>", 5+2*i),
			fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(drawing), drawing))
	}
	b.WriteString("%PDF-1.4\n")
	table.WriteString("0000000000 65535 f \n")
	for i, o := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	locked := ""
	if encrypted {
		locked = "/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<" + strings.Repeat("11", 32) + ">/U<" + strings.Repeat("22", 32) + ">>>/ID[<00><00>]"
	}
	fmt.Fprintf(&b, "xref\n0 %d\n%strailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table.String(), len(objects)+1, locked, b.Len())
	return []byte(b.String())
}

// TestPDF: a document is seen page by page, without leaving the app and without anything in
// it being followed; what cannot be seen says why.
func TestPDF(t *testing.T) {
	mail := e2e.StartProvider(t)
	attached := func(name string, content []byte) string {
		return part("Content-Type: application/pdf; name="+name+"\nContent-Disposition: attachment", content)
	}
	mail.Deliver(t, "ada", "INBOX", parts("The plans", "mixed", "Content-Type: text/plain\n\nHere.",
		attached("plan.pdf", document(false, "The first floor", "The second floor", "The roof")),
		attached("locked.pdf", document(true, "Nobody reads this")),
		attached("broken.pdf", []byte("%PDF-1.7 and nothing of it"))))
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	p.Click("row", "~The plans")
	p.WaitText("article", "Here.")
	const loaded = `performance.getEntriesByType("resource").filter((e) => /pdf/.test(e.name)).length`
	if got := p.Eval(loaded); got != "0" {
		t.Errorf("%s programs for PDF were loaded before anybody looked at one", got)
	}

	p.Click("button", "View plan.pdf")
	p.Wait("dialog", "plan.pdf")
	p.Wait("group", "Page 1 of 3")
	p.Wait("group", "Page 3 of 3")
	p.WaitText("toolbar", "Page 1 of 3")
	p.WaitText("group", "The first floor")
	// Red where the rectangle is, white beside it.
	const drawn = `(() => {
		const c = document.querySelector(".pdf-page canvas"), ink = (x, y) => c.getContext("2d").getImageData(c.width * x, c.height * y, 1, 1).data.slice(0, 3).join();
		return ink(0.3, 0.32) + " " + ink(0.9, 0.32);
	})()`
	p.WaitEval(drawn, "255,0,0 255,255,255")
	shot(t, p, "page")
	const width = `document.querySelector(".pdf-page").offsetWidth`
	fits := p.Eval(width)
	p.Click("button", "Zoom in")
	p.WaitEval(width+" > "+fits, "true")
	p.Press("-")
	p.Press("-")
	p.WaitEval(width+" < "+fits, "true")
	p.Click("button", "Fit width")
	p.WaitEval(width, fits)
	p.Eval(`document.getElementById("viewer-pdf").scrollTop = 1e9`)
	p.WaitText("toolbar", "Page 3 of 3")
	p.WaitText("group", "The roof")
	if got := p.Eval(`document.querySelectorAll(".sheet-pdf :is(a, input, iframe, script)").length`); got != "0" {
		t.Errorf("%s things of the document could be used", got)
	}
	p.Wait("link", "Download plan.pdf")

	p.Press(kb.ArrowRight)
	p.Wait("dialog", "locked.pdf")
	p.WaitText("alert", "locked with a password")
	p.Press(kb.ArrowRight)
	p.Wait("dialog", "broken.pdf")
	p.WaitText("alert", "damaged")
	shot(t, p, "broken")
	p.Press(kb.Escape)
	p.WaitGone("dialog", "broken.pdf")
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Errorf("%.2000s", thrown)
	}
}
