package sieve

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func read(text string, challenges bool) (answer, error) {
	return newReader(strings.NewReader(text)).answer(challenges)
}

func TestAnswers(t *testing.T) {
	s := func(text string) word { return word{text, true} }
	a := func(text string) word { return word{text, false} }
	for text, want := range map[string]answer{
		"OK\r\n":                                {status: "OK"},
		"ok \"done\"\r\n":                       {status: "OK", text: "done"},
		"OK\n":                                  {status: "OK"},
		"NO (QUOTA/MAXSIZE) \"too big\"\r\n":    {status: "NO", code: "QUOTA/MAXSIZE", text: "too big"},
		"No (nonexistent) {7}\r\nit\r\nis \r\n": {status: "NO", code: "NONEXISTENT", text: "it\r\nis "},
		"BYE (TRYLATER) \"later\"\r\n":          {status: "BYE", code: "TRYLATER", text: "later"},
		"OK (TAG \"a\\\"b\\\\\") \"x\"\r\n":     {status: "OK", code: "TAG", args: []word{s(`a"b\`)}, text: "x"},
		"OK (X-NEW (a (\"b\") c) 5)\r\n":        {status: "OK", code: "X-NEW", args: []word{a("a"), s("b"), a("c"), a("5")}},
		"\"IMPLEMENTATION\" \"x\"\r\n\"SASL\" \"\"\r\nOK\r\n": {lines: [][]word{{s("IMPLEMENTATION"), s("x")}, {s("SASL"), s("")}}, status: "OK"},
		"\"main\" ACTIVE\r\n\"ÄÖ\"\r\nOK\r\n":                 {lines: [][]word{{s("main"), a("ACTIVE")}, {s("ÄÖ")}}, status: "OK"},
		"{4}\r\nOK\r\n\r\nOK\r\n":                             {lines: [][]word{{s("OK\r\n")}}, status: "OK"},
		"{0}\r\n\r\nOK\r\n":                                   {lines: [][]word{{s("")}}, status: "OK"},
		"{1+}\r\nx\r\nOK\r\n":                                 {lines: [][]word{{s("x")}}, status: "OK"},
		"\"OK\"\r\nOK\r\n":                                    {lines: [][]word{{s("OK")}}, status: "OK"},
	} {
		got, err := read(text, false)
		if err != nil || got.String() != want.String() {
			t.Errorf("%q: %+v (%v), want %+v", text, got, err, want)
		}
	}
}

func TestChallengeEndsTheReading(t *testing.T) {
	got, err := read("\"cm9ja3M=\"\r\n", true)
	if err != nil || got.status != "" || len(got.lines) != 1 || got.lines[0][0].text != "cm9ja3M=" {
		t.Errorf("%+v (%v)", got, err)
	}
}

func TestWhatIsNoAnswer(t *testing.T) {
	for _, text := range []string{
		"OK )\r\n", "OK (\"x\")\r\n", "OK ()\r\n", "OK (A) (B)\r\n", "OK \"a\" \"b\"\r\n", "OK atom\r\n", "\"a\nb\"\r\nOK\r\n", "\"a\\\nb\"\r\nOK\r\n",
		"\"\x00\"\r\nOK\r\n", "{}\r\nOK\r\n", "{x}\r\n", "{1+2}\r\nx\r\nOK\r\n", "{1}x\r\nOK\r\n", "\x01\r\nOK\r\n", "é\r\nOK\r\n", "OK\rx", ")\r\nOK\r\n", "a{1}\r\nx\r\rOK\r\n",
	} {
		if got, err := read(text, false); !errors.Is(err, errSyntax) {
			t.Errorf("%q: %+v (%v)", text, got, err)
		}
	}
	for _, text := range []string{"", "OK", "\"a", "\"a\\", "{5}\r\nab", "{5", "{5}", "OK (A", "abc", "OK\r"} {
		if got, err := read(text, false); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %+v (%v)", text, got, err)
		}
	}
}

// endless repeats a text for ever.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.text[e.at]
		e.at = (e.at + 1) % len(e.text)
	}
	return len(p), nil
}

func TestAnswersAreBounded(t *testing.T) {
	for _, c := range []struct{ start, repeat string }{
		{"", " "},
		{"", "\r\n"},
		{"", "a "},
		{"", "a"},
		{`"`, "a"},
		{"{", "9"},
		{"{", "0"},
		{"OK (A", " "},
		{"OK (A", " a"},
		{"OK (", "("},
		{"OK ", " "},
		{"", "{1048576}\r\n"},
		{"", "\"x\"\r\n"},
		{"OK (A ", `"x" `},
	} {
		r := newReader(io.MultiReader(strings.NewReader(c.start), &endless{text: c.repeat}))
		if _, err := r.answer(false); err == nil {
			t.Errorf("%q and then %q was read to an end", c.start, c.repeat)
		}
	}
}

// String writes an answer as a server would.
func (a answer) String() string {
	write := func(w word) string {
		if !w.quoted {
			return w.text
		}
		return fmt.Sprintf("{%d}\r\n%s", len(w.text), w.text)
	}
	var b strings.Builder
	for _, line := range a.lines {
		for i, w := range line {
			b.WriteString(strings.Repeat(" ", min(i, 1)) + write(w))
		}
		b.WriteString("\r\n")
	}
	b.WriteString(a.status)
	if a.code != "" {
		b.WriteString(" (" + a.code)
		for _, w := range a.args {
			b.WriteString(" " + write(w))
		}
		b.WriteString(")")
	}
	if a.text != "" {
		b.WriteString(" " + write(word{a.text, true}))
	}
	return b.String() + "\r\n"
}

// FuzzAnswer: what is read keeps to the bounds, and once written reads the same.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"\"SIEVE\" \"vacation include\"\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n", "NO (QUOTA/MAXSIZE) {3}\r\nbig\r\n", "\"main\" ACTIVE\r\nOK\r\n",
		"OK (X (a \"b\") {1}\r\nc)\r\n", "{1048577}\r\n", "{12}\r\nkeep;\r\n", "BYE\r\n", "\"\\\"\\\\\"\r\nOK\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := read(text, false)
		if err != nil {
			return
		}
		if first.status == "" {
			t.Fatal("no status and no error")
		}
		again, err := read(first.String(), false)
		if err != nil || again.String() != first.String() {
			t.Errorf("%q became %q (%v)", first.String(), again.String(), err)
		}
	})
}
