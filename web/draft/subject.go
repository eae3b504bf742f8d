package draft

import "strings"

// Prefixes that mail programs put before subjects, in the languages met in the
// wild. German AW and WG, Scandinavian SV and VS, Dutch ANTW and DOORST, French TR, Italian R, RIF and I, Spanish RV and RES, Portuguese ENC, Polish
// ODP and PD, Turkish YNT and İLT, Finnish VL, Hungarian VÁ, Chinese 回复, 答复, 转发.
var (
	replyPrefixes   = words("re aw sv antw vs r rif res odp ynt vá 回复 答复 回覆")
	forwardPrefixes = words("fwd fw wg tr vl doorst i enc rv pd ilt i̇lt 转发 轉寄")
)

func words(s string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// ReplySubject is the subject of an answer: "Re: " once, whatever was there.
func ReplySubject(subject string) string { return "Re: " + Bare(subject) }

// ForwardSubject is the subject of a message passed on.
func ForwardSubject(subject string) string { return "Fwd: " + Bare(subject) }

// Bare is a subject without reply and forward prefixes.
func Bare(subject string) string {
	s := oneLine(subject)
	for {
		rest, ok := cutPrefix(s)
		if !ok {
			return s
		}
		s = rest
	}
}

// cutPrefix cuts one prefix such as "Re:", "AW :", "RE[2]:" or "Fwd：".
func cutPrefix(s string) (rest string, ok bool) {
	const longest = 24
	i := strings.IndexAny(s, ":：")
	if i <= 0 || i > longest {
		return s, false
	}
	word := strings.ToLower(strings.TrimSpace(s[:i]))
	if j := strings.IndexAny(word, "[("); j > 0 && strings.Trim(word[j:], "[]()0123456789") == "" {
		word = strings.TrimSpace(word[:j])
	}
	if !replyPrefixes[word] && !forwardPrefixes[word] {
		return s, false
	}
	rest = strings.TrimPrefix(strings.TrimPrefix(s[i:], ":"), "：")
	return strings.TrimSpace(rest), true
}

// oneLine makes one line of a header value that may have been folded or forged.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n\t\x00") {
		return strings.TrimSpace(s)
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\x00", "")), " ")
}
