package words

import (
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/web/browser"
)

// catalogue is the texts of a language by their English; plurals by the English for many.
type catalogue struct {
	Words   map[string]string            `json:"words"`
	Plurals map[string]map[string]string `json:"plurals"` // then by category of CLDR
}

var (
	tongue = Languages[0]
	texts  catalogue
)

// T is a text in the person's language. args are filled in for what stands in braces, in
// the order in which the English has it: T("Move {what} to {mailbox}", what, mailbox).
func T(text string, args ...string) string {
	found, ok := texts.Words[text]
	if !ok {
		found = withoutContext(text)
	}
	if len(args) == 0 {
		return found
	}
	return fill(found, text, args)
}

// N is a text about n of something, which {n} stands for. args are what else the English
// for many has in braces, in its order.
func N(n int, one, many string, args ...string) string {
	text := withoutContext(many)
	if forms, ok := texts.Plurals[many]; ok {
		if text, ok = forms[browser.Plural(n)]; !ok {
			text = forms["other"]
		}
	} else if n == 1 {
		text = withoutContext(one)
	}
	return fill(strings.ReplaceAll(text, "{n}", Number(n)), strings.ReplaceAll(many, "{n}", ""), args)
}

// Text is a text that is put into words later, such as one in a table.
type Text string

// Mark marks a text for the catalogue.
func Mark(text Text) Text { return text }

// String is the text in the person's language.
func (t Text) String() string { return T(string(t)) }

// English is the text as it is for people who read that.
func (t Text) English() string { return withoutContext(string(t)) }

// Fill is the text with args filled in, as T does.
func (t Text) Fill(args ...string) string { return T(string(t), args...) }

func withoutContext(text string) string {
	if _, after, ok := strings.Cut(text, "|"); ok {
		return after
	}
	return text
}

// fill puts args into a text where it has the names that the English has in their order.
// What an arg says is never looked into.
func fill(text, english string, args []string) string {
	var out strings.Builder
	for {
		before, name, after, ok := placeholder(text)
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		if i := position(english, name); i >= 0 && i < len(args) {
			out.WriteString(isolated(args[i]))
		}
		text = after
	}
}

// placeholder finds the first {name} of a text.
func placeholder(text string) (before, name, after string, ok bool) {
	from := strings.IndexByte(text, '{')
	to := strings.IndexByte(text, '}')
	if from < 0 || to < from {
		return text, "", "", false
	}
	return text[:from], text[from+1 : to], text[to+1:], true
}

// position is where among the different names of a text one stands, -1 if nowhere.
func position(text, name string) int {
	var names []string
	for {
		_, found, after, ok := placeholder(text)
		switch {
		case !ok:
			return -1
		case found == name:
			return len(names)
		case !slices.Contains(names, found):
			names = append(names, found)
		}
		text = after
	}
}

// isolated keeps what is filled in from reordering the text around it, where its
// direction may be another (UAX #9: FSI and PDI).
func isolated(arg string) string {
	if tongue.RightToLeft || strings.ContainsFunc(arg, func(r rune) bool {
		return r >= 0x590 && r <= 0x8ff || r >= 0xfb1d && r <= 0xfefc || r >= 0x10800 && r <= 0x1efff
	}) {
		return "\u2068" + arg + "\u2069"
	}
	return arg
}
