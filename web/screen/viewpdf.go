package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	// mostPDF is how large a document is shown.
	mostPDF = 64 << 20
	idPDF   = "viewer-pdf"
)

// pdfView is a PDF document in the viewer. Its pages are not go-app's: script/pdf.js draws
// them, and nothing of the document runs.
type pdfView struct {
	app.Compo

	S      *Screen
	URL    string
	Tongue string // the language

	url         string // of what is shown
	doc         browser.PDF
	state       string // "" while it is on its way
	page, pages int
}

// OnMount shows it.
func (p *pdfView) OnMount(ctx app.Context) { p.show(ctx) }

// OnUpdate shows another one.
func (p *pdfView) OnUpdate(ctx app.Context) { p.show(ctx) }

// OnDismount takes it away.
func (p *pdfView) OnDismount() {
	if p.url != "" {
		p.doc.Close()
		p.url, p.S.sheet.pdf = "", nil
	}
}

func (p *pdfView) show(ctx app.Context) {
	if p.url == p.URL {
		return
	}
	p.OnDismount()
	p.url, p.state, p.page, p.pages = p.URL, "", 0, 0
	url := p.URL
	p.doc = browser.ShowPDF(idPDF, url, mostPDF, words.T("Page {n} of {all}", "{n}", "{all}"), func(state string, page, pages int) {
		if p.url == url && (p.state != state || p.page != page || p.pages != pages) {
			ctx.Dispatch(func(app.Context) { p.state, p.page, p.pages = state, page, pages })
		}
	})
	p.S.sheet.pdf = p.doc.Zoom
}

// Render draws what is around the pages.
func (p *pdfView) Render() app.UI {
	shown := p.state == browser.PDFShown
	where := ""
	if shown {
		where = words.T("Page {n} of {all}", words.Number(p.page), words.Number(p.pages))
	}
	return app.Div().Class("sheet-pdf").Body(
		app.Div().Class("pdf-tools").Attr("role", "toolbar").Aria("label", words.T("Document")).Body(
			app.Span().Class("sheet-count").Text(where),
			iconButton(words.T("Zoom out"), "minus", p.zoom, -1).DataSet("by", "-1").Disabled(!shown),
			iconButton(words.T("Zoom in"), "plus", p.zoom, 1).DataSet("by", "1").Disabled(!shown),
			app.Button().Type("button").Class("quiet", "small").DataSet("by", "0").OnClick(p.zoom, 0).Disabled(!shown).Text(words.T("Fit width")),
		),
		app.Div().ID(idPDF).Class("pdf-pages").TabIndex(0).Attr("role", "document").Aria("label", words.T("Document")).Aria("busy", yesNo(p.state == "")).Hidden(p.state != "" && !shown),
		app.P().Class("hint", "pdf-hint").Attr("role", "status").Hidden(p.state != "").Text(words.T("Loading…")),
		app.Div().Class("note").Attr("role", "alert").Hidden(p.state == "" || shown).Body(
			icon("triangle-alert"), app.H2().Text(words.T("This file cannot be shown here")), app.P().Text(p.problem())),
	)
}

func (p *pdfView) problem() string {
	switch p.state {
	case browser.PDFLocked:
		return words.T("The document is locked with a password. Download it to open it with a program of yours.")
	case browser.PDFBroken:
		return words.T("The document is damaged, or is none. Download it to look at it with a program of yours.")
	}
	return words.T("The file could not be loaded.")
}

func (p *pdfView) zoom(_ app.Context, e app.Event) {
	p.doc.Zoom(map[string]int{"1": 1, "-1": -1}[e.Get("currentTarget").Get("dataset").Get("by").String()])
}
