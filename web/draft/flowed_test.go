package draft_test

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
)

func TestUnflow(t *testing.T) {
	for _, c := range []struct {
		text, want string
		delsp      bool
	}{
		{"one \ntwo\nthree", "one two\nthree", false},
		{"on \ne", "one", true},
		{"> one \n> two\n> three", "> one two\n> three", false},
		{">> one \n> two", ">> one \n> two", false},
		{"> one \nmine", "> one \nmine", false},
		{" From here \nto there", "From here to there", false},
		{" > no quote", " > no quote", false},
		{"bye \n-- \nAda", "bye \n-- \nAda", false},
		{"\n\nx\n", "\n\nx\n", false},
		{">\n> x", "> \n> x", false},
		{"", "", false},
	} {
		if got := draft.Unflow(c.text, c.delsp); got != c.want {
			t.Errorf("%q: %q, not %q", c.text, got, c.want)
		}
	}
}

// TestTextFlows: only what says so is joined.
func TestTextFlows(t *testing.T) {
	for header, want := range map[string]string{
		` text/plain; charset=utf-8; Format="Flowed"; DelSp=yes`: "onetwo",
		` text/plain; format=flowed`:                             "one two",
		` text/plain; format=fixed`:                              "one \ntwo",
		` text/plain`:                                            "one \ntwo",
	} {
		e := &jmap.Email{
			TextBody:   []jmap.EmailBodyPart{{PartId: "1", Type: "text/plain", Headers: []jmap.EmailHeader{{Name: "content-type", Value: header}}}},
			BodyValues: map[string]jmap.EmailBodyValue{"1": {Value: "one \ntwo"}},
		}
		if got := draft.Text(e); got != want {
			t.Errorf("%s: %q", header, got)
		}
	}
}

// FuzzUnflow: nothing but spaces and line ends is lost, and quotes keep their depth.
func FuzzUnflow(f *testing.F) {
	f.Add("> one \n> two \n>> three\n-- \nAda", true)
	f.Add(" > a \n> \n \n", false)
	f.Fuzz(func(t *testing.T, text string, delsp bool) {
		letters := func(s string) string {
			return strings.NewReplacer(" ", "", "\n", "", ">", "").Replace(s)
		}
		if got := draft.Unflow(text, delsp); letters(got) != letters(text) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
