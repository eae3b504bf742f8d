package draft

import "time"

// Later is a time that messages are sent at later.
type Later int

// The times that are offered.
const (
	InAnHour Later = iota
	ThisEvening
	TomorrowMorning
	MondayMorning
)

// Hours of the day.
const (
	morning = 8
	evening = 18
)

// LaterTime is one of them, in the person's time zone.
type LaterTime struct {
	What Later
	At   time.Time
}

// LaterTimes are those that are offered at a time, soonest first. local makes a time of what a
// clock on the wall shows; a day may lie beyond the end of its month.
func LaterTimes(now time.Time, local func(year int, month time.Month, day, hour, minute int) time.Time) []LaterTime {
	at := func(days, hour int) time.Time {
		return local(now.Year(), now.Month(), now.Day()+days, hour, 0)
	}
	out := []LaterTime{{InAnHour, now.Add(time.Hour).Truncate(time.Minute)}}
	if tonight := at(0, evening); tonight.Sub(now) > time.Hour {
		out = append(out, LaterTime{ThisEvening, tonight})
	}
	out = append(out, LaterTime{TomorrowMorning, at(1, morning)})
	// From 1, tomorrow, to 7, in a week.
	if days := (int(time.Monday-now.Weekday())+6)%7 + 1; days > 1 {
		out = append(out, LaterTime{MondayMorning, at(days, morning)})
	}
	return out
}
