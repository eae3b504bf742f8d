package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
)

// overlay is what is only about the menus and dialogs of overlays.
type overlay struct {
	account, mailbox jmap.Id // what the menu or the form is about
	x, y             int     // where the menu opens
	naming           naming
	palette          palette
	redirect         redirecting

	focus string // the id of what gets the focus once it is drawn
	value string // what stands in it, if it is a field
	back  string // the id of what had the focus before
}

// overlays are the menus and dialogs over everything else that have fields or items.
type overlays struct {
	app.Compo

	S   *Screen
	Rev [2]uint64
}

// OnUpdate puts the focus where it belongs, once.
func (o *overlays) OnUpdate(app.Context) {
	w := &o.S.over
	if w.focus == "" {
		return
	}
	browser.SetValue(w.focus, w.value)
	browser.Focus(w.focus)
	browser.Select(w.focus)
	w.focus, w.value = "", ""
}

// Render draws the one that is open.
func (o *overlays) Render() app.UI {
	s := o.S
	place := app.Div().Class("overlays").Hidden(!s.overlaid())
	switch s.open {
	case menuMailbox:
		return place.Body(app.Div().Class("shade", "clear").OnClick(o.close).On("contextmenu", o.close), s.mailboxMenu())
	case menuNaming:
		return place.Body(app.Div().Class("shade").OnClick(o.close), s.namingForm())
	case menuRedirect:
		return place.Body(app.Div().Class("shade").OnClick(o.close), s.redirectForm())
	case menuKeys:
		return place.Body(app.Div().Class("shade").OnClick(o.close), s.helpBox())
	case menuPalette:
		return place.Body(app.Div().Class("shade").OnClick(o.close), s.paletteBox())
	}
	return place.Body(app.Div(), app.Div())
}

func (o *overlays) close(_ app.Context, e app.Event) {
	e.PreventDefault()
	o.S.closeOverlay()
}

// overlaid reports whether one of overlays is open.
func (s *Screen) overlaid() bool {
	return s.open == menuMailbox || s.open == menuNaming || s.open == menuPalette || s.open == menuKeys || s.open == menuRedirect
}

// openOverlay opens one of overlays and puts the focus on an element of it.
func (s *Screen) openOverlay(menu, focus, value string) {
	if !s.overlaid() {
		s.over.back = browser.Focused()
	}
	s.open, s.over.focus, s.over.value = menu, focus, value
	s.changed()
}

// closeOverlay closes it and gives the focus back.
func (s *Screen) closeOverlay() {
	s.open = ""
	browser.Focus(s.over.back)
	s.changed()
}

// overlayKey is a key pressed while one of overlays, or a dialog, is open.
func (s *Screen) overlayKey(k browser.Key) bool {
	if k.Command && !k.Shift && !k.Alt && (k.Name == "k" || k.Name == "K") {
		s.togglePalette()
		return true
	}
	if s.route.Settings != "" && s.open == "" && k.Name == "Escape" {
		s.closeSettings()
		return true
	}
	if !s.overlaid() {
		return false
	}
	by := map[string]int{"ArrowDown": 1, "ArrowUp": -1}[k.Name]
	switch {
	case k.Name == "Escape", k.Name == "?" && s.open == menuKeys:
		s.closeOverlay()
	case k.Name == "Tab" && s.open == menuMailbox:
		s.closeOverlay()
	case k.Name == "Tab":
		browser.FocusTurn(idOverlay, k.Shift)
	case by != 0 && s.open == menuMailbox:
		browser.FocusStep(idOverlay, "[role=menuitem]", by)
	case s.open == menuPalette:
		return s.paletteKey(k.Name)
	default:
		return false
	}
	return true
}

// idOverlay is the element that holds all that can be reached in the open overlay.
const idOverlay = "overlay"
