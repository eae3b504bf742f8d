package screen

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLinks(t *testing.T) {
	for text, want := range map[string]string{
		"see https://example.org/a?b=c, then": "https://example.org/a?b=c",
		"(https://example.org/a)":             "https://example.org/a",
		"https://en.example/wiki/A_(b).":      "https://en.example/wiki/A_(b)",
		"www.example.org!":                    "https://www.example.org",
		"write to ada@example.org.":           "mailto:ada@example.org",
		"javascript:alert(1)":                 "",
		"http://":                             "",
		"a@b":                                 "",
		`"https://example.org"`:               "https://example.org",
	} {
		got := ""
		for _, s := range linkSpans(text) {
			if s.href != "" {
				got = s.href
			}
		}
		if got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// TestNothingIsLost: cutting a text into links and quotes keeps all of it, and a
// link never leads anywhere but to the web or a mail address.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"> ", ">", "\n", " ", "https://", "www.", "example.org", "a@b.org", "javascript:", "(", ")", "[", "]", ".", "x", "é", "\u202e", "<b>",
		})).Draw(t, "text"), "")
		var b strings.Builder
		for _, s := range linkSpans(text) {
			b.WriteString(s.text)
			if s.href != "" && !strings.HasPrefix(strings.ToLower(s.href), "http") && !strings.HasPrefix(s.href, "mailto:") {
				t.Fatalf("leads to %q", s.href)
			}
		}
		if b.String() != text {
			t.Fatalf("%q became %q", text, b.String())
		}
		letters := func(s string) int {
			return strings.Count(s, "x") + strings.Count(s, "é") + strings.Count(s, "example")
		}
		n := 0
		for _, q := range quoteBlocks(text) {
			n += letters(q.text)
		}
		if n != letters(text) {
			t.Fatalf("%q lost letters in quotes", text)
		}
	})
}

func TestQuotes(t *testing.T) {
	got := quoteBlocks("Yes.\n\nAda wrote:\n> Shall we?\n> > When?\n>> Now.\n> Good.\nBye\n")
	want := []block{{0, "Yes.\n\nAda wrote:"}, {1, "Shall we?"}, {2, "When?\nNow."}, {1, "Good."}, {0, "Bye"}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %+v", i, got[i])
		}
	}
}
