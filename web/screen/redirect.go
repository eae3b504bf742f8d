package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// menuRedirect is the form that passes a message on as it is.
const (
	menuRedirect    = "redirect"
	idRedirectTo    = "redirect-to"
	idRedirectError = "redirect-error"
)

// redirecting is the message that is passed on.
type redirecting struct {
	account, email jmap.Id
	wrong          string // in words
}

// askRedirect asks whom a message is to go to.
func (s *Screen) askRedirect(id jmap.Id) {
	s.over.redirect = redirecting{account: s.accountOf(id).Id(), email: id}
	s.openOverlay(menuRedirect, idRedirectTo, "")
}

// redirectForm is the form.
func (s *Screen) redirectForm() app.UI {
	r := &s.over.redirect
	return app.Div().ID(idOverlay).Class("dialog").Attr("role", "dialog").Aria("modal", "true").Aria("label", words.T("Redirect")).Body(app.Form().OnSubmit(s.redirect).Body(
		app.H2().Text(words.T("Redirect")),
		app.P().Text(words.T("The message goes on as it is. It says whom it is from, and that it came by you.")),
		app.Label().Class("field").Body(
			app.Span().Text(words.T("To")),
			app.Input().ID(idRedirectTo).Type("text").AutoComplete(false).Dir("auto").Aria("invalid", yesNo(r.wrong != "")).Aria("describedby", idRedirectError),
		),
		app.Div().ID(idRedirectError).Attr("role", "alert").Body(app.P().Class("alert").Hidden(r.wrong == "").Text(r.wrong)),
		app.Div().Class("dialog-buttons").Body(
			app.Button().Type("button").Class("secondary").OnClick(func(app.Context, app.Event) { s.closeOverlay() }).Text(words.T("Cancel")),
			app.Button().Type("submit").Class("primary").Text(words.T("Redirect")),
		),
	))
}

func (s *Screen) redirect(_ app.Context, e app.Event) {
	e.PreventDefault()
	r := &s.over.redirect
	a := s.store.Account(r.account)
	if a == nil {
		s.closeOverlay()
		return
	}
	if r.wrong = s.do.Redirect(a, r.email, browser.Value(idRedirectTo)); r.wrong != "" {
		browser.Focus(idRedirectTo)
		s.changed()
		return
	}
	s.closeOverlay()
}
