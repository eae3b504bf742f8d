package screen

import (
	"testing"
	"time"
)

func TestDayNames(t *testing.T) {
	now := time.Date(2026, 11, 26, 9, 30, 0, 0, time.Local) // a Thursday
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, ""},
		{now, "Today"},
		{now.Add(2 * time.Hour), "Today"}, // clocks differ
		{time.Date(2026, 11, 26, 0, 0, 0, 0, time.Local), "Today"},
		{time.Date(2026, 11, 25, 23, 59, 0, 0, time.Local), "Yesterday"},
		{time.Date(2026, 11, 23, 0, 0, 0, 0, time.Local), "This week"},
		{time.Date(2026, 11, 22, 23, 0, 0, 0, time.Local), "November"},
		{time.Date(2026, 1, 2, 0, 0, 0, 0, time.Local), "January"},
		{time.Date(2025, 12, 31, 0, 0, 0, 0, time.Local), "December 2025"},
	} {
		if got := dayName(c.at, now); got != c.want {
			t.Errorf("%s is called %q, want %q", c.at, got, c.want)
		}
	}
}
