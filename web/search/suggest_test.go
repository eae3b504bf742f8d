package search

import (
	"strings"
	"testing"
)

func TestSuggest(t *testing.T) {
	source := Source{
		People:    []Person{{"Grace Hopper", "grace@navy.test"}, {"", "info@sea.test"}, {"Ada L.", "ada@hearth.test"}},
		Mailboxes: []Mailbox{{"Inbox", "Inbox"}, {"Archive", "Archive"}, {"Tax 2025", "Tax 2025"}},
		Recent:    []string{"subject:seagull", "grapes"},
	}
	for _, c := range []struct{ text, want string }{
		{"", "subject:seagull|grapes|from:|to:|subject:|has:attachment"},
		{"gra", "grapes|from:grace@navy.test"},
		{"sea hop", "sea from:grace@navy.test"},
		{"to:gr", "to:grace@navy.test"},
		{"from:", "from:grace@navy.test|from:info@sea.test|from:ada@hearth.test"},
		{"-from:ADA", "-from:ada@hearth.test"},
		{"x OR (from:gra", "x OR (from:grace@navy.test"},
		{"(from:gra)", ""},
		{"in:", "in:Inbox|in:Archive|in:\"Tax 2025\""},
		{"in:tax", `in:"Tax 2025"`},
		{"tax", `in:"Tax 2025"`},
		{"is:", "is:unread|is:starred|is:read|is:answered"},
		{"unr", "is:unread"},
		{"is:unread", ""},
		{"sea ", ""},
		{"a OR", ""},
		{"sub", "subject:seagull|subject:"},
	} {
		var got []string
		for _, s := range Suggest(c.text, len(c.text), source) {
			got = append(got, s.Query)
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.text, strings.Join(got, "|"), c.want)
		}
	}
	if got := Suggest("to:gra is:unread", 6, source); len(got) != 1 || got[0].Query != "to:grace@navy.test is:unread" {
		t.Errorf("at the caret: %+v", got)
	}
	if got := Suggest("grace", 3, source); got != nil {
		t.Errorf("in the midst of a word: %+v", got)
	}
}
