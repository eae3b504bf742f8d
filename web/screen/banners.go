package screen

import (
	"net/url"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/mailinfo"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// banners are what one should know before reading: doubts about the sender, and the way
// out of a mailing list.
func (r *message) banners(e *store.Email) app.UI {
	slot := app.Div().Class("banners")
	if e.Body() != store.BodyReady {
		return slot.Hidden(true)
	}
	m := e.Email()
	var out []app.UI
	if leaving := r.leavingBanner(); leaving != nil {
		out = append(out, leaving)
	}
	if asked := r.receiptBanner(m); asked != nil {
		out = append(out, asked)
	}
	own, known := r.S.people(r.S.account())
	if !m.Keywords[jmap.KeywordDraft] {
		for _, f := range mailinfo.Look(m, r.S.verdict(m), own, known) {
			text, bad := wordsFinding(f)
			class, picture := "hint-banner", "circle-alert"
			if bad {
				class, picture = "doubt-banner", "triangle-alert"
			}
			out = append(out, app.Div().Class("reader-banner", class).Attr("role", "note").Aria("label", words.T("About the sender")).Body(
				icon(picture), app.Bdi().Class("banner-text").Text(text)))
		}
	}
	if leave := r.S.leave(m); leave.Any() {
		out = append(out, r.unsubscribeBanner(leave))
	}
	return slot.Hidden(len(out) == 0).Body(out...)
}

// leave is how a message's mailing list is left here: in one click only with a bridge that
// does it. Who sends junk learns by any answer that somebody reads it.
func (s *Screen) leave(m *jmap.Email) mailinfo.Leave {
	if s.inJunk(m) {
		return mailinfo.Leave{}
	}
	l := mailinfo.Unsubscribing(m)
	if _, ok := s.session.Capabilities[jmap.CapabilityBridge]; !ok {
		l.OneClick = ""
	}
	return l
}

func (r *message) unsubscribeBanner(leave mailinfo.Leave) app.UI {
	banner := app.Div().Class("reader-banner").Attr("role", "note").Aria("label", words.T("Mailing list"))
	if r.Left {
		return banner.Body(icon("circle-check"), app.Span().Class("banner-text").Text(words.T("You unsubscribed from this mailing list.")))
	}
	way := app.UI(app.Button().Type("button").Class("secondary", "banner-button").OnClick(r.unsubscribe).Text(words.T("list|Unsubscribe")))
	if leave.OneClick == "" && leave.Mailto == "" {
		way = app.A().Class("banner-link").Href(leave.Page).Target("_blank").Rel("noopener noreferrer").Text(words.T("Unsubscribe at {site}", hostOf(leave.Page)))
	}
	return banner.Body(icon("mail"), app.Span().Class("banner-text").Text(words.T("This message came by a mailing list.")), way)
}

// unsubscribe asks first, in the words of what will happen.
func (r *message) unsubscribe(app.Context, app.Event) {
	s, id, a := r.S, r.Id, r.S.account()
	e := a.Email(id)
	if e == nil {
		return
	}
	leave := s.leave(e.Email())
	question := confirmation{Title: words.T("Unsubscribe from this mailing list?"), Button: words.T("list|Unsubscribe")}
	if leave.OneClick != "" {
		question.Text = words.T("The bridge asks {site} to take you off the list. It learns nothing but that.", leave.OneClick)
		question.do = func() {
			s.do.Unsubscribe(a, id, func() {
				s.consents.give(&s.consents.left, id)
				s.changed()
			})
		}
	} else {
		question.Text = words.T("A message to the list opens, for you to look at and to send.")
		question.Button = words.T("Write message")
		question.do = func() { s.writeTo(leave.Mailto) }
	}
	s.ask(question)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Hostname()
}
