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

// The fields of how mail is read, and of what a POP3 server keeps.
const (
	idAccountIMAP = "account-imap"
	idAccountPOP3 = "account-pop3"
	idAccountKeep = "account-keep"
	idAccountPoll = "account-poll"
)

// usualPoll is how often the bridge looks at a POP3 server by itself, in minutes.
const usualPoll = 3

// polls are the intervals to choose from, in minutes.
var polls = []int{1, usualPoll, 10, 30, 60}

// protocol is what the account's mail is read by.
func (f *accountForm) protocol() string {
	return cmp.Or(f.S.setup.protocol, f.Account.Incoming.Protocol, imap)
}

func (f *accountForm) protocolHint() string {
	if f.protocol() == pop3 {
		return words.T("POP3 downloads mail to this bridge, where you read, file and search it even while the server is down. Choose it if your provider has nothing else, or little room.")
	}
	return words.T("IMAP leaves mail on the server, so that all your devices see the same. It suits most people.")
}

// protocols chooses between IMAP and POP3, for a new account: one that is there keeps its own.
func (f *accountForm) protocols() app.UI {
	radio := func(id, protocol, name string) app.UI {
		return app.Label().Class("check").Body(
			app.Input().ID(id).Type("radio").Name("account-protocol").Value(protocol).OnChange(func(app.Context, app.Event) { f.protocolChosen(protocol) }, protocol),
			app.Span().Text(name),
		)
	}
	return app.Div().Class("choice", "wide").Hidden(f.Id != "").Body(radio(idAccountIMAP, imap, "IMAP"), radio(idAccountPOP3, pop3, "POP3"))
}

// protocolChosen shows the server that was found for a protocol, else its usual port.
func (f *accountForm) protocolChosen(protocol string) {
	s := f.S
	s.setup.protocol = protocol
	if found := s.setup.discovered; found != nil {
		s.suggestServers(found)
	}
	if found := s.setup.discovered; found == nil || incomingOf(found, protocol).Protocol != protocol {
		browser.SetValue(sideIn+"-port", ports[protocol][browser.Value(sideIn+"-security")])
	}
	s.changed()
}

// incomingOf is the server that was found for a protocol, else the best of another.
func incomingOf(found *jmap.BridgeDiscovery, protocol string) jmap.BridgeServer {
	i := slices.IndexFunc(found.Incoming, func(b jmap.BridgeServer) bool { return b.Protocol == protocol })
	return found.Incoming[max(i, 0)]
}

// keeping is how long a POP3 server keeps what was downloaded, and how often it is asked.
func (f *accountForm) keeping() []app.UI {
	rules := []app.UI{
		app.Option().Value("forever").Text(words.T("forever")),
		app.Option().Value("deleted").Text(words.T("until I delete the message here")),
	}
	for _, days := range keepDays(f.Account.Incoming) {
		text := words.N(days, "for {n} day", "for {n} days")
		if days == 0 {
			text = words.T("no longer than the download takes")
		}
		rules = append(rules, app.Option().Value(strconv.Itoa(days)).Text(text))
	}
	var often []app.UI
	for _, minutes := range pollChoices(f.Account.Incoming) {
		often = append(often, app.Option().Value(strconv.Itoa(minutes)).Text(words.N(minutes, "every minute", "every {n} minutes")))
	}
	hidden := f.protocol() != pop3
	return []app.UI{
		app.Label().Class("field", "wide").Hidden(hidden).Body(app.Span().Text(words.T("The server keeps a copy")), app.Select().ID(idAccountKeep).Body(rules...)),
		app.Label().Class("field", "wide").Hidden(hidden).Body(app.Span().Text(words.T("Look for new mail")), app.Select().ID(idAccountPoll).Body(often...)),
	}
}

// keepDays are the days to choose from, the account's own among them.
func keepDays(b jmap.BridgeServer) []int {
	days := []int{30, 7, 0}
	if b.KeepRule == "days" && !slices.Contains(days, b.KeepDays) {
		days = append([]int{b.KeepDays}, days...)
	}
	return days
}

// pollChoices are the intervals to choose from, the account's own among them.
func pollChoices(b jmap.BridgeServer) []int {
	if b.PollMinutes > 0 && !slices.Contains(polls, b.PollMinutes) {
		return append([]int{b.PollMinutes}, polls...)
	}
	return polls
}

// keepValue is a server's rule as the choice has it.
func keepValue(b jmap.BridgeServer) string {
	if b.KeepRule == "days" {
		return strconv.Itoa(b.KeepDays)
	}
	return cmp.Or(b.KeepRule, "forever")
}

// keepAs sets a POP3 server's rule to what is chosen. What is as it was stays as it was
// said.
func (f *accountForm) keepAs(b *jmap.BridgeServer) {
	was := f.Account.Incoming
	b.KeepRule, b.KeepDays, b.PollMinutes = was.KeepRule, was.KeepDays, was.PollMinutes
	if f.protocol() != pop3 {
		return
	}
	if chosen := browser.Value(idAccountKeep); chosen != keepValue(was) {
		b.KeepRule, b.KeepDays = chosen, 0
		if days, err := strconv.Atoi(chosen); err == nil {
			b.KeepRule, b.KeepDays = "days", days
		}
	}
	if minutes, err := strconv.Atoi(browser.Value(idAccountPoll)); err == nil && minutes != cmp.Or(was.PollMinutes, usualPoll) {
		b.PollMinutes = minutes
	}
}

// server is one server of the form; choice stands before the hint, and more after it.
func (f *accountForm) server(side, title, hint, example, invalid string, choice app.UI, more ...app.UI) app.UI {
	body := append([]app.UI{app.Legend().Text(title), choice, app.P().Class("hint").Text(hint)}, more...)
	return app.FieldSet().Body(append(body,
		app.Label().Class("field", "wide").Body(app.Span().Text(words.T("Server")), app.Input().ID(side+"-server").Type("text").Attr("autocapitalize", "none").
			Spellcheck(false).Placeholder(example).Aria("invalid", invalid)),
		app.Label().Class("field").Body(app.Span().Text(words.T("Port")), app.Input().ID(side+"-port").Type("number").Min(1).Max(65535)),
		app.Label().Class("field").Body(app.Span().Text(words.T("Security")), app.Select().ID(side+"-security").OnChange(func(app.Context, app.Event) {
			spoken := "smtp"
			if side == sideIn {
				spoken = f.protocol()
			}
			browser.SetValue(side+"-port", ports[spoken][browser.Value(side+"-security")])
			warnOpen(side)
		}, side).Body(
			app.Option().Value("tls").Text("TLS"), app.Option().Value("starttls").Text("STARTTLS"), app.Option().Value("none").Text(words.T("None")),
		)),
		app.P().ID(side+"-warning").Class("alert", "warning").Hidden(true).Text(words.T("Without encryption, others on the way can read your password and your mail.")),
		app.Label().Class("field", "wide").Body(app.Span().Text(words.T("User name")), app.Input().ID(side+"-user").Type("text").Attr("autocapitalize", "none").
			Spellcheck(false).Placeholder(words.T("your mail address"))),
	)...)
}

// checkNow looks for new mail of an account that is downloaded.
func (s *Screen) checkNow(id jmap.Id) {
	if a := s.store.Account(id); a != nil {
		s.do.Refresh(a)
		s.store.Notify(store.Notice{Kind: store.Info, Text: words.T("Looking for new mail of {account}", a.Name())})
	}
}

// howRead says how the mail of an account gets here.
func howRead(b jmap.BridgeServer) string {
	if b.Protocol != pop3 {
		return b.Host
	}
	return strings.Join([]string{"POP3", b.Host, words.N(cmp.Or(b.PollMinutes, usualPoll), "looked at every minute", "looked at every {n} minutes")}, " · ")
}
