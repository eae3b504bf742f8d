package screen

import (
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// pageOutbox is where the outbox is among the settings in a route: like those it lies over
// all else.
const pageOutbox = "outbox"

var nameOutbox = words.Mark("Outbox")

// reopening is a message that was not sent and opens in a composer once its text is here.
type reopening struct{ account, email jmap.Id }

// followOutbox says what became of messages on their way.
func (s *Screen) followOutbox() {
	if rev := s.store.Revision(store.PartOutbox); rev != s.outbox {
		s.outbox = rev
		s.do.TellOutbox(s.editSubmission)
	}
	if s.reopening == (reopening{}) {
		return
	}
	a := s.store.Account(s.reopening.account)
	var e *store.Email
	if a != nil {
		e = a.Email(s.reopening.email)
	}
	switch {
	case e == nil || e.Body() == store.BodyFailed:
		s.reopening = reopening{}
		s.do.SayKept()
	case e.Body() == store.BodyReady:
		s.reopening = reopening{}
		if c := s.do.EditDraft(a, e.Email().Id); c != nil {
			s.composerOpened(c)
		}
	}
}

// editSubmission takes a message back and opens it.
func (s *Screen) editSubmission(a *store.Account, sub *store.Submission) {
	email := sub.EmailId
	s.do.StopSending(a, sub, func() {
		s.reopening = reopening{a.Id(), email}
		s.do.FetchEmail(a, email)
		if s.route.Settings == pageOutbox {
			s.closeSettings()
		}
	})
}

// outboxItem is the line of the outbox in the tree, while there is something to see in it.
func (m *mailboxes) outboxItem() app.UI {
	n := len(m.S.waiting())
	item := app.A().ID(treePrefix+"outbox").Class("tree-item").Attr("role", "treeitem").Href(route{Settings: pageOutbox}.path()).
		Aria("level", "1").Aria("selected", "false").Hidden(n == 0)
	count := words.Number(n)
	return item.Aria("label", words.T("{mailbox}, {n}", nameOutbox.String(), count)).Body(
		app.Span().Class("twist").Aria("hidden", "true"), icon("send"), app.Span().Class("tree-name").Text(nameOutbox.String()),
		app.Text(" "), app.Span().Class("badge").Text(count))
}

// departure is a message on its way, and whose.
type departure struct {
	account *store.Account
	*store.Submission
}

// waiting is what there is to see in the outbox.
func (s *Screen) waiting() []departure {
	var out []departure
	now := time.Now()
	for _, a := range s.store.Accounts() {
		for _, sub := range a.Outbox() {
			if !sub.Quiet(now) {
				out = append(out, departure{a, sub})
			}
		}
	}
	return out
}

// outboxPage is the outbox.
func (p *settingsPage) outboxPage(page app.HTMLSection) app.UI {
	s := p.S
	var list []app.UI
	for _, o := range s.waiting() {
		list = append(list, p.departure(o))
	}
	return page.Aria("label", nameOutbox.String()).Class("outbox").Body(
		app.Div().Class("settings-head").Body(
			iconButton(words.T("Close outbox"), "arrow-left", func(app.Context, app.Event) { s.closeSettings() }),
			app.H1().Text(nameOutbox.String()),
		),
		app.Div().Class("settings-body").Body(app.Div().Body(
			app.P().Class("hint").Hidden(len(list) > 0).Text(words.T("Nothing waits to be sent.")),
			app.Ul().Class("accounts").Aria("label", nameOutbox.String()).Hidden(len(list) == 0).Body(list...),
		)),
	)
}

// departure is one message of the outbox.
func (p *settingsPage) departure(o departure) app.UI {
	subject := words.T("(no subject)")
	if e := o.account.Email(o.EmailId); e != nil && e.Email().Subject != "" {
		subject = e.Email().Subject
	}
	var to []jmap.EmailAddress
	if o.Envelope != nil {
		for _, r := range o.Envelope.RcptTo {
			to = append(to, jmap.EmailAddress{Email: r.Email})
		}
	}
	picture, state := departureState(o.Submission)
	replies := action.Replies(o.Submission)
	return app.Li().Class("account-line", "outgoing").Aria("label", subject).Body(
		icon(picture),
		app.Div().Class("account-what").Body(
			app.Strong().Dir("auto").Text(subject),
			app.Span().Class("hint").Body(app.Bdi().Text(words.T("To {people}", names(to, "")))),
			app.Span().Text(state),
			app.Span().Class("account-problem", "server-words").Hidden(replies == "").Dir("auto").Text(replies),
		),
		app.Div().Class("account-do").Body(p.departureButtons(o)...),
	)
}

// departureState says how far a message is.
func departureState(s *store.Submission) (picture, text string) {
	switch s.State() {
	case jmap.SubmissionSending, jmap.SubmissionFinishing:
		return "send", words.T("Sending…")
	case jmap.SubmissionFailed:
		return "circle-alert", words.T("Not sent. The message is in Drafts.")
	case jmap.SubmissionMaybe:
		return "triangle-alert", words.T("Maybe sent: the mail server took the message, and the connection broke before it said so. Ask a recipient, or look into Sent, before you send it again.")
	}
	if s.Progress != nil && s.Progress.Attempts > 0 && s.Progress.NextAttempt != nil {
		return "triangle-alert", words.T("Not sent yet. Tried again {date}", words.DateTime(s.Progress.NextAttempt.Local()))
	}
	return "clock", words.T("Goes out {date}", words.DateTime(s.SendAt.Local()))
}

func (p *settingsPage) departureButtons(o departure) []app.UI {
	s, a, id := p.S, o.account, o.Id
	with := func(do func(sub *store.Submission)) func(app.Context, app.Event) {
		return func(app.Context, app.Event) {
			if sub := a.Submission(id); sub != nil {
				do(sub)
			}
		}
	}
	button := func(name string, do func(sub *store.Submission)) app.UI {
		return app.Button().Type("button").Class("secondary", "small").OnClick(with(do), a.Id(), id, name).Text(name)
	}
	send := func(sub *store.Submission) { s.do.SendNow(a, sub) }
	edit := func(sub *store.Submission) { s.editSubmission(a, sub) }
	switch o.State() {
	case jmap.SubmissionPending:
		return []app.UI{
			button(words.T("Send now"), send), button(words.T("Edit"), edit),
			button(words.T("Cancel"), func(sub *store.Submission) { s.do.StopSending(a, sub, s.do.SayKept) }),
		}
	case jmap.SubmissionFailed:
		return []app.UI{
			button(words.T("Retry"), send), button(words.T("Edit"), edit),
			button(words.T("Dismiss"), func(sub *store.Submission) { s.do.StopSending(a, sub, func() {}) }),
		}
	case jmap.SubmissionMaybe:
		return []app.UI{
			button(words.T("Send again"), func(sub *store.Submission) {
				s.ask(confirmation{
					Title: words.T("Send it again?"), Text: words.T("If it was sent the first time, it arrives twice."), Button: words.T("Send again"), Doubtful: true,
					do: func() { s.do.SendNow(a, sub) },
				})
			}),
			button(words.T("Dismiss"), func(sub *store.Submission) { s.do.StopSending(a, sub, func() {}) }),
		}
	}
	return nil
}

// openOutbox shows the outbox.
func (s *Screen) openOutbox() { s.openSettings(pageOutbox) }

// leavingBanner is for a message that waits to be sent.
func (r *message) leavingBanner() app.UI {
	a := r.S.account()
	sub := a.Leaving(r.Id)
	if sub == nil {
		return nil
	}
	id := sub.Id
	picture, state := departureState(sub)
	return app.Div().Class("reader-banner").Attr("role", "note").Aria("label", nameOutbox.String()).Body(
		icon(picture), app.Span().Class("banner-text").Text(state),
		app.Button().Type("button").Class("secondary", "banner-button").OnClick(func(app.Context, app.Event) {
			if sub := a.Submission(id); sub != nil {
				r.S.closeEmail()
				r.S.editSubmission(a, sub)
			}
		}, id).Text(words.T("Edit")),
		app.Button().Type("button").Class("secondary", "banner-button").OnClick(func(app.Context, app.Event) { r.S.openOutbox() }, "outbox").Text(nameOutbox.String()),
	)
}

// undoSetting is for how long sending can be undone.
func (p *settingsPage) undoSetting() app.UI {
	const id = "setting-undo"
	return app.Div().Class("setting").Body(
		app.Label().Class("field").Body(
			app.Span().Text(words.T("Seconds in which sending can be undone")),
			app.Input().ID(id).Type("number").Class("seconds").Min(0).Max(action.MaxUndo).Step(1).
				Value(p.S.store.Settings().Int(action.SettingUndo, action.DefaultUndo)).
				OnChange(func(app.Context, app.Event) {
					p.S.do.SetUndo(browser.Value(id))
					browser.SetValue(id, words.Number(p.S.store.Settings().Int(action.SettingUndo, action.DefaultUndo)))
				}),
		),
		app.P().Class("hint").Text(words.T("Messages are held back that long, also if you close this window. 0 sends at once.")),
	)
}
