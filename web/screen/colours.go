package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// colours is the way back from what a simple mail looks like in the dark; the styles show
// it where there is one.
func (h *htmlBody) colours() app.UI {
	name := words.T("Show original colours")
	if h.original {
		name = words.T("Show dark colours")
	}
	return app.Button().Type("button").Class("quiet", "small", "colours").OnClick(h.toggleColours).Text(name)
}

func (h *htmlBody) toggleColours(app.Context, app.Event) {
	h.original = !h.original
	browser.SetMailView(idHTML(h.Id), h.quotes, h.original)
}

func (h *htmlBody) toggleQuote(app.Context, app.Event) {
	h.quotes = !h.quotes
	browser.SetMailView(idHTML(h.Id), h.quotes, h.original)
}
