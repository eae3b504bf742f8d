package search

import (
	"slices"
	"strings"
)

// Has reports whether an operator with that value stands in the text by itself: not
// in parentheses, beside an OR or after a minus.
func Has(text, key, value string) bool {
	for _, t := range alone(text, key) {
		if strings.EqualFold(t.value, value) {
			return true
		}
	}
	return false
}

// Value is what an operator says in the text, "" when it does not stand there by
// itself.
func Value(text, key string) string {
	if list := alone(text, key); len(list) > 0 {
		return list[0].value
	}
	return ""
}

// Toggle adds an operator with a value to the text, or takes it away.
func Toggle(text, key, value string) string {
	if !Has(text, key, value) {
		return added(text, key, value)
	}
	return without(text, func(t token) bool { return t.key == key && strings.EqualFold(t.value, value) })
}

// Set makes key say value, and nothing else, in the text; "" takes it away.
func Set(text, key, value string) string {
	text = Drop(text, key)
	if value == "" {
		return text
	}
	return added(text, key, value)
}

// Drop takes operators away, whatever they say.
func Drop(text string, keys ...string) string {
	return without(text, func(t token) bool { return slices.Contains(keys, t.key) })
}

// Quote writes a value so that it is read as one.
func Quote(value string) string {
	value = strings.Map(func(r rune) rune {
		if strings.ContainsRune("\"“”„", r) {
			return -1
		}
		return r
	}, value)
	if strings.ContainsAny(value, " \t\n()") {
		return `"` + value + `"`
	}
	return value
}

func added(text, key, value string) string {
	word := key + ":" + Quote(value)
	text = strings.TrimSpace(text)
	behind := strings.TrimSpace(closed(text) + " " + word)
	if !Has(behind, key, strings.Trim(Quote(value), `"`)) { // an OR at the end would join the two
		return word + " " + text
	}
	return behind
}

// closed is the text with the quote and the parentheses closed that never were: what
// is added would become part of them.
func closed(text string) string {
	c := cutter{text: text, left: maxTokens}
	c.list(0)
	if c.quote {
		text += `"`
	}
	return text + strings.Repeat(")", c.open)
}

// alone gives the tokens of an operator that stand by themselves.
func alone(text, key string) []token {
	var out []token
	list := tokens(text)
	for i, t := range list {
		besideOr := i > 0 && list[i-1].or || i+1 < len(list) && list[i+1].or
		if t.key == key && !t.not && !besideOr {
			out = append(out, t)
		}
	}
	return out
}

// without is the text without those of its tokens that stand by themselves and are
// not wanted.
func without(text string, unwanted func(token) bool) string {
	var out strings.Builder
	at := 0
	list := tokens(text)
	for i, t := range list {
		besideOr := i > 0 && list[i-1].or || i+1 < len(list) && list[i+1].or
		if t.not || besideOr || t.key == "" || !unwanted(t) {
			continue
		}
		out.WriteString(strings.TrimRight(text[at:t.start], " "))
		at = t.end
	}
	return strings.TrimSpace(out.String() + text[at:])
}
