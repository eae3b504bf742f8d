package screen

import (
	"net/url"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
)

const idReader = "reader"

// reader is the right pane: the open message.
type reader struct {
	app.Compo

	S   *Screen
	Rev [5]uint64
}

// Render draws it.
func (r *reader) Render() app.UI {
	s := r.S
	e := s.opened()
	pane := app.Section().Class("reader").Aria("label", "Reading pane")
	if e == nil {
		text := "Choose a message to read it here."
		return pane.Body(
			app.Div().Class("reader-bar").Hidden(true),
			app.Div().ID(idReader).Class("reader-scroll").Body(note("mail-open", "Nothing open", text)),
		)
	}
	bar := app.Div().Class("reader-bar").Hidden(false)
	tools := app.UI(app.Div())
	if len(s.selection.ids) == 0 {
		tools = s.toolbar()
	}
	return pane.Body(
		bar.Body(iconButton("Back", "arrow-left", r.back).Class("back-button"), tools),
		app.Div().ID(idReader).Class("reader-scroll").TabIndex(-1).Body(r.article(e)),
	)
}

func (r *reader) back(app.Context, app.Event) { r.S.closeEmail() }

func (r *reader) article(e *store.Email) app.UI {
	s, m := r.S, e.Email()
	subject := m.Subject
	if subject == "" {
		subject = wordNoSubject
	}
	sender := jmap.EmailAddress{}
	if len(m.From) > 0 {
		sender = m.From[0]
	}
	known := e.Body() == store.BodyReady
	return app.Article().Class("article").Aria("label", subject).Body(
		app.H2().Class("subject").Dir("auto").Text(subject),
		app.Header().Class("article-head").Body(
			app.Span().Class("avatar", "large", "hue-"+hue(sender.Email)).Aria("hidden", "true").Text(initials(sender)),
			app.Div().Class("people").Body(
				app.Div().Class("from").Body(r.person(m.From)),
				app.Div().Class("to").Body(
					app.Bdi().Text("to "+names(append(append([]jmap.EmailAddress{}, m.To...), m.Cc...), "undisclosed recipients")),
					app.Button().Type("button").Class("quiet", "small").Aria("expanded", yesNo(s.details)).OnClick(r.toggleDetails).Text(detailsWord(s.details)),
				),
			),
			app.Time().Class("article-date").DateTime(m.ReceivedAt.Format(time.RFC3339)).Title(wholeDate(m.ReceivedAt)).Text(browser.Format(browser.FormatLong, m.ReceivedAt.Local())),
			app.Div().Class("answer-icons").Body(
				iconButton(wordReply, "reply", r.reply).Disabled(!known),
				iconButton(wordReplyAll, "reply-all", r.replyAll).Disabled(!known),
				iconButton(wordForward, "forward", r.forward).Disabled(!known),
			),
		),
		app.Div().Class("details-slot").Body(r.detailList(m)),
		app.Div().Class("body-slot").Body(r.body(e)),
		app.Div().Class("attachments-slot").Body(r.attachments(m, known)),
	)
}

func detailsWord(open bool) string {
	if open {
		return "Hide details"
	}
	return "Show details"
}

// person is who wrote: the name, and the address beside it, always: a name alone
// can say anything.
func (r *reader) person(list []jmap.EmailAddress) app.UI {
	if len(list) == 0 {
		return app.Span().Class("name").Text(wordNoSender)
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

func (r *reader) detailList(m *jmap.Email) app.UI {
	if !r.S.details {
		return app.Dl().Hidden(true)
	}
	var items []app.UI
	add := func(name, value string) {
		if value != "" {
			items = append(items, app.Dt().Text(name), app.Dd().Body(app.Bdi().Text(value)))
		}
	}
	add("From", draft.FormatAddresses(m.From))
	if len(m.Sender) > 0 && draft.FormatAddresses(m.Sender) != draft.FormatAddresses(m.From) {
		add("Sent by", draft.FormatAddresses(m.Sender))
	}
	add("To", draft.FormatAddresses(m.To))
	add("Cc", draft.FormatAddresses(m.Cc))
	add("Bcc", draft.FormatAddresses(m.Bcc))
	add("Reply to", draft.FormatAddresses(m.ReplyTo))
	add("Written", wholeDate(m.SentAt))
	add("Received", wholeDate(m.ReceivedAt))
	add("Size", size(m.Size))
	return app.Dl().Class("details").Hidden(false).Body(items...)
}

func (r *reader) toggleDetails(app.Context, app.Event) {
	r.S.details = !r.S.details
	r.S.changed()
}

func (r *reader) reply(app.Context, app.Event)    { r.S.answer(r.S.do.Reply) }
func (r *reader) replyAll(app.Context, app.Event) { r.S.answer(r.S.do.ReplyAll) }
func (r *reader) forward(app.Context, app.Event)  { r.S.answer(r.S.do.Forward) }

// body is what the message says, or how far it is.
func (r *reader) body(e *store.Email) app.UI {
	m := e.Email()
	switch e.Body() {
	case store.BodyReady:
	case store.BodyFailed:
		return app.Div().Class("note").Attr("role", "alert").Body(
			icon("circle-alert"), app.H2().Text("The message could not be loaded"),
			app.P().Text(problemText(e.BodyErr())),
			app.Button().Type("button").Class("secondary").OnClick(r.retry).Text(wordRetry),
		)
	default:
		if r.S.store.Connection().State == store.Offline {
			return note("wifi-off", "Not connected", "The message appears here once the bridge can be reached.")
		}
		return app.Div().Class("body-skeleton").Aria("busy", "true").Aria("label", "Loading").Body(
			app.Span().Class("bone", "long"), app.Span().Class("bone", "long"), app.Span().Class("bone", "short"),
			app.Span().Class("bone", "long"), app.Span().Class("bone"))
	}
	if isHTML(m) {
		return &htmlBody{S: r.S, Id: m.Id}
	}
	return textBody(draft.Text(m), truncated(m))
}

func (r *reader) retry(app.Context, app.Event) {
	r.S.do.OpenEmail(r.S.account(), r.S.route.Email)
}

// attachments are what can be downloaded.
func (r *reader) attachments(m *jmap.Email, known bool) app.UI {
	if !known || len(m.Attachments) == 0 {
		return app.Div().Hidden(true)
	}
	items := make([]app.UI, 0, len(m.Attachments))
	for _, part := range m.Attachments {
		name := attachmentName(part)
		items = append(items, app.Li().Body(
			app.A().Class("attachment").Href(r.S.download(part.BlobId, part.Type, name)).Download(name).
				Aria("label", "Download "+name).Title("Download "+name).Body(
				icon("paperclip"), app.Bdi().Class("attachment-name").Text(name), app.Span().Class("attachment-size").Text(size(part.Size)), icon("download")),
		))
	}
	return app.Ul().Class("attachments").Hidden(false).Aria("label", "Attachments").Body(items...)
}

func attachmentName(part jmap.EmailBodyPart) string {
	switch {
	case part.Name != "":
		return part.Name
	case part.Type == "message/rfc822":
		return "message.eml"
	case part.Type == "text/calendar":
		return "invitation.ics"
	}
	_, sub, _ := strings.Cut(part.Type, "/")
	return "attachment." + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, sub)
}

// download is where a blob is fetched from (RFC 8620 §6.2), in this site's terms.
func (s *Screen) download(blob jmap.Id, mediaType, name string) string {
	return strings.NewReplacer(
		"{accountId}", url.PathEscape(string(s.account().Id())),
		"{blobId}", url.PathEscape(string(blob)),
		"{type}", url.QueryEscape(mediaType),
		"{name}", url.PathEscape(name),
	).Replace(s.session.DownloadURL)
}

func truncated(m *jmap.Email) bool {
	for _, v := range m.BodyValues {
		if v.IsTruncated {
			return true
		}
	}
	return false
}
