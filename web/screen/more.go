package screen

import (
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// Menus of what is done more rarely: that of the toolbar is about the open message, each
// message of a conversation has its own.
const (
	menuMore      = "more"
	menuMoreOf    = "more/"
	idMore        = "more-menu"
	printPause    = 80 * time.Millisecond // for the menu to be gone from the paper
	mailMediaType = "message/rfc822"
)

// moreMenu is a button and its menu, about a message; open is the menu's name.
func (s *Screen) moreMenu(open string, id jmap.Id) app.UI {
	m := s.emailOf(id)
	button := iconButton(words.T("More"), "ellipsis", s.onMore, open).ID(moreID(open)).Aria("haspopup", "menu").Aria("expanded", yesNo(s.open == open)).Disabled(m == nil)
	menu := app.Div().Class("menu", "more-menu").Attr("role", "menu").Aria("label", words.T("More")).Hidden(s.open != open || m == nil)
	if s.open == open && m != nil {
		look := s.look(id)
		about := func(do func(id jmap.Id)) app.EventHandler {
			return func(app.Context, app.Event) { do(id) }
		}
		item := func(name, picture string, do func(id jmap.Id)) app.HTMLButton {
			return app.Button().Type("button").Class("menu-item").Attr("role", "menuitem").OnClick(about(do), id, name).Body(icon(picture), app.Span().Text(name))
		}
		both := words.T("Show as plain text")
		if look.plain {
			both = words.T("Show HTML")
		}
		menu = menu.Body(
			item(words.T("Show original"), "code-xml", func(id jmap.Id) { s.showOriginal(id, moreID(open)) }),
			item(words.T("Download .eml"), "download", s.saveEmail),
			item(words.T("Print"), "printer", func(jmap.Id) { s.print() }),
			item(both, "file-text", s.togglePlain).Hidden(!isHTML(m) || !hasPlain(m)),
			item(words.T("Mark unread from here"), "mail", s.unreadFrom),
		)
	}
	return app.Div().Class("menu-anchor").Body(button, menu)
}

func moreID(open string) string { return idMore + open }

func (s *Screen) onMore(_ app.Context, e app.Event) {
	id := e.Get("currentTarget").Get("id").String()
	s.toggle(id[len(idMore):])
}

// hasPlain reports whether a message has a text of its own beside its HTML.
func hasPlain(m *jmap.Email) bool {
	return slices.ContainsFunc(m.TextBody, func(part jmap.EmailBodyPart) bool { return part.Type == "text/plain" })
}

func (s *Screen) togglePlain(id jmap.Id) {
	s.lookAt(id, func(b *beside) { b.plain, b.quotes = !b.plain, false })
}

// saveEmail downloads a message as it came.
func (s *Screen) saveEmail(id jmap.Id) {
	s.open = ""
	s.changed()
	if m := s.emailOf(id); m != nil {
		name := emlName(m)
		browser.Save(s.download(m.BlobId, mailMediaType, name), name)
	}
}

func (r *message) onDownload(app.Context, app.Event) { r.S.saveEmail(r.Id) }

func emlName(m *jmap.Email) string {
	const longest = 80
	name := []rune(m.Subject)
	for i, r := range name {
		if r < ' ' || slices.Contains([]rune(`/\:*?"<>|`), r) {
			name[i] = '_'
		}
	}
	if len(name) == 0 {
		name = []rune("message")
	}
	return string(name[:min(len(name), longest)]) + ".eml"
}

func (s *Screen) print() {
	s.open = ""
	s.changed()
	time.AfterFunc(printPause, browser.Print)
}

// unreadFrom marks a message and those after it as unread, and closes them: they would be
// read again at once.
func (s *Screen) unreadFrom(id jmap.Id) {
	s.open = ""
	a := s.account()
	if a == nil {
		return
	}
	if at := slices.Index(s.talk.ids, id); at >= 0 {
		ids := slices.Clone(s.talk.ids[at:])
		s.closeEmail()
		s.do.MarkUnread(a, ids...)
	}
	s.changed()
}

// toolbarMore is the menu of the toolbar over an open message.
func (s *Screen) toolbarMore() app.UI {
	if s.route.Email == "" || len(s.selection.ids) > 0 {
		return app.Div().Hidden(true)
	}
	return s.moreMenu(menuMore, s.route.Email)
}
