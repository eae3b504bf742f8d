package message

import (
	"slices"
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

// maxDate is the longest text that is taken for a date, in octets.
const maxDate = 200

// Date reads a date-time (RFC 5322 §3.3, obsolete forms included, and those of C's
// asctime and ISO 8601, which are seen); false when it cannot be understood.
func Date(raw string) (time.Time, bool) {
	text := strings.TrimSpace(unfold(raw))
	if len(text) > maxDate {
		return time.Time{}, false
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil && t.Year() > 0 {
		return t.Truncate(time.Second), true
	}
	words := dateWords(stripComments(text))
	if len(words) < 4 {
		return time.Time{}, false
	}
	day, err := strconv.Atoi(words[0])
	month, ok := months[strings.ToLower(words[1][:min(3, len(words[1]))])]
	year, known := fullYear(words[2])
	if err != nil || day < 1 || day > 31 || !ok || !known {
		return time.Time{}, false
	}
	hour, minute, second, ok := clock(words[3])
	if !ok {
		return time.Time{}, false
	}
	rest := words[4:]
	if len(rest) > 0 && hour <= 12 && (strings.EqualFold(rest[0], "am") || strings.EqualFold(rest[0], "pm")) {
		hour %= 12
		if strings.EqualFold(rest[0], "pm") {
			hour += 12
		}
		rest = rest[1:]
	}
	east := 0
	if len(rest) > 0 {
		east = zone(rest[0])
	}
	loc := time.UTC
	if east != 0 {
		loc = time.FixedZone("", east*60)
	}
	t := time.Date(year, month, day, hour, minute, second, 0, loc)
	return t, t.Day() == day // 31 February is none
}

// dateWords is the words of a date, day of the month first, without that of the week.
func dateWords(text string) []string {
	words := strings.Fields(strings.ReplaceAll(text, ",", " "))
	if len(words) > 0 && len(words[0]) >= 3 && words[0][0] > '9' && months[strings.ToLower(words[0][:3])] == 0 {
		words = words[1:]
	}
	if len(words) == 0 {
		return nil
	}
	if parts := strings.Split(words[0], "-"); len(parts) == 3 { // 23-Nov-2026
		words = append(parts, words[1:]...)
	}
	if len(words) >= 4 && months[strings.ToLower(words[0][:min(3, len(words[0]))])] != 0 && strings.Contains(words[2], ":") {
		// Nov 23 10:00:00 2026, perhaps with a zone before the year
		year := len(words) - 1
		words = append([]string{words[1], words[0], words[year], words[2]}, words[3:year]...)
	}
	if slices.Contains(words, "") {
		return nil
	}
	return words
}

// fullYear reads a year; two and three digits mean those of RFC 5322 §4.3.
func fullYear(s string) (int, bool) {
	year, err := strconv.Atoi(s)
	switch {
	case err != nil || year < 0 || year > 9999:
		return 0, false
	case len(s) == 2 && year < 50:
		year += 2000
	case len(s) < 4:
		year += 1900
	}
	return year, true
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

// zone is minutes east of UTC: "+0100", "+01:00", "GMT+0100", or a name.
func zone(s string) int {
	if east, named := zones[strings.ToLower(s)]; named {
		return east
	}
	at := strings.IndexAny(s, "+-")
	if at < 0 || at > 0 && zones[strings.ToLower(s[:at])] != 0 {
		return 0
	}
	digits := strings.Replace(s[at+1:], ":", "", 1)
	n, err := strconv.Atoi(digits)
	if len(digits) != 4 || err != nil || n < 0 || n%100 > 59 || n/100 > 23 {
		return 0
	}
	east := n/100*60 + n%100
	if s[at] == '-' {
		return -east
	}
	return east
}
