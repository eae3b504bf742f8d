package screen

import (
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// banner is the top: mark, search, connection, account.
type banner struct {
	app.Compo

	S   *Screen
	Rev [3]uint64
}

// Render draws it.
func (b *banner) Render() app.UI {
	s := b.S
	return app.Header().Class("banner").Body(
		iconButton(words.T("Mailboxes"), "menu", b.toggleDrawer).Class("drawer-button"),
		app.A().Class("brand").Href("/").Body(app.Span().Class("mark").Aria("hidden", "true"), app.Span().Text("Hearthmail")),
		&searchBox{S: s, Tongue: words.Current().Tag},
		app.Div().Class("connection").Attr("role", "status").Body(b.connection()),
		iconButton(words.T("Settings"), "settings", b.settings),
		app.Div().Class("account-menu").Body(b.menu(s)),
	)
}

func (b *banner) toggleDrawer(app.Context, app.Event) {
	b.S.drawer = !b.S.drawer
	b.S.changed()
}

// connection says what is wrong with it; nothing when all is well.
func (b *banner) connection() app.UI {
	c := b.S.store.Connection()
	if c.State != store.Offline {
		return app.Span()
	}
	text := words.T("Offline")
	if browser.Online() {
		text = words.T("Reconnecting…")
		if wait := time.Until(c.RetryAt); wait > 3*time.Second {
			text = words.T("Not connected")
		}
	}
	return app.Button().Type("button").Class("connection-button").Title(words.T("Try again now")).OnClick(b.retry).Body(icon("wifi-off"), app.Span().Text(text))
}

func (b *banner) retry(app.Context, app.Event) { b.S.door.Retry() }

func (b *banner) menu(s *Screen) app.UI {
	name := s.session.Username
	button := app.Button().Type("button").Class("avatar", "hue-"+hue(name)).Aria("label", words.T("Account")).Title(name).
		Aria("haspopup", "menu").Aria("expanded", yesNo(s.open == menuAccount)).OnClick(b.toggleMenu).
		Text(initials(accountAddress(name)))
	menu := app.Div().Class("menu").Attr("role", "menu").Aria("label", words.T("Account")).Hidden(s.open != menuAccount)
	if s.open != menuAccount {
		return app.Div().Body(button, menu)
	}
	return app.Div().Body(button, menu.Body(
		app.Div().Class("menu-head").Attr("role", "presentation").Text(name),
		app.Div().Class("menu-group").Attr("role", "group").Aria("label", words.T("Theme")).Body(
			b.themes()...,
		),
		menuItem(words.T("Keyboard shortcuts"), "keyboard", b.keys),
		menuItem(words.T("Sign out"), "log-out", b.signOut),
	))
}

func menuItem(name, picture string, h app.EventHandler) app.UI {
	return app.Button().Type("button").Class("menu-item").Attr("role", "menuitem").OnClick(h).Body(icon(picture), app.Span().Text(name))
}

// themes are the looks to choose from.
func (b *banner) themes() []app.UI {
	var out []app.UI
	for _, t := range themes {
		out = append(out, app.Button().Type("button").Class("menu-item").Attr("role", "menuitemradio").
			Aria("checked", yesNo(browser.Remembered("theme") == t.value)).
			OnClick(func(app.Context, app.Event) { b.S.setTheme(t.value) }, t.value).
			Body(icon(t.picture), app.Span().Text(t.name.String())))
	}
	return out
}

func (b *banner) toggleMenu(app.Context, app.Event) { b.S.toggle(menuAccount) }
func (b *banner) settings(app.Context, app.Event)   { b.S.openSettings(firstSection) }
func (b *banner) keys(app.Context, app.Event)       { b.S.openHelp() }
func (b *banner) signOut(app.Context, app.Event) {
	b.S.open = ""
	b.S.signOut()
}

// signOut leaves, unless something written would be lost by it.
func (s *Screen) signOut() {
	for _, c := range s.store.Composers() {
		if c.Dirty() || c.Status == store.Sending {
			s.do.SaveDraft(c)
			s.store.Notify(store.Notice{Kind: store.Warning, Text: words.T("Wait until what you wrote is saved, then sign out.")})
			return
		}
	}
	s.door.SignOut()
}

// toggle opens a menu or dialog, or closes it.
func (s *Screen) toggle(menu string) {
	if s.open == menu {
		s.open = ""
	} else {
		s.open = menu
	}
	s.changed()
}

func accountAddress(name string) jmap.EmailAddress { return jmap.EmailAddress{Email: name} }

func yesNo(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}
