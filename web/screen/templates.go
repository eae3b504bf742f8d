package screen

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Text blocks with a name, to be put into a message, and their page in the settings.

const idTemplateName = "template-name"

// placeholders are what can stand in braces in a template.
var placeholders = []words.Text{words.Mark("first name"), words.Mark("full name"), words.Mark("my name"), words.Mark("date"), words.Mark("time")}

// placeholderValues are what stands for the placeholders in a message, by their names in the
// person's language and in English.
func (s *Screen) placeholderValues(c *store.Composer) map[string]string {
	first, full, mine := "", "", ""
	if len(c.Email.To) > 0 {
		to := c.Email.To[0]
		if full = to.DisplayName(); full != to.Email {
			first, _, _ = strings.Cut(full, " ")
		} else {
			full = ""
		}
	}
	for _, i := range s.store.Account(c.AccountId).Identities() {
		if i.Id == c.IdentityId {
			mine = i.Name
		}
	}
	now := time.Now()
	values := map[string]string{}
	for i, value := range []string{first, full, mine, browser.Format(browser.FormatDate, now), browser.Format(browser.FormatTime, now)} {
		values[strings.ToLower(placeholders[i].String())], values[placeholders[i].English()] = value, value
	}
	return values
}

// insertTemplate puts a text block into a message, where the caret is.
func (s *Screen) insertTemplate(c *store.Composer, t store.Template) {
	source := draft.FillIn(t.HTML, s.placeholderValues(c))
	s.open = ""
	if c.Plain {
		id := composerField(c, "text")
		browser.Insert(id, draft.HTMLToText(source))
		s.do.Edit(c, func(c *store.Composer) { c.Text = browser.Value(id) })
		browser.Focus(id)
	} else if c.Insert != nil {
		c.Insert(source)
		s.do.Edit(c, func(*store.Composer) {})
	}
	s.changed()
}

// templateItems are the text blocks in the menu of a composer.
func (p *composer) templateItems() []app.UI {
	var items []app.UI
	for i, t := range p.S.store.Settings().Templates() {
		items = append(items, app.Button().Type("button").Class("menu-item").Attr("role", "menuitem").
			OnClick(func(app.Context, app.Event) { p.S.insertTemplate(p.C, t) }, p.C.Id, i, t.Name, t.HTML).
			Body(icon("text-quote"), app.Span().Dir("auto").Text(words.T("Insert “{template}”", t.Name))))
	}
	return items
}

// templateCommands are the text blocks in the palette, while a message is written.
func (s *Screen) templateCommands() []paletteItem {
	all := s.store.Composers()
	if len(all) == 0 {
		return nil
	}
	c := all[len(all)-1]
	var items []paletteItem
	for _, t := range s.store.Settings().Templates() {
		items = append(items, paletteItem{name: words.T("Insert “{template}”", t.Name), picture: "text-quote", do: func(s *Screen) { s.insertTemplate(c, t) }})
	}
	return items
}

// templatesSetting is where they are seen to.
func (p *settingsPage) templatesSetting() app.UI {
	s := p.S
	var lines []app.UI
	for i, t := range s.store.Settings().Templates() {
		line := app.Li().Class("settings-line").Aria("label", t.Name)
		if s.setup.template == i+1 {
			lines = append(lines, line.Body(&templateForm{S: s, At: i, Template: t, Tongue: words.Current().Tag}))
			continue
		}
		lines = append(lines, line.Body(app.Div().Class("template-line").Body(
			app.Span().Dir("auto").Text(t.Name),
			iconButton(words.T("Edit {template}", t.Name), "pencil", func(app.Context, app.Event) { s.editTemplate(i + 1) }, i, t.Name),
			iconButton(words.T("Remove {template}", t.Name), "trash-2", func(app.Context, app.Event) { s.do.RemoveTemplate(i) }, i, t.Name),
		)))
	}
	names := make([]string, len(placeholders))
	for i, p := range placeholders {
		names[i] = "{" + p.String() + "}"
	}
	add := app.UI(app.Div().Body(app.Button().Type("button").Class("secondary").OnClick(func(app.Context, app.Event) { s.editTemplate(-1) }, "new").Text(words.T("New template"))))
	if s.setup.template < 0 {
		add = &templateForm{S: s, At: -1, Tongue: words.Current().Tag}
	}
	return app.Div().Class("setting").Body(
		app.H3().Text(words.T("Templates")),
		app.P().Class("hint").Text(words.T("Text blocks to put into messages, from the menu of a message or the command palette. These are filled in: {placeholders}", strings.Join(names, " "))),
		app.Ul().Class("accounts").Aria("label", words.T("Templates")).Hidden(len(lines) == 0).Body(lines...),
		app.Div().Class("template-new").Body(add),
	)
}

// editTemplate opens the form of a template: its number from 1, -1 for a new one, 0 for none.
func (s *Screen) editTemplate(number int) {
	s.setup.template = number
	if number != 0 {
		s.setup.focus = idTemplateName
	}
	s.changed()
}

// templateForm is one text block. Its fields are filled once.
type templateForm struct {
	app.Compo

	text     richText
	S        *Screen
	At       int // -1: a new one
	Template store.Template
	Tongue   string // the language
}

// OnMount fills the fields.
func (f *templateForm) OnMount(ctx app.Context) {
	ctx.Dispatch(func(app.Context) { browser.SetValue(idTemplateName, f.Template.Name) })
}

// Render draws the fields.
func (f *templateForm) Render() app.UI {
	return app.Form().Class("settings-form").Aria("label", words.T("Template")).OnSubmit(f.save).Body(
		app.Label().Class("field").Body(app.Span().Text(words.T("Name")), app.Input().ID(idTemplateName).Type("text").MaxLength(80).Dir("auto")),
		app.Div().Class("field").Body(
			app.Span().Text(words.T("Text")),
			&richField{ID: "template-text", Name: words.T("Text"), HTML: f.Template.HTML, Text: &f.text, Tongue: f.Tongue},
		),
		app.Div().Class("settings-buttons").Body(
			app.Button().Type("submit").Class("primary").Text(words.T("Save")),
			app.Button().Type("button").Class("secondary").OnClick(func(app.Context, app.Event) { f.S.editTemplate(0) }).Text(words.T("Cancel")),
		),
	)
}

func (f *templateForm) save(_ app.Context, e app.Event) {
	e.PreventDefault()
	if f.S.do.SaveTemplate(f.At, browser.Value(idTemplateName), f.text.html(f.Template.HTML)) {
		f.S.editTemplate(0)
	}
}
