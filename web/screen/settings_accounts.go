package screen

import (
	"cmp"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/words"
)

const sectionAccounts = "accounts"

// accountColours are what an account can be marked with; they can be told from each other,
// and from what surrounds them, in light and dark.
var accountColours = []struct {
	value string
	name  words.Text
}{
	{"", words.Mark("No colour")},
	{"#c2410c", words.Mark("Orange")},
	{"#b91c1c", words.Mark("Red")},
	{"#be185d", words.Mark("Pink")},
	{"#7c3aed", words.Mark("Violet")},
	{"#2563eb", words.Mark("Blue")},
	{"#0e7490", words.Mark("Teal")},
	{"#15803d", words.Mark("Green")},
	{"#a16207", words.Mark("Ochre")},
}

// accounts is the page of the mail accounts: all of them, or the form of one.
func (p *settingsPage) accounts() []app.UI {
	s := p.S
	list, known, err := s.store.BridgeAccounts()
	switch {
	case err != nil && !known:
		return []app.UI{app.P().Class("alert").Attr("role", "alert").Text(words.T("The accounts cannot be read: {reason}", action.Reason(err)))}
	case !known:
		return []app.UI{app.P().Class("hint").Text(words.T("Asking the bridge…"))}
	}
	if f := &s.setup; f.open {
		return []app.UI{&accountForm{S: s, Id: f.id, Rev: s.rev, Account: find(list, f.id)}}
	}
	var lines []app.UI
	for i, a := range list {
		lines = append(lines, p.accountLine(a, i, len(list)))
	}
	return []app.UI{
		app.P().Class("hint").Text(words.T("All your mail in one place: each account keeps its own mailboxes and its own addresses.")),
		app.Ul().Class("accounts").Aria("label", words.T("Mail accounts")).Body(lines...),
		app.Div().Body(app.Button().ID(idAccountAdd).Type("button").Class("primary").OnClick(p.addAccount).Body(icon("plus"), app.Span().Text(words.T("Add account")))),
	}
}

// find is the account of an id; of none, one as most are.
func find(list []jmap.BridgeAccount, id jmap.Id) jmap.BridgeAccount {
	for _, a := range list {
		if a.Id == id {
			return a
		}
	}
	return jmap.BridgeAccount{
		Incoming: jmap.BridgeServer{Protocol: "imap", Port: 993, Security: "tls"}, Outgoing: jmap.BridgeServer{Port: 465, Security: "tls"},
	}
}

// accountTitle is what an account is called.
func accountTitle(a jmap.BridgeAccount) string { return cmp.Or(a.Name, a.Address) }

func (p *settingsPage) accountLine(a jmap.BridgeAccount, at, of int) app.UI {
	s, title := p.S, accountTitle(a)
	state, class, edit := howRead(a.Incoming), "hint", words.T("Edit")
	switch {
	case a.SignIn == jmap.SignInRefused && a.SignInWith != "":
		state, class, edit = words.T("{provider} no longer lets Hearthmail in. Nothing is fetched or sent until you sign in again.", a.SignInWith), "account-problem", words.T("Sign in again")
	case a.SignIn == jmap.SignInLocked && a.SignInWith != "":
		state, class, edit = words.T("Your own password was changed elsewhere, so this account cannot be opened any more. Sign in once to go on."), "account-problem", words.T("Sign in again")
	case a.SignIn == jmap.SignInRefused:
		state, class, edit = words.T("The mail server no longer takes the password. Nothing is fetched or sent until you enter the new one."), "account-problem", words.T("Sign in again")
	case a.SignIn == jmap.SignInLocked:
		state, class, edit = words.T("Your own password was changed elsewhere, so this one cannot be opened any more. Enter it once to go on."), "account-problem", words.T("Sign in again")
	default:
		if a.IsOwn {
			state += " · " + words.T("you sign in with this account")
		}
	}
	address := ""
	if title != a.Address {
		address = a.Address
	}
	return app.Li().Class("account-line").Aria("label", title).Body(
		dot(a.Colour),
		app.Div().Class("account-what").Body(
			app.Strong().Dir("auto").Text(title), app.Span().Class("hint").Dir("ltr").Hidden(address == "").Text(address),
			app.Span().Class(class).Text(state),
		),
		app.Div().Class("account-do").Body(
			iconButton(words.T("Move {account} up", title), "chevron-up", func(app.Context, app.Event) { s.do.MoveAccount(a.Id, -1) }, a.Id).Disabled(at == 0).Hidden(of < 2),
			iconButton(words.T("Move {account} down", title), "chevron-down", func(app.Context, app.Event) { s.do.MoveAccount(a.Id, 1) }, a.Id).Disabled(at == of-1).Hidden(of < 2),
			app.Button().Type("button").Class("secondary", "small").Aria("label", words.T("Check {account} now", title)).Hidden(a.Incoming.Protocol != pop3).
				OnClick(func(app.Context, app.Event) { s.checkNow(a.Id) }, a.Id).Text(words.T("Check now")),
			app.Button().Type("button").Class("secondary", "small").Aria("label", edit+" "+title).OnClick(func(app.Context, app.Event) { s.openAccountForm(a.Id) }, a.Id).Text(edit),
			app.Button().Type("button").Class("quiet", "small").Aria("label", words.T("Remove {account}", title)).Hidden(!a.MayDelete).
				OnClick(func(app.Context, app.Event) { s.askRemoveAccount(a) }, a.Id).Text(words.T("Remove")),
		),
	)
}

// dot marks what belongs to an account; the name beside it says which.
func dot(colour string) app.UI {
	d := app.Span().Class("account-dot").Aria("hidden", "true")
	if colour == "" {
		return d
	}
	return d.Style("--colour", colour)
}

func (p *settingsPage) addAccount(app.Context, app.Event) { p.S.openAccountForm("") }

// openAccountForm opens the form of an account, "" for a new one.
func (s *Screen) openAccountForm(id jmap.Id) {
	s.setup = setup{open: true, id: id, lookup: s.setup.lookup + 1}
	s.changed()
}

func (s *Screen) closeAccountForm() {
	s.setup = setup{lookup: s.setup.lookup + 1, focus: idAccountAdd}
	s.changed()
}

// askRemoveAccount asks before an account goes.
func (s *Screen) askRemoveAccount(a jmap.BridgeAccount) {
	s.ask(confirmation{
		Title:  words.T("Remove {account}?", accountTitle(a)),
		Text:   words.T("Its mail stays on {server}. What this bridge keeps of it goes: the password, signatures, and drafts that are not saved yet.", a.Incoming.Host),
		Button: words.T("Remove"), Doubtful: true,
		do: func() { s.removeAccount(a, false) },
	})
}

func (s *Screen) removeAccount(a jmap.BridgeAccount, discard bool) {
	s.do.RemoveAccount(a.Id, discard, func(why string) {
		s.ask(confirmation{
			Title: words.T("Not everything is sent"), Text: words.T("{reason} Removed now, it is never sent.", why),
			Button: words.T("Remove, and do not send"), Doubtful: true,
			do: func() { s.removeAccount(a, true) },
		})
	})
}
