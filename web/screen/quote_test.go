package screen

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func joined(blocks []block) string {
	var b strings.Builder
	for _, x := range blocks {
		b.WriteString(strings.Repeat(">", x.depth) + x.text + "|")
	}
	return b.String()
}

// TestFoldQuote: what is folded is the quote at the end, with the line that says whose it
// is; what somebody says below a quote is never folded.
func TestFoldQuote(t *testing.T) {
	for text, want := range map[string][2]string{
		"Yes.\n\nOn Monday, Ada wrote:\n> Shall we?\n":              {"Yes.|", "On Monday, Ada wrote:|>Shall we?|"},
		"Yes.\n\nOn Monday, 1 May,\nAda <ada@a.b>\nwrote:\n> x":     {"Yes.|", "On Monday, 1 May,\nAda <ada@a.b>\nwrote:|>x|"},
		"Yes, but note:\n> Shall we?":                               {"Yes, but note:|", ">Shall we?|"},
		"First line\nsecond\nthird\nAda wrote:\n> x":                {"First line\nsecond\nthird|", "Ada wrote:|>x|"},
		"Yes.\n\nAda wrote:\n> a\n\n> b\n":                          {"Yes.|", "Ada wrote:|>a||>b|"},
		"Yes.\n\n> a\n>> b\n> c":                                    {"Yes.\n|", ">a|>>b|>c|"},
		"Ada wrote:\n> Shall we?\nYes.":                             {"Ada wrote:|>Shall we?|Yes.|", ""},
		"> a\nNo.\n> b\n":                                           {">a|No.|", ">b|"},
		"> only\n> a quote":                                         {">only\na quote|", ""},
		"Ada wrote:\n> only":                                        {"Ada wrote:|>only|", ""},
		"Hello.\n\nOf this I say no:\n> x":                          {"Hello.\n\nOf this I say no:|", ">x|"},
		"No quote: at all":                                          {"No quote: at all|", ""},
		"Fine.\n\n-----Original Message-----\nFrom: A\n\nShall we?": {"Fine.|", "-----Original Message-----\nFrom: A\n\nShall we?|"},
		"-----Original Message-----\nFrom: A":                       {"-----Original Message-----\nFrom: A|", ""},
		"":                                                          {"|", ""},
	} {
		said, quote := foldQuote(quoteBlocks(text))
		if got := [2]string{joined(said), joined(quote)}; got != want {
			t.Errorf("%q:\n%q, not\n%q", text, got, want)
		}
	}
}

// TestFoldingLosesNothing: folding hides quotes and attributions, and loses nothing.
func TestFoldingLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"> a\n", ">> b\n", "\n", "mine\n", "Ada wrote:\n", "-----Original Message-----\n", " > c\n", "-- \n",
		})).Draw(t, "lines"), "")
		blocks := quoteBlocks(text)
		said, quote := foldQuote(blocks)
		squeeze := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, "|", "\n")), " ") }
		if got := squeeze(joined(said) + joined(quote)); got != squeeze(joined(blocks)) {
			t.Fatalf("%q became %q", joined(blocks), got)
		}
		if strings.TrimSpace(text) != "" && len(said) == 0 {
			t.Fatalf("nothing is left of %q", text)
		}
		before, _, _ := strings.Cut(text, "-----Original")
		if strings.Count(joined(said), "mine") < strings.Count(before, "mine") {
			t.Fatalf("%q hides what was said", text)
		}
	})
}
