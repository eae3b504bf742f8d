package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// identities are those of all accounts.
func (p *settingsPage) identities() []app.UI {
	var out []app.UI
	for _, a := range p.S.store.Accounts() {
		for _, i := range a.Identities() {
			out = append(out, &identityForm{S: p.S, Account: a, Id: i.Id, Email: i.Email, Tongue: words.Current().Tag})
		}
	}
	if out == nil {
		out = append(out, app.P().Class("hint").Text(words.T("This account has no address to send from.")))
	}
	return out
}

// identityForm is the name, the signature and the address for answers of one identity. Its
// fields are filled once.
type identityForm struct {
	app.Compo

	signature richText

	S       *Screen
	Account *store.Account
	Id      jmap.Id
	Email   string
	Tongue  string // the language
}

func (f *identityForm) field(name string) string {
	return "identity-" + string(f.Account.Id()) + "-" + string(f.Id) + "-" + name
}

// OnMount fills the fields.
func (f *identityForm) OnMount(ctx app.Context) {
	ctx.Dispatch(func(app.Context) {
		i := f.identity()
		browser.SetValue(f.field("name"), i.Name)
		browser.SetValue(f.field("reply"), draft.FormatAddresses(i.ReplyTo))
	})
}

func (f *identityForm) identity() jmap.Identity {
	for _, i := range f.Account.Identities() {
		if i.Id == f.Id {
			return i
		}
	}
	return jmap.Identity{}
}

// Render draws the fields.
func (f *identityForm) Render() app.UI {
	return app.Form().Class("settings-form").Aria("label", f.Email).OnSubmit(f.save).Body(
		app.H3().Dir("auto").Text(f.Email),
		app.Label().Class("field").Body(app.Span().Text(words.T("Name")), app.Input().ID(f.field("name")).Type("text").MaxLength(200).Dir("auto")),
		app.Label().Class("field").Body(app.Span().Text(words.T("Answers go to")), app.Input().ID(f.field("reply")).Type("text").Dir("auto").Placeholder(f.Email)),
		app.Div().Class("field").Body(
			app.Span().Text(words.T("Signature")),
			&richField{ID: f.field("signature"), Name: words.T("Signature"), HTML: draft.SignatureHTML(f.identity()), Text: &f.signature, Tongue: f.Tongue},
		),
		app.Div().Body(app.Button().Type("submit").Class("primary").Text(words.T("Save"))),
	)
}

func (f *identityForm) save(_ app.Context, e app.Event) {
	e.PreventDefault()
	i := f.identity()
	i.Name = browser.Value(f.field("name"))
	i.TextSignature, i.HtmlSignature = draft.Signature(f.signature.html(draft.SignatureHTML(i)))
	f.S.do.SaveIdentity(f.Account, i, browser.Value(f.field("reply")))
}
