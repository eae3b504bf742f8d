package action

import (
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// OpenVacation has the automatic reply of an account fetched.
func (x *Actions) OpenVacation(a *store.Account) { x.client.OpenVacation(a) }

// SaveVacation changes the automatic reply. done, on the UI loop, is told whether it was
// kept; if not, a notice has said why.
func (x *Actions) SaveVacation(a *store.Account, v jmap.VacationResponse, done func(ok bool)) {
	if v.FromDate != nil && v.ToDate != nil && !v.FromDate.Before(*v.ToDate) {
		x.fail(textVacationDates.String())
		done(false)
		return
	}
	x.update(a, "VacationResponse", jmap.Singleton, jmap.PatchObject{
		"isEnabled": v.IsEnabled, "fromDate": utc(v.FromDate), "toDate": utc(v.ToDate), "subject": v.Subject, "textBody": v.TextBody, "htmlBody": nil,
	}, done)
}

func utc(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// SaveIdentity changes the name and the signature an identity writes with.
func (x *Actions) SaveIdentity(a *store.Account, id jmap.Id, name, signature string, done func(ok bool)) {
	x.update(a, "Identity", id, jmap.PatchObject{"name": name, "textSignature": signature}, done)
}

func (x *Actions) update(a *store.Account, kind string, id jmap.Id, patch jmap.PatchObject, done func(ok bool)) {
	x.client.Update(a, kind, id, patch, func(err error) {
		if err != nil {
			x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textFormNotSaved, err)})
		} else {
			x.store.Notify(store.Notice{Kind: store.Info, Text: textFormSaved.String()})
		}
		done(err == nil)
	})
}
