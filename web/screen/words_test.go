package screen

import (
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

func person(name, email string) jmap.EmailAddress {
	if name == "" {
		return jmap.EmailAddress{Email: email}
	}
	return jmap.EmailAddress{Name: &name, Email: email}
}

func TestNames(t *testing.T) {
	ada, grace := person("Ada Lovelace", "ada@x.org"), person("", "grace@x.org")
	for _, c := range []struct {
		list []jmap.EmailAddress
		want string
	}{
		{nil, "nobody"},
		{[]jmap.EmailAddress{ada}, "Ada Lovelace"},
		{[]jmap.EmailAddress{{}}, "nobody"},
		{[]jmap.EmailAddress{ada, grace}, "Ada, grace"},
		{[]jmap.EmailAddress{ada, ada, ada, ada, ada}, "Ada, Ada, Ada and 2 more"},
	} {
		if got := names(c.list, "nobody"); got != c.want {
			t.Errorf("%v: %q", c.list, got)
		}
	}
}

func TestInitials(t *testing.T) {
	for want, a := range map[string]jmap.EmailAddress{
		"AL": person("Ada Lovelace", "a@x.org"), "G": person("", "grace.hopper@x.org"), "田": person("田中さくら", "s@x.org"),
		"?": {}, "ЇБ": person("їжак Боб", "j@x.org"),
	} {
		if got := initials(a); got != want {
			t.Errorf("%v: %q", a, got)
		}
	}
}

func TestShortDates(t *testing.T) {
	now := time.Date(2026, 11, 24, 15, 0, 0, 0, time.Local)
	for _, c := range []struct {
		t    time.Time
		want string
	}{
		{now.Add(-time.Hour), "14:00"},
		{now.Add(-24 * time.Hour), "23 Nov"},
		{now.AddDate(-1, 0, 0), "24 Nov 2025"},
		{time.Time{}, ""},
	} {
		if got := shortDate(c.t, now); got != c.want {
			t.Errorf("%v: %q", c.t, got)
		}
	}
}
