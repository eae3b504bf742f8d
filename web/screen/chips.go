package screen

import (
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/search"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Menus of the chips.
const (
	menuFrom = "search-from"
	menuDate = "search-date"
)

// filters are the chips below the head of a list of results. Each edits the words of
// the search, so that the address names what is shown.
type filters struct {
	app.Compo

	S   *Screen
	Rev [5]uint64
}

// Render draws them.
func (f *filters) Render() app.UI {
	s := f.S
	query := s.route.Search
	bar := app.Div().Class("filters").Hidden(query == "")
	if query == "" {
		return bar
	}
	from, in := search.Value(query, "from"), search.Value(query, "in")
	return bar.Body(
		app.Div().Class("filters-scroll").Attr("role", "group").Aria("label", words.T("Search filters")).Body(
			f.scope(words.T("This mailbox"), !s.across() && in != "" && !search.Everywhere(query), f.thisMailbox).Hidden(s.scopeBox() == ""),
			f.scope(s.wordAllMail(), !s.across() && (in == "" || search.Everywhere(query)), f.allMail),
			f.scope(nameAllAccounts.String(), s.across(), f.allAccounts).Hidden(s.store.All() == nil),
			f.toggle(words.T("Unread"), "is", "unread"),
			f.toggle(words.T("Starred"), "is", "starred"),
			f.toggle(words.T("Attachments"), "has", "attachment"),
			f.chooser(words.T("From…"), words.T("From: {person}", from), from, menuFrom, f.openFrom),
			f.chooser(words.T("Date"), words.T("Date: {span}", dateName(query)), dateName(query), menuDate, f.openDate),
		),
		f.saveButton(),
		f.menu(from),
		f.saveForm(),
		app.Div().Class("unseen").Attr("role", "status").Text(s.found()),
	)
}

// toggle is a chip for an operator with one value.
func (f *filters) toggle(name, key, value string) app.UI {
	return chip(name, search.Has(f.S.route.Search, key, value)).OnClick(func(app.Context, app.Event) {
		f.S.searchFor(search.Toggle(f.S.route.Search, key, value))
	}, key, value).Body(app.Span().Text(name))
}

func chip(name string, on bool) app.HTMLButton {
	return app.Button().Type("button").Class("filter-chip").Aria("label", name).Aria("pressed", yesNo(on))
}

// chooser is a chip with a menu; with says what was chosen.
func (f *filters) chooser(name, with, chosen, menu string, open app.EventHandler) app.UI {
	text := name
	if chosen != "" {
		text = with
	}
	button := app.Button().Type("button").Class("filter-chip").Aria("label", text).Aria("haspopup", "menu").
		Aria("expanded", yesNo(f.S.open == menu)).OnClick(open)
	if chosen != "" {
		button = button.Class("chosen")
	}
	return button.Body(app.Bdi().Text(text), icon("chevron-down"))
}

func (f *filters) scope(name string, on bool, h app.EventHandler) app.HTMLButton {
	return chip(name, on).OnClick(h).Body(app.Span().Text(name))
}

func (f *filters) openFrom(app.Context, app.Event) { f.S.toggle(menuFrom) }
func (f *filters) openDate(app.Context, app.Event) { f.S.toggle(menuDate) }

func (f *filters) thisMailbox(app.Context, app.Event) {
	s := f.S
	if in := search.Value(s.route.Search, "in"); in == "" || s.across() || search.Everywhere(s.route.Search) {
		s.searchIn(s.account().Id(), search.Set(s.route.Search, "in", s.scopeBox()))
	}
}

func (f *filters) allMail(app.Context, app.Event) {
	f.S.searchIn(f.S.account().Id(), search.Drop(f.S.route.Search, "in"))
}

// scopeBox is the mailbox that "This mailbox" means, as in: names it.
func (s *Screen) scopeBox() string {
	a := s.account()
	box := a.Mailbox(s.origin)
	if box == nil {
		box = a.Role(jmap.RoleInbox)
	}
	if box == nil {
		return ""
	}
	return mailboxPath(a, box)
}

// spans of time to choose from.
var dateSpans = []struct {
	name, choice words.Text
	value        string
}{
	{choice: words.Mark("Any time")},
	{words.Mark("past week"), words.Mark("Past week"), "7d"},
	{words.Mark("past month"), words.Mark("Past month"), "1m"},
	{words.Mark("past year"), words.Mark("Past year"), "1y"},
}

var dateOperators = []string{"newer", "older", "after", "before", "on"}

// dateName is what a search says about dates, in short.
func dateName(query string) string {
	for _, span := range dateSpans[1:] {
		if search.Has(query, "newer", span.value) {
			return span.name.String()
		}
	}
	for _, key := range dateOperators {
		if value := search.Value(query, key); value != "" {
			return key + " " + value
		}
	}
	return ""
}

// menu is the menu that is open. It stands beside the chips, which scroll.
func (f *filters) menu(from string) app.UI {
	menu := app.Div().Class("menu", "filter-menu").Attr("role", "menu")
	switch f.S.open {
	case menuFrom:
		items := []app.UI{f.item(words.T("Anyone"), "", from == "", "from", "")}
		for _, p := range f.S.writers() {
			items = append(items, f.item(p.DisplayName(), p.Email, strings.EqualFold(p.Email, from), "from", p.Email))
		}
		return menu.Aria("label", words.T("From")).Hidden(false).Body(items...)
	case menuDate:
		items := make([]app.UI, len(dateSpans))
		for i, span := range dateSpans {
			items[i] = f.item(span.choice.String(), "", search.Value(f.S.route.Search, "newer") == span.value, "newer", span.value)
		}
		return menu.Aria("label", words.T("Date")).Hidden(false).Body(items...)
	}
	return menu.Hidden(true)
}

func (f *filters) item(name, hint string, chosen bool, key, value string) app.UI {
	if hint == name {
		hint = ""
	}
	return app.Button().Type("button").Class("menu-item").Attr("role", "menuitemradio").Aria("checked", yesNo(chosen)).
		OnClick(func(app.Context, app.Event) {
			query := f.S.route.Search
			if key == "newer" {
				query = search.Drop(query, dateOperators...)
			}
			f.S.open = ""
			f.S.searchFor(search.Set(query, key, value))
		}, key, value).
		Body(app.Bdi().Text(name), app.Bdi().Class("suggestion-hint").Text(hint))
}

// writers are people to choose from: those who wrote what was found, then others.
func (s *Screen) writers() []jmap.EmailAddress {
	const most = 8
	a := s.account()
	var out []jmap.EmailAddress
	had := map[string]bool{}
	add := func(p jmap.EmailAddress) {
		if key := strings.ToLower(p.Email); key != "" && !had[key] && len(out) < most {
			had[key] = true
			out = append(out, p)
		}
	}
	if s.list != nil {
		for _, id := range s.list.Visible(0) {
			if e := s.list.Account().Email(id); e != nil && len(e.Email().From) > 0 {
				add(e.Email().From[0])
			}
		}
	}
	for _, p := range a.People() {
		add(p)
	}
	return out
}

// searchFor shows what another query matches; without any, where the search began.
func (s *Screen) searchFor(query string) {
	s.openSearch(query)
	browser.SetValue(idSearch, query)
}

// found says how many messages there are, to those who listen.
func (s *Screen) found() string {
	switch {
	case s.list == nil || !s.list.Known() || s.list.Early():
		return ""
	case s.list.Total() == 0:
		return words.T("Nothing found")
	}
	return words.N(s.list.Total(), "{n} message found", "{n} messages found")
}

// nothingFound offers to look further.
func (s *Screen) nothingFound() app.UI {
	query := s.route.Search
	name, wider := "", ""
	switch {
	case search.Everywhere(query):
	case search.Value(query, "in") != "":
		name, wider = words.T("Search all mail"), search.Drop(query, "in")
	case s.store.All() != nil && !s.across():
		return s.offerAll(query)
	default:
		name, wider = words.T("Search Junk and Trash too"), search.Set(query, "in", "anywhere")
	}
	return app.Div().Class("note").Body(
		icon("search"), app.H2().Text(words.T("Nothing found")), app.P().Text(words.T("No message matches what you typed.")),
		app.Button().Type("button").Class("secondary").Hidden(name == "").
			OnClick(func(app.Context, app.Event) { s.searchFor(wider) }, wider).Text(name),
	)
}

// mailboxPath is what in: finds a mailbox by, in whatever language: its role in English,
// or its name, with those above it where the name alone is another's too.
func mailboxPath(a *store.Account, box *jmap.Mailbox) string {
	if box.Role != nil {
		if name, ok := action.RoleNames[*box.Role]; ok {
			return name.English()
		}
	}
	if findMailbox(a, box.Name) == box.Id || box.Role != nil {
		return box.Name
	}
	return fullPath(a, box)
}

// boxTitle is how a mailbox is called among others.
func boxTitle(a *store.Account, box *jmap.Mailbox) string {
	if box.Role != nil || findMailbox(a, box.Name) == box.Id {
		return mailboxName(box)
	}
	return fullPath(a, box)
}

func fullPath(a *store.Account, box *jmap.Mailbox) string {
	name := mailboxName(box)
	for depth := 0; depth < 20 && box.ParentId != nil; depth++ {
		if box = a.Mailbox(*box.ParentId); box == nil {
			break
		}
		name = mailboxName(box) + "/" + name
	}
	return name
}

// findMailbox finds the mailbox that a role, name or path means, "" if none.
func findMailbox(a *store.Account, name string) jmap.Id {
	for _, line := range a.Mailboxes() {
		if m := line.Mailbox; m.HasRole(strings.ToLower(name)) || strings.EqualFold(m.Name, name) || strings.EqualFold(mailboxName(m), name) {
			return m.Id
		}
	}
	for _, line := range a.Mailboxes() {
		if strings.EqualFold(fullPath(a, line.Mailbox), name) {
			return line.Mailbox.Id
		}
	}
	return ""
}
