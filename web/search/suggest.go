package search

import (
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/web/words"
)

// Person is somebody to suggest.
type Person struct{ Name, Email string }

// Mailbox is one to suggest: Word is what in: finds it by, in whatever language.
type Mailbox struct{ Name, Word string }

// Source is what suggestions are made of, the likeliest first.
type Source struct {
	People    []Person
	Mailboxes []Mailbox
	Recent    []string
}

// Kind is what a suggestion is about.
type Kind int

// Kinds of suggestions.
const (
	KindPerson Kind = iota
	KindMailbox
	KindOperator
	KindRecent
)

// Suggestion is a way to go on.
type Suggestion struct {
	Kind Kind
	Text string // what it says
	Hint string // what it means, where Text does not say so
	// Query is the whole text of the box when it is chosen. Whole: there is nothing to
	// add, it can be searched for.
	Query string
	Whole bool
}

// hints are the operators that are suggested, in order.
var hints = []struct {
	word string
	hint words.Text
}{
	{"from:", words.Mark("Who wrote it")},
	{"to:", words.Mark("Whom it went to")},
	{"subject:", words.Mark("Words of the subject")},
	{"has:attachment", words.Mark("With attachments")},
	{"is:unread", words.Mark("Not read yet")},
	{"is:starred", words.Mark("With a star")},
	{"in:", words.Mark("In a mailbox")},
	{"after:", words.Mark("Since a day, such as after:2026-03-14")},
	{"before:", words.Mark("Before a day")},
	{"newer:7d", words.Mark("Of the last week")},
	{"older:1y", words.Mark("More than a year old")},
	{"on:today", words.Mark("Of today")},
	{"filename:", words.Mark("The name of an attachment")},
	{"larger:5M", words.Mark("Larger than 5 MB")},
	{"smaller:100k", words.Mark("Smaller than 100 KB")},
	{"cc:", words.Mark("Who got a copy")},
	{"is:read", words.Mark("Read already")},
	{"is:answered", words.Mark("Replied to")},
	{"is:draft", words.Mark("Drafts")},
	{"in:anywhere", words.Mark("Junk and Trash too")},
}

// At most so many suggestions are made, and of each kind.
const (
	maxSuggestions = 8
	maxPeople      = 5
	maxBoxes       = 3
	maxHints       = 4
	maxRecent      = 4
)

// Suggest gives ways to go on with the word that ends at octet caret of the text.
func Suggest(text string, caret int, s Source) []Suggestion {
	caret = min(max(caret, 0), len(text))
	if strings.TrimSpace(text) == "" {
		return firstOf(recent("", s.Recent), operatorHints("", "", ""))
	}
	before, after := text[:caret], text[caret:]
	if after != "" && !startsWithSpace(after) {
		return nil // in the midst of a word
	}
	list := tokens(before)
	if len(list) == 0 {
		return nil
	}
	last := list[len(list)-1]
	for last.group != nil && last.end == len(before) {
		last = last.group[len(last.group)-1]
	}
	if last.end != len(before) || last.or || last.group != nil {
		return nil
	}
	minus := ""
	if last.not {
		minus = "-"
	}
	before = before[:last.start] + minus
	key, value := last.key, last.value
	if name, ok := strings.CutSuffix(value, ":"); ok && key == "" && isOperator(strings.ToLower(name)) {
		key, value = strings.ToLower(name), "" // nothing after it yet
	}
	switch key {
	case "from", "to", "cc", "bcc":
		return firstOf(people(before, after, key, value, s.People))
	case "in":
		return firstOf(boxes(before, after, value, s.Mailboxes))
	case "":
		return firstOf(recent(text, s.Recent), people(before, after, "from", value, s.People),
			operatorHints(before, after, value), boxes(before, after, value, s.Mailboxes))
	}
	return firstOf(operatorHints(before, after, key+":"+value))
}

// firstOf joins lists, and keeps as many as are shown.
func firstOf(lists ...[]Suggestion) []Suggestion {
	all := slices.Concat(lists...)
	return all[:min(len(all), maxSuggestions)]
}

func recent(text string, searches []string) []Suggestion {
	var out []Suggestion
	look := strings.ToLower(strings.TrimSpace(text))
	for _, r := range searches {
		if folded := strings.ToLower(r); len(out) < maxRecent && strings.Contains(folded, look) && folded != look {
			out = append(out, Suggestion{Kind: KindRecent, Text: r, Query: r, Whole: true})
		}
	}
	return out
}

func people(before, after, key, value string, all []Person) []Suggestion {
	var out []Suggestion
	limit := maxPeople
	if value == "" {
		limit = maxSuggestions
	}
	for _, p := range all {
		if len(out) < limit && (begins(p.Name, value) || begins(p.Email, value)) {
			s := Suggestion{Kind: KindPerson, Text: p.Name, Hint: p.Email, Query: before + key + ":" + Quote(p.Email) + after, Whole: true}
			if p.Name == "" || p.Name == p.Email {
				s.Text, s.Hint = p.Email, ""
			}
			out = append(out, s)
		}
	}
	return out
}

func boxes(before, after, value string, all []Mailbox) []Suggestion {
	var out []Suggestion
	limit := maxBoxes
	if value == "" {
		limit = maxSuggestions
	}
	for _, m := range all {
		if len(out) < limit && begins(m.Name, value) {
			out = append(out, Suggestion{Kind: KindMailbox, Text: m.Name, Hint: words.T("In this mailbox"), Query: before + "in:" + Quote(m.Word) + after, Whole: true})
		}
	}
	return out
}

// operatorHints gives the operators that begin with a word; those that are whole are not
// suggested once they stand there.
func operatorHints(before, after, word string) []Suggestion {
	var out []Suggestion
	word = strings.ToLower(word)
	for _, h := range hints {
		_, value, _ := strings.Cut(h.word, ":")
		fits := strings.HasPrefix(h.word, word) || word != "" && strings.HasPrefix(value, word)
		if len(out) < maxHints && fits && h.word != word {
			out = append(out, Suggestion{Kind: KindOperator, Text: h.word, Hint: h.hint.String(), Query: before + h.word + after, Whole: value != ""})
		}
	}
	return out
}

// begins reports whether one of the words of a name or address begins like that,
// whatever the case.
func begins(name, like string) bool {
	name, like = strings.ToLower(name), strings.ToLower(like)
	for i := range name {
		if (i == 0 || strings.ContainsRune(" .-_@/'(\"", rune(name[i-1]))) && strings.HasPrefix(name[i:], like) {
			return true
		}
	}
	return false
}
