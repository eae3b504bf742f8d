package screen

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

func (p *settingsPage) vacation() []app.UI {
	a := p.S.account()
	v, err := a.Vacation()
	switch {
	case err != nil:
		return []app.UI{app.P().Class("alert").Attr("role", "alert").Text(words.T("The automatic reply cannot be read: {reason}", action.Reason(err)))}
	case v == nil:
		return []app.UI{app.P().Class("hint").Text(words.T("Asking the mail server…"))}
	}
	return []app.UI{&vacationForm{S: p.S, Account: a, Tongue: words.Current().Tag}}
}

// vacationForm is the automatic reply of an account. Its fields are filled once.
type vacationForm struct {
	app.Compo

	S       *Screen
	Account *store.Account
	Tongue  string // the language
}

const dayFormat = "2006-01-02" // of a date field

// OnMount fills the fields.
func (f *vacationForm) OnMount(ctx app.Context) {
	ctx.Dispatch(func(app.Context) {
		v, _ := f.Account.Vacation()
		if v == nil {
			return
		}
		browser.SetProperty("vacation-on", "checked", v.IsEnabled)
		if v.FromDate != nil {
			browser.SetValue("vacation-from", v.FromDate.Local().Format(dayFormat))
		}
		if v.ToDate != nil { // not any more from then on
			browser.SetValue("vacation-to", v.ToDate.Local().Add(-time.Second).Format(dayFormat))
		}
		browser.SetValue("vacation-subject", orEmpty(v.Subject))
		browser.SetValue("vacation-text", orEmpty(v.TextBody))
	})
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Render draws the fields.
func (f *vacationForm) Render() app.UI {
	field := func(name string, input app.UI) app.UI {
		return app.Label().Class("field").Body(app.Span().Text(name), input)
	}
	return app.Form().Class("settings-form").Aria("label", words.T("Vacation reply")).OnSubmit(f.save).Body(
		app.P().Class("hint").Text(words.T("Who writes to you gets this answer, once in a while, from your mail server: also while this app is closed.")),
		app.Label().Class("check").Body(app.Input().ID("vacation-on").Type("checkbox"), app.Span().Text(words.T("Answer automatically"))),
		app.Div().Class("settings-pair").Body(
			field(words.T("First day"), app.Input().ID("vacation-from").Type("date")),
			field(words.T("Last day"), app.Input().ID("vacation-to").Type("date")),
		),
		field(words.T("Subject"), app.Input().ID("vacation-subject").Type("text").MaxLength(400)),
		field(words.T("Text"), app.Textarea().ID("vacation-text").Rows(8).Dir("auto")),
		app.Div().Body(app.Button().Type("submit").Class("primary").Text(words.T("Save"))),
	)
}

func (f *vacationForm) save(_ app.Context, e app.Event) {
	e.PreventDefault()
	v := jmap.VacationResponse{
		IsEnabled: browser.Checked("vacation-on"),
		FromDate:  day("vacation-from", 0),
		ToDate:    day("vacation-to", 1),
		Subject:   textOrNil(browser.Value("vacation-subject")),
		TextBody:  textOrNil(browser.Value("vacation-text")),
	}
	f.S.do.SaveVacation(f.Account, v, func(bool) {})
}

// day is the beginning of the day in a field, or of one some days later; nil if it has none.
func day(id string, later int) *time.Time {
	t, err := time.ParseInLocation(dayFormat, browser.Value(id), time.Local)
	if err != nil {
		return nil
	}
	t = t.AddDate(0, 0, later)
	return &t
}

func textOrNil(s string) *string {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return &s
}
