package screen

import (
	"strings"
	"unicode"
)

// Points of fuzzy. A word's beginning counts most, then letters in a row.
const (
	pointsStart = 8
	pointsRow   = 4
	pointsFound = 1
)

// fuzzy reports whether all letters of query are in name, in that order, and how well it
// fits: "mr" finds "Mark read". Spaces in query mean nothing, nor do accents.
func fuzzy(query, name string) (score int, ok bool) {
	letters := make([]rune, 0, len(query))
	for _, r := range query {
		if !unicode.IsSpace(r) {
			letters = append(letters, plainLetter(r))
		}
	}
	text := []rune(name)
	for i, r := range text {
		text[i] = plainLetter(r)
	}
	best := -1
	// The first letter decides: try each place where it may be.
	for from := range text {
		if len(letters) > 0 && text[from] != letters[0] {
			continue
		}
		if s, ok := fuzzyFrom(letters, text, from); ok && s > best {
			best = s
		}
	}
	if len(letters) == 0 {
		return 0, true
	}
	return best, best >= 0
}

const accented, unaccented = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ", "aaaaaaceeeeiiiinoooooouuuuyy"

// plainLetter is a letter in lower case and without its accent.
func plainLetter(r rune) rune {
	r = unicode.ToLower(r)
	if r < 'à' {
		return r
	}
	if i := strings.IndexRune(accented, r); i >= 0 {
		return rune(unaccented[i/2]) // each of them has two octets
	}
	return r
}

func fuzzyFrom(letters, text []rune, at int) (score int, ok bool) {
	last := -2
	for _, r := range letters {
		found := -1
		for i := at; i < len(text); i++ {
			if text[i] != r {
				continue
			}
			if found < 0 {
				found = i
			}
			if i == last+1 || wordStart(text, i) {
				found = i
				break
			}
		}
		if found < 0 {
			return 0, false
		}
		score += pointsFound
		if wordStart(text, found) {
			score += pointsStart
		}
		if found == last+1 {
			score += pointsRow
		}
		last, at = found, found+1
	}
	return score, true
}

func wordStart(text []rune, i int) bool {
	return i == 0 || !unicode.IsLetter(text[i-1]) && !unicode.IsDigit(text[i-1])
}
