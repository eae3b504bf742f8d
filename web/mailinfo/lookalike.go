package mailinfo

import (
	"strings"
	"unicode"
)

// Lookalike reports whether a host name is made to look like another one: a label of it
// mixes Latin letters with those of another script, or is written in another script with
// letters that all look Latin. Names in one script that is plainly not Latin are names.
func Lookalike(host string) bool {
	for label := range strings.SplitSeq(Host(host), ".") {
		if encoded, ok := strings.CutPrefix(label, "xn--"); ok {
			decoded, ok := decodePunycode(encoded)
			if !ok {
				return true // no browser would show it otherwise than as it is
			}
			label = decoded
		}
		if lookalikeLabel(label) {
			return true
		}
	}
	return false
}

func lookalikeLabel(label string) bool {
	latin, other, alike, marks := 0, 0, 0, 0
	for _, r := range label {
		switch {
		case r >= 0xff01 && r <= 0xff5e: // wide letters
			return true
		case unicode.In(r, unicode.Cf, unicode.Mn): // what changes a letter, or is not seen
			marks++
		case r <= unicode.MaxASCII && unicode.IsLetter(r), unicode.Is(unicode.Latin, r):
			latin++
		case r <= unicode.MaxASCII:
		case unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee):
			other++
			if strings.ContainsRune(latinLike, r) {
				alike++
			}
		}
	}
	return other > 0 && (latin > 0 || alike == other) || marks > 0 && latin > 0
}

// latinLike are letters of other scripts that are drawn as Latin ones.
const latinLike = "асеорхуіјѕԁԛԝһӏьгոսօցհ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχ" + "АВЕКМНОРСТХ"

// readable is a host with its labels in the letters they stand for.
func readable(host string) string {
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if encoded, ok := strings.CutPrefix(label, "xn--"); ok {
			if decoded, ok := decodePunycode(encoded); ok {
				labels[i] = decoded
			}
		}
	}
	return strings.Join(labels, ".")
}

// maxLabel is the length of a label (RFC 1035 §2.3.4).
const maxLabel = 63

// decodePunycode decodes what follows "xn--" in a label (RFC 3492 §6.2).
func decodePunycode(encoded string) (string, bool) {
	const base, tMin, tMax, skew, damp = 36, 1, 26, 38, 700
	if len(encoded) == 0 || len(encoded) > maxLabel {
		return "", false
	}
	var out []rune
	if at := strings.LastIndexByte(encoded, '-'); at > 0 {
		out, encoded = []rune(encoded[:at]), encoded[at+1:]
	}
	n, i, bias := 128, 0, 72
	for len(encoded) > 0 {
		before, weight := i, 1
		for k := base; ; k += base {
			if len(encoded) == 0 {
				return "", false
			}
			digit, ok := punycodeDigit(encoded[0])
			if !ok || digit > (1<<30-i)/weight {
				return "", false
			}
			encoded = encoded[1:]
			i += digit * weight
			t := min(max(k-bias, tMin), tMax)
			if digit < t {
				break
			}
			if weight > (1<<30)/(base-t) {
				return "", false
			}
			weight *= base - t
		}
		delta, size := (i-before)/2, len(out)+1
		if before == 0 {
			delta = i / damp
		}
		delta += delta / size
		for bias = 0; delta > (base-tMin)*tMax/2; bias += base {
			delta /= base - tMin
		}
		bias += (base - tMin + 1) * delta / (delta + skew)
		n += i / size
		i %= size
		if n > unicode.MaxRune {
			return "", false
		}
		out = append(out[:i], append([]rune{rune(n)}, out[i:]...)...)
		i++
	}
	return string(out), true
}

func punycodeDigit(c byte) (int, bool) {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a'), true
	case '0' <= c && c <= '9':
		return int(c-'0') + 26, true
	}
	return 0, false
}
