package screen

import (
	"maps"
	"slices"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/invite"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	idPeopleFile = "people-file"
	// mostImported is how many contacts of a file are taken, mostImportedOctets how much of it
	// is read.
	mostImported       = 250
	mostImportedOctets = 256 << 10
)

// peopleSetting is where those that are suggested as recipients come from and go to.
func (p *settingsPage) peopleSetting() app.UI {
	known := len(p.S.store.Settings().Known())
	return app.Div().Class("setting").Body(
		app.H3().Text(words.T("People")),
		app.P().Class("hint").Text(words.N(known, "One person you wrote to is suggested on all your devices.", "{n} people you wrote to are suggested on all your devices.")),
		app.Div().Class("setting-buttons").Body(
			app.Button().Type("button").Class("secondary").Disabled(known == 0).OnClick(func(app.Context, app.Event) { p.exportPeople() }).Text(words.T("Export as vCard")),
			app.Button().Type("button").Class("secondary").OnClick(func(app.Context, app.Event) { browser.Click(idPeopleFile) }).Text(words.T("Import vCard…")),
			app.Input().ID(idPeopleFile).Type("file").Accept(".vcf,text/vcard").Class("unseen-field").Aria("hidden", "true").TabIndex(-1).
				OnChange(func(app.Context, app.Event) { p.importPeople() }),
		),
	)
}

func (p *settingsPage) exportPeople() {
	known := p.S.store.Settings().Known()
	var cards []invite.Card
	for _, email := range slices.Sorted(maps.Keys(known)) {
		name := known[email].Name
		if name == "" {
			name = email
		}
		cards = append(cards, invite.Card{Name: name, Emails: []string{email}})
	}
	browser.SaveText("hearthmail.vcf", "text/vcard;charset=utf-8", invite.WriteCards(cards))
}

func (p *settingsPage) importPeople() {
	s := p.S
	for _, f := range browser.Picked(idPeopleFile) {
		go func() {
			text, err := browser.ReadText(f.Source, mostImportedOctets)
			s.post(func() {
				var people []jmap.EmailAddress
				for _, card := range invite.ParseCards(text, mostImported) {
					for _, email := range card.Emails {
						people = append(people, jmap.EmailAddress{Name: &card.Name, Email: email})
					}
				}
				s.do.ImportPeople(people, err)
			})
		}()
	}
}
