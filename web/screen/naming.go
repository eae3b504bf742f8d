package screen

import (
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	idNamingName  = "naming-name"
	idNamingPlace = "naming-place"
	idNamingError = "naming-error"
)

// naming is the form for a mailbox's name and place.
type naming struct {
	title, button string
	name, place   bool    // which of the two can be changed
	parent        jmap.Id // where the mailbox is, or is to be
	wrong         string  // what is wrong with what stands in it
}

// nameNew opens the form for a new mailbox.
func (s *Screen) nameNew(a *store.Account, parent jmap.Id) {
	s.over.account, s.over.mailbox = a.Id(), ""
	s.over.naming = naming{title: words.T("New mailbox"), button: words.T("Create"), name: true, place: true, parent: parent}
	s.drawer = false
	s.openOverlay(menuNaming, idNamingName, "")
}

// nameAgain opens the form to rename a mailbox.
func (s *Screen) nameAgain(_ *store.Account, m *jmap.Mailbox) {
	s.over.naming = naming{title: words.T("Rename “{mailbox}”", m.Name), button: words.T("Rename"), name: true, parent: parentOf(m)}
	s.openOverlay(menuNaming, idNamingName, m.Name)
}

// placeAgain opens the form to move a mailbox.
func (s *Screen) placeAgain(_ *store.Account, m *jmap.Mailbox) {
	s.over.naming = naming{title: words.T("Move “{mailbox}”", m.Name), button: words.T("Move"), place: true, parent: parentOf(m)}
	s.openOverlay(menuNaming, idNamingPlace, string(parentOf(m)))
}

func parentOf(m *jmap.Mailbox) jmap.Id {
	if m.ParentId == nil {
		return ""
	}
	return *m.ParentId
}

// namingForm draws the form.
func (s *Screen) namingForm() app.UI {
	n := &s.over.naming
	a := s.store.Account(s.over.account)
	name := app.Label().Class("field").Hidden(!n.name).Body(
		app.Span().Text(words.T("Name")),
		app.Input().ID(idNamingName).Type("text").AutoComplete(false).MaxLength(255).
			Aria("invalid", yesNo(n.wrong != "")).Aria("describedby", idNamingError),
	)
	place := app.Label().Class("field").Hidden(!n.place).Body(
		app.Span().Text(words.T("Inside")),
		app.Select().ID(idNamingPlace).Body(s.places(a)...),
	)
	return app.Div().ID(idOverlay).Class("dialog").Attr("role", "dialog").Aria("modal", "true").Aria("label", n.title).Body(app.Form().OnSubmit(s.named).Body(
		app.H2().Dir("auto").Text(n.title), name, place,
		app.Div().ID(idNamingError).Attr("role", "alert").Body(app.P().Class("alert").Hidden(n.wrong == "").Text(n.wrong)),
		app.Div().Class("dialog-buttons").Body(
			app.Button().Type("button").Class("secondary").OnClick(func(app.Context, app.Event) { s.closeOverlay() }).Text(words.T("Cancel")),
			app.Button().Type("submit").Class("primary").Text(n.button),
		),
	))
}

// places are where the mailbox can be: nowhere below itself.
func (s *Screen) places(a *store.Account) []app.UI {
	out := []app.UI{app.Option().Value("").Selected(s.over.naming.parent == "").Text(words.T("(the top level)"))}
	if a == nil {
		return out
	}
	for _, row := range a.Mailboxes() {
		m := row.Mailbox
		if !m.MyRights.MayCreateChild && m.Id != s.over.naming.parent || s.over.mailbox != "" && a.Below(m.Id, s.over.mailbox) {
			continue
		}
		out = append(out, app.Option().Value(string(m.Id)).Selected(m.Id == s.over.naming.parent).
			Text(strings.Repeat("\u2003", row.Depth)+mailboxName(m)))
	}
	return out
}

// named does what the form says, or says what is wrong with it.
func (s *Screen) named(_ app.Context, e app.Event) {
	e.PreventDefault()
	n := &s.over.naming
	a, m := s.about()
	if a == nil {
		s.closeOverlay()
		return
	}
	name, parent := "", n.parent
	if m != nil {
		name = m.Name
	}
	if n.name {
		name = strings.TrimSpace(browser.Value(idNamingName))
	}
	if n.place {
		parent = jmap.Id(browser.Value(idNamingPlace))
	}
	if wrong := action.CheckMailboxName(a, s.over.mailbox, parent, name); wrong != "" {
		n.wrong = wrong
		browser.Focus(idNamingName)
		s.changed()
		return
	}
	s.closeOverlay()
	switch {
	case s.over.mailbox == "":
		s.do.CreateMailbox(a, parent, name, nil)
		s.collapsed[parent] = false
	case m == nil:
	case !n.place:
		if name != m.Name {
			s.do.RenameMailbox(a, m.Id, name)
		}
	case parent != parentOf(m):
		s.do.MoveMailbox(a, m.Id, parent)
	}
}
