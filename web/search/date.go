package search

import (
	"strconv"
	"strings"
	"time"
)

// layouts are the ways to write a date that are understood everywhere, and what each
// leaves open: years, months, days to its end.
var layouts = []struct {
	layout              string
	years, months, days int
}{
	{"2006-1-2", 0, 0, 1},
	{"2006/1/2", 0, 0, 1},
	{"2.1.2006", 0, 0, 1},
	{"2006-1", 0, 1, 0},
	{"2006/1", 0, 1, 0},
	{"2006", 1, 0, 0},
}

// dates reads 2026, 2026-03, 2026-03-14, 14.3.2026, today, yesterday, and 7d, 2w,
// 3m, 1y for the day that long ago: its first moment in the time zone of now, and the
// first moment after it.
func dates(v string, now time.Time) (start, end time.Time, ok bool) {
	v = strings.ToLower(v)
	for _, l := range layouts {
		// Year 0 to 9999 is what JMAP dates can say.
		if t, err := time.ParseInLocation(l.layout, v, now.Location()); err == nil && t.Year() >= 1900 && t.Year() < 9999 {
			return t, t.AddDate(l.years, l.months, l.days), true
		}
	}
	day, ok := dayAgo(v, now)
	return day, day.AddDate(0, 0, 1), ok
}

func dayAgo(v string, now time.Time) (time.Time, bool) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch v {
	case "today":
		return today, true
	case "yesterday":
		return today.AddDate(0, 0, -1), true
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
