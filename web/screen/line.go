package screen

import (
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// idTurn is the button that folds or unfolds a message.
func idTurn(id jmap.Id) string { return "turn-" + string(id) }

// idMessage is a message in the reader.
func idMessage(id jmap.Id) string { return "message-" + string(id) }

// section is the message as people who listen go about it.
func (r *message) section(m *jmap.Email) app.HTMLSection {
	return app.Section().ID(idMessage(m.Id)).Class("message").Hidden(false).
		Aria("label", words.T("Message from {people}, {date}", names(m.From, words.T("(no sender)")), words.DateTime(m.ReceivedAt)))
}

// line is a message that is folded; e is nil while its row is not known.
func (r *message) line(e *store.Email) app.UI {
	if e == nil {
		return app.Section().Class("message", "folded").Hidden(false).Aria("busy", "true").Aria("label", words.T("Loading")).Body(
			app.Div().Class("message-line").Body(app.Span().Class("bone", "long")))
	}
	m := e.Email()
	sender := jmap.EmailAddress{}
	if len(m.From) > 0 {
		sender = m.From[0]
	}
	button := app.Button().Type("button").ID(idTurn(r.Id)).Class("message-line").Aria("expanded", "false").OnClick(r.unfold)
	unread := !e.Has(jmap.KeywordSeen)
	if unread {
		button = button.Class("unread")
	}
	return r.section(m).Class("folded").Body(button.Body(
		app.Span().Class("avatar", "hue-"+hue(sender.Email)).Aria("hidden", "true").Text(initials(sender)),
		app.Bdi().Class("name").Text(names(m.From, words.T("(no sender)"))),
		app.Span().Class("message-preview").Dir("auto").Text(m.Preview),
		app.Time().Class("article-date").DateTime(m.ReceivedAt.Format(time.RFC3339)).Text(shortDate(m.ReceivedAt, time.Now())),
		hiddenWord(unread, words.T("Unread")),
	))
}

// earlier is the button that stands for messages nobody asked for.
func (r *message) earlier() app.UI {
	name := words.N(r.Earlier, "{n} earlier message", "{n} earlier messages")
	if r.Unread > 0 {
		name += " · " + words.N(r.Unread, "{n} unread", "{n} unread")
	}
	return app.Section().Class("message", "folded").Hidden(false).Aria("label", name).Body(
		app.Button().Type("button").ID(idTurn(r.Id)).Class("earlier").Aria("expanded", "false").OnClick(r.list).Text(name))
}

// list shows each of the messages it stands for as a line.
func (r *message) list(app.Context, app.Event) {
	c := &r.S.talk
	for _, of := range r.S.stretches() {
		if of.shape != shapeEarlier || c.ids[of.from] != r.Id {
			continue
		}
		for _, id := range c.ids[of.from:of.to] {
			c.lines[id] = true
		}
		c.focus = idTurn(r.Id)
		if a := r.S.account(); a != nil {
			r.S.do.OpenEmails(a, r.S.nearIds(), func(jmap.Id) bool { return false })
			r.S.showWindow()
		}
	}
	r.S.changed()
}
