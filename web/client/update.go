package client

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// Update changes one object of a type that is shown in a form. done gets why it was
// refused; the object is fetched again either way.
func (c *Client) Update(a *store.Account, kind string, id jmap.Id, patch jmap.PatchObject, done func(error)) {
	w := c.accounts[a.Id()]
	c.enqueue(&job{wire: w, set: true, build: func(b *batch) func(error) {
		got := ask[jmap.SetResponse](b, kind+"/set", jmap.SetRequest{AccountId: a.Id(), Update: map[jmap.Id]jmap.PatchObject{id: patch}})
		return func(err error) {
			if lost(err) {
				c.Update(a, kind, id, patch, done) // twice is once
				return
			}
			err = firstError(err, got.Err())
			if refusal, refused := got.Value.NotUpdated[id]; refused && err == nil {
				err = &refusal
			}
			switch kind {
			case "Identity":
				c.getIdentities(w)
			case "VacationResponse":
				c.OpenVacation(a)
			}
			done(err)
		}
	}})
}

// OpenVacation fetches the automatic reply of an account that has one.
func (c *Client) OpenVacation(a *store.Account) {
	if !a.Has(jmap.CapabilityVacation) {
		return
	}
	c.enqueue(&job{wire: c.accounts[a.Id()], key: "vacation" + string(a.Id()), build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.VacationResponse]](b, "VacationResponse/get", jmap.GetRequest{AccountId: a.Id()})
		return func(err error) {
			switch {
			case lost(err):
				c.OpenVacation(a)
			case firstError(err, got.Err()) != nil:
				a.SetVacation(nil, firstError(err, got.Err()))
			case len(got.Value.List) > 0:
				a.SetVacation(&got.Value.List[0], nil)
			}
		}
	}})
}
