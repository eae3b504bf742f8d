package screen

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

const treePrefix = "box-"

// treeId is the id of a mailbox's line in the tree.
func treeId(a *store.Account, id jmap.Id) string {
	return treePrefix + string(a.Id()) + "-" + string(id)
}

// options is the button of a line of the tree. It lies within the line, which is a link:
// the click is its own.
func (m *mailboxes) options(account, id jmap.Id) app.UI {
	return app.Button().Type("button").Class("tree-options").TabIndex(-1).Title(words.T("Mailbox options")).Aria("label", words.T("Mailbox options")).Aria("haspopup", "menu").
		OnClick(func(ctx app.Context, e app.Event) {
			e.PreventDefault()
			e.StopImmediatePropagation()
			box := ctx.JSSrc().Call("getBoundingClientRect")
			m.S.openMailboxMenu(account, id, box.Get("left").Int(), box.Get("bottom").Int())
		}, account, id).Body(icon("ellipsis"))
}

// onContext opens the menu by the right button, by the menu key, or by a long touch.
func (m *mailboxes) onContext(account, id jmap.Id) app.EventHandler {
	return func(ctx app.Context, e app.Event) {
		e.PreventDefault()
		x, y := e.Get("clientX").Int(), e.Get("clientY").Int()
		if e.Get("button").Int() <= 0 { // a key: there is no pointer
			box := ctx.JSSrc().Call("getBoundingClientRect")
			x, y = box.Get("left").Int()+24, box.Get("bottom").Int()
		}
		m.S.openMailboxMenu(account, id, x, y)
	}
}

func (s *Screen) openMailboxMenu(account, id jmap.Id, x, y int) {
	a := s.store.Account(account)
	if a == nil || a.Mailbox(id) == nil || a.New(id) {
		return
	}
	s.over.account, s.over.mailbox, s.over.x, s.over.y = account, id, x, y
	s.openOverlay(menuMailbox, "mailbox-menu-first", "")
	s.over.back = treeId(a, id)
}

// about is the mailbox the menu or the form is about, nil when it has gone.
func (s *Screen) about() (*store.Account, *jmap.Mailbox) {
	a := s.store.Account(s.over.account)
	if a == nil {
		return nil, nil
	}
	return a, a.Mailbox(s.over.mailbox)
}

// mailboxAction is one line of the menu.
type mailboxAction struct {
	name, picture string
	do            func(s *Screen, a *store.Account, m *jmap.Mailbox)
}

// mailboxActions is what can be done with a mailbox.
func mailboxActions(a *store.Account, m *jmap.Mailbox) []mailboxAction {
	var out []mailboxAction
	add := func(can bool, name, picture string, do func(s *Screen, a *store.Account, m *jmap.Mailbox)) {
		if can {
			out = append(out, mailboxAction{name, picture, do})
		}
	}
	change, own := !a.ReadOnly(), m.Role == nil
	add(m.UnreadEmails > 0 && m.MyRights.MaySetSeen, words.T("Mark all read"), "mail-open", func(s *Screen, a *store.Account, m *jmap.Mailbox) {
		s.do.MarkMailboxRead(a, m.Id)
	})
	add(change && emptiable(m) && m.TotalEmails > 0, words.T("Empty {mailbox}…", mailboxName(m)), "trash-2", (*Screen).askEmpty)
	add(change, words.T("New mailbox…"), "folder-plus", func(s *Screen, a *store.Account, _ *jmap.Mailbox) { s.nameNew(a, "") })
	add(change && m.MyRights.MayCreateChild, words.T("New mailbox inside…"), "folder-plus", func(s *Screen, a *store.Account, m *jmap.Mailbox) { s.nameNew(a, m.Id) })
	add(change && own && m.MyRights.MayRename, words.T("Rename…"), "pencil", (*Screen).nameAgain)
	add(change && own && m.MyRights.MayRename, words.T("Move inside…"), "folder-input", (*Screen).placeAgain)
	add(change && own && !m.IsSubscribed, words.T("mailbox|Subscribe"), "eye", func(s *Screen, a *store.Account, m *jmap.Mailbox) { s.do.SubscribeMailbox(a, m.Id, true) })
	add(change && own && m.IsSubscribed, words.T("mailbox|Unsubscribe"), "eye-off", func(s *Screen, a *store.Account, m *jmap.Mailbox) { s.do.SubscribeMailbox(a, m.Id, false) })
	add(change && own && m.MyRights.MayDelete, words.T("Delete…"), "trash-2", (*Screen).askDeleteMailbox)
	return out
}

func emptiable(m *jmap.Mailbox) bool { return m.HasRole(jmap.RoleTrash) || m.HasRole(jmap.RoleJunk) }

// mailboxMenu draws the menu.
func (s *Screen) mailboxMenu() app.UI {
	menu := app.Div().ID(idOverlay).Class("menu", "mailbox-menu").Attr("role", "menu").Aria("label", words.T("Mailbox options")).
		Style("--x", strconv.Itoa(s.over.x)+"px").Style("--y", strconv.Itoa(s.over.y)+"px")
	a, m := s.about()
	if m == nil {
		return menu
	}
	var items []app.UI
	for i, act := range mailboxActions(a, m) {
		item := app.Button().Type("button").Class("menu-item").Attr("role", "menuitem").OnClick(func(app.Context, app.Event) {
			s.doWithMailbox(act)
		}, act.name, m.Id).Body(icon(act.picture), app.Span().Dir("auto").Text(act.name))
		if i == 0 {
			item = item.ID("mailbox-menu-first")
		}
		items = append(items, item)
	}
	return menu.Body(items...)
}

func (s *Screen) doWithMailbox(act mailboxAction) {
	a, m := s.about()
	s.closeOverlay()
	if m != nil {
		act.do(s, a, m)
	}
	s.changed()
}

func (s *Screen) askEmpty(a *store.Account, m *jmap.Mailbox) {
	id := m.Id
	s.ask(confirmation{
		Title:  words.T("Empty {mailbox}?", mailboxName(m)),
		Text:   words.N(m.TotalEmails, "{n} message will be deleted for good. This cannot be undone.", "{n} messages will be deleted for good. This cannot be undone."),
		Button: words.T("Delete for good"), do: func() { s.do.EmptyMailbox(a, id) },
	})
}

// askDeleteMailbox says what goes with the mailbox.
func (s *Screen) askDeleteMailbox(a *store.Account, m *jmap.Mailbox) {
	id, text := m.Id, words.T("It is empty.")
	if m.TotalEmails > 0 {
		text = words.N(m.TotalEmails, "{n} message in it will be deleted for good. This cannot be undone.", "{n} messages in it will be deleted for good. This cannot be undone.")
	}
	s.ask(confirmation{Title: words.T("Delete the mailbox “{mailbox}”?", m.Name), Text: text, Button: words.T("Delete"), do: func() {
		s.do.DeleteMailbox(a, id)
		if s.route.Mailbox == id {
			s.openRole(jmap.RoleInbox)
		}
	}})
}

// treeKey is a key pressed in the tree: arrows open and close branches.
func (s *Screen) treeKey(k browser.Key) bool {
	rest, ok := strings.CutPrefix(k.Target, treePrefix)
	if !ok || k.Command || k.Alt || s.open != "" {
		return false
	}
	if a := s.store.Account(jmap.Id(rest)); a != nil {
		return s.branchKey(a, k)
	}
	for _, a := range s.store.Accounts() {
		id, ok := strings.CutPrefix(rest, string(a.Id())+"-")
		m := a.Mailbox(jmap.Id(id))
		if !ok || m == nil {
			continue
		}
		into, out := "ArrowRight", "ArrowLeft"
		if words.Current().RightToLeft {
			into, out = out, into
		}
		switch k.Name {
		case into:
			s.collapsed[m.Id] = false
		case out:
			s.collapsed[m.Id] = true
		case "F2":
			s.over.account, s.over.mailbox = a.Id(), m.Id
			if m.Role == nil && m.MyRights.MayRename && !a.ReadOnly() {
				s.nameAgain(a, m)
			}
		default:
			return false
		}
		return true
	}
	return false
}

// subscribed tells which mailboxes the tree shows: those that are subscribed, what leads
// to them, and what has a role. Who subscribes to nothing sees everything.
func (s *Screen) subscribed(a *store.Account) func(m *jmap.Mailbox) bool {
	show := make(map[jmap.Id]bool)
	used := false
	for _, row := range a.Mailboxes() {
		m := row.Mailbox
		used = used || m.IsSubscribed && !m.HasRole(jmap.RoleInbox)
		if !m.IsSubscribed && m.Role == nil && (m.Id != s.route.Mailbox || a != s.account()) {
			continue
		}
		for m != nil && !show[m.Id] {
			show[m.Id] = true
			if m.ParentId == nil {
				break
			}
			m = a.Mailbox(*m.ParentId)
		}
	}
	if !used || s.showAll {
		return func(*jmap.Mailbox) bool { return true }
	}
	return func(m *jmap.Mailbox) bool { return show[m.Id] }
}

// hides reports whether the tree leaves out mailboxes, or would.
func (s *Screen) hides() bool {
	all := s.showAll
	defer func() { s.showAll = all }()
	s.showAll = false
	for _, a := range s.store.Accounts() {
		shown := s.subscribed(a)
		for _, row := range a.Mailboxes() {
			if !shown(row.Mailbox) {
				return true
			}
		}
	}
	return false
}
