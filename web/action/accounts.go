package action

import (
	"errors"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// SeesToAccounts reports whether accounts can be added and changed here.
func (x *Actions) SeesToAccounts() bool { return x.client.HasBridgeAccounts() }

// OpenAccounts has the member's accounts fetched, with their servers.
func (x *Actions) OpenAccounts() { x.client.OpenBridgeAccounts() }

// FindServers finds the servers of an address; found gets nil where none are known.
func (x *Actions) FindServers(address string, found func(*jmap.BridgeDiscovery)) {
	x.client.DiscoverAccount(address, func(d *jmap.BridgeDiscovery, err error) {
		if err != nil || len(d.Incoming) == 0 || d.Outgoing == nil {
			d = nil
		}
		found(d)
	})
}

// TryAccount goes the way to an account's servers. done gets the steps, or why there are none.
func (x *Actions) TryAccount(id jmap.Id, account map[string]any, done func(*jmap.BridgeTrial, error)) {
	x.client.TryAccount(id, account, done)
}

// AddAccount adds an account. done gets what is wrong with it, nil when it is there.
func (x *Actions) AddAccount(account map[string]any, done func(error)) {
	x.client.CreateAccount(account, func(err error) {
		if err == nil {
			x.store.Notify(store.Notice{Kind: store.Info, Text: textAccountAdded.String()})
		}
		done(err)
	})
}

// ChangeAccount changes an account. done gets what is wrong, nil when it was kept.
func (x *Actions) ChangeAccount(id jmap.Id, patch jmap.PatchObject, done func(error)) {
	x.client.UpdateAccounts(map[jmap.Id]jmap.PatchObject{id: patch}, func(err error) {
		if err == nil {
			x.store.Notify(store.Notice{Kind: store.Info, Text: textFormSaved.String()})
		}
		done(err)
	})
}

// MoveAccount has an account change places with the one before (-1) or after (1) it.
func (x *Actions) MoveAccount(id jmap.Id, by int) {
	list, _, _ := x.store.BridgeAccounts()
	at := slices.IndexFunc(list, func(a jmap.BridgeAccount) bool { return a.Id == id })
	if at < 0 || at+by < 0 || at+by >= len(list) {
		return
	}
	list = slices.Clone(list)
	list[at], list[at+by] = list[at+by], list[at]
	patches := map[jmap.Id]jmap.PatchObject{}
	for i, a := range list {
		if a.SortOrder != i {
			patches[a.Id] = jmap.PatchObject{"sortOrder": i}
		}
	}
	x.client.UpdateAccounts(patches, func(err error) {
		if err != nil {
			x.fail(failed(textFormNotSaved, err))
		}
	})
}

// RemoveAccount removes an account; with discard even if it has something to send. waiting
// is called instead of removing it where there is.
func (x *Actions) RemoveAccount(id jmap.Id, discard bool, waiting func(why string)) {
	x.client.RemoveAccount(id, discard, func(err error) {
		var refusal *jmap.SetError
		switch {
		case errors.As(err, &refusal) && refusal.Type == jmap.SetSubmissionsWaiting:
			waiting(refusal.Description)
		case err != nil:
			x.fail(failed(textAccountNotRemoved, err))
		default:
			x.store.Notify(store.Notice{Kind: store.Info, Text: textAccountRemoved.String()})
		}
	})
}
