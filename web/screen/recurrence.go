package screen

import (
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/invite"
	"github.com/hearthmail/hearthmail/web/words"
)

// ruleWords says how an event repeats.
func ruleWords(r *invite.Rule) string {
	if !r.Simple {
		return words.T("Yes, by a rule of its own")
	}
	n := max(r.Interval, 1)
	var out string
	switch r.Every {
	case invite.Daily:
		out = words.N(n, "Every day", "Every {n} days")
	case invite.Weekly:
		out = words.N(n, "Every week", "Every {n} weeks")
	case invite.Monthly:
		out = words.N(n, "Every month", "Every {n} months")
	default:
		out = words.N(n, "Every year", "Every {n} years")
	}
	switch {
	case len(r.Days) > 0:
		out = words.T("{rule} on {days}", out, dayWords(r.Days))
	case r.MonthDay > 0 && r.Every == invite.Monthly:
		out = words.T("{rule} on day {day}", out, words.Number(r.MonthDay))
	}
	switch {
	case r.Count > 0:
		out = words.N(r.Count, "{rule}, {n} times", "{rule}, {n} times", out)
	case !r.Until.IsZero():
		out = words.T("{rule}, until {date}", out, browser.FormatWall(browser.FormatDate, r.Until.Wall.Truncate(24*time.Hour).Add(noon)))
	}
	return out
}

// nthDay is which weekday of a month it is, -1 the last one.
var nthDay = map[int]words.Text{
	1: words.Mark("the first {weekday}"), 2: words.Mark("the second {weekday}"), 3: words.Mark("the third {weekday}"), 4: words.Mark("the fourth {weekday}"),
	5: words.Mark("the fifth {weekday}"), -1: words.Mark("the last {weekday}"), -2: words.Mark("the last but one {weekday}"),
}

func dayWords(days []invite.Day) string {
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = browser.FormatWall(browser.FormatWeekday, sunday.AddDate(0, 0, int(d.Weekday)))
		if nth, ok := nthDay[d.Nth]; ok {
			names[i] = nth.Fill(names[i])
		}
	}
	if last := len(names) - 1; last > 0 {
		return words.T("{list} and {last}", strings.Join(names[:last], ", "), names[last])
	}
	return names[0]
}

// sunday is one.
var sunday = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
