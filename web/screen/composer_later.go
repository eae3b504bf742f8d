package screen

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/words"
)

// clockFormat is of a field for a date and a time.
const clockFormat = "2006-01-02T15:04"

var laterNames = map[draft.Later]words.Text{
	draft.InAnHour: words.Mark("In 1 hour"), draft.ThisEvening: words.Mark("This evening"),
	draft.TomorrowMorning: words.Mark("Tomorrow morning"), draft.MondayMorning: words.Mark("Monday morning"),
}

func (p *composer) laterMenu() string { return "later/" + strconv.Itoa(p.C.Id) }

// later is the button beside Send, and its menu.
func (p *composer) later(busy bool) app.UI {
	s, open := p.S, p.laterMenu()
	shown := s.open == open
	button := iconButton(words.T("Send later"), "clock", func(app.Context, app.Event) { s.toggle(open) }, open).ID(p.id("later")).
		Aria("haspopup", "dialog").Aria("expanded", yesNo(shown)).Disabled(busy)
	menu := app.Div().Class("menu", "composer-menu", "later-menu").Attr("role", "dialog").Aria("label", words.T("Send later")).Hidden(!shown)
	if shown {
		var items []app.UI
		for _, l := range draft.LaterTimes(time.Now(), browser.LocalTime) {
			name := laterNames[l.What].String()
			items = append(items, app.Button().Type("button").Class("menu-item").OnClick(func(app.Context, app.Event) { p.sendAt(l.At) }, open, name, l.At.Unix()).
				Body(app.Span().Text(name), app.Text(" "), app.Span().Class("menu-time").Text(browser.Format(browser.FormatLong, l.At))))
		}
		items = append(items,
			app.Form().Class("later-form").OnSubmit(p.scheduled).Body(
				app.Label().Class("field").Body(
					app.Span().Text(words.T("Date and time")),
					app.Input().ID(p.id("at")).Type("datetime-local").Min(time.Now().Format(clockFormat)),
				),
				app.Button().Type("submit").Class("secondary").Text(words.T("Schedule")),
			),
			app.P().Class("hint").Text(words.T("Your bridge keeps the message and sends it then, also while this window is closed. If the bridge is restarted before, the message goes once you have opened Hearthmail again.")),
		)
		menu = menu.Body(items...)
	}
	return app.Div().Class("menu-anchor").Hidden(s.store.Account(p.C.AccountId).MaxDelay() == 0).Body(button, menu)
}

// scheduled sends at the time that was put in.
func (p *composer) scheduled(_ app.Context, e app.Event) {
	e.PreventDefault()
	t, err := time.Parse(clockFormat, browser.Value(p.id("at")))
	if err != nil {
		browser.Focus(p.id("at"))
		return
	}
	p.sendAt(browser.LocalTime(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute()))
}

func (p *composer) sendAt(at time.Time) {
	p.S.open = ""
	p.S.sendAt(p.C, at)
	p.S.changed()
}
