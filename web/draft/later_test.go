package draft

import (
	"testing"
	"time"
	_ "time/tzdata" // machines without zones of their own
)

func TestLaterTimes(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	local := func(year int, month time.Month, day, hour, minute int) time.Time {
		return time.Date(year, month, day, hour, minute, 0, 0, zone)
	}
	names := []string{"in an hour", "this evening", "tomorrow", "Monday"}
	for now, want := range map[string][]string{
		"Fri 2026-12-04 09:30": {"in an hour Fri 10:30", "this evening Fri 18:00", "tomorrow Sat 08:00", "Monday Mon 08:00"},
		"Fri 2026-12-04 17:30": {"in an hour Fri 18:30", "tomorrow Sat 08:00", "Monday Mon 08:00"},
		"Sun 2026-12-06 20:00": {"in an hour Sun 21:00", "tomorrow Mon 08:00"},
		"Mon 2026-11-30 07:00": {"in an hour Mon 08:00", "this evening Mon 18:00", "tomorrow Tue 08:00", "Monday Mon 08:00"},
		"Sat 2027-03-27 12:00": {"in an hour Sat 13:00", "this evening Sat 18:00", "tomorrow Sun 08:00", "Monday Mon 08:00"}, // clocks go forward on Sunday
	} {
		at, err := time.ParseInLocation("Mon 2006-01-02 15:04", now, zone)
		if err != nil {
			t.Fatal(err)
		}
		got := LaterTimes(at, local)
		if len(got) != len(want) {
			t.Fatalf("%s: %v, want %v", now, got, want)
		}
		for i, g := range got {
			if s := names[g.What] + " " + g.At.In(zone).Format("Mon 15:04"); s != want[i] || !g.At.After(at) {
				t.Errorf("%s: %s, want %s", now, s, want[i])
			}
		}
	}
}
