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

// TestSuggest: who was written to comes first, nobody is learnt from junk.
func TestSuggest(t *testing.T) {
	s := New(func(func()) {})
	s.SetAccounts(&jmap.Session{Accounts: map[jmap.Id]jmap.Account{"a": {AccountCapabilities: map[string]json.RawMessage{jmap.CapabilityMail: nil}}}})
	a := s.Account("a")
	role := jmap.RoleJunk
	a.SetMailboxes([]jmap.Mailbox{{Id: "junk", Name: "Junk", Role: &role}}, "1")
	a.SetIdentities([]jmap.Identity{{Name: "Ada", Email: "ada@x.test"}})
	who := func(name, address string) []jmap.EmailAddress {
		return []jmap.EmailAddress{{Name: &name, Email: address}}
	}
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	a.ApplyEmails([]jmap.Email{
		{Id: "1", ReceivedAt: now, From: who("Grace Newsletter", "news@grace.test")},
		{Id: "2", ReceivedAt: now, From: who("Grace Newsletter", "news@grace.test")},
		{Id: "3", ReceivedAt: now, From: who("Ada", "ADA@x.test"), To: who("Grace Hopper", "grace@y.test")},
		{Id: "4", ReceivedAt: now, From: who("Grace Prize", "prize@grace.test"), MailboxIds: map[jmap.Id]bool{"junk": true}},
		{Id: "5", ReceivedAt: now, From: who("O'Grady, Bob", "bob.g@z.test")},
	}, a.Ask())
	for typed, want := range map[string]string{"gra": "grace@y.test news@grace.test bob.g@z.test", "Hop gr": "grace@y.test", "bob.g@": "bob.g@z.test", "prize": "", "race": "", " ": ""} {
		got := ""
		for _, p := range a.Suggest(typed, 5, func(email string) bool { return false }) {
			got += " " + p.Email
		}
		if got != "" {
			got = got[1:]
		}
		if got != want {
			t.Errorf("%q suggests %q, want %q", typed, got, want)
		}
	}
	if got := a.Suggest("grace", 5, func(email string) bool { return email == "grace@y.test" }); len(got) != 1 {
		t.Errorf("whom is chosen already is suggested: %v", got)
	}
}
