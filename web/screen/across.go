package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/search"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Lists over all accounts: all inboxes, and what is found everywhere. Each message in them
// is read, and acted on, in its own account; the address says which the open one's is.

// boxInboxes is the mailbox that all inboxes are in the address.
const boxInboxes jmap.Id = "inboxes"

// nameInboxes is what all inboxes are called.
var nameInboxes = words.Mark("All inboxes")

var nameAllAccounts = words.Mark("All accounts")

// across reports whether a list over all accounts is on screen.
func (s *Screen) across() bool {
	return s.route.Account == store.Everywhere && s.store != nil && s.store.All() != nil
}

// accountOf is the account that a message of the list is of.
func (s *Screen) accountOf(id jmap.Id) *store.Account {
	if s.across() {
		if a := s.store.OwnerOf(id); a != nil {
			return a
		}
	}
	return s.account()
}

// boxOf is the mailbox of an account that is on screen, "" for results.
func (s *Screen) boxOf(a *store.Account) jmap.Id {
	if !s.across() {
		return s.route.Mailbox
	}
	if inbox := a.Role(jmap.RoleInbox); inbox != nil && s.route.Mailbox == boxInboxes {
		return inbox.Id
	}
	return ""
}

// share is the messages of one account.
type share struct {
	account *store.Account
	ids     []jmap.Id
}

// shares parts messages by their accounts.
func (s *Screen) shares(ids []jmap.Id) []share {
	a := s.account()
	if a == nil || len(ids) == 0 {
		return nil
	}
	if !s.across() {
		return []share{{a, ids}}
	}
	var out []share
	for _, a := range s.store.Accounts() {
		if mine := s.store.All().Owned(a, ids); len(mine) > 0 {
			out = append(out, share{a, mine})
		}
	}
	return out
}

// openInboxes goes to all inboxes.
func (s *Screen) openInboxes() {
	if s.store.All() != nil {
		s.visit(route{Account: store.Everywhere, Mailbox: boxInboxes})
	}
}

// showAcross puts a list over all accounts on screen.
func (s *Screen) showAcross() {
	if s.route.Search == "" {
		s.list = s.do.OpenInboxes(s.query(s.account()))
		return
	}
	filters := map[jmap.Id]jmap.EmailFilter{}
	for _, a := range s.store.Accounts() {
		if filter, ok := search.Parse(s.route.Search, s.searchContext(a)); ok {
			filters[a.Id()] = filter
		}
	}
	s.list = nil
	if len(filters) > 0 {
		s.list = s.do.SearchAll(s.route.Search, filters, search.Everywhere(s.route.Search))
	}
}

// inboxes is the line of all inboxes, on top of the tree.
func (m *mailboxes) inboxes() app.UI {
	s := m.S
	name := nameInboxes.String()
	label, badge := name, ""
	if n := s.store.Unread(); n > 0 {
		badge = words.Number(n)
		label = words.N(n, "{mailbox}, {n} unread", "{mailbox}, {n} unread", name)
	}
	current := s.across() && s.route.Search == ""
	item := app.A().ID(treePrefix+"inboxes").Class("tree-item").Attr("role", "treeitem").Href(route{Account: store.Everywhere, Mailbox: boxInboxes}.path()).
		Aria("level", "1").Aria("selected", yesNo(current)).Aria("label", label)
	if current {
		item = item.Class("current").Aria("current", "page")
	}
	if badge != "" {
		item = item.Class("unread")
	}
	return item.Body(app.Span().Class("twist").Aria("hidden", "true"), icon("inbox"), app.Span().Class("tree-name").Text(name),
		app.Text(" "), app.Span().Class("badge").Text(badge))
}

// rowAccount names the account of a message in a list over all.
func (r *row) rowAccount() app.UI {
	if !r.S.across() || r.Id == "" || r.Line.sub > 0 {
		return app.Span().Class("row-account").Hidden(true)
	}
	a := r.S.accountOf(r.Id)
	return app.Span().Class("row-account").Hidden(false).Title(a.Name()).Body(dot(a.Colour()),
		app.Span().Class("unseen").Text(words.T("account")+" "), app.Bdi().Class("row-account-name").Text(a.Name()), app.Span().Class("unseen").Text(", "))
}

func (f *filters) allAccounts(app.Context, app.Event) {
	f.S.searchIn(store.Everywhere, search.Drop(f.S.route.Search, "in"))
}

// searchIn shows what words match in an account, or in all of them.
func (s *Screen) searchIn(account jmap.Id, text string) {
	s.visit(route{Account: account, Search: text})
	browser.SetValue(idSearch, text)
}

// wordAllMail is what the mail of the account on screen is called.
func (s *Screen) wordAllMail() string {
	if s.store.All() == nil {
		return words.T("All mail")
	}
	return words.T("This account")
}

// offerAll offers to search in the other accounts as well.
func (s *Screen) offerAll(text string) app.UI {
	return app.Div().Class("note").Body(
		icon("search"), app.H2().Text(words.T("Nothing found")), app.P().Text(words.T("No message of this account matches what you typed.")),
		app.Button().Type("button").Class("secondary").
			OnClick(func(app.Context, app.Event) { s.searchIn(store.Everywhere, text) }, text, "all").Text(words.T("Search all accounts")),
	)
}
