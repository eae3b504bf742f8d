package message

import (
	"strconv"
	"strings"
)

// maxInside is how many containers deep Inside looks.
const maxInside = 20

// Inside finds what lies within octets that IMAP has no name for. steps is a path of
// dots: "m.1.2" takes the octets for a message and gives its part 1.2, decoded;
// "x3" takes them for a container (see Extract) and gives its third file. Steps may
// follow each other. False where there is no such thing.
func Inside(raw []byte, steps string) ([]byte, bool) {
	words := strings.Split(steps, ".")
	for n := 0; len(words) > 0; n++ {
		if n == maxInside {
			return nil, false
		}
		word := words[0]
		words = words[1:]
		var ok bool
		switch {
		case word == "m":
			end := 0
			for end < len(words) && isNumber(words[end]) {
				end++
			}
			raw, ok = partOf(raw, strings.Join(words[:end], "."))
			words = words[end:]
		case strings.HasPrefix(word, "x"):
			raw, ok = fileOf(raw, word[1:])
		}
		if !ok {
			return nil, false
		}
	}
	return raw, true
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 31)
	return err == nil
}

func partOf(raw []byte, section string) ([]byte, bool) {
	m := Parse(raw)
	p := m.Root.Find(section)
	if p == nil {
		return nil, false
	}
	return m.Octets(p), true
}

func fileOf(raw []byte, number string) ([]byte, bool) {
	n, err := strconv.Atoi(number)
	files := Extract(raw)
	if err != nil || n < 1 || n > len(files) {
		return nil, false
	}
	return files[n-1].Data, true
}
