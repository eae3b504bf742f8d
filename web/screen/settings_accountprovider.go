package screen

import (
	"cmp"
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// idAccountWith is the button that signs in with a provider.
const idAccountWith = "account-with"

const (
	// askAgain is how often the bridge is asked whether somebody has agreed.
	askAgain = time.Second
	// agreeLimit is how long that goes on.
	agreeLimit = 15 * time.Minute
)

// consent is how far signing in with a provider is.
type consent struct {
	provider string // that the address belongs to, as it was found; "": a password it is
	ticket   string // of what is waited for, or has been agreed
	page     string // where the person agrees
	code     string // what they enter there; "" for nothing
	agreed   bool
}

// provider is who is signed in with instead of a password, "" for nobody.
func (f *accountForm) provider() string {
	return cmp.Or(f.S.setup.consent.provider, f.Account.SignInWith)
}

// withProvider signs in with a provider: on its own page, which opens beside the app.
func (f *accountForm) withProvider() app.UI {
	c, name := f.S.setup.consent, f.provider()
	said := words.T("{provider} asks you on a page of its own. Your password stays there.", name)
	switch {
	case c.agreed:
		said = words.T("You are signed in with {provider}.", name)
	case c.ticket != "":
		said = words.T("Waiting for you to agree at {provider}…", name)
	case f.Account.SignIn == jmap.SignInOK && f.Id != "":
		said = words.T("You signed in with {provider}.", name)
	}
	return app.Div().Class("settings-form").Hidden(name == "").Body(
		app.Div().Body(app.Button().ID(idAccountWith).Type("button").Class("secondary").Disabled(c.ticket != "" && !c.agreed).OnClick(func(app.Context, app.Event) { f.signInWith() }, name).
			Text(words.T("Sign in with {provider}", name))),
		app.P().Class("hint").Attr("role", "status").Text(said),
		app.P().Hidden(c.code == "" || c.agreed).Body(app.Span().Text(words.T("Enter this code there:")+" "), app.Strong().Dir("ltr").Text(c.code)),
		app.P().Hidden(c.page == "" || c.agreed).Body(
			app.A().Href(c.page).Target("_blank").Rel("noopener noreferrer").Text(words.T("Open the page of {provider}", name)),
		),
	)
}

// signInWith opens the provider's page and waits until the person has agreed there.
func (f *accountForm) signInWith() {
	s, provider, address := f.S, f.provider(), f.Account.Address
	if f.Id == "" {
		address = browser.Value(idAccountAddress)
	}
	s.setup.wrong, s.setup.field = "", ""
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), signInLimit)
		defer cancel()
		var started struct{ Ticket, URL, Code string }
		err := browser.Post(ctx, "/auth/oauth/start", map[string]string{"provider": provider, "email": address}, &started)
		s.post(func() {
			if !s.setup.open {
				return
			}
			if err != nil {
				s.setupFailed(words.T("{provider} cannot be reached right now. Try again in a few minutes.", provider), "")
				return
			}
			s.setup.consent = consent{provider: provider, ticket: started.Ticket, page: started.URL, code: started.Code}
			browser.Open(started.URL)
			s.changed()
			go f.await(started.Ticket)
		})
	}()
}

// await asks until somebody has agreed, or has not; then the account is added, or saved.
func (f *accountForm) await(ticket string) {
	ctx, cancel := context.WithTimeout(context.Background(), agreeLimit)
	defer cancel()
	s := f.S
	for how := "waiting"; how == "waiting"; {
		time.Sleep(askAgain)
		var answer struct{ How string }
		err := browser.Post(ctx, "/auth/oauth/how", map[string]string{"ticket": ticket}, &answer)
		if err == nil {
			how = answer.How
		}
		if ctx.Err() != nil {
			how = "refused"
		}
		gone := make(chan bool, 1)
		s.post(func() {
			mine := s.setup.open && s.setup.consent.ticket == ticket
			gone <- !mine
			if !mine || how == "waiting" {
				return
			}
			if how != "agreed" {
				s.setup.consent = consent{provider: s.setup.consent.provider}
				s.setupFailed(words.T("{provider} did not let Hearthmail in. Try again.", f.provider()), "")
				return
			}
			s.setup.consent.agreed = true
			f.send()
		})
		if <-gone {
			return
		}
	}
}
