package screen

import (
	"slices"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// With several accounts, the tree has a branch for each.

// settingClosed is the accounts whose branches are closed.
const settingClosed = "closedAccounts"

func (s *Screen) closed(a *store.Account) bool {
	return slices.Contains(s.store.Settings().Strings(settingClosed), string(a.Id()))
}

// setClosed closes the branch of an account, or opens it.
func (s *Screen) setClosed(a *store.Account, closed bool) {
	if s.closed(a) == closed {
		return
	}
	list := []string{}
	for _, other := range s.store.Accounts() { // those of accounts that are gone are forgotten
		if other != a && s.closed(other) || other == a && closed {
			list = append(list, string(other.Id()))
		}
	}
	s.do.Set(settingClosed, list)
	s.changed()
}

// branch is the line that a branch hangs on.
func (m *mailboxes) branch(a *store.Account) app.UI {
	s := m.S
	closed := s.closed(a)
	picture, label, badge := "chevron-down", a.Name(), ""
	if closed {
		picture = "chevron-right"
		if inbox := a.Role(jmap.RoleInbox); inbox != nil && inbox.UnreadEmails > 0 {
			badge = words.Number(inbox.UnreadEmails)
			label = words.N(inbox.UnreadEmails, "{mailbox}, {n} unread", "{mailbox}, {n} unread", label)
		}
	}
	trouble := app.Span().Hidden(true)
	if a.Refused() {
		label = words.T("{account}, needs you to sign in again", label)
		trouble = app.Span().Class("trouble").Title(words.T("The mail server no longer takes the password")).Body(icon("triangle-alert"))
	}
	toggle := func(app.Context, app.Event) { s.setClosed(a, !s.closed(a)) }
	item := app.Div().ID(treePrefix+string(a.Id())).Class("tree-item", "tree-branch").Attr("role", "treeitem").TabIndex(0).
		Aria("level", "1").Aria("expanded", yesNo(!closed)).Aria("selected", "false").Aria("label", label).OnClick(toggle, a.Id())
	if badge != "" {
		item = item.Class("unread")
	}
	return item.Body(app.Span().Class("twist").Aria("hidden", "true").Body(icon(picture)), dot(a.Colour()),
		app.Span().Class("tree-name").Dir("auto").Text(a.Name()), trouble, app.Text(" "), app.Span().Class("badge").Text(badge))
}

// branchKey is a key on the line of an account.
func (s *Screen) branchKey(a *store.Account, k browser.Key) bool {
	switch k.Name {
	case "ArrowRight":
		s.setClosed(a, false)
	case "ArrowLeft":
		s.setClosed(a, true)
	case "Enter", " ":
		if a.Refused() {
			s.openSettings(sectionAccounts)
			break
		}
		s.setClosed(a, !s.closed(a))
	default:
		return false
	}
	return true
}
