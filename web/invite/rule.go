package invite

import (
	"strconv"
	"strings"
	"time"
)

// Frequencies of a rule that can be said in words.
const (
	Daily   = "DAILY"
	Weekly  = "WEEKLY"
	Monthly = "MONTHLY"
	Yearly  = "YEARLY"
)

// Rule is how an event repeats (RFC 5545 §3.3.10).
type Rule struct {
	Every    string // one of the words above
	Interval int    // every so many of them, at least 1
	Days     []Day
	MonthDay int // 0: not said
	Month    int // 0: not said
	Count    int // so often, 0: not said
	Until    Moment
	Simple   bool // that is all of it; else it says more than can be said here
}

// Day is a weekday, or with Nth the nth in a month (negative: from its end).
type Day struct {
	Weekday time.Weekday
	Nth     int
}

var weekdays = map[string]time.Weekday{
	"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday, "TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday,
}

func parseRule(value string) *Rule {
	r := &Rule{Interval: 1, Simple: true}
	for part := range strings.SplitSeq(strings.ToUpper(value), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		ok := true
		switch name {
		case "":
		case "FREQ":
			r.Every = value
			ok = value == Daily || value == Weekly || value == Monthly || value == Yearly
		case "INTERVAL":
			r.Interval, ok = number(value, 1000)
		case "COUNT":
			r.Count, ok = number(value, 100_000)
		case "BYMONTHDAY":
			r.MonthDay, ok = number(value, 31)
		case "BYMONTH":
			r.Month, ok = number(value, 12)
		case "BYDAY":
			ok = r.days(value)
		case "UNTIL":
			c := component{lines: []line{{name: name, value: value}}}
			r.Until = c.moment(name, nil)
			ok = !r.Until.IsZero()
		case "WKST":
		default:
			ok = false
		}
		r.Simple = r.Simple && ok
	}
	r.Simple = r.Simple && r.Every != "" && r.together()
	return r
}

// together reports whether what the rule says can be said in one sentence.
func (r *Rule) together() bool {
	nth := false
	for _, d := range r.Days {
		nth = nth || d.Nth != 0
	}
	switch r.Every {
	case Daily:
		return len(r.Days) == 0 && r.MonthDay == 0 && r.Month == 0
	case Weekly:
		return !nth && r.MonthDay == 0 && r.Month == 0
	case Monthly:
		return r.Month == 0 && (len(r.Days) == 0 || len(r.Days) == 1 && nth && r.MonthDay == 0)
	}
	return len(r.Days) == 0 || len(r.Days) == 1 && nth && r.MonthDay == 0 && r.Month > 0
}

func (r *Rule) days(value string) bool {
	for day := range strings.SplitSeq(value, ",") {
		if len(day) < 2 || len(r.Days) == 7 {
			return false
		}
		weekday, ok := weekdays[day[len(day)-2:]]
		nth := 0
		if n := day[:len(day)-2]; n != "" && ok {
			var err error
			nth, err = strconv.Atoi(n)
			ok = err == nil && nth != 0 && nth >= -5 && nth <= 5
		}
		if !ok {
			return false
		}
		r.Days = append(r.Days, Day{weekday, nth})
	}
	return true
}

func number(s string, most int) (int, bool) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 1, false
	}
	return n, true
}
