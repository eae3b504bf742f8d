package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

const idConfirm, idRefuse = "confirm-yes", "confirm-no"

// confirmation is a question before what cannot be taken back.
type confirmation struct {
	Title, Text, Button string
	// Doubtful is a question that Enter answers with no.
	Doubtful bool

	do func()
}

// ask puts a question.
func (s *Screen) ask(c confirmation) {
	s.confirm, s.open = c, menuConfirm
	s.changed()
}

// dialogs are what lies over everything else.
type dialogs struct {
	app.Compo

	S   *Screen
	Rev [2]uint64
}

// OnUpdate puts the focus into a question.
func (d *dialogs) OnUpdate(app.Context) {
	if d.S.open == menuConfirm {
		browser.Focus(map[bool]string{false: idConfirm, true: idRefuse}[d.S.confirm.Doubtful])
	}
	d.S.tendFocus()
}

// Render draws the one that is open.
func (d *dialogs) Render() app.UI {
	s := d.S
	shade := app.Div().Class("shade").OnClick(d.cancel)
	switch s.open {
	case menuOriginal:
		return app.Div().Class("dialogs").Hidden(false).Body(shade, d.original())
	case menuViewer:
		return app.Div().Class("dialogs").Hidden(false).Body(shade, d.viewer())
	case menuConfirm:
		c := s.confirm
		no, yes := "secondary", "primary"
		if c.Doubtful {
			no, yes = yes, no
		}
		return app.Div().Class("dialogs").Hidden(false).Body(shade, app.Div().Class("dialog").Attr("role", "alertdialog").Aria("modal", "true").Aria("label", c.Title).Body(
			app.H2().Text(c.Title), app.P().Text(c.Text),
			app.Div().Class("dialog-buttons").Body(
				app.Button().ID(idRefuse).Type("button").Class(no).OnClick(d.cancel).Text(words.T("Cancel")),
				app.Button().ID(idConfirm).Type("button").Class(yes).OnClick(d.confirmed).Text(c.Button),
			),
		))
	}
	return app.Div().Class("dialogs").Hidden(true).Body(shade)
}

func (d *dialogs) cancel(app.Context, app.Event) {
	d.S.open = ""
	d.S.changed()
}

func (d *dialogs) confirmed(app.Context, app.Event) {
	d.S.open = ""
	d.S.changed()
	d.S.confirm.do()
}
