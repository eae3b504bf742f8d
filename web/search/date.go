package search

import (
	"strconv"
	"strings"
	"time"
)

// layouts are the ways to write a date that are understood everywhere.
var layouts = []string{"2006-1-2", "2006/1/2", "2.1.2006", "2006-1", "2006/1", "2006"}

// date reads 2026, 2026-03, 2026-03-14, 14.3.2026, today, yesterday, and 7d, 2w,
// 3m, 1y for that long ago: the first moment of it in the time zone of now.
func date(v string, now time.Time) (time.Time, bool) {
	v = strings.ToLower(v)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch v {
	case "today":
		return today, true
	case "yesterday":
		return today.AddDate(0, 0, -1), true
	}
	for _, layout := range layouts {
		// Year 0 to 9999 is what JMAP dates can say.
		if t, err := time.ParseInLocation(layout, v, now.Location()); err == nil && t.Year() >= 1900 {
			return t, true
		}
	}
	if len(v) < 2 {
		return time.Time{}, false
	}
	n, err := strconv.Atoi(v[:len(v)-1])
	if err != nil || n < 0 || n > 10_000 {
		return time.Time{}, false
	}
	switch v[len(v)-1] {
	case 'd':
		today = today.AddDate(0, 0, -n)
	case 'w':
		today = today.AddDate(0, 0, -7*n)
	case 'm':
		today = today.AddDate(0, -n, 0)
	case 'y':
		today = today.AddDate(-n, 0, 0)
	default:
		return time.Time{}, false
	}
	return today, today.Year() >= 1900
}
