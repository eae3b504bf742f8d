package screen

import (
	"context"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	// mostOriginal is how much of a message's source is shown.
	mostOriginal = 256 << 10
	// fetchLimit is how long a part is waited for.
	fetchLimit = time.Minute
)

// original is the source of a message.
type original struct {
	id   jmap.Id
	text string
	cut  bool
	done bool
	err  error
}

// showOriginal opens the source of a message.
func (s *Screen) showOriginal(id jmap.Id, back string) {
	m := s.emailOf(id)
	if m == nil {
		return
	}
	s.sheet.original = original{id: id}
	s.showSheet(menuOriginal, back)
	s.fetchText(s.download(m.BlobId, mailMediaType, "message.eml"), "", mostOriginal, func(text string, cut bool, err error) {
		if o := &s.sheet.original; o.id == id {
			o.text, o.cut, o.err, o.done = strings.ReplaceAll(text, "\r\n", "\n"), cut, err, true
			s.changed()
		}
	})
}

// fetchText reads a file as text; done runs on the UI loop.
func (s *Screen) fetchText(url, charset string, most int, done func(text string, cut bool, err error)) {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), fetchLimit)
		defer cancel()
		text, cut, err := browser.Text(ctx, url, charset, most)
		s.post(func() { done(text, cut, err) })
	}()
}

func (d *dialogs) original() app.UI {
	o := d.S.sheet.original
	tools := []app.UI{
		app.Button().Type("button").Class("secondary").Disabled(!o.done || o.err != nil).OnClick(d.copyOriginal).Text(words.T("Copy")),
		app.Button().Type("button").Class("secondary").OnClick(d.saveOriginal).Text(words.T("Download .eml")),
	}
	return d.sheetDialog("original", words.T("Original message"), tools, app.Div().Class("sheet-scroll").TabIndex(0).Body(
		app.P().Class("hint").Hidden(o.done).Attr("role", "status").Text(words.T("Loading…")),
		app.P().Class("alert").Hidden(o.err == nil).Attr("role", "alert").Text(words.T("The source could not be loaded.")),
		app.Pre().Class("source").Text(o.text),
		app.P().Class("hint").Hidden(!o.cut).Text(words.T("The rest is not shown. Download the message to see all.")),
	))
}

func (d *dialogs) copyOriginal(app.Context, app.Event) {
	browser.Copy(d.S.sheet.original.text)
	d.S.store.Notify(store.Notice{Kind: store.Info, Text: words.T("Copied")})
}

func (d *dialogs) saveOriginal(app.Context, app.Event) {
	if m := d.S.emailOf(d.S.sheet.original.id); m != nil {
		browser.Save(d.S.download(m.BlobId, mailMediaType, draft.FileName(m)), draft.FileName(m))
	}
}
