package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/words"
)

const idHelpClose = "help-close"

// openHelp shows what the keys do.
func (s *Screen) openHelp() { s.openOverlay(menuKeys, idHelpClose, "") }

// helpBox draws the list of keys.
func (s *Screen) helpBox() app.UI {
	return app.Div().ID(idOverlay).Class("dialog", "keys").Attr("role", "dialog").Aria("modal", "true").Aria("label", words.T("Keyboard shortcuts")).Body(
		app.H2().Text(words.T("Keyboard shortcuts")),
		keyList(),
		app.Div().Class("dialog-buttons").Body(
			app.Button().ID(idHelpClose).Type("button").Class("secondary").OnClick(func(app.Context, app.Event) { s.closeOverlay() }).Text(words.T("Close"))),
	)
}

// keyList is what each key does.
func keyList() app.UI {
	var out []app.UI
	for _, c := range helpLines() {
		var keys []app.UI
		for i, key := range keysShown(&c) {
			if i > 0 {
				keys = append(keys, app.Text(" "))
			}
			keys = append(keys, app.Kbd().Text(key))
		}
		out = append(out, app.Div().Body(app.Dt().Body(keys...), app.Dd().Text(c.title())))
	}
	return app.Dl().Class("key-list").Body(out...)
}
