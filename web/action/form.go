package action

import (
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
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

// SaveIdentity changes the name, the signature and the address for answers, as it was typed,
// of an identity.
func (x *Actions) SaveIdentity(a *store.Account, i jmap.Identity, replyTo string) {
	list, rest := draft.ParseAddresses(replyTo)
	for _, r := range list {
		if !draft.ValidAddress(r.Email) {
			rest = append(rest, r.Email)
		}
	}
	if len(rest) > 0 {
		x.fail(words.T("Not a valid address: {addresses}", strings.Join(rest, ", ")))
		return
	}
	patch := jmap.PatchObject{"name": i.Name, "textSignature": i.TextSignature, "htmlSignature": i.HtmlSignature, "replyTo": nil}
	if len(list) > 0 {
		patch["replyTo"] = list
	}
	x.update(a, "Identity", i.Id, patch, func(bool) {})
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
