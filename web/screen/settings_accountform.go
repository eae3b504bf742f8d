package screen

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// The form's fields; its servers have ids that begin with the side.
const (
	idAccountAddress  = "account-address"
	idAccountPassword = "account-password"
	idAccountName     = "account-name"
	idAccountAdd      = "account-add"
	sideIn            = "account-in"
	sideOut           = "account-out"
)

// setup is what the form of an account says; what stands in its fields only the page knows.
type setup struct {
	open     bool
	id       jmap.Id // "" for a new account
	servers  bool    // their settings are shown
	found    string  // the servers that were found, in words
	busy     string  // what is waited for, in words
	wrong    string  // what is wrong, in words
	field    string  // where it can be mended: "address", "password", "incoming", "outgoing"
	trial    *jmap.BridgeTrial
	focus    string // the element that has it after the next drawing
	template int    // the text block that is edited, from 1; -1 a new one, 0 none
	lookup   int    // number of the last discovery
	// auth is the outgoing server's way of signing in, as it was found or is kept.
	auth string
	// protocol is what is chosen for incoming mail; "": as the account has it.
	protocol string
	consent  consent
	// discovered is what was found of the address; nil: nothing.
	discovered *jmap.BridgeDiscovery
}

// accountForm adds an account, or changes one. Its fields are filled once.
type accountForm struct {
	app.Compo

	S       *Screen
	Id      jmap.Id
	Account jmap.BridgeAccount
	Rev     uint64
}

// OnMount fills the fields.
func (f *accountForm) OnMount(ctx app.Context) {
	a := f.Account
	ctx.Dispatch(func(app.Context) {
		browser.SetValue(idAccountName, a.Name)
		browser.SetProperty("account-colour-"+strings.TrimPrefix(a.Colour, "#"), "checked", true)
		for side, s := range map[string]jmap.BridgeServer{sideIn: a.Incoming, sideOut: a.Outgoing} {
			browser.SetValue(side+"-server", s.Host)
			browser.SetValue(side+"-port", strconv.Itoa(s.Port))
			browser.SetValue(side+"-security", s.Security)
			browser.SetValue(side+"-user", s.User)
			warnOpen(side)
		}
		f.S.setup.auth = a.Outgoing.Auth
		browser.SetProperty(idAccountIMAP, "checked", f.protocol() == imap)
		browser.SetProperty(idAccountPOP3, "checked", f.protocol() == pop3)
		browser.SetValue(idAccountKeep, keepValue(a.Incoming))
		browser.SetValue(idAccountPoll, strconv.Itoa(cmp.Or(a.Incoming.PollMinutes, usualPoll)))
		switch {
		case f.Id == "":
			browser.Focus(idAccountAddress)
		case a.SignIn != jmap.SignInOK && a.SignInWith != "":
			browser.Focus(idAccountWith)
		case a.SignIn != jmap.SignInOK:
			browser.Focus(idAccountPassword)
		default:
			browser.Focus(idAccountName)
		}
	})
}

// Render draws it.
func (f *accountForm) Render() app.UI {
	s, u := f.S, &f.S.setup
	title, button, hint := words.T("Add account"), words.T("Add account"), words.T("The password of this mail account. It goes to its mail server and to nobody else.")
	if f.Id != "" {
		title, button, hint = words.T("Edit {account}", accountTitle(f.Account)), words.T("Save"), words.T("Leave it empty to keep the password.")
	}
	if f.Account.SignIn == jmap.SignInRefused || f.Account.SignIn == jmap.SignInLocked {
		hint = words.T("Enter the password as it is now.")
	}
	invalid := func(field string) string { return yesNo(u.field == field) }
	return app.Form().Class("settings-form", "account-form").Aria("label", title).OnSubmit(f.submit).Body(
		app.H3().Text(title),
		app.P().Class("alert").Attr("role", "alert").Hidden(u.wrong == "").Text(u.wrong),
		app.Div().Hidden(f.Id != "").Body(
			app.Label().Class("field").Body(app.Span().Text(words.T("Email address")), app.Input().ID(idAccountAddress).Type("email").AutoComplete(false).
				Attr("autocapitalize", "none").Spellcheck(false).Aria("invalid", invalid("address")).OnInput(f.lookUp)),
			app.P().Class("signin-found").Attr("role", "status").Text(u.found),
		),
		f.withProvider(),
		app.Div().Hidden(f.provider() != "").Body(
			app.Label().Class("field").Body(app.Span().Text(words.T("Password")), app.Input().ID(idAccountPassword).Type("password").
				Attr("autocomplete", "new-password").Aria("invalid", invalid("password")).Aria("describedby", "account-password-hint")),
			app.P().ID("account-password-hint").Class("hint").Text(hint),
		),
		app.Label().Class("field").Body(app.Span().Text(words.T("Name of the account")), app.Input().ID(idAccountName).Type("text").MaxLength(60).Dir("auto").Placeholder(words.T("Work, School…"))),
		f.colours(),
		app.Button().Type("button").Class("quiet", "disclosure").Aria("expanded", yesNo(u.servers)).Aria("controls", "account-servers").OnClick(f.toggleServers).
			Body(icon("chevron-right"), app.Text(words.T("Server settings"))),
		app.Div().ID("account-servers").Class("servers").Hidden(!u.servers).Body(
			app.P().Class("hint").Hidden(f.Id != "").Text(words.T("Left empty, the servers are looked up for you.")),
			f.server(sideIn, words.T("Incoming mail"), f.protocolHint(), f.protocol()+".example.org", invalid("incoming"), f.protocols(), f.keeping()...),
			f.server(sideOut, words.T("Outgoing mail (SMTP)"), words.T("SMTP carries what you send to your provider, who delivers it. It mostly takes the same user name and password."), "smtp.example.org", invalid("outgoing"), nil),
			app.P().Class("hint").Text(words.T("TLS encrypts from the first moment, STARTTLS after a greeting in the clear. Choose TLS unless your provider names the other.")),
		),
		trialSteps(u.trial),
		app.Div().Class("settings-buttons").Body(
			app.Button().Type("submit").Class("primary").Disabled(u.busy != "").Text(button),
			app.Button().Type("button").Class("secondary").Disabled(u.busy != "").OnClick(f.try).Text(words.T("Test")),
			app.Button().Type("button").Class("quiet").OnClick(func(app.Context, app.Event) { s.closeAccountForm() }).Text(words.T("Cancel")),
			app.Span().Class("hint").Attr("role", "status").Text(u.busy),
		),
	)
}

func (f *accountForm) colours() app.UI {
	body := []app.UI{app.Legend().Text(words.T("Colour"))}
	for _, c := range accountColours {
		body = append(body, app.Label().Class("swatch").Title(c.name.String()).Body(
			app.Input().ID("account-colour-"+strings.TrimPrefix(c.value, "#")).Type("radio").Name("account-colour").Value(c.value).Aria("label", c.name.String()),
			dot(c.value),
		))
	}
	return app.FieldSet().Class("swatches").Body(body...)
}

func (f *accountForm) toggleServers(app.Context, app.Event) {
	f.S.setup.servers = !f.S.setup.servers
	f.S.changed()
}

// lookUp looks for the servers of an address once it has been typed.
func (f *accountForm) lookUp(app.Context, app.Event) {
	s := f.S
	s.setup.lookup++
	n := s.setup.lookup
	time.AfterFunc(typingPause, func() {
		s.post(func() {
			address := strings.TrimSpace(browser.Value(idAccountAddress))
			_, domain, _ := strings.Cut(address, "@")
			if n != s.setup.lookup || domain == "" {
				return
			}
			s.do.FindServers(address, func(found *jmap.BridgeDiscovery) {
				if n == s.setup.lookup {
					s.suggestServers(found)
				}
			})
		})
	})
}

// suggestServers shows what was found in the fields where nothing was typed.
func (s *Screen) suggestServers(found *jmap.BridgeDiscovery) {
	s.setup.found, s.setup.discovered = "", found
	if with := signInWithOf(found); with != s.setup.consent.provider {
		s.setup.consent = consent{provider: with}
	}
	if found != nil {
		if s.setup.protocol == "" && found.Incoming[0].Protocol == pop3 { // there is nothing else
			s.setup.protocol = pop3
			browser.SetProperty(idAccountPOP3, "checked", true)
		}
		in, out := incomingOf(found, cmp.Or(s.setup.protocol, imap)), *found.Outgoing
		s.setup.found = strings.ToUpper(in.Protocol) + " " + serverOf(in).about() + " · SMTP " + serverOf(out).about()
		s.setup.auth = out.Auth
		serverOf(in).suggest(sideIn)
		serverOf(out).suggest(sideOut)
	}
	s.changed()
}

func signInWithOf(found *jmap.BridgeDiscovery) string {
	if found == nil {
		return ""
	}
	return found.SignInWith
}

func serverOf(b jmap.BridgeServer) *server { return &server{b.Host, b.Port, b.Security, b.User} }

// account is what stands in the fields, as BridgeAccount has it; ok is false where the
// servers are to be found first.
func (f *accountForm) account() (account map[string]any, ok bool) {
	address := f.Account.Address
	if f.Id == "" {
		address = strings.TrimSpace(browser.Value(idAccountAddress))
	}
	account = map[string]any{"address": address, "name": strings.TrimSpace(browser.Value(idAccountName)), "colour": ""}
	switch password := browser.Value(idAccountPassword); {
	case f.S.setup.consent.agreed:
		account["grant"] = f.S.setup.consent.ticket
	case password != "" && f.provider() == "":
		account["password"] = password
	}
	for _, c := range accountColours {
		if browser.Checked("account-colour-" + strings.TrimPrefix(c.value, "#")) {
			account["colour"] = c.value
		}
	}
	ok = true
	for side, name := range map[string]string{sideIn: "incoming", sideOut: "outgoing"} {
		host := strings.TrimSpace(browser.Value(side + "-server"))
		ok = ok && host != ""
		port, _ := strconv.Atoi(browser.Value(side + "-port")) // the bridge says what is wrong with 0
		server := jmap.BridgeServer{Host: host, Port: port, Security: browser.Value(side + "-security"), User: strings.TrimSpace(browser.Value(side + "-user"))}
		if name == "incoming" {
			server.Protocol = f.protocol()
			f.keepAs(&server)
		} else {
			server.Auth = f.S.setup.auth
		}
		account[name] = server
	}
	return account, ok
}

// withServers calls do with what stands in the fields, and the servers that are found
// where none were typed.
func (f *accountForm) withServers(what string, do func(account map[string]any)) {
	s := f.S
	account, ok := f.account()
	s.setup.wrong, s.setup.field, s.setup.trial, s.setup.busy = "", "", nil, what
	s.changed()
	if ok {
		do(account)
		return
	}
	n := s.setup.lookup
	s.do.FindServers(account["address"].(string), func(found *jmap.BridgeDiscovery) {
		if n != s.setup.lookup || !s.setup.open {
			return
		}
		if found == nil {
			s.setup.busy = ""
			s.setupFailed(words.T("The mail servers of this address could not be found. Enter them here."), "incoming")
			return
		}
		s.suggestServers(found)
		for side, b := range map[string]jmap.BridgeServer{sideIn: incomingOf(found, f.protocol()), sideOut: *found.Outgoing} {
			name := map[string]string{sideIn: "incoming", sideOut: "outgoing"}[side]
			if typed := account[name].(jmap.BridgeServer); typed.Host == "" {
				if b.Protocol == pop3 {
					f.keepAs(&b)
				}
				if typed.User != "" {
					b.User = typed.User
				}
				account[name] = b
			}
		}
		do(account)
	})
}

func (f *accountForm) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	switch {
	case f.S.setup.busy != "":
	case f.Id == "" && f.provider() != "" && !f.S.setup.consent.agreed:
		f.signInWith()
	default:
		f.send()
	}
}

// send adds the account, or saves what became of it.
func (f *accountForm) send() {
	s := f.S
	n := s.setup.lookup
	done := func(err error) {
		if n != s.setup.lookup || !s.setup.open { // another form by now
			return
		}
		s.setup.busy = ""
		if err != nil {
			s.setupRefused(err)
			return
		}
		s.closeAccountForm()
	}
	if f.Id == "" {
		f.withServers(words.T("Signing in to the mail servers…"), func(account map[string]any) { s.do.AddAccount(account, done) })
		return
	}
	f.withServers(words.T("Saving…"), func(account map[string]any) {
		delete(account, "address")
		patch := jmap.PatchObject(account)
		// What is as it was is not tried again.
		was := f.Account
		if account["incoming"] == was.Incoming {
			delete(patch, "incoming")
		}
		if account["outgoing"] == was.Outgoing {
			delete(patch, "outgoing")
		}
		s.do.ChangeAccount(f.Id, patch, done)
	})
}

func (f *accountForm) try(app.Context, app.Event) {
	s, n := f.S, f.S.setup.lookup
	f.withServers(words.T("Testing…"), func(account map[string]any) {
		s.do.TryAccount(f.Id, account, func(t *jmap.BridgeTrial, err error) {
			if n != s.setup.lookup || !s.setup.open {
				return
			}
			s.setup.busy = ""
			if err != nil {
				s.setupRefused(err)
				return
			}
			s.setup.trial = t
			s.changed()
		})
	})
}

// setupRefused says why an account was refused, where it can be mended.
func (s *Screen) setupRefused(err error) {
	field := ""
	var refusal *jmap.SetError
	var method *jmap.MethodError
	switch {
	case errors.As(err, &refusal) && len(refusal.Properties) > 0:
		field = refusal.Properties[0]
	case errors.As(err, &method) && slices.Contains(method.Arguments, "account"):
		field = "address"
	}
	s.setupFailed(problemText(err), field)
}

func (s *Screen) setupFailed(text, field string) {
	s.setup.wrong, s.setup.field = text, field
	s.setup.servers = s.setup.servers || field == "incoming" || field == "outgoing"
	s.setup.focus = map[string]string{"address": idAccountAddress, "password": idAccountPassword, "incoming": sideIn + "-server", "outgoing": sideOut + "-server"}[field]
	s.changed()
}
