package words_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/web/words"
)

// catalogue is the file of a language. Its keys are the English.
type catalogue struct {
	Words   map[string]string            `json:"words"`
	Plurals map[string]map[string]string `json:"plurals"`
}

// forms are the categories that a number can have in a language, of those that numbers of
// messages reach (CLDR's plural rules; "many" of French and Spanish is of whole millions).
var forms = map[string][]string{"de": {"one", "other"}, "fr": {"one", "other"}, "es": {"one", "other"}}

// TestEveryLanguageIsComplete: each language has words for all that the app says, and for
// nothing else; what is filled in is the same.
func TestEveryLanguageIsComplete(t *testing.T) {
	said := read(t)
	for _, l := range words.Languages {
		if l.Tag == "en" || l.Tag == words.Pseudo {
			continue
		}
		file := "../static/words/" + l.Tag + ".json"
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c catalogue
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, english := range slices.Sorted(maps.Keys(said.words)) {
			foreign, ok := c.Words[english]
			if !ok {
				t.Errorf("%s lacks %q", file, english)
				continue
			}
			same(t, file, english, foreign)
		}
		for _, many := range slices.Sorted(maps.Keys(said.plurals)) {
			if c.Plurals[many] == nil {
				t.Errorf("%s lacks %q of many", file, many)
				continue
			}
			if have := slices.Sorted(maps.Keys(c.Plurals[many])); !slices.Equal(have, forms[l.Tag]) {
				t.Errorf("%s: %q has words for %v, not for %v", file, many, have, forms[l.Tag])
			}
			for category, foreign := range c.Plurals[many] {
				if category == "one" && !strings.Contains(foreign, "{n}") {
					same(t, file, strings.ReplaceAll(many, "{n}", ""), foreign) // as "this message"
				} else {
					same(t, file, many, foreign)
				}
			}
		}
		for english := range c.Words {
			if !said.words[english] {
				t.Errorf("%s has %q, which nobody says", file, english)
			}
		}
		for many := range c.Plurals {
			if said.plurals[many] == "" {
				t.Errorf("%s has %q of many, which nobody says", file, many)
			}
		}
	}
}

// same compares what is filled in, and how a text ends.
func same(t *testing.T, file, english, foreign string) {
	t.Helper()
	if a, b := placeholders(english), placeholders(foreign); !maps.Equal(a, b) {
		t.Errorf("%s: %q is filled in where %q is not", file, english, foreign)
	}
	if strings.TrimSpace(foreign) != foreign || foreign == "" {
		t.Errorf("%s: %q begins or ends with nothing", file, foreign)
	}
	for _, end := range []string{"…", ".", ":", "?"} {
		if strings.HasSuffix(english, end) != strings.HasSuffix(foreign, end) {
			t.Errorf("%s: %q and %q end differently", file, english, foreign)
		}
	}
}

// TestOneMeaning: one that is wordless about the number of something differs from what is
// said elsewhere, or it would be looked up as that.
func TestOneMeaning(t *testing.T) {
	said := read(t)
	for many := range said.plurals {
		if said.words[many] {
			t.Errorf("%q is said with a number and without", many)
		}
	}
}
