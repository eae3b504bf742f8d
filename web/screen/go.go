package screen

import (
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/search"
	"github.com/hearthmail/hearthmail/web/store"
)

// Going about: what the address bar names is what is shown.

// goTo shows what a route names; the address bar names it already.
func (s *Screen) goTo(r route) {
	if r.Settings != "" {
		s.showSettings(r.Settings)
		return
	}
	if r.Compose != "" {
		s.handed, r.Compose = r.Compose, ""
	}
	list := r
	list.Email, list.Of = "", ""
	was := s.route
	was.Email, was.Of, was.Settings = "", "", ""
	s.route = r
	s.drawer, s.open, s.draft = false, "", ""
	if list != was || s.list == nil {
		s.showList()
	}
	if r.Email != "" {
		s.showEmail()
	} else if s.store != nil {
		for _, a := range s.store.Accounts() {
			a.SetOpened()
		}
	}
	s.changed()
}

// visit goes to a route and leaves a way back.
func (s *Screen) visit(r route) {
	if r != s.route {
		browser.Push(r.path())
	}
	s.goTo(r)
}

// showList puts the mailbox or search of the route on screen.
func (s *Screen) showList() {
	a := s.account()
	s.selection = selection{}
	clear(s.unfolds)
	s.setCursor(-1)
	s.scroll.reset()
	switch {
	case a == nil:
		s.list = nil
	case s.across():
		s.showAcross()
	case s.route.Search != "":
		s.list = nil
		filter, ok := search.Parse(s.route.Search, s.searchContext(a))
		if ok {
			s.list = s.do.Search(a, s.route.Search, filter, search.Everywhere(s.route.Search))
		}
	case s.route.Mailbox != "":
		s.origin = s.route.Mailbox
		s.list = s.do.OpenMailbox(a, s.query(a))
	default:
		s.list = nil
	}
	if browser.Focused() != idSearch { // what is being typed stays
		browser.SetValue(idSearch, s.route.Search)
	}
	s.changed()
}

func (s *Screen) searchContext(a *store.Account) search.Context {
	return search.Context{
		Now: time.Now(),
		Mailbox: func(name string) (jmap.Id, bool) {
			id := findMailbox(a, name)
			return id, id != ""
		},
	}
}

// openMailbox goes to a mailbox.
func (s *Screen) openMailbox(a *store.Account, id jmap.Id) {
	s.visit(s.mailboxRoute(a.Id(), id))
}

// openRole goes to the mailbox with a role, if there is one.
func (s *Screen) openRole(role string) {
	if a := s.account(); a != nil {
		if m := a.Role(role); m != nil {
			s.openMailbox(a, m.Id)
		}
	}
}

// openSearch shows what matches a query, or without one where the search began.
func (s *Screen) openSearch(query string) {
	a := s.account()
	switch {
	case a == nil:
	case query == "" && s.across():
		s.openInboxes()
	case query == "" && a.Mailbox(s.origin) != nil:
		s.openMailbox(a, s.origin)
	case query == "":
		s.openRole(jmap.RoleInbox)
	default:
		r := route{Account: a.Id(), Search: query}
		if s.across() {
			r.Account = store.Everywhere
		}
		s.visit(r)
	}
}

// openRow opens the email of a line.
func (s *Screen) openRow(i int) {
	if ln, known := s.lines().at(i); known {
		s.setCursor(i)
		s.openEmail(ln.id)
	}
}

// openEmail goes to an email of the list.
func (s *Screen) openEmail(id jmap.Id) {
	r := s.route
	fresh := r.Email == ""
	r.Email = id
	if a := s.account(); a != nil && r.Account == "" {
		r.Account = a.Id()
	}
	if s.across() {
		r.Of = s.accountOf(id).Id()
	}
	// From one message to the next there is one way back: to the list.
	if fresh {
		s.visit(r)
		return
	}
	browser.Replace(r.path())
	s.goTo(r)
}

// showEmail puts the email of the route into the reader, a draft into a composer.
func (s *Screen) showEmail() {
	a := s.account()
	if a == nil {
		return
	}
	s.talk = conversation{}
	browser.SetScrollTop(idReader, 0)
	s.cursorToOpen()
	s.attend(a)
	if e := a.Email(s.route.Email); e != nil && e.Has(jmap.KeywordDraft) && a.Leaving(s.route.Email) == nil {
		s.draft = s.route.Email
		s.editWhenReady(a)
	}
}

// editWhenReady opens the composer of a draft once its text is here.
func (s *Screen) editWhenReady(a *store.Account) {
	if s.draft == "" {
		return
	}
	e := a.Email(s.draft)
	if e == nil || e.Body() == store.BodyFailed {
		s.draft = ""
		s.changed()
		return
	}
	if e.Body() != store.BodyReady {
		return
	}
	c := s.do.EditDraft(a, s.draft)
	s.closeEmail()
	if c != nil {
		s.composerOpened(c)
	}
}

// closeEmail goes back to the list.
func (s *Screen) closeEmail() {
	if s.route.Email == "" {
		return
	}
	r := s.route
	r.Email, r.Of = "", ""
	browser.Replace(r.path())
	if a := s.account(); a != nil {
		s.do.CloseEmail(a)
	}
	s.goTo(r)
}

// step moves to the next (1) or previous (-1) message; with one open, it opens it.
func (s *Screen) step(by int) {
	total := s.lines().total()
	if total == 0 {
		return
	}
	at := s.cursor + by
	if s.cursor < 0 {
		at = 0
	}
	at = min(max(at, 0), total-1)
	s.setCursor(at)
	s.scroll.reveal(at)
	s.showWindow()
	if s.route.Email != "" && !narrow() {
		s.openRow(at)
	}
	s.changed()
}

// leaving says what to show when the open message is about to leave the list:
// on a wide screen the next one, unless another way was chosen, else the list.
func (s *Screen) leaving(ids []jmap.Id) (then func()) {
	open := s.route.Email
	if open == "" || !slices.Contains(ids, open) || s.list == nil {
		return func() {}
	}
	at, listed := s.place(s.lines(), standing{open, s.apart(open)})
	if ln, known := s.lines().at(s.cursor); known && ln.id == open { // the row of an unfolded conversation
		at, listed = s.cursor, true
	}
	return func() {
		next := s.store.Settings().String(settingAfter, afterNext) == afterNext && !narrow()
		l := s.lines()
		ln, known := l.at(min(at, l.total()-1))
		if known && ln.id == open { // it is shown in its conversation wherever it lies
			at++
			ln, known = l.at(min(at, l.total()-1))
		}
		if known && next && listed && ln.id != open {
			s.openRow(min(at, l.total()-1))
			return
		}
		s.closeEmail()
	}
}
