package store

import (
	"encoding/json"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Downloads reports whether the bridge downloads the account's mail: then new mail is there
// when it has looked.
func (a *Account) Downloads() bool {
	var bridge struct{ Downloads bool }
	return json.Unmarshal(a.capabilities[jmap.CapabilityBridge], &bridge) == nil && bridge.Downloads
}

// Tasks is what the bridge does in the background for the account.
func (a *Account) Tasks() []jmap.BridgeTask { return a.tasks }

// SetTasks takes over what the bridge told.
func (a *Account) SetTasks(list []jmap.BridgeTask) {
	a.tasks = list
	a.store.changed(PartMailboxes)
}
