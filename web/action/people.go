package action

import (
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// sentSample is how many messages of Sent tell whom the member writes to, where nothing is
// known yet.
const sentSample = 100

// know remembers, for all devices of the member, whom messages went to.
func (x *Actions) know(emails ...jmap.Email) {
	if !x.client.SettingsKnown() {
		return // what is there would be put out by less
	}
	known := x.store.Settings().Known()
	for i := range emails {
		e := &emails[i]
		at := e.ReceivedAt
		if at.IsZero() {
			at = x.now()
		}
		known = store.WroteTo(known, slices.Concat(e.To, e.Cc, e.Bcc), at.Unix()/int64(24*time.Hour/time.Second))
	}
	x.Set(store.SettingPeople, known)
}

// knowFromSent begins with whom the latest messages in Sent went to.
func (x *Actions) knowFromSent(a *store.Account) {
	if x.sampled[a.Id()] || x.store.Settings().Known() != nil || !x.client.SettingsKnown() {
		return
	}
	x.sampled[a.Id()] = true
	x.client.RecentlySent(a, sentSample, func(list []jmap.Email) {
		if len(list) > 0 && x.store.Settings().Known() == nil { // still
			x.know(list...)
		}
	})
}

// ImportPeople adds people from elsewhere to those who are suggested; err is why they could
// not be read.
func (x *Actions) ImportPeople(people []jmap.EmailAddress, err error) {
	var valid []jmap.EmailAddress
	for _, p := range people {
		if draft.ValidAddress(p.Email) {
			valid = append(valid, p)
		}
	}
	if err != nil || len(valid) == 0 {
		x.fail(textNoPeople.String())
		return
	}
	x.know(jmap.Email{To: valid})
	x.store.Notify(store.Notice{Kind: store.Info, Text: words.N(len(valid), "One address imported", "{n} addresses imported")})
}
