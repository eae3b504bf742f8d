package client

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// settings is how far the member's settings are in step.
type settings struct {
	state jmap.State
	sets  int // that were answered: what was asked before may lack them
}

// settingsObject is the one BridgeSettings object.
type settingsObject struct {
	Settings map[string]json.RawMessage `json:"settings"`
}

// keepsSettings reports whether the account is where the member's settings are: their own
// one, of a bridge. Elsewhere they stay on this device.
func (c *Client) keepsSettings(w *wire) bool {
	return w.account == c.store.Own() && slices.Contains(c.using, jmap.CapabilityBridge)
}

// SettingsKnown reports whether the settings are as the bridge has them, or there is none
// that keeps them.
func (c *Client) SettingsKnown() bool {
	return c.settings.state != "" || !slices.Contains(c.using, jmap.CapabilityBridge)
}

// getSettings fetches the settings.
func (c *Client) getSettings(w *wire) {
	if !c.keepsSettings(w) {
		return
	}
	c.enqueue(&job{wire: w, key: "settings", build: func(b *batch) func(error) {
		sets := c.settings.sets
		got := ask[jmap.GetResponse[settingsObject]](b, "BridgeSettings/get", jmap.GetRequest{AccountId: w.account.Id()})
		return func(err error) {
			switch {
			case err != nil || got.Err() != nil || len(got.Value.List) == 0: // what is known stays
			case sets != c.settings.sets:
				c.getSettings(w)
			default:
				c.settings.state = got.Value.State
				c.store.Settings().Set(got.Value.List[0].Settings)
			}
		}
	}})
}

// SaveSetting sends a choice that is shown already. done gets the refusal, nil when it was
// kept.
func (c *Client) SaveSetting(change *store.SettingChange, done func(error)) {
	for _, w := range c.accounts {
		if c.keepsSettings(w) {
			c.enqueue(c.saveSetting(w, change, done))
			return
		}
	}
	done(nil)
}

func (c *Client) saveSetting(w *wire, change *store.SettingChange, done func(error)) *job {
	return &job{wire: w, set: true, build: func(b *batch) func(error) {
		path := "settings/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(change.Key)
		got := ask[jmap.SetResponse](b, "BridgeSettings/set", jmap.SetRequest{
			AccountId: w.account.Id(), Update: map[jmap.Id]jmap.PatchObject{jmap.Singleton: {path: change.Value}},
		})
		return func(err error) {
			if lost(err) { // doing it twice is doing it once
				c.queue = slices.Insert(c.queue, 0, c.saveSetting(w, change, done))
				return
			}
			err = firstError(err, got.Err())
			if refusal, refused := got.Value.NotUpdated[jmap.Singleton]; refused && err == nil {
				err = &refusal
			}
			if err == nil {
				c.settings.sets++
				if got.Value.OldState == c.settings.state {
					c.settings.state = got.Value.NewState
				}
			}
			done(err)
		}
	}}
}
