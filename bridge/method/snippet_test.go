package method

import (
	"html"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSearchWords(t *testing.T) {
	for in, want := range map[string][]string{
		"":                         nil,
		"  ":                       nil,
		"tea":                      {"tea"},
		" green  tea\n":            {"green", "tea"},
		`"green tea" milk`:         {"green tea", "milk"},
		`'green tea' milk`:         {"green tea", "milk"},
		`"a \"b\" \\ c"`:           {`a "b" \ c`},
		`don't say "no`:            {"don't", "say", `"no`},
		`'tis "half`:               {"'tis", `"half`},
		`"" tea`:                   {"tea"},
		`"stuck"together`:          {`"stuck"together`},
		"grün\u00a0über":           {"grün", "über"},
		strings.Repeat("a ", 50):   append(slices.Repeat([]string{"a"}, 19), strings.TrimSpace(strings.Repeat("a ", 31))),
		strings.Repeat("é", 5000):  {strings.Repeat("é", 500)},
		`back\slash`:               {`back\slash`},
		`"ends with a backslash \`: {`"ends`, "with", "a", "backslash", `\`},
	} {
		if got := searchWords(in); !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
}

func FuzzSearchWords(f *testing.F) {
	f.Add(`"green tea" 'and' milk \" `)
	f.Fuzz(func(t *testing.T, s string) {
		words := searchWords(s)
		if len(words) > maxWords {
			t.Errorf("%d words", len(words))
		}
		for _, w := range words {
			if w == "" || len(w) > maxWordOctets || utf8.ValidString(s) && !utf8.ValidString(w) {
				t.Errorf("%q of %q", w, s)
			}
		}
	})
}

func TestMarking(t *testing.T) {
	for _, c := range []struct{ text, words, want string }{
		{"a quiet garden", "garden", "a quiet <mark>garden</mark>"},
		{"GARDEN & garden", "Garden", "<mark>GARDEN</mark> &amp; <mark>garden</mark>"},
		{"<script>tea</script>", "tea", "&lt;script&gt;<mark>tea</mark>&lt;/script&gt;"},
		{"<script>", "<script>", "<mark>&lt;script&gt;</mark>"},
		{"teatime", "tea eat", "<mark>teat</mark>ime"},
		{"aaaa", "aa", "<mark>aaaa</mark>"},
		{"Ünïcode ÜBER alles", "über", "Ünïcode <mark>ÜBER</mark> alles"},
		{"İstanbul tea", "tea", "İstanbul <mark>tea</mark>"}, // its lower case is longer
		{"nothing", "tea", ""},
	} {
		found := findWords(c.text, strings.Fields(c.words))
		if got := markAll(c.text, found); got != c.want {
			t.Errorf("%q: %q, not %q", c.text, got, c.want)
		}
		if len(found) > 0 && markAround(c.text, found) != c.want {
			t.Errorf("%q: around it is %q", c.text, markAround(c.text, found))
		}
	}
	long := strings.Repeat("some words before ", 50) + "the needle" + strings.Repeat(" & what follows", 50)
	got := markAround(long, findWords(long, []string{"needle"}))
	if !strings.HasPrefix(got, "before some words before some") || !strings.Contains(got, "the <mark>needle</mark> &amp; what") || len(got) > maxSnippet || len(got) < maxSnippet-10 {
		t.Errorf("%q (%d)", got, len(got))
	}
}

// FuzzMarkAround: no markup of a message survives, the limit is kept, and no character
// is cut.
func FuzzMarkAround(f *testing.F) {
	f.Add("a <b>quiet</b> \"garden\" & a gate", "gate \"")
	f.Add(strings.Repeat("\"", 300)+"x"+strings.Repeat("é", 300), "x")
	f.Add("İİİxİ", "x")
	f.Fuzz(func(t *testing.T, text, words string) {
		text = strings.ToValidUTF8(text, "?")
		found := findWords(text, searchWords(words))
		if len(found) == 0 {
			return
		}
		got := markAround(text, found)
		if len(got) > maxSnippet || !utf8.ValidString(got) {
			t.Errorf("%d octets: %q", len(got), got)
		}
		if !strings.Contains(got, markStart) || strings.Count(got, markStart) != strings.Count(got, markEnd) {
			t.Errorf("marks of %q", got)
		}
		bare := strings.NewReplacer(markStart, "", markEnd, "").Replace(got)
		if strings.ContainsAny(bare, "<>\"'") {
			t.Errorf("markup in %q", bare)
		}
		if !strings.Contains(text, html.UnescapeString(bare)) {
			t.Errorf("%q is not in %q", html.UnescapeString(bare), text)
		}
	})
}

func TestLongestRising(t *testing.T) {
	for _, c := range []struct{ list, want []int }{
		{nil, nil},
		{[]int{1, 2, 3}, []int{0, 1, 2}},
		{[]int{3, 1, 2}, []int{1, 2}},
		{[]int{5, 1, 6, 2, 7, 3}, []int{1, 3, 5}},
	} {
		if got := longestRising(c.list); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, not %v", c.list, got, c.want)
		}
	}
}
