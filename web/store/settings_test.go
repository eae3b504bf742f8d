package store

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestSettings(t *testing.T) {
	s := New(func(func()) {}).Settings()
	s.Restore(`{"theme": "dark", "density": 3, "senders": ["a@example.org"], "odd": {"x": 1}}`)
	if s.String("theme", "") != "dark" || s.Int("density", 0) != 3 || !slices.Equal(s.Strings("senders"), []string{"a@example.org"}) {
		t.Errorf("%s", s.Save())
	}
	if s.String("odd", "plain") != "plain" || s.Bool("theme", true) != true || s.Strings("none") != nil {
		t.Error("what is of another kind counts as not set")
	}

	first := &SettingChange{Key: "theme", Value: json.RawMessage(`"light"`)}
	second := &SettingChange{Key: "theme"}
	s.Begin(first)
	s.Begin(second)
	if got := s.String("theme", "system"); got != "system" {
		t.Errorf("theme %q", got)
	}
	s.Set(map[string]json.RawMessage{"theme": json.RawMessage(`"dark"`)}) // said before it heard of the changes
	if got := s.String("theme", "system"); got != "system" {
		t.Errorf("theme %q", got)
	}
	s.Settle(second, true)
	if got := s.String("theme", "system"); got != "light" {
		t.Errorf("theme %q", got)
	}
	s.Settle(first, true)
	s.Settle(first, false) // once is enough
	if got := s.String("theme", "system"); got != "dark" {
		t.Errorf("theme %q", got)
	}
}

func TestSettingsRevision(t *testing.T) {
	st := New(func(func()) {})
	all := map[string]json.RawMessage{"a": json.RawMessage("1")}
	st.Settings().Set(all)
	was := st.Revision(PartSettings)
	st.Settings().Set(map[string]json.RawMessage{"a": json.RawMessage("1")})
	if st.Revision(PartSettings) != was {
		t.Error("nothing changed")
	}
	st.Settings().Set(nil)
	if st.Revision(PartSettings) == was {
		t.Error("it changed")
	}
}
