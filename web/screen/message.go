package screen

import (
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// message is one message in the reader: see shape.
type message struct {
	app.Compo

	S       *Screen
	Id      jmap.Id
	Rev     uint64 // of the email
	Shape   shape
	Earlier int  // how many messages it stands for, if it is shapeEarlier
	Unread  int  // how many of those are
	Facts   bool // its details are shown
	Left    bool // its mailing list was left
	Alone   bool // there are no others in the conversation
	Offline bool
	Words   string // of the search it was found by
	Look    uint64 // how it is looked at
	Outbox  uint64 // the revision of the outbox
	Told    uint64 // how often it was told what became of messages
	More    bool   // its menu is open
	Tongue  string // the language
}

// Render draws it.
func (r *message) Render() app.UI {
	switch e := r.S.account().Email(r.Id); {
	case r.Shape == shapeEarlier:
		return r.earlier()
	case r.Shape == shapeLine:
		return r.line(e)
	case r.Shape == shapeWhole && e != nil:
		return r.whole(e)
	}
	return app.Section().Class("message").Hidden(true)
}

func (r *message) whole(e *store.Email) app.UI {
	m := e.Email()
	sender := jmap.EmailAddress{}
	if len(m.From) > 0 {
		sender = m.From[0]
	}
	known := e.Body() == store.BodyReady
	return r.section(m).Class("unfolded").Body(
		app.Header().Class("article-head").Body(
			app.Span().Class("avatar", "large", "hue-"+hue(sender.Email)).Aria("hidden", "true").Text(initials(sender)),
			app.Div().Class("people").Body(
				app.Div().Class("from").Body(writer(m.From)),
				app.Div().Class("to").Body(
					app.Bdi().Text(words.T("to {people}", names(append(append([]jmap.EmailAddress{}, m.To...), m.Cc...), words.T("undisclosed recipients")))),
					app.Button().Type("button").Class("quiet", "small").Aria("expanded", yesNo(r.Facts)).OnClick(r.toggleDetails).Text(detailsWord(r.Facts)),
				),
			),
			app.Time().Class("article-date").DateTime(m.ReceivedAt.Format(time.RFC3339)).Title(wholeDate(m.ReceivedAt)).Text(words.DateTime(m.ReceivedAt)),
			app.Div().Class("answer-icons").Body(
				iconButton(words.T("Reply"), "reply", r.reply).Disabled(!known),
				iconButton(words.T("Reply all"), "reply-all", r.replyAll).Disabled(!known),
				iconButton(words.T("Forward"), "forward", r.forward).Disabled(!known),
				r.S.moreMenu(menuMoreOf+string(r.Id), r.Id),
				iconButton(words.T("Fold"), "chevron-up", r.unfold).ID(idTurn(r.Id)).Hidden(r.Alone).Aria("expanded", "true"),
			),
		),
		app.Div().Class("details-slot").Body(r.detailList(m)),
		app.Div().Class("banners-slot").Body(r.banners(e)),
		app.Div().Class("cards-slot").Body(r.enclosures(m, known)),
		app.Div().Class("body-slot").Body(r.body(e)),
		app.Div().Class("attachments-slot").Body(r.attachments(m, known)),
	)
}

func (r *message) unfold(app.Context, app.Event) { r.S.unfold(r.Id) }

func (r *message) toggleDetails(app.Context, app.Event) {
	r.S.talk.facts[r.Id] = !r.S.talk.facts[r.Id]
	if r.S.talk.facts[r.Id] {
		r.askReport()
	}
	r.S.changed()
}

func (r *message) reply(app.Context, app.Event)    { r.S.answerTo(r.Id, r.S.do.Reply) }
func (r *message) replyAll(app.Context, app.Event) { r.S.answerTo(r.Id, r.S.do.ReplyAll) }
func (r *message) forward(app.Context, app.Event)  { r.S.answerTo(r.Id, r.S.do.Forward) }

func (r *message) retry(app.Context, app.Event) {
	r.S.do.OpenEmails(r.S.account(), r.S.nearIds(), r.S.unfolded)
}

func detailsWord(open bool) string {
	if open {
		return words.T("Hide details")
	}
	return words.T("Show details")
}

// writer is who wrote: the name, and the address beside it, always: a name alone
// can say anything.
func writer(list []jmap.EmailAddress) app.UI {
	if len(list) == 0 {
		return app.Span().Class("name").Text(words.T("(no sender)"))
	}
	a := list[0]
	address := ""
	if a.DisplayName() != a.Email {
		address = "<" + a.Email + ">"
	}
	return app.Span().Body(
		app.Bdi().Class("name").Text(a.DisplayName()),
		app.Text(" "),
		app.Bdi().Class("address").Text(address),
	)
}

func (r *message) detailList(m *jmap.Email) app.UI {
	if !r.Facts {
		return app.Dl().Hidden(true)
	}
	var items []app.UI
	add := func(name, value string) {
		if value != "" {
			items = append(items, app.Dt().Text(name), app.Dd().Body(app.Bdi().Text(value)))
		}
	}
	add(words.T("From"), draft.FormatAddresses(m.From))
	if len(m.Sender) > 0 && draft.FormatAddresses(m.Sender) != draft.FormatAddresses(m.From) {
		add(words.T("Sent by"), draft.FormatAddresses(m.Sender))
	}
	add(words.T("To"), draft.FormatAddresses(m.To))
	add(words.T("Cc"), draft.FormatAddresses(m.Cc))
	add(words.T("Bcc"), draft.FormatAddresses(m.Bcc))
	add(words.T("Reply to"), draft.FormatAddresses(m.ReplyTo))
	add(words.T("Mailing list"), m.ListId)
	add(words.T("Signed by"), signedBy(r.S.verdict(m)))
	add(words.T("Verified"), verified(r.S.verdict(m)))
	add(words.T("Written"), wholeDate(m.SentAt))
	add(words.T("Received"), wholeDate(m.ReceivedAt))
	for _, line := range r.reportLines() {
		add(words.T("Delivery"), line)
	}
	add(words.T("Size"), words.Size(m.Size))
	return app.Dl().Class("details").Hidden(false).Body(items...)
}

// body is what the message says, or how far it is.
func (r *message) body(e *store.Email) app.UI {
	m := e.Email()
	switch e.Body() {
	case store.BodyReady:
	case store.BodyFailed:
		return app.Div().Class("note").Attr("role", "alert").Body(
			icon("circle-alert"), app.H2().Text(words.T("The message could not be loaded")),
			app.P().Text(problemText(e.BodyErr())),
			app.Button().Type("button").Class("secondary").OnClick(r.retry).Text(words.T("Retry")),
		)
	default:
		if r.Offline {
			return note("wifi-off", words.T("Not connected"), words.T("The message appears here once the bridge can be reached."))
		}
		return app.Div().Class("body-skeleton").Aria("busy", "true").Aria("label", words.T("Loading")).Body(
			app.Span().Class("bone", "long"), app.Span().Class("bone", "long"), app.Span().Class("bone", "short"),
			app.Span().Class("bone", "long"), app.Span().Class("bone"))
	}
	return r.content(m)
}
