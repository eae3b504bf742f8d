package screen

import (
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// How a mailbox is shown: in which order, which of its messages, and whether
// conversations stand together. The address names the first two, so that they survive
// a reload and can be kept as a bookmark; the order is remembered for each mailbox on
// this device, and its links lead to it.

const (
	idListMenu   = "list-menu"
	idListButton = "list-menu-button"
)

// sortNames are the orders as people read them.
var sortNames = map[store.Sort]words.Text{
	store.Newest: words.Mark("Newest first"), store.Oldest: words.Mark("Oldest first"), store.UnreadFirst: words.Mark("Unread first"), store.StarredFirst: words.Mark("Starred first"),
	store.BySender: words.Mark("Sender"), store.BySubject: words.Mark("Subject"), store.BySize: words.Mark("Size"),
}

// query is what the list shows of the mailbox of the route.
func (s *Screen) query(a *store.Account) store.Query {
	r := s.route
	if s.across() {
		return store.Query{Inboxes: true, Threads: s.store.Settings().Bool(settingTalks, true), Sort: store.Newest, Only: r.Only}
	}
	if !a.CanSort(r.Sort) {
		r.Sort = store.Newest
	}
	threads := !outgoing(a.Mailbox(r.Mailbox)) && s.store.Settings().Bool(settingTalks, true)
	return store.Query{Mailbox: r.Mailbox, Threads: threads, Sort: r.Sort, Only: r.Only}
}

// mailboxRoute is where a mailbox is found, in the order last chosen for it.
func (s *Screen) mailboxRoute(account, mailbox jmap.Id) route {
	r := route{Account: account, Mailbox: mailbox}
	key := sortKey(r)
	sort, known := s.orders[key]
	if !known {
		if sort = store.Sort(browser.Remembered(key)); !sort.Known() {
			sort = store.Newest
		}
		s.orders[key] = sort
	}
	r.Sort = sort
	return r
}

func sortKey(r route) string { return "sort." + string(r.Account) + "." + string(r.Mailbox) }

// sortBy puts the mailbox in another order, now and the next time.
func (s *Screen) sortBy(sort store.Sort) {
	key := sortKey(s.route)
	s.orders[key] = sort
	if sort == store.Newest {
		browser.Forget(key)
	} else {
		browser.Remember(key, string(sort))
	}
	r := s.route
	r.Sort = sort
	s.visit(r)
	s.closeListMenu()
}

// only narrows the mailbox or widens it again.
func (s *Screen) only(o store.Only) {
	r := s.route
	r.Only = o
	s.visit(r)
	s.closeListMenu()
}

// group puts conversations together, or shows each message by itself.
func (s *Screen) group(together bool) {
	s.do.Set(settingTalks, together)
	s.regroup()
	s.closeListMenu()
}

// regroup shows the mailbox anew when conversations are to stand together, or no longer.
func (s *Screen) regroup() {
	a := s.account()
	if a == nil || s.list == nil || s.route.Mailbox == "" || s.route.Search != "" {
		return
	}
	if s.list.Query().Threads != s.query(a).Threads {
		s.showList()
	}
}

// closeListMenu: showing another list has closed it; who used it goes on from its button.
func (s *Screen) closeListMenu() {
	s.open = ""
	browser.Focus(idListButton)
	s.changed()
}

// onlyWords says what is shown of a mailbox, "" where it is everything.
func onlyWords(o store.Only) string {
	var shown []string
	for _, w := range []struct {
		on   bool
		word words.Text
	}{{o.Unread, words.Mark("unread")}, {o.Starred, words.Mark("starred")}, {o.Attachments, words.Mark("with attachments")}} {
		if w.on {
			shown = append(shown, w.word.String())
		}
	}
	return strings.Join(shown, ", ")
}

// listMenu is the button in the head of a mailbox, and its menu.
func (s *Screen) listMenu() app.UI {
	a := s.account()
	open := s.open == menuList
	anchor := app.Div().Class("menu-anchor").Hidden(s.route.Mailbox == "")
	name := words.T("Sort and filter")
	button := iconButton(name, "list-filter", s.onListMenu).ID(idListButton).Aria("haspopup", "menu").Aria("expanded", yesNo(open))
	if s.route.Sort != store.Newest || s.route.Only != (store.Only{}) {
		button = button.Class("in-use")
	}
	menu := app.Div().ID(idListMenu).Class("menu", "list-menu").Attr("role", "menu").Aria("label", name).Hidden(!open).OnKeyDown(s.onListMenuKey)
	if !open {
		return anchor.Body(button, menu, app.Div().Class("menu-shade").Hidden(true))
	}
	var orders []app.UI
	for _, sort := range store.Sorts {
		if a.CanSort(sort) && (!s.across() || sort == store.Newest) {
			orders = append(orders, menuChoice("menuitemradio", sortNames[sort].String(), s.route.Sort == sort,
				func(app.Context, app.Event) { s.sortBy(sort) }, sort))
		}
	}
	o := s.route.Only
	flip := func(name string, on bool, to store.Only) app.UI {
		return menuChoice("menuitemcheckbox", name, on, func(app.Context, app.Event) { s.only(to) }, to)
	}
	together := s.inThreads()
	return anchor.Body(button, menu.Body(
		app.Div().Attr("role", "group").Aria("label", words.T("Sort by")).Body(append([]app.UI{menuTitle(words.T("Sort by"))}, orders...)...),
		app.Div().Class("menu-group").Attr("role", "group").Aria("label", words.T("Show only")).Body(
			menuTitle(words.T("Show only")),
			flip(words.T("Unread"), o.Unread, store.Only{Unread: !o.Unread, Starred: o.Starred, Attachments: o.Attachments}),
			flip(words.T("Starred"), o.Starred, store.Only{Unread: o.Unread, Starred: !o.Starred, Attachments: o.Attachments}),
			flip(words.T("With attachments"), o.Attachments, store.Only{Unread: o.Unread, Starred: o.Starred, Attachments: !o.Attachments}),
		),
		menuChoice("menuitemcheckbox", words.T("Group by conversation"), together, func(app.Context, app.Event) { s.group(!together) }, together),
	), app.Div().Class("menu-shade").Hidden(false).OnClick(func(app.Context, app.Event) { s.closeListMenu() }))
}

func menuTitle(text string) app.UI {
	return app.Div().Class("menu-title").Aria("hidden", "true").Text(text)
}

// menuChoice is a line of a menu with a mark where it is chosen. scope tells one handler
// from the others.
func menuChoice(role, name string, on bool, h app.EventHandler, scope any) app.UI {
	return app.Button().Type("button").Class("menu-item", "choice").Attr("role", role).Aria("checked", yesNo(on)).OnClick(h, scope).
		Body(icon("check"), app.Span().Text(name))
}

func (s *Screen) onListMenu(ctx app.Context, _ app.Event) {
	s.toggle(menuList)
	if s.open == menuList {
		ctx.Defer(func(app.Context) { browser.FocusFirst(idListMenu, "[aria-checked=true]") })
	}
}

// onListMenuKey moves within the menu.
func (s *Screen) onListMenuKey(_ app.Context, e app.Event) {
	by := map[string]int{"ArrowDown": 1, "ArrowUp": -1}[e.Get("key").String()]
	if by != 0 {
		e.PreventDefault()
		browser.FocusStep(idListMenu, "button", by)
	}
}

func (m *messages) showAll(app.Context, app.Event) { m.S.only(store.Only{}) }
