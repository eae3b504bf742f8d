package message

import "strings"

// maxBaseSubject is how many octets of a subject are looked at.
const maxBaseSubject = 1000

// BaseSubject is a subject without what replying and forwarding put around it (RFC 5256
// §2.1): "Re: [list] Fwd: tea (fwd)" is tea.
func BaseSubject(s string) string {
	if len(s) > maxBaseSubject {
		s = strings.ToValidUTF8(s[:maxBaseSubject], "")
	}
	s = strings.Join(strings.Fields(s), " ")
	for {
		s = trimTrailers(s)
		for {
			rest, leader := cutLeader(s)
			if blobless, ok := cutBlob(s); !leader && ok && blobless != "" {
				rest, leader = blobless, true
			}
			if !leader {
				break
			}
			s = rest
		}
		inner, ok := cutPrefixFold(s, "[fwd:")
		if !ok || !strings.HasSuffix(inner, "]") {
			return s
		}
		s = strings.TrimSpace(strings.TrimSuffix(inner, "]"))
	}
}

// trimTrailers takes "(fwd)" from the end, as often as it is there.
func trimTrailers(s string) string {
	for {
		s = strings.TrimSpace(s)
		end := len(s) - len("(fwd)")
		if end < 0 || !strings.EqualFold(s[end:], "(fwd)") {
			return s
		}
		s = s[:end]
	}
}

// cutLeader takes one "Re:", "Fw:" or "Fwd:" from the beginning, with the tags in
// brackets before it and the one after the word.
func cutLeader(s string) (string, bool) {
	rest := s
	for after, ok := cutBlob(rest); ok; after, ok = cutBlob(rest) {
		rest = after
	}
	for _, word := range []string{"re", "fwd", "fw"} {
		after, ok := cutPrefixFold(rest, word)
		if !ok {
			continue
		}
		after = strings.TrimSpace(after)
		if blobless, ok := cutBlob(after); ok {
			after = blobless
		}
		if after, ok = strings.CutPrefix(after, ":"); ok {
			return strings.TrimSpace(after), true
		}
	}
	return s, false
}

// cutBlob takes a tag in brackets from the beginning.
func cutBlob(s string) (string, bool) {
	if !strings.HasPrefix(s, "[") {
		return s, false
	}
	end := strings.IndexAny(s[1:], "[]") + 1
	if end == 0 || s[end] != ']' {
		return s, false
	}
	return strings.TrimSpace(s[end+1:]), true
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
