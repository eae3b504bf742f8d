package screen

import (
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf16"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/search"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	idSearch      = "search"
	idSuggestions = "suggestions"
)

// searchBox is the field for the words of a search, with what can be suggested. The
// field belongs to the person: it is written to only when something is chosen, or
// another search is shown.
type searchBox struct {
	app.Compo

	S      *Screen
	Tongue string // the language

	list []search.Suggestion
	at   int // the suggestion under the cursor, -1: none
}

// OnMount shows the words of a search that the page was opened at.
func (b *searchBox) OnMount(ctx app.Context) {
	ctx.Dispatch(func(app.Context) { browser.SetValue(idSearch, b.S.route.Search) })
}

// Render draws it.
func (b *searchBox) Render() app.UI {
	field := app.Input().ID(idSearch).Type("search").Aria("label", words.T("Search mail")).Placeholder(words.T("Search mail")).
		Aria("autocomplete", "list").Aria("haspopup", "listbox").Aria("controls", idSuggestions).
		Attr("enterkeyhint", "search").AutoComplete(false).Spellcheck(false).Attr("autocapitalize", "none").
		OnInput(b.typed).OnKeyDown(b.key).OnFocus(b.focused).OnClick(b.focused).OnBlur(b.left)
	options := make([]app.UI, len(b.list))
	for i, s := range b.list {
		options[i] = b.option(i, s)
	}
	if b.at >= 0 && b.at < len(b.list) {
		field = field.Aria("activedescendant", suggestionID(b.at))
	}
	recents := slices.ContainsFunc(b.list, func(s search.Suggestion) bool { return s.Kind == search.KindRecent })
	return app.Form().Class("search").Attr("role", "search").OnSubmit(b.submit).Body(
		icon("search"),
		field,
		// What is pressed here leaves the focus in the field.
		app.Div().Class("suggestions").Hidden(len(b.list) == 0).OnMouseDown(preventDefault).Body(
			app.Div().ID(idSuggestions).Attr("role", "listbox").Aria("label", words.T("Suggestions")).Body(options...),
			app.Button().Type("button").Class("quiet", "small").Hidden(!recents).TabIndex(-1).OnClick(b.clear).Text(words.T("Clear recent searches")),
		),
	)
}

func preventDefault(_ app.Context, e app.Event) { e.PreventDefault() }

func suggestionID(i int) string { return "suggestion-" + strconv.Itoa(i) }

var suggestionIcons = map[search.Kind]string{
	search.KindPerson: "user", search.KindMailbox: "folder", search.KindOperator: "search", search.KindRecent: "history",
}

func (b *searchBox) option(i int, s search.Suggestion) app.UI {
	return app.Div().ID(suggestionID(i)).Class("suggestion").Attr("role", "option").Aria("selected", yesNo(i == b.at)).
		OnClick(func(app.Context, app.Event) { b.choose(i) }, i).Body(
		app.Span().Class("icon", "icon-"+suggestionIcons[s.Kind]).Aria("hidden", "true"),
		app.Bdi().Class("suggestion-text").Text(s.Text),
		app.Text(" "),
		app.Bdi().Class("suggestion-hint").Text(s.Hint),
	)
}

// typed: the cross in the field, or an emptied field, leads back.
func (b *searchBox) typed(app.Context, app.Event) {
	if browser.Value(idSearch) == "" && b.S.route.Search != "" {
		b.S.openSearch("")
	}
	b.suggest()
}

// focused: an empty field says what can be done with it.
func (b *searchBox) focused(app.Context, app.Event) {
	if browser.Value(idSearch) == "" && b.list == nil {
		b.suggest()
	}
}

func (b *searchBox) left(app.Context, app.Event) { b.close() }

func (b *searchBox) close() { b.list, b.at = nil, -1 }

func (b *searchBox) suggest() {
	b.close()
	a := b.S.account()
	if a == nil {
		return
	}
	source := search.Source{Recent: recentSearches()}
	for _, p := range a.People() {
		source.People = append(source.People, search.Person{Name: p.DisplayName(), Email: p.Email})
	}
	for _, line := range a.Mailboxes() {
		source.Mailboxes = append(source.Mailboxes, search.Mailbox{Name: boxTitle(a, line.Mailbox), Word: mailboxPath(a, line.Mailbox)})
	}
	text := browser.Value(idSearch)
	b.list = search.Suggest(text, octets(text, browser.Property(idSearch, "selectionStart")), source)
}

// octets is where in a text the browser's caret is, which counts in UTF-16 units.
func octets(text, caret string) int {
	units, err := strconv.Atoi(caret)
	if err != nil {
		return len(text)
	}
	for i, r := range text {
		if units <= 0 {
			return i
		}
		units -= utf16.RuneLen(r)
	}
	return len(text)
}

func (b *searchBox) key(_ app.Context, e app.Event) {
	n := len(b.list)
	if n == 0 || e.Get("isComposing").Bool() {
		return
	}
	switch e.Get("key").String() {
	case "ArrowDown":
		b.at = (b.at+2)%(n+1) - 1
	case "ArrowUp":
		b.at = (b.at+n+1)%(n+1) - 1
	case "Escape":
		b.close()
	case "Enter":
		if b.at < 0 {
			return // the form's
		}
		b.choose(b.at)
	default:
		return
	}
	e.PreventDefault()
}

// choose takes a suggestion: one that is whole is searched for.
func (b *searchBox) choose(i int) {
	if i >= len(b.list) {
		return
	}
	s := b.list[i]
	browser.SetValue(idSearch, s.Query)
	if s.Whole {
		b.search()
		return
	}
	browser.SetCaret(idSearch, len(utf16.Encode([]rune(s.Query))))
	b.suggest()
}

func (b *searchBox) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	b.search()
}

func (b *searchBox) search() {
	b.close()
	query := browser.Value(idSearch)
	remember(query)
	b.S.openSearch(query)
	if query != "" {
		b.S.setCursor(0) // Enter opens the newest
	}
	browser.Focus(idGrid)
}

func (b *searchBox) clear(app.Context, app.Event) {
	browser.Forget(keySearches)
	b.suggest()
}

// Searches are kept on this device, and forgotten when somebody signs out.
const (
	keySearches = "searches"
	maxSearches = 10
)

func recentSearches() (list []string) {
	_ = json.Unmarshal([]byte(browser.Remembered(keySearches)), &list) // what cannot be read is none
	return list
}

func remember(query string) {
	if query == "" {
		return
	}
	list := slices.DeleteFunc(recentSearches(), func(old string) bool { return old == query })
	list = slices.Insert(list, 0, query)
	text, err := json.Marshal(list[:min(len(list), maxSearches)])
	if err == nil {
		browser.Remember(keySearches, string(text))
	}
}
