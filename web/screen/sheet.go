package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// Dialogs that show something of a message.
const (
	menuOriginal = "original"
	menuViewer   = "viewer"

	idSheet    = "sheet-close"
	idSheetBox = "sheet-box" // all that can be reached while it is there
)

// sheet is the dialog that shows something of a message: its source, or its files.
type sheet struct {
	was      string // what was open when it was looked last
	back     string // the element the focus goes back to
	viewer   viewer
	pdf      func(zoom int) // makes the document that is shown larger, nil if none is
	original original
}

// sheeted reports whether keys are about what lies over the window.
func (s *Screen) sheeted() bool { return s.open == menuOriginal || s.open == menuViewer }

// sheetKey is told of keys while it is there.
func (s *Screen) sheetKey(k browser.Key) bool {
	if k.Name == "Tab" {
		browser.FocusTurn(idSheetBox, k.Shift)
		return true
	}
	if zoom, ok := map[string]int{"+": 1, "=": 1, "-": -1, "0": 0}[k.Name]; ok && s.sheet.pdf != nil {
		s.sheet.pdf(zoom)
		return true
	}
	by := map[string]int{"ArrowRight": 1, "ArrowLeft": -1}[k.Name]
	if words.Current().RightToLeft {
		by = -by
	}
	if s.open != menuViewer || by == 0 {
		return false
	}
	s.viewNext(by)
	return true
}

// showSheet opens one; back names the element the focus goes back to.
func (s *Screen) showSheet(menu, back string) {
	s.open, s.sheet.back = menu, back
	s.changed()
}

// tendFocus takes the focus into a sheet that opened, and back when it is gone.
func (s *Screen) tendFocus() {
	if s.sheet.was == s.open {
		return
	}
	was := s.sheet.was
	s.sheet.was = s.open
	switch {
	case s.sheeted():
		browser.Focus(idSheet)
	case was == menuOriginal || was == menuViewer:
		browser.Focus(s.sheet.back)
	}
}

// sheetDialog draws it: what it is, what can be done with it, and what it shows.
func (d *dialogs) sheetDialog(class, name string, tools []app.UI, content app.UI) app.UI {
	head := append([]app.UI{app.H2().Class("sheet-name").Dir("auto").Text(name)}, tools...)
	head = append(head, iconButton(words.T("Close"), "x", d.cancel).ID(idSheet))
	return app.Div().ID(idSheetBox).Class("dialog", "sheet", class).Attr("role", "dialog").Aria("modal", "true").Aria("label", name).Body(
		app.Div().Class("sheet-head").Body(head...), content)
}
