package screen

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	settingLanguage = "language"
	languageLimit   = 20 * time.Second // to fetch the words of a language
)

// language is the choice of the language; "" is that of the system.
func (p *settingsPage) language() app.UI {
	const id = "setting-" + settingLanguage
	now := p.S.store.Settings().String(settingLanguage, "")
	options := []app.UI{app.Option().Value("").Selected(now == "").Text(words.T("System default"))}
	for _, l := range words.Languages {
		if !l.Hidden {
			options = append(options, app.Option().Value(l.Tag).Lang(l.Tag).Selected(now == l.Tag).Text(l.Name))
		}
	}
	return app.Div().Class("setting").Body(
		app.Label().Class("field").Body(
			app.Span().Text(words.T("Language")),
			app.Select().ID(id).OnChange(func(app.Context, app.Event) { p.S.do.Set(settingLanguage, browser.Value(id)) }).Body(options...),
		),
	)
}

// applyLanguage speaks what was chosen, on whichever device. What is on screen stays, in
// other words; until they are there, and without them, all stays as it is.
func (s *Screen) applyLanguage() {
	choice := s.store.Settings().String(settingLanguage, "")
	browser.RememberLanguage(choice)
	tag := words.Wanted(choice)
	s.language++ // a choice before this one counts no more
	if tag == words.Current().Tag {
		return
	}
	n := s.language
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), languageLimit)
		defer cancel()
		text, err := browser.Catalogue(ctx, tag)
		s.post(func() {
			if err == nil && n == s.language && words.Speak(tag, text) {
				s.changed()
			}
		})
	}()
}
