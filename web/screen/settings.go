package screen

import (
	"slices"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Settings that only this page and the keys know; reading.go and images.go have the others.
const (
	settingTheme     = "theme"
	settingShortcuts = "shortcuts"
)

// section is one page of the settings.
type section struct {
	id      string
	name    words.Text
	picture string
	can     func(a *store.Account) bool // nil: always
	draw    func(p *settingsPage) []app.UI
}

// firstSection is where the settings open.
const firstSection = "reading"

// settingsSections are the pages, in order.
var settingsSections = []section{
	{sectionAccounts, words.Mark("Accounts"), "mail", func(a *store.Account) bool { return a.Has(jmap.CapabilityBridge) }, (*settingsPage).accounts},
	{"reading", words.Mark("Reading"), "mail-open", nil, (*settingsPage).reading},
	{"composing", words.Mark("Composing"), "pencil", nil, (*settingsPage).composing},
	{"appearance", words.Mark("Appearance"), "sun", nil, (*settingsPage).appearance},
	{"keyboard", words.Mark("Keyboard"), "keyboard", nil, (*settingsPage).keyboard},
	{"privacy", words.Mark("Privacy"), "eye-off", nil, (*settingsPage).privacy},
	{"identities", words.Mark("Identities"), "user", nil, (*settingsPage).identities},
	{"vacation", words.Mark("Vacation reply"), "reply", func(a *store.Account) bool { return a.Has(jmap.CapabilityVacation) }, (*settingsPage).vacation},
	{"about", words.Mark("About"), "circle-check", nil, (*settingsPage).about},
}

// sections are those that an account has.
func sections(a *store.Account) []section {
	return slices.DeleteFunc(slices.Clone(settingsSections), func(c section) bool { return c.can != nil && !c.can(a) })
}

func (s *Screen) settingsItems() []paletteItem {
	items := []paletteItem{}
	for _, c := range sections(s.account()) {
		items = append(items, paletteItem{name: words.T("Settings: {section}", c.name.String()), picture: "settings", do: func(s *Screen) { s.openSettings(c.id) }})
	}
	for _, theme := range themes {
		items = append(items, paletteItem{name: words.T("Theme: {theme}", theme.name.String()), picture: theme.picture, do: func(s *Screen) { s.setTheme(theme.value) }})
	}
	return items
}

// openSettings goes to a section. From one section to the next there is one way back: to
// the mail.
func (s *Screen) openSettings(id string) {
	r := s.route
	fresh := r.Settings == ""
	r.Settings = id
	if fresh {
		s.visit(r)
	} else {
		browser.Replace(r.path())
		s.goTo(r)
	}
	s.openSection(id)
}

// openSection has fetched what a section shows.
func (s *Screen) openSection(id string) {
	a := s.account()
	switch {
	case a == nil:
	case id == "vacation":
		s.do.OpenVacation(a)
	case id == sectionAccounts:
		s.do.OpenAccounts()
	}
}

// showSettings shows a section; what lies behind it stays as it is.
func (s *Screen) showSettings(id string) {
	s.route.Settings = id
	s.drawer, s.open = false, ""
	s.setup = setup{lookup: s.setup.lookup + 1}
	s.openSection(id)
	s.changed()
}

// closeSettings goes back to the mail.
func (s *Screen) closeSettings() {
	r := s.route
	r.Settings = ""
	s.visit(r)
}

// settingsPage is the settings.
type settingsPage struct {
	app.Compo

	S   *Screen
	Rev [3]uint64
}

// OnUpdate puts the focus where it is wanted, now that it is there.
func (p *settingsPage) OnUpdate(app.Context) {
	if id := p.S.setup.focus; id != "" {
		p.S.setup.focus = ""
		browser.Focus(id)
	}
}

// Render draws the section of the route.
func (p *settingsPage) Render() app.UI {
	s := p.S
	page := app.Section().Class("settings").Aria("label", words.T("Settings")).Hidden(s.route.Settings == "")
	a := s.account()
	if s.route.Settings == "" || a == nil {
		return page
	}
	if s.route.Settings == pageOutbox {
		return p.outboxPage(page)
	}
	all := sections(a)
	at := max(slices.IndexFunc(all, func(c section) bool { return c.id == s.route.Settings }), 0)
	var links []app.UI
	for i, c := range all {
		link := app.Button().Type("button").Class("settings-link").OnClick(func(app.Context, app.Event) { s.openSettings(c.id) }, c.id).
			Body(icon(c.picture), app.Span().Text(c.name.String()))
		if i == at {
			link = link.Aria("current", "page")
		}
		links = append(links, link)
	}
	return page.Body(
		app.Div().Class("settings-head").Body(
			iconButton(words.T("Close settings"), "arrow-left", func(app.Context, app.Event) { s.closeSettings() }),
			app.H1().Text(words.T("Settings")),
		),
		app.Nav().Class("settings-nav").Aria("label", words.T("Settings sections")).Body(links...),
		app.Div().Class("settings-body").Body(
			// One of these is there: each is mounted anew when it is come to.
			app.Div().DataSet("section", all[at].id).Body(append([]app.UI{app.H2().Text(all[at].name.String())}, all[at].draw(p)...)...),
		),
	)
}

// option is one of several values of a setting.
type option struct{ value, name string }

// choice is a setting with a few values.
func (p *settingsPage) choice(key, def, title, hint string, options ...option) app.UI {
	now := p.S.store.Settings().String(key, def)
	return p.choose(key, now, title, hint, func(v string) { p.S.do.Set(key, v) }, options...)
}

// choose is a choice whose value is kept in another way.
func (p *settingsPage) choose(key, now, title, hint string, set func(string), options ...option) app.UI {
	body := []app.UI{app.Legend().Text(title), app.P().Class("hint").Hidden(hint == "").Text(hint)}
	for _, o := range options {
		body = append(body, app.Label().Class("check").Body(
			app.Input().Type("radio").Name("setting-"+key).Value(o.value).Checked(o.value == now).
				OnChange(func(app.Context, app.Event) { set(o.value) }, key, o.value),
			app.Span().Text(o.name),
		))
	}
	return app.FieldSet().Class("setting").Body(body...)
}

// toggle is a setting that is on or off.
func (p *settingsPage) toggle(key string, def bool, title, hint string) app.UI {
	id := "setting-" + key
	return app.Div().Class("setting").Body(
		app.Label().Class("check").Body(
			app.Input().ID(id).Type("checkbox").Checked(p.S.store.Settings().Bool(key, def)).
				OnChange(func(app.Context, app.Event) { p.S.do.Set(key, browser.Checked(id)) }, key),
			app.Span().Text(title),
		),
		app.P().Class("hint").Hidden(hint == "").Text(hint),
	)
}
