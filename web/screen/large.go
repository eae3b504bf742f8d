package screen

import (
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/words"
)

// What takes a browser longer than a person waits is not shown unasked: nothing else
// could be done meanwhile.
const (
	heavyOctets = 1 << 20
	heavyTags   = 40_000 // an element has two as a rule
	heavyText   = 400_000
)

func heavyHTML(html string) bool {
	return len(html) > heavyOctets || strings.Count(html, "<") > heavyTags
}

// tooLarge asks whether to show it all the same.
func (r *message) tooLarge(m *jmap.Email) app.UI {
	return app.Div().Class("note", "large-note").Attr("role", "note").Body(
		icon("triangle-alert"), app.H2().Text(words.T("This message is very large")),
		app.P().Text(words.T("Showing its {size} could take a while.", words.Size(m.Size))),
		app.Div().Class("dialog-buttons").Body(
			app.Button().Type("button").Class("secondary").OnClick(r.showHeavy).Text(words.T("Show anyway")),
			app.Button().Type("button").Class("secondary").OnClick(r.onDownload).Text(words.T("Download")),
		),
	)
}

func (r *message) showHeavy(app.Context, app.Event) {
	r.S.lookAt(r.Id, func(b *beside) { b.heavy = true })
}
