package store

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestPeople: often and late come first, each once, with the name last seen.
func TestPeople(t *testing.T) {
	s := New(func(func()) {})
	s.SetAccounts(&jmap.Session{Accounts: map[jmap.Id]jmap.Account{"a": {AccountCapabilities: map[string]json.RawMessage{jmap.CapabilityMail: nil}}}})
	a := s.Account("a")
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	email := func(id jmap.Id, days int, name, address string) jmap.Email {
		return jmap.Email{Id: id, ReceivedAt: now.AddDate(0, 0, -days), From: []jmap.EmailAddress{{Name: &name, Email: address}}}
	}
	a.ApplyEmails([]jmap.Email{
		email("1", 400, "Old", "old@x.test"), email("2", 401, "Old", "old@x.test"), email("3", 402, "Old", "old@x.test"),
		email("4", 1, "Grace Hopper", "Grace@x.test"), email("5", 2, "grace", "grace@x.test"),
		email("6", 0, "New", "new@x.test"),
	}, a.Ask())
	a.SetIdentities([]jmap.Identity{{Name: "Ada", Email: "ada@x.test"}})
	want := []string{"Grace Hopper", "Old", "New", "Ada"}
	got := a.People()
	if len(got) != len(want) {
		t.Fatalf("%d people: %+v", len(got), got)
	}
	for i, p := range got {
		if p.DisplayName() != want[i] {
			t.Errorf("%d is %s, want %s", i, p.DisplayName(), want[i])
		}
	}
}
