package filter

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

func tokensOf(t interface{ Fatalf(string, ...any) }, script string) []token {
	tokens, err := scan(script)
	if err != nil {
		t.Fatalf("%v in %q", err, script)
	}
	return tokens
}

func TestScan(t *testing.T) {
	script := "\ufeff# comment \"\r\nrequire [\"a\", \"b\\\"\\\\\"]; /* { \" */ if size :over 100K { :Tag KEEP; }\r\n" +
		"x text: # comment\r\n..dot\r\n \"not a quote\"\r\n.\r\n;text;"
	var got []string
	for _, tok := range tokensOf(t, script) {
		got = append(got, tok.text)
	}
	want := []string{"require", "[", "a", ",", `b"\`, "]", ";", "if", "size", "over", "100K", "{", "tag", "keep", ";", "}", "x", ".dot\r\n \"not a quote\"\r\n", ";", "text", ";"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, wrong := range []string{`"open`, `"open\`, "text:\r\nopen", "text: x\r\n.\r\n", "/* open", "@", ":", ": x", "é", "]\x00"} {
		if tokens, err := scan(wrong); err == nil {
			t.Errorf("%q was taken for %v", wrong, tokens)
		}
	}
}

func TestIncluding(t *testing.T) {
	begin, end := blockBegin+"\n", blockEnd+"\n"
	include := `include :personal :once :optional "hearthmail-vacation";` + "\n"
	require := `require ["include"];` + "\n"
	for name, c := range map[string]struct{ script, want string }{
		"no script":              {"", strings.ReplaceAll(begin+require+include+end, "\n", "\r\n")},
		"no require":             {"# mine\nkeep;\n", begin + require + include + end + "# mine\nkeep;\n"},
		"require":                {"require [\"fileinto\"]; # why\nkeep;\n", "require [\"fileinto\"]; # why\n" + begin + require + include + end + "keep;\n"},
		"includes others":        {"# rule\nrequire \"fileinto\";\nrequire [\"x\", \"include\"];\ninclude \"other\";\n", "# rule\nrequire \"fileinto\";\nrequire [\"x\", \"include\"];\n" + begin + include + end + "include \"other\";\n"},
		"all on one line":        {`require "fileinto"; fileinto "x";`, "require \"fileinto\";\n" + begin + require + include + end + ` fileinto "x";`},
		"no line end":            {`require "fileinto";`, "require \"fileinto\";\n" + begin + require + include + end},
		"byte order mark":        {"\ufeffkeep;\n", "\ufeff" + begin + require + include + end + "keep;\n"},
		"require within a text":  {"require \"a\";\nx text:\nrequire \"b\";\n.\n;\n", "require \"a\";\n" + begin + require + include + end + "x text:\nrequire \"b\";\n.\n;\n"},
		"CRLF":                   {"require \"a\";\r\nkeep;\r\n", "require \"a\";\r\n" + strings.ReplaceAll(begin+require+include+end, "\n", "\r\n") + "keep;\r\n"},
		"included already":       {"require \"include\";\ninclude :personal \"hearthmail-vacation\";\n", "require \"include\";\ninclude :personal \"hearthmail-vacation\";\n"},
		"included in other ways": {"require \"include\";\nif true { include :optional \"hearthmail-vacation\"; }\n", "require \"include\";\nif true { include :optional \"hearthmail-vacation\"; }\n"},
		"another of that name": {
			"require \"include\";\ninclude :global \"hearthmail-vacation\";\n",
			"require \"include\";\n" + begin + include + end + "include :global \"hearthmail-vacation\";\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Including(c.script, VacationScript)
			if err != nil || got != c.want {
				t.Errorf("got %q (%v)\nwant %q", got, err, c.want)
			}
		})
	}
	for _, script := range []string{"require \"a\"", "keep; require \"a\";", "\""} {
		if got, err := Including(script, VacationScript); err == nil {
			t.Errorf("%q became %q", script, got)
		}
	}
}

func TestReplies(t *testing.T) {
	for script, want := range map[string]bool{
		"":                                       false,
		`require "vacation"; vacation "away";`:   true,
		`require "vacation"; # vacation "away";`: false,
		`require "vacation"; keep "vacation";`:   false,
		`if header "a" "b" { Vacation "x"; }`:    true,
		`if false # anyof (true)` + "\n" + `{ if true { vacation "x"; } }`: false,
		`if false { keep; } else { vacation "x"; }`:                        true,
		`if false { keep; } vacation "x";`:                                 true,
		`if not false { vacation "x"; }`:                                   true,
	} {
		if got, err := Replies(script); got != want || err != nil {
			t.Errorf("%q: %v (%v)", script, got, err)
		}
	}
}

func TestVacationScript(t *testing.T) {
	from, to := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC)
	v := &jmap.VacationResponse{Id: jmap.Singleton, IsEnabled: true, FromDate: &from, ToDate: &to, Subject: new(`Away "now"`), TextBody: new("Hello,\n.\nI am away.\n")}
	got, err := Vacation(v, []string{"ada@hearth.test"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `# The automatic reply set in Hearthmail. Change it there: this is written anew each time.
# hearthmail-vacation: {"id":"singleton","isEnabled":true,"fromDate":"2026-03-01T00:00:00Z","toDate":"2026-03-15T00:00:00Z","subject":"Away \"now\"","textBody":"Hello,\n.\nI am away.\n","htmlBody":null}
require ["vacation", "date", "relational"];

if allof (currentdate :zone "+0000" :value "ge" "iso8601" "2026-03-01T00:00:00",
    currentdate :zone "+0000" :value "lt" "iso8601" "2026-03-15T00:00:00") {
vacation :days 7 :subject "Away \"now\"" :addresses ["ada@hearth.test"] text:
Hello,
..
I am away.
.
;
}
`
	if got = strings.ReplaceAll(got, "\r\n", "\n"); got != want {
		t.Errorf("got\n%s", got)
	}
	v.IsEnabled = false
	if got, _ := Vacation(v, nil); len(tokensOf(t, got)) != 0 {
		t.Errorf("switched off it does something:\n%s", got)
	}
}

func TestPlainText(t *testing.T) {
	for html, want := range map[string]string{
		"<title>x</title><p>Hello <b>W</b>orld,</p>\n<p>I am\naway.<br>Back &amp; soon&nbsp;!</p>": "Hello World,\n\nI am away.\nBack & soon !",
		"<style>p{}</style><script>x</script>hi":                                                   "hi",
		"just text":                                                                                "just text",
		"":                                                                                         "",
	} {
		if got := plainText(html); got != want {
			t.Errorf("%q: %q, want %q", html, got, want)
		}
	}
}

// AnyVacation draws an object with what is delicate in Sieve and MIME.
func AnyVacation() *rapid.Generator[*jmap.VacationResponse] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"\"", "\\", ".", "\r\n.\r\n", "\n.\n", "\r", "\n", "text:\r\n", ";", "}", "*/", "/*", "#", "${hex:22}", "--=_hearthmail", "=_", "\u2028", "\x00", "discard;"}),
		rapid.String(),
	)
	words := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "") })
	line := rapid.Custom(func(t *rapid.T) string {
		return strings.Map(func(r rune) rune {
			if r < ' ' {
				return -1
			}
			return r
		}, words.Draw(t, "line"))
	})
	when := rapid.Custom(func(t *rapid.T) time.Time { return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), 0).UTC() })
	return rapid.Custom(func(t *rapid.T) *jmap.VacationResponse {
		return &jmap.VacationResponse{
			Id: jmap.Singleton, IsEnabled: true,
			FromDate: rapid.Ptr(when, true).Draw(t, "from"), ToDate: rapid.Ptr(when, true).Draw(t, "to"),
			Subject: rapid.Ptr(line, true).Draw(t, "subject"), TextBody: rapid.Ptr(words, true).Draw(t, "text"), HtmlBody: rapid.Ptr(words, true).Draw(t, "html"),
		}
	})
}

// shape is a script without what its strings say.
func shape(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		if t.kind == str {
			b.WriteString(" ''")
			continue
		}
		b.WriteString(" " + t.text)
	}
	return b.String()
}

// Whatever a person writes, the script does the same: it is in strings, and the strings
// say what was written.
func TestNothingEscapesItsString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkVacation(t, AnyVacation().Draw(t, "object")) })
}

// FuzzVacation: the same, for what the fuzzer thinks of.
func FuzzVacation(f *testing.F) {
	f.Add("Away", "I am away.\n.\n", "")
	f.Add("\"; discard;", ".\r\n;discard;", "<p>--=_hearthmail</p>")
	f.Fuzz(func(t *testing.T, subject, text, html string) {
		if strings.ContainsAny(subject, "\r\n") || !utf8.ValidString(subject+" "+text+" "+html) {
			return // refused before it comes here, and not to be had from JSON
		}
		checkVacation(t, &jmap.VacationResponse{Id: jmap.Singleton, IsEnabled: true, Subject: &subject, TextBody: &text, HtmlBody: &html})
	})
}

func checkVacation(t interface{ Fatalf(string, ...any) }, v *jmap.VacationResponse) {
	script, err := Vacation(v, []string{"ada@hearth.test"})
	if err != nil {
		t.Fatalf("%v", err)
	}
	tokens := tokensOf(t, script)
	plain := &jmap.VacationResponse{IsEnabled: true, FromDate: v.FromDate, ToDate: v.ToDate}
	if v.Subject != nil && *v.Subject != "" {
		plain.Subject = new("x")
	}
	if v.HtmlBody != nil && *v.HtmlBody != "" {
		plain.HtmlBody = new("x")
	}
	harmless, _ := Vacation(plain, []string{"ada@hearth.test"})
	if got, want := shape(tokens), shape(tokensOf(t, harmless)); got != want {
		t.Fatalf("the script is %s, want %s:\n%s", got, want, script)
	}
	if v.TextBody != nil && *v.TextBody != "" && plain.HtmlBody == nil {
		i := slices.IndexFunc(tokens, func(t token) bool { return t.is(identifier, "vacation") })
		said := tokens[i:][slices.IndexFunc(tokens[i:], func(t token) bool { return t.is(punctuation, ";") })-1].text
		if want := strings.TrimSuffix(lineEnds(*v.TextBody), "\n") + "\n"; lineEnds(said) != want {
			t.Fatalf("it says %q, want %q", said, want)
		}
	}
	back, ok := ReadVacation(script)
	again, _ := Vacation(back, []string{"ada@hearth.test"})
	if !ok || again != script {
		t.Fatalf("read back: %v, %+v", ok, back)
	}
}

// FuzzIncluding: another's script keeps all it had, and a second time changes nothing.
func FuzzIncluding(f *testing.F) {
	for _, seed := range []string{
		"", "keep;", "require \"fileinto\";\r\nif header :is \"a\" \"b\" { fileinto \"x\"; stop; }\r\n", "require [\"include\"]; include \"x\";",
		"# c\n/* c */ require \"a\" ; # c\ntext:\n.\n", "\ufeffrequire \"a\"", "require text:\nvacation\n.\n;vacation \"x\";", "if false { vacation \"\"; }",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, script string) {
		_, _ = Replies(script)
		_, _ = ReadVacation(script)
		got, err := Including(script, VacationScript)
		if err != nil {
			return
		}
		names, err := Reaches(got)
		if err != nil || !slices.Contains(names, VacationScript) {
			t.Fatalf("%q became %q, which includes %q (%v)", script, got, names, err)
		}
		if again, err := Including(got, VacationScript); err != nil || again != got {
			t.Fatalf("%q became %q (%v)", got, again, err)
		}
		if shape(without(tokensOf(t, got))) != shape(without(tokensOf(t, script))) {
			t.Fatalf("%q became %q", script, got)
		}
	})
}

// without leaves out the tokens of what Including adds.
func without(tokens []token) []token {
	var out []token
	for i := 0; i < len(tokens); i++ {
		switch {
		case tokens[i].is(identifier, "include") && i+5 < len(tokens) && tokens[i+2].is(tagged, "once") && tokens[i+4].is(str, VacationScript):
			i += 5
		case tokens[i].is(identifier, "require") && i+4 < len(tokens) && tokens[i+2].is(str, "include") && tokens[i+3].is(punctuation, "]"):
			i += 4
		default:
			out = append(out, tokens[i])
		}
	}
	return out
}
