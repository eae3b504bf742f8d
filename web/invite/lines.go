package invite

import (
	"strings"
	"unicode/utf8"
)

// Bounds of what is read.
const (
	maxOctets = 256 << 10
	maxLines  = 10_000
	maxValue  = 8 << 10 // of one property
	maxParams = 20
)

// line is a content line: NAME;PARAM=value:value (RFC 5545 §3.1).
type line struct {
	name   string // upper case, without a group
	params map[string]string
	value  string // as it stands there
}

// param is a parameter's value, "" if it has none.
func (l *line) param(name string) string { return l.params[name] }

// is reports whether a parameter has a value, among others or by itself, as vCard 2.1
// writes it.
func (l *line) is(param, value string) bool {
	for v := range strings.SplitSeq(l.params[param]+","+l.params[""], ",") {
		if strings.EqualFold(v, value) {
			return true
		}
	}
	return false
}

// readLines cuts a file into its lines, folded ones put together again.
func readLines(text string) []line {
	text = text[:min(len(text), maxOctets)]
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(strings.ToValidUTF8(text, "\uFFFD"))
	var out []line
	var whole strings.Builder
	flush := func() {
		if l, ok := parseLine(whole.String()); ok {
			out = append(out, l)
		}
		whole.Reset()
	}
	n, quoted := 0, false
	for raw := range strings.SplitSeq(strings.TrimPrefix(text, "\uFEFF"), "\n") {
		if n++; n > maxLines {
			break
		}
		if strings.HasPrefix(raw, " ") || strings.HasPrefix(raw, "\t") {
			if whole.Len() < maxValue {
				whole.WriteString(raw[1:])
			}
			continue
		}
		// vCard 2.1 breaks quoted-printable lines in its own way; the mark of the break is
		// one that the decoder knows.
		if quoted && strings.HasSuffix(whole.String(), "=") {
			if whole.Len() < maxValue {
				whole.WriteString("\n" + raw)
				continue
			}
		}
		flush()
		quoted = strings.Contains(strings.ToUpper(raw), "QUOTED-PRINTABLE")
		whole.WriteString(raw)
	}
	flush()
	return out
}

func parseLine(s string) (l line, ok bool) {
	at := strings.IndexAny(s, ":;")
	if at <= 0 {
		return l, false
	}
	name := s[:at]
	name = name[strings.LastIndex(name, ".")+1:]
	l = line{name: strings.ToUpper(strings.TrimSpace(name)), params: map[string]string{}}
	s = s[at:]
	for n := 0; strings.HasPrefix(s, ";"); n++ {
		var param string
		param, s = cutParam(s[1:])
		if n >= maxParams {
			continue
		}
		key, value, named := strings.Cut(param, "=")
		if !named {
			key, value = "", param
		}
		key = strings.ToUpper(strings.TrimSpace(key))
		if earlier := l.params[key]; earlier != "" {
			value = earlier + "," + value
		}
		l.params[key] = strings.ReplaceAll(clip(value, maxValue), `"`, "")
	}
	value, ok := strings.CutPrefix(s, ":")
	l.value = clip(value, maxValue)
	return l, ok && l.name != ""
}

// cutParam cuts a parameter off; in quotes, ";" and ":" end nothing.
func cutParam(s string) (param, rest string) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case !quoted && (s[i] == ';' || s[i] == ':'):
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// clip shortens a text to so many octets at most.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// unescape reads a TEXT value (RFC 5545 §3.3.11).
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";").Replace(s))
}

// splitEscaped cuts at a separator that has no backslash before it.
func splitEscaped(s string, sep byte) []string {
	var out []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			out = append(out, unescape(s[from:i]))
			from = i + 1
		}
	}
	return append(out, unescape(s[from:]))
}
