package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// edge is the line between two panes that stand beside each other. Moving it is the page's
// work: see static/script/panes.js.
type edge struct {
	app.Compo

	Pane   string // the one before it: "tree" or "list"
	Tongue string
}

// OnMount has it say where it is.
func (e *edge) OnMount(app.Context) { browser.FitPanes() }

// Render draws it.
func (e *edge) Render() app.UI {
	name := words.T("Width of the mailboxes")
	if e.Pane == "list" {
		name = words.T("Width of the messages")
	}
	return app.Div().Class("edge", "edge-"+e.Pane).Attr("role", "separator").Aria("orientation", "vertical").Aria("label", name).
		DataSet("edge", e.Pane).TabIndex(0)
}
