package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
)

// richText is what stands in a richField, for the form it is in.
type richText struct{ editor *browser.Editor }

// html is what was written, was if nothing could be.
func (t *richText) html(was string) string {
	if t.editor == nil {
		return was
	}
	return t.editor.HTML()
}

// richField is a field of a form that is written in with formats. It is filled once.
type richField struct {
	app.Compo

	ID, Name string
	HTML     string // to begin with
	Text     *richText
	Tongue   string // the language
}

// OnMount fills the field.
func (f *richField) OnMount(ctx app.Context) {
	ctx.Dispatch(func(app.Context) {
		editor := browser.OpenEditor(f.ID, f.ID+"-tools", f.HTML, nil, browser.EditorEvents{Changed: func() {}, Pictures: func([]browser.File) {}})
		f.Text.editor = &editor
	})
}

// OnDismount lets go of the page.
func (f *richField) OnDismount() {
	if f.Text.editor != nil {
		f.Text.editor.Close()
		f.Text.editor = nil
	}
}

// Render draws the field and its toolbar.
func (f *richField) Render() app.UI {
	return app.Div().Class("rich-field").Body(
		formatTools(f.ID+"-tools", f.ID),
		app.Div().ID(f.ID).Class("composer-html").Attr("role", "textbox").Aria("multiline", "true").Aria("label", f.Name).
			ContentEditable(true).Spellcheck(true).TabIndex(0).Dir("auto"),
	)
}
