package search

import (
	"slices"
	"strings"
	"testing"
)

// TestEdit: what chips do to the text.
func TestEdit(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Toggle("sea", "is", "unread"), "sea is:unread"},
		{Toggle("sea IS:Unread from:ada", "is", "unread"), "sea from:ada"},
		{Toggle("", "has", "attachment"), "has:attachment"},
		{Toggle("has:attachment", "has", "attachment"), ""},
		{Toggle("-is:unread", "is", "unread"), "-is:unread is:unread"},
		{Toggle("a OR is:unread", "is", "unread"), "a OR is:unread is:unread"},
		{Toggle(`"never closed`, "is", "unread"), `"never closed" is:unread`},
		{Toggle(`(sea OR (lake`, "is", "unread"), `(sea OR (lake)) is:unread`},
		{Set("sea in:inbox", "in", "Tax 2025"), `sea in:"Tax 2025"`},
		{Set(`in:"Tax 2025" sea in:x`, "in", ""), "sea"},
		{Set("sea", "from", `a "b" c`), `sea from:"a b c"`},
		{Drop("sea newer:7d after:2020 before:2021", "newer", "after"), "sea before:2021"},
		{Value(`sea from:"ada l"`, "from"), "ada l"},
		{Value(`sea -from:ada`, "from"), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// FuzzEdit: what was added is there, and goes away again.
func FuzzEdit(f *testing.F) {
	for _, s := range []string{"sea", `"x`, "((a", "-", "a OR ", "“b", "in:inbox OR c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(tokens(s)) > 8 || strings.HasPrefix(strings.TrimSpace(s), "OR") || Has(s, "is", "starred") || strings.Count(s, "(") > 4 {
			return
		}
		with := Toggle(s, "is", "starred")
		if !Has(with, "is", "starred") {
			t.Fatalf("%q became %q", s, with)
		}
		if again := Toggle(with, "is", "starred"); Has(again, "is", "starred") {
			t.Errorf("%q became %q and then %q", s, with, again)
		}
	})
}

func TestMark(t *testing.T) {
	if got := Wanted(`sea "the lake" from:ada -wave subject:x (boat OR body:oar)`, "subject", "body"); !slices.Equal(got, []string{"sea", "the lake", "x", "boat", "oar"}) {
		t.Errorf("words %q", got)
	}
	show := func(list []Span) string {
		var b strings.Builder
		for _, s := range list {
			if s.Mark {
				b.WriteString("[" + s.Text + "]")
			} else {
				b.WriteString(s.Text)
			}
		}
		return b.String()
	}
	for _, c := range []struct{ got, want string }{
		{show(Mark("The Sea, the seal", []string{"sea"})), "The [Sea], the [sea]l"},
		{show(Mark("aaa", []string{"aa", "a"})), "[aaa]"},
		{show(Mark("İstanbul kahve", []string{"KAHVE"})), "İstanbul [kahve]"},
		{show(Mark("nothing", []string{""})), "nothing"},
		{show(Mark("", []string{"x"})), ""},
		{show(Snippet("a &lt;b&gt; <mark>sea</mark> &amp; <mark>lake</mark>")), "a <b> [sea] & [lake]"},
		{show(Snippet("<script>x</script><mark>")), "<script>x</script>"},
		{show(Snippet("</mark>x<mark>y")), "</mark>xy"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// FuzzMark: nothing is lost or made up by marking.
func FuzzMark(f *testing.F) {
	f.Add("The Sea, the seal", "sea")
	f.Add("İstanbul \xff ß", "i\u0307")
	f.Fuzz(func(t *testing.T, text, word string) {
		var all strings.Builder
		for _, s := range Mark(text, []string{word, "e"}) {
			all.WriteString(s.Text)
		}
		if all.String() != text {
			t.Errorf("%q became %q", text, all.String())
		}
		for _, s := range Snippet(text) {
			if s.Text == "" {
				t.Errorf("an empty span in %q", text)
			}
		}
	})
}
