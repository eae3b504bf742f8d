package screen

import (
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
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
			item(words.T("Reply to list"), "reply-all", func(id jmap.Id) { s.answerTo(id, s.do.ReplyList) }).Hidden(!fromList(m)),
			item(words.T("Forward as attachment"), "forward", func(id jmap.Id) { s.forwardAttached(id) }),
			item(words.T("Redirect…"), "forward", s.askRedirect).Hidden(s.account().ReadOnly()),
			item(words.T("Edit as new message"), "pencil", func(id jmap.Id) { s.answerTo(id, s.do.EditAsNew) }),
			item(words.T("Show original"), "code-xml", func(id jmap.Id) { s.showOriginal(id, moreID(open)) }),
			item(words.T("Download .eml"), "download", s.saveEmail),
			item(words.T("Print"), "printer", func(jmap.Id) { s.print() }),
			item(both, "file-text", s.togglePlain).Hidden(!draft.IsHTML(m) || !draft.HasText(m)),
			item(words.T("Zoom in"), "plus", s.zoomIn),
			item(words.T("Zoom out"), "minus", s.zoomOut),
			item(words.T("Actual size"), "maximize-2", s.zoomActual).Hidden(s.zoomed(id) == 1),
			item(words.T("Fit width"), "minimize-2", s.zoomFit).Hidden(look.zoom == 0 || look.plain || !draft.IsHTML(m)),
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

func (s *Screen) togglePlain(id jmap.Id) {
	s.lookAt(id, func(b *beside) { b.plain, b.quotes = !b.plain, false })
}

// saveEmail downloads a message as it came.
func (s *Screen) saveEmail(id jmap.Id) {
	s.open = ""
	s.changed()
	if m := s.emailOf(id); m != nil {
		name := draft.FileName(m)
		browser.Save(s.download(m.BlobId, mailMediaType, name), name)
	}
}

func (r *message) onDownload(app.Context, app.Event) { r.S.saveEmail(r.Id) }

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
	if n := len(s.selection.ids); n > 0 && !s.selection.whole && len(s.shares(s.targets())) == 1 {
		return app.Div().Hidden(false).Body(iconButton(words.N(n, "Forward as attachment", "Forward {n} as attachments"), "forward", s.onForwardSelected))
	}
	if s.route.Email == "" || len(s.selection.ids) > 0 {
		return app.Div().Hidden(true)
	}
	return s.moreMenu(menuMore, s.route.Email)
}

// onForwardSelected passes on the ticked messages, those of a conversation with it, as files.
func (s *Screen) onForwardSelected(app.Context, app.Event) {
	shares := s.shares(s.whole(s.targets()))
	if len(shares) != 1 {
		return
	}
	s.do.ForwardSelected(shares[0].account, shares[0].ids, func(c *store.Composer) {
		if c != nil {
			s.selection = selection{}
			s.composerOpened(c)
		}
	})
}

// fromList reports whether a message came by a mailing list that takes answers.
func fromList(m *jmap.Email) bool {
	_, ok := draft.ListAddress(m)
	return ok
}
