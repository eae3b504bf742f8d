package method

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxWords bounds what one condition looks for; more words are taken as a phrase.
	maxWords = 20
	// maxWordOctets bounds each of them, as servers bound a command.
	maxWordOctets = 1000
)

// searchWords parts what is looked for into words and phrases, all of which must be
// there (RFC 8621 §4.4.1): what stands in double or single quotes is a phrase, with \
// before a quote or a backslash that belongs to it. Where a quote does not end it is a
// character like others.
func searchWords(s string) []string {
	var words []string
	rest := strings.TrimFunc(s, unicode.IsSpace)
	for rest != "" && len(words) < maxWords-1 {
		word, after := cutPhrase(rest)
		if after == rest {
			end := strings.IndexFunc(rest, unicode.IsSpace)
			if end < 0 {
				end = len(rest)
			}
			word, after = rest[:end], rest[end:]
		}
		if word = strings.TrimFunc(word, unicode.IsSpace); word != "" {
			words = append(words, cutOctets(word, maxWordOctets))
		}
		rest = strings.TrimFunc(after, unicode.IsSpace)
	}
	if rest != "" {
		words = append(words, cutOctets(rest, maxWordOctets))
	}
	return words
}

// cutPhrase takes a quoted phrase from the beginning of s; after is s when there is none.
func cutPhrase(s string) (phrase, after string) {
	quote := s[0]
	if quote != '"' && quote != '\'' {
		return "", s
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`"'\`, s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		case s[i] == quote:
			if next, _ := utf8.DecodeRuneInString(s[i+1:]); i+1 < len(s) && !unicode.IsSpace(next) {
				return "", s // 'tis, but "no" phrase
			}
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return "", s
}

// cutOctets cuts a text to at most n octets, between characters.
func cutOctets(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
