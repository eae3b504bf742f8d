package screen

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// toolbar is what can be done with the targets. There is one: over the list while
// messages are ticked, else over the open message.
func (s *Screen) toolbar() app.UI {
	box := s.account().Mailbox(s.route.Mailbox)
	junk := words.T("Junk")
	if box != nil && box.HasRole(jmap.RoleJunk) {
		junk = words.T("Not junk")
	}
	unread := s.unread(s.targets())
	return app.Div().Class("toolbar").Attr("role", "toolbar").Aria("label", words.T("Message actions")).Body(
		iconButton(words.T("Archive"), "archive", s.onArchive),
		iconButton(words.T("Delete"), "trash-2", s.onDelete),
		iconButton(junk, "shield-alert", s.onJunk),
		iconButton(readWord(unread), readIcon(unread), s.onMark),
		iconButton(words.T("Star"), "star", s.onStar).Class("star").Aria("pressed", yesNo(s.allStarred(s.targets()))),
		app.Div().Class("menu-anchor").Body(
			iconButton(words.T("Move to…"), "folder", s.onMove).Disabled(s.stays()).Aria("haspopup", "dialog").Aria("expanded", yesNo(s.open == menuMove)),
			s.moveMenu(),
		),
		s.toolbarMore(),
	)
}

func (s *Screen) onArchive(app.Context, app.Event) { s.archive(s.targets()) }
func (s *Screen) onDelete(app.Context, app.Event)  { s.delete(s.targets()) }
func (s *Screen) onJunk(app.Context, app.Event)    { s.junk(s.targets()) }
func (s *Screen) onStar(app.Context, app.Event)    { s.star(s.targets()) }
func (s *Screen) onMark(app.Context, app.Event)    { s.markTargets() }

func (s *Screen) onMove(ctx app.Context, _ app.Event) {
	s.typed = ""
	s.toggle(menuMove)
	ctx.Defer(func(app.Context) { browser.Focus(idMoveTo) })
}

// markTargets turns read and unread around. A message that is marked unread while
// it is open is closed: else it would be read again at once.
func (s *Screen) markTargets() {
	ids := s.targets()
	unread := s.unread(ids)
	s.mark(unread, ids)
	if !unread && slices.Contains(ids, s.route.Email) {
		s.closeEmail()
	}
}

func (s *Screen) allStarred(ids []jmap.Id) bool {
	for _, id := range ids {
		if !s.hasStar(id) {
			return false
		}
	}
	return len(ids) > 0
}

// hasStar reports whether a message, or one of the conversation its row stands for, has
// a star.
func (s *Screen) hasStar(ids ...jmap.Id) bool {
	for _, id := range s.whole(ids) {
		if e := s.accountOf(id).Email(id); e != nil && e.Has(jmap.KeywordFlagged) {
			return true
		}
	}
	return false
}

// stays reports whether what is selected cannot be moved to a mailbox that is chosen:
// everything of several accounts has no mailbox in common.
func (s *Screen) stays() bool { return s.selection.whole && s.across() }

const idMoveTo = "move-to"

// moveMenu lists where messages can go.
func (s *Screen) moveMenu() app.UI {
	menu := app.Div().Class("menu", "move-menu").Attr("role", "dialog").Aria("label", words.T("Move to")).Hidden(s.open != menuMove)
	if s.open != menuMove {
		return menu
	}
	var items []app.UI
	last := s.account()
	if s.across() {
		last = nil
	}
	for _, d := range s.destinations() {
		if d.account != last {
			last = d.account
			items = append(items, app.Div().Class("menu-title").Body(dot(last.Colour()), app.Bdi().Text(last.Name())))
		}
		items = append(items, app.Button().Type("button").Class("menu-item").
			OnClick(func(app.Context, app.Event) { s.moveTo(d.account, d.mailbox.Id, s.targets()) }, d.account.Id(), d.mailbox.Id).
			Body(icon(mailboxIcon(d.mailbox)), app.Span().Dir("auto").Text(mailboxName(d.mailbox))))
	}
	if len(items) == 0 {
		items = append(items, app.Div().Class("menu-head").Text(words.T("No such mailbox")))
	}
	return menu.Body(
		app.Input().ID(idMoveTo).Type("text").Class("menu-filter").Aria("label", words.T("Find a mailbox")).Placeholder(words.T("Find a mailbox")).
			AutoComplete(false).OnInput(s.onMoveTyped).OnKeyDown(s.onMoveKey),
		app.Div().Class("menu-scroll").Body(items...),
	)
}

func (s *Screen) onMoveTyped(app.Context, app.Event) {
	s.typed = browser.Value(idMoveTo)
	s.changed()
}

func (s *Screen) onMoveKey(_ app.Context, e app.Event) {
	if e.Get("key").String() != "Enter" {
		return
	}
	e.PreventDefault()
	if list := s.destinations(); len(list) > 0 {
		s.moveTo(list[0].account, list[0].mailbox.Id, s.targets())
	}
}

// destination is a mailbox that messages may be moved to.
type destination struct {
	account *store.Account
	mailbox *jmap.Mailbox
}

// destinations are the mailboxes messages may be moved to, those whose name has what was
// typed: of the account they are of, then of the others.
func (s *Screen) destinations() []destination {
	accounts := slices.Clone(s.store.Accounts())
	if first := s.account(); !s.across() {
		accounts = append([]*store.Account{first}, slices.DeleteFunc(accounts, func(a *store.Account) bool { return a == first })...)
	}
	if s.selection.whole { // everything moves within its account
		accounts = accounts[:1]
	}
	typed := strings.ToLower(s.typed)
	var out []destination
	for _, a := range accounts {
		for _, row := range a.Mailboxes() {
			m := row.Mailbox
			named := strings.ToLower(mailboxName(m))
			if len(accounts) > 1 { // those of one account can be found by its name
				named += " " + strings.ToLower(a.Name())
			}
			if m.Id != s.route.Mailbox && m.MyRights.MayAddItems && !a.ReadOnly() && strings.Contains(named, typed) {
				out = append(out, destination{a, m})
			}
		}
	}
	return out
}
