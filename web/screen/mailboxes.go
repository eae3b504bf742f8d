package screen

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// mailboxes is the left pane: Compose and the tree.
type mailboxes struct {
	app.Compo

	S   *Screen
	Rev [3]uint64
}

// Render draws it.
func (m *mailboxes) Render() app.UI {
	s := m.S
	accounts := s.store.Accounts()
	var items []app.UI
	if s.store.All() != nil {
		items = append(items, m.inboxes())
	}
	for _, a := range accounts {
		if len(accounts) == 1 {
			items = append(items, m.tree(a, 0)...)
			continue
		}
		items = append(items, m.branch(a))
		if !s.closed(a) {
			items = append(items, m.tree(a, 1)...)
		}
	}
	items = append(items, m.outboxItem())
	items = append(items, s.savedItems(s.account())...)
	return app.Nav().Class("mailboxes").Aria("label", words.T("Mailboxes")).Body(
		app.Button().Type("button").Class("primary", "compose-button").OnClick(m.compose).
			Body(icon("pencil"), app.Span().Text(words.T("Compose"))),
		app.Div().ID("mailboxes").Class("tree").Attr("role", "tree").Aria("label", words.T("Mailboxes")).Body(items...),
		m.foot(),
		app.Div().Class("drawer-shade").OnClick(m.closeDrawer),
	)
}

// tree is the lines of an account, whose first are at a depth.
func (m *mailboxes) tree(a *store.Account, depth int) []app.UI {
	if !a.MailboxesKnown() {
		lines := make([]app.UI, 6)
		for i := range lines {
			lines[i] = app.Div().Class("tree-item", "skeleton").Attr("role", "presentation").Body(app.Span().Class("bone"))
		}
		return lines
	}
	var lines []app.UI
	hidden := -1 // depth of the closed branch we are in
	shown := m.S.subscribed(a)
	for _, row := range a.Mailboxes() {
		if !shown(row.Mailbox) {
			continue
		}
		if hidden >= 0 && row.Depth > hidden {
			continue
		}
		hidden = -1
		if m.S.collapsed[row.Mailbox.Id] {
			hidden = row.Depth
		}
		row.Depth += depth
		lines = append(lines, m.item(a, row))
	}
	return lines
}

func (m *mailboxes) item(a *store.Account, row store.MailboxRow) app.UI {
	s, box := m.S, row.Mailbox
	current := s.account() == a && !s.across() && s.route.Mailbox == box.Id && s.route.Search == ""
	name := mailboxName(box)
	label := name
	unread := box.UnreadEmails
	if box.HasRole(jmap.RoleDrafts) {
		unread = box.TotalEmails
	} else if box.HasRole(jmap.RoleSent) || box.HasRole(jmap.RoleTrash) {
		unread = 0
	}
	badge := ""
	if unread > 0 {
		badge = words.Number(unread)
		if box.HasRole(jmap.RoleDrafts) {
			label = words.T("{mailbox}, {n}", name, badge)
		} else {
			label = words.N(unread, "{mailbox}, {n} unread", "{mailbox}, {n} unread", name)
		}
	}
	item := app.A().ID(treeId(a, box.Id)).Class("tree-item").On("contextmenu", m.onContext(a.Id(), box.Id), a.Id(), box.Id).
		Attr("role", "treeitem").DataSet("drop", dropName(a, box)).Href(s.mailboxRoute(a.Id(), box.Id).path()).
		Aria("level", strconv.Itoa(row.Depth+1)).Aria("selected", yesNo(current)).Aria("label", label).
		Style("--depth", strconv.Itoa(row.Depth))
	if current {
		item = item.Class("current").Aria("current", "page")
	}
	if unread > 0 {
		item = item.Class("unread")
	}
	twist := app.Span().Class("twist").Aria("hidden", "true")
	if row.HasChildren {
		closed := s.collapsed[box.Id]
		item = item.Aria("expanded", yesNo(!closed))
		picture := "chevron-down"
		if closed {
			picture = "chevron-right"
		}
		id := box.Id
		twist = twist.OnClick(func(_ app.Context, e app.Event) {
			e.PreventDefault()
			e.StopImmediatePropagation()
			s.collapsed[id] = !s.collapsed[id]
			s.changed()
		}, id).Body(icon(picture))
	}
	return item.Body(twist, icon(mailboxIcon(box)), app.Span().Class("tree-name").Dir("auto").Text(name),
		app.Text(" "), app.Span().Class("badge").Text(badge), m.options(a.Id(), box.Id)) // read aloud, they are two words
}

func (m *mailboxes) compose(app.Context, app.Event) { m.S.compose() }

func (m *mailboxes) closeDrawer(app.Context, app.Event) {
	m.S.drawer = false
	m.S.changed()
}
