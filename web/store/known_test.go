package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestKnown: whom the member wrote to is suggested on each of their devices, and of too many
// those go that matter least.
func TestKnown(t *testing.T) {
	s := New(func(func()) {})
	s.SetAccounts(&jmap.Session{Accounts: map[jmap.Id]jmap.Account{"a": {AccountCapabilities: map[string]json.RawMessage{jmap.CapabilityMail: nil}}}})
	a := s.Account("a")
	grace := "Grace Hopper"
	learn := func(day int64, people ...jmap.EmailAddress) {
		raw, _ := json.Marshal(WroteTo(s.Settings().Known(), people, day))
		s.Settings().Set(map[string]json.RawMessage{SettingPeople: raw})
	}
	learn(20_000, jmap.EmailAddress{Name: &grace, Email: "Grace@Navy.example"}, jmap.EmailAddress{Email: "once@old.example"})
	learn(20_100, jmap.EmailAddress{Email: "grace@navy.example"})
	if got := s.Settings().Known()["grace@navy.example"]; got.Name != grace || got.Times != 2 || got.Day != 20_100 {
		t.Errorf("%+v", got)
	}
	found := a.Suggest("hop", 5, func(string) bool { return false })
	if len(found) != 1 || found[0].Email != "grace@navy.example" {
		t.Errorf("suggested: %v", found)
	}
	for i := range 250 {
		learn(20_050, jmap.EmailAddress{Email: fmt.Sprintf("p%d@x.example", i)})
	}
	known := s.Settings().Known()
	if _, old := known["once@old.example"]; len(known) != 250 || old || known["grace@navy.example"].Times != 2 {
		t.Errorf("%d are known, the oldest %v", len(known), old)
	}
	if !slices.ContainsFunc(a.People(), func(p jmap.EmailAddress) bool { return p.Email == "p7@x.example" }) {
		t.Error("not among the people")
	}
}
