package action

import (
	"encoding/json"

	"github.com/hearthmail/hearthmail/web/store"
)

// Set chooses a setting: it counts at once, and on the member's other devices when the
// bridge has it. nil is as if it had never been chosen.
func (x *Actions) Set(key string, value any) {
	change := &store.SettingChange{Key: key}
	if value != nil {
		raw, err := json.Marshal(value)
		if err != nil {
			x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textNotSet, err)})
			return
		}
		change.Value = raw
	}
	settings := x.store.Settings()
	settings.Begin(change)
	x.client.SaveSetting(change, func(err error) {
		settings.Settle(change, err != nil)
		if err != nil {
			x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textNotSet, err)})
		}
	})
}
