package store

import (
	"encoding/json"
	"maps"
	"slices"
)

// Settings are what the member chose: the bridge keeps them, so that they are the same on
// every device (BridgeSettings). A value of a kind that was not expected counts as not set.
type Settings struct {
	store     *Store
	confirmed map[string]json.RawMessage
	pending   []*SettingChange // oldest first
	shown     map[string]json.RawMessage
	known     bool // they were told once
}

// SettingChange is a choice that the bridge has not confirmed yet. It is shown from
// Settings.Begin on and ends with Settings.Settle.
type SettingChange struct {
	Key   string
	Value json.RawMessage // nil: as if never chosen
}

// Settings are what the member chose.
func (s *Store) Settings() *Settings { return s.settings }

func newSettings(s *Store) *Settings { return &Settings{store: s} }

// String is a setting that is text, def where it is not set.
func (s *Settings) String(key, def string) string { return setting(s, key, def) }

// Bool is a setting that is on or off, def where it is not set.
func (s *Settings) Bool(key string, def bool) bool { return setting(s, key, def) }

// Int is a setting that is a whole number, def where it is not set.
func (s *Settings) Int(key string, def int) int { return setting(s, key, def) }

// Strings is a setting that is a list of texts, nil where it is not set.
func (s *Settings) Strings(key string) []string { return setting[[]string](s, key, nil) }

func setting[T any](s *Settings, key string, def T) T {
	raw, set := s.shown[key]
	v := new(T)
	if !set || string(raw) == "null" || json.Unmarshal(raw, v) != nil {
		return def
	}
	return *v
}

// Set replaces what is known by what the bridge says. Changes under way stay on top.
func (s *Settings) Set(all map[string]json.RawMessage) {
	s.confirmed = all
	s.show()
}

// Begin shows a choice at once and keeps it on top until Settle.
func (s *Settings) Begin(change *SettingChange) {
	s.pending = append(s.pending, change)
	s.show()
}

// Settle ends a change: it is confirmed, or taken back.
func (s *Settings) Settle(change *SettingChange, refused bool) {
	i := slices.Index(s.pending, change)
	if i < 0 {
		return
	}
	s.pending = slices.Delete(s.pending, i, i+1)
	if !refused {
		s.confirmed = with(s.confirmed, change)
	}
	s.show()
}

// show puts the changes under way on top of what is confirmed.
func (s *Settings) show() {
	was := s.shown
	s.shown = s.confirmed
	for _, change := range s.pending {
		s.shown = with(s.shown, change)
	}
	if !s.known || !maps.EqualFunc(was, s.shown, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
		s.known = true
		s.store.changed(PartSettings) // also for a member who chose nothing: that counts, too
	}
}

func with(all map[string]json.RawMessage, change *SettingChange) map[string]json.RawMessage {
	all = maps.Clone(all)
	if all == nil {
		all = map[string]json.RawMessage{}
	}
	if change.Value == nil {
		delete(all, change.Key)
	} else {
		all[change.Key] = change.Value
	}
	return all
}

// Save writes all settings down, for Restore.
func (s *Settings) Save() string {
	text, err := json.Marshal(s.shown)
	if err != nil {
		return ""
	}
	return string(text)
}

// Restore shows what Save wrote, until the bridge has been asked.
func (s *Settings) Restore(saved string) {
	var all map[string]json.RawMessage
	if json.Unmarshal([]byte(saved), &all) == nil {
		s.Set(all)
	}
}
