package message

import (
	"strconv"
	"strings"
	"time"
)

// zones is the names of time zones that mail uses (RFC 5322 §4.3); any other name
// is UTC, as that section says.
var zones = map[string]int{ // minutes east
	"ut": 0, "gmt": 0, "utc": 0, "z": 0,
	"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
	"cet": 60, "cest": 120, "met": 60, "mest": 120, "bst": 60, "eet": 120, "eest": 180, "jst": 540,
}

var months = map[string]time.Month{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}

// Date reads a date-time (RFC 5322 §3.3, obsolete forms included); false when it
// cannot be understood.
func Date(raw string) (time.Time, bool) {
	words := strings.Fields(strings.ReplaceAll(stripComments(unfold(raw)), ",", " "))
	if len(words) > 0 && len(words[0]) >= 3 && words[0][0] > '9' {
		words = words[1:] // the day of the week
	}
	if len(words) < 4 {
		return time.Time{}, false
	}
	day, err := strconv.Atoi(words[0])
	if err != nil || day < 1 || day > 31 || len(words[1]) < 3 {
		return time.Time{}, false
	}
	month, ok := months[strings.ToLower(words[1][:3])]
	year, err := strconv.Atoi(words[2])
	if !ok || err != nil || year < 0 || year > 9999 {
		return time.Time{}, false
	}
	switch { // RFC 5322 §4.3
	case len(words[2]) == 2 && year < 50:
		year += 2000
	case len(words[2]) < 4:
		year += 1900
	}
	hour, minute, second, ok := clock(words[3])
	if !ok {
		return time.Time{}, false
	}
	east := 0
	if len(words) > 4 {
		east = zone(words[4])
	}
	loc := time.UTC
	if east != 0 {
		loc = time.FixedZone("", east*60)
	}
	t := time.Date(year, month, day, hour, minute, second, 0, loc)
	return t, t.Day() == day // 31 February is none
}

func clock(s string) (hour, minute, second int, ok bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 2 && len(parts) != 3 {
		return 0, 0, 0, false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 {
			return 0, 0, 0, false
		}
		n[i] = v
	}
	if n[2] == 60 { // a leap second
		n[2] = 59
	}
	return n[0], n[1], n[2], n[0] < 24 && n[1] < 60 && n[2] < 60
}

// zone is minutes east of UTC.
func zone(s string) int {
	if len(s) == 5 && (s[0] == '+' || s[0] == '-') {
		n, err := strconv.Atoi(s[1:])
		if err != nil || n%100 > 59 || n/100 > 23 {
			return 0
		}
		east := n/100*60 + n%100
		if s[0] == '-' {
			return -east
		}
		return east
	}
	return zones[strings.ToLower(s)]
}

// stripComments removes comments, nested ones too (RFC 5322 §3.2.2).
func stripComments(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	var out strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s):
			if depth == 0 {
				out.WriteString(s[i : i+2])
			}
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
			out.WriteByte(c)
		case c == '(' && !quoted:
			depth++
		case c == ')' && !quoted && depth > 0:
			depth--
			out.WriteByte(' ')
		case depth == 0:
			out.WriteByte(c)
		}
	}
	return out.String()
}
