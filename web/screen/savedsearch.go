package screen

import (
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	menuSave     = "search-save"
	idSearchName = "search-name"
)

// saved is the saved search that is shown; false: it was not saved.
func (s *Screen) saved() (store.SavedSearch, bool) {
	list := s.store.Settings().SavedSearches()
	i := slices.IndexFunc(list, func(saved store.SavedSearch) bool { return saved.Text == s.route.Search })
	if i < 0 {
		return store.SavedSearch{}, false
	}
	return list[i], true
}

// savedItems are the lines of the tree for what the member saved.
func (s *Screen) savedItems(a *store.Account) []app.UI {
	list := s.store.Settings().SavedSearches()
	if len(list) == 0 {
		return nil
	}
	out := []app.UI{app.Div().Class("tree-account").Attr("role", "presentation").Text(words.T("Saved searches"))}
	for _, saved := range list {
		r := route{Account: a.Id(), Search: saved.Text}
		current := s.route.Search == saved.Text
		item := app.A().Class("tree-item").Attr("role", "treeitem").Href(r.path()).Aria("level", "1").
			Aria("selected", yesNo(current)).Aria("label", saved.Name).Title(saved.Text)
		if current {
			item = item.Class("current").Aria("current", "page")
		}
		out = append(out, item.Body(
			app.Span().Class("twist").Aria("hidden", "true"), icon("bookmark"), app.Span().Class("tree-name").Dir("auto").Text(saved.Name),
			app.Text(" "), app.Span().Class("badge").Text(""),
		))
	}
	return out
}

// saveButton saves the search, or changes how it was saved.
func (f *filters) saveButton() app.UI {
	name := words.T("Save search")
	_, saved := f.S.saved()
	if saved {
		name = words.T("Edit saved search")
	}
	button := iconButton(name, "bookmark", f.openSave).Aria("haspopup", "dialog").Aria("expanded", yesNo(f.S.open == menuSave))
	if saved {
		button = button.Class("in-use")
	}
	return button
}

func (f *filters) openSave(app.Context, app.Event) {
	s := f.S
	s.toggle(menuSave)
	if s.open != menuSave {
		return
	}
	name := s.route.Search
	if saved, ok := s.saved(); ok {
		name = saved.Name
	}
	// The field is there once this has been drawn.
	time.AfterFunc(30*time.Millisecond, func() {
		s.post(func() {
			if browser.Focused() == idSearchName { // somebody types there already
				return
			}
			browser.SetValue(idSearchName, name)
			browser.Focus(idSearchName)
		})
	})
}

// saveForm asks for a name.
func (f *filters) saveForm() app.UI {
	dialog := app.Div().Class("menu", "filter-menu", "save-form").Attr("role", "dialog").Aria("label", words.T("Save search"))
	if f.S.open != menuSave {
		return dialog.Hidden(true)
	}
	_, saved := f.S.saved()
	return dialog.Hidden(false).Body(app.Form().OnSubmit(f.save).Body(
		app.Label().For(idSearchName).Class("menu-title").Text(words.T("Name")),
		app.Input().ID(idSearchName).Type("text").Class("menu-filter").AutoComplete(false).Attr("maxlength", "80").Dir("auto"),
		app.Div().Class("dialog-buttons").Body(
			app.Button().Type("button").Class("secondary").Hidden(!saved).OnClick(f.remove).Text(words.T("Remove")),
			app.Button().Type("submit").Class("primary").Text(words.T("Save")),
		),
	))
}

func (f *filters) save(_ app.Context, e app.Event) {
	e.PreventDefault()
	s := f.S
	s.open = ""
	s.do.SaveSearch(browser.Value(idSearchName), s.route.Search)
	browser.Focus(idGrid)
	s.changed()
}

func (f *filters) remove(app.Context, app.Event) {
	s := f.S
	s.open = ""
	s.do.RemoveSearch(s.route.Search)
	browser.Focus(idGrid)
	s.changed()
}
