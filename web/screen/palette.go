package screen

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	idPaletteField = "palette-field"
	idPaletteList  = "palette-list"
	paletteOption  = "palette-option-"
	paletteRecent  = "commands" // in local storage
	// maxRecent is how many commands stand first because they were used last.
	maxRecent = 6
	// maxShown is how many lines the palette has: who wants another one types on.
	maxShown = 50
)

// palette is the list in which everything is found by name.
type palette struct {
	query string
	at    int
	all   []paletteItem
}

// paletteItem is one line.
type paletteItem struct {
	name, picture, keys string
	do                  func(s *Screen)
}

func (s *Screen) togglePalette() {
	if s.open == menuPalette {
		s.closeOverlay()
		return
	}
	s.over.palette = palette{all: s.paletteItems()}
	s.openOverlay(menuPalette, idPaletteField, "")
}

// paletteItems is all there is to choose from, what was used last first.
func (s *Screen) paletteItems() []paletteItem {
	var all []paletteItem
	for i := range commands {
		c := &commands[i]
		if c.name != namePalette && c.role == "" { // those come with the mailboxes
			all = append(all, paletteItem{c.title(), "command", strings.Join(keysShown(c), ", "), c.do})
		}
	}
	if s.store.All() != nil {
		all = append(all, paletteItem{name: words.T("Go to {mailbox}", nameInboxes.String()), picture: "inbox", do: (*Screen).openInboxes})
	}
	accounts := s.store.Accounts()
	for _, a := range accounts {
		for _, row := range a.Mailboxes() {
			item := paletteItem{name: words.T("Go to {mailbox}", s.mailboxPath(a, row)), picture: mailboxIcon(row.Mailbox), do: func(s *Screen) { s.openMailbox(a, row.Mailbox.Id) }}
			if c := commandTo(row.Mailbox); c != nil {
				item.keys = strings.Join(keysShown(c), ", ")
			}
			if len(accounts) > 1 {
				item.name += " · " + a.Name()
			}
			all = append(all, item)
		}
	}
	all = append(all, s.settingsItems()...)
	all = append(all, s.templateCommands()...)
	recent := strings.Split(browser.Remembered(paletteRecent), "\n")
	slices.SortStableFunc(all, func(a, b paletteItem) int { return cmp.Compare(rankIn(recent, a.name), rankIn(recent, b.name)) })
	return all
}

func rankIn(list []string, name string) int {
	if i := slices.Index(list, name); i >= 0 {
		return i
	}
	return len(list)
}

// commandTo is the command that goes to a mailbox, nil where there is none.
func commandTo(m *jmap.Mailbox) *command {
	for i := range commands {
		if role := commands[i].role; role != "" && m.HasRole(role) {
			return &commands[i]
		}
	}
	return nil
}

// mailboxPath is a mailbox's name with those it lies in.
func (s *Screen) mailboxPath(a *store.Account, row store.MailboxRow) string {
	name := mailboxName(row.Mailbox)
	m := row.Mailbox
	for range row.Depth {
		if m = a.Mailbox(parentOf(m)); m == nil {
			break
		}
		name = mailboxName(m) + " / " + name
	}
	return name
}

// paletteMatches are the lines that what was typed means, best first.
func (p *palette) matches() []paletteItem {
	type scored struct {
		paletteItem
		score int
	}
	var found []scored
	for _, item := range p.all {
		if score, ok := fuzzy(p.query, item.name); ok {
			found = append(found, scored{item, score})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return b.score - a.score })
	out := make([]paletteItem, 0, min(len(found), maxShown))
	for _, f := range found[:min(len(found), maxShown)] {
		out = append(out, f.paletteItem)
	}
	return out
}

// paletteBox draws it.
func (s *Screen) paletteBox() app.UI {
	p := &s.over.palette
	items := p.matches()
	p.at = max(min(p.at, len(items)-1), 0)
	lines := make([]app.UI, 0, len(items))
	for i, item := range items {
		lines = append(lines, app.Div().ID(paletteOption+strconv.Itoa(i)).Class("palette-item").Attr("role", "option").
			Aria("selected", yesNo(i == p.at)).OnClick(func(app.Context, app.Event) { s.runCommand(item) }, item.name).
			Body(icon(item.picture), app.Span().Class("palette-name").Dir("auto").Text(item.name), app.Span().Class("palette-keys").Text(item.keys)))
	}
	field := app.Input().ID(idPaletteField).Type("text").Class("palette-field").Attr("role", "combobox").Aria("label", words.T("Command")).
		Placeholder(words.T("What do you want to do, or where do you want to go?")).AutoComplete(false).Spellcheck(false).
		Aria("expanded", yesNo(len(items) > 0)).Aria("controls", idPaletteList).Aria("autocomplete", "list").OnInput(s.onPaletteTyped)
	if len(items) > 0 {
		field = field.Aria("activedescendant", paletteOption+strconv.Itoa(p.at))
	} else {
		field = field.Aria("activedescendant", "")
	}
	return app.Div().ID(idOverlay).Class("dialog", "palette").Attr("role", "dialog").Aria("modal", "true").Aria("label", words.T("Command palette")).Body(
		field,
		app.Div().ID(idPaletteList).Class("palette-list").Attr("role", "listbox").Aria("label", words.T("Commands")).Hidden(len(items) == 0).Body(lines...),
		app.P().Class("palette-none").Attr("role", "status").Hidden(len(items) > 0).Text(words.T("Nothing is called like that")),
	)
}

func (s *Screen) onPaletteTyped(app.Context, app.Event) {
	s.over.palette.query, s.over.palette.at = browser.Value(idPaletteField), 0
	s.changed()
}

func (s *Screen) paletteKey(key string) bool {
	p := &s.over.palette
	items := p.matches()
	switch key {
	case "ArrowDown", "ArrowUp":
		if len(items) == 0 {
			return true
		}
		by := map[string]int{"ArrowDown": 1, "ArrowUp": -1}[key]
		p.at = (p.at + by + len(items)) % len(items)
		browser.Reveal(paletteOption + strconv.Itoa(p.at))
	case "Enter":
		if p.at < len(items) {
			s.runCommand(items[p.at])
		}
	default:
		return false
	}
	return true
}

// runCommand closes the palette and does what was chosen.
func (s *Screen) runCommand(item paletteItem) {
	s.closeOverlay()
	recent := slices.DeleteFunc(strings.Split(browser.Remembered(paletteRecent), "\n"), func(name string) bool { return name == item.name || name == "" })
	recent = append([]string{item.name}, recent...)
	browser.Remember(paletteRecent, strings.Join(recent[:min(len(recent), maxRecent)], "\n"))
	item.do(s)
	s.changed()
}
