package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// The settings: what a swipe does, the value of one of swipes.
const (
	settingSwipeRight = "swipeRight"
	settingSwipeLeft  = "swipeLeft"
)

// swipe is what a swipe may do to a row.
type swipe struct {
	value   string
	name    words.Text
	picture string
	then    string // what becomes of the row: browser.SwipeOut, SwipeBack, SwipeNone
	do      func(s *Screen, line int, ids []jmap.Id)
}

// swipes are all that a swipe may do.
var swipes = []swipe{
	{"archive", words.Mark("Archive"), "archive", browser.SwipeOut, func(s *Screen, _ int, ids []jmap.Id) { s.archive(ids) }},
	{"delete", words.Mark("Delete"), "trash-2", browser.SwipeOut, func(s *Screen, _ int, ids []jmap.Id) { s.delete(ids) }},
	{"read", words.Mark("Mark read or unread"), "mail-open", browser.SwipeBack, func(s *Screen, _ int, ids []jmap.Id) { s.turnRead(ids) }},
	{"star", words.Mark("Star"), "star", browser.SwipeBack, func(s *Screen, _ int, ids []jmap.Id) { s.turnStar(ids) }},
	{"move", words.Mark("Move to…"), "folder", browser.SwipeBack, (*Screen).swipeMove},
	{"none", words.Mark("swipe|Nothing"), "", browser.SwipeNone, func(*Screen, int, []jmap.Id) {}},
}

// swipe is what was chosen for one side.
func (s *Screen) swipe(right bool) swipe {
	value := s.store.Settings().String(settingSwipeLeft, "delete")
	chosen := swipes[1]
	if right {
		value, chosen = s.store.Settings().String(settingSwipeRight, "archive"), swipes[0]
	}
	for _, w := range swipes {
		if w.value == value {
			chosen = w
		}
	}
	return chosen
}

// swipeMove selects what was swiped, and asks where it is to go.
func (s *Screen) swipeMove(line int, _ []jmap.Id) {
	s.selection = selection{}
	s.tick(line)
	s.openMove()
}

// swipes are the choices of what swipes do.
func (p *settingsPage) swipes() app.UI {
	return app.Div().Class("setting").Body(
		app.H3().Text(words.T("Swiping a message")),
		app.P().Class("hint").Text(words.T("On a screen that is touched, a row of the list can be swiped to either side.")),
		app.Div().Class("settings-pair").Body(
			p.swipeChoice(settingSwipeRight, words.T("To the right"), p.S.swipe(true)),
			p.swipeChoice(settingSwipeLeft, words.T("To the left"), p.S.swipe(false)),
		),
	)
}

func (p *settingsPage) swipeChoice(key, name string, now swipe) app.UI {
	id := "setting-" + key
	var options []app.UI
	for _, w := range swipes {
		options = append(options, app.Option().Value(w.value).Selected(w.value == now.value).Text(w.name.String()))
	}
	return app.Label().Class("field").Body(
		app.Span().Text(name),
		app.Select().ID(id).OnChange(func(app.Context, app.Event) { p.S.do.Set(key, browser.Value(id)) }, key).Body(options...),
	)
}
