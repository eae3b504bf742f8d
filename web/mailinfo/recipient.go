package mailinfo

import "strings"

// Mistaken gives the address among those known that another one may have been meant to be, or
// is made to look like: the same person at a domain that differs in a letter, or whose
// letters look alike. "" for none, and where it is known itself.
func Mistaken(address string, known []string) string {
	address = strings.ToLower(address)
	domain := domainOf(address)
	found := ""
	for _, k := range known {
		k = strings.ToLower(k)
		if k == address {
			return ""
		}
		other := domainOf(k)
		near := domain != other && oneOff(domain, other) || domain == other && len(localOf(k)) > minName && oneOff(localOf(address), localOf(k))
		if found == "" && near && (domain == other || localOf(k) == localOf(address)) {
			found = k
		}
	}
	return found
}

// minName is how long the part before the @ is in which a wrong letter is noticed: ann and
// amy are two people.
const minName = 5

// oneOff reports whether two texts differ by one letter, more or less or another, or by two
// that changed places.
func oneOff(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) < len(y) {
		return string(x[i:]) == string(y[i+1:])
	}
	if i == len(x) {
		return false
	}
	if string(x[i+1:]) == string(y[i+1:]) {
		return true
	}
	return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && string(x[i+2:]) == string(y[i+2:])
}
