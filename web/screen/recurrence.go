package screen

import (
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/invite"
)

// ruleWords says how an event repeats.
func ruleWords(r *invite.Rule) string {
	if !r.Simple {
		return "Yes, by a rule of its own"
	}
	words := map[string][2]string{
		invite.Daily: {"Every day", "days"}, invite.Weekly: {"Every week", "weeks"},
		invite.Monthly: {"Every month", "months"}, invite.Yearly: {"Every year", "years"},
	}[r.Every]
	out := words[0]
	if r.Interval > 1 {
		out = "Every " + strconv.Itoa(r.Interval) + " " + words[1]
	}
	switch {
	case len(r.Days) > 0:
		out += " on " + dayWords(r.Days)
	case r.MonthDay > 0 && r.Every == invite.Monthly:
		out += " on day " + strconv.Itoa(r.MonthDay)
	}
	switch {
	case r.Count > 0:
		out += ", " + count(r.Count) + " times"
	case !r.Until.IsZero():
		out += ", until " + browser.FormatWall(browser.FormatDate, r.Until.Wall.Truncate(24*time.Hour).Add(noon))
	}
	return out
}

func dayWords(days []invite.Day) string {
	order := map[int]string{1: "the first ", 2: "the second ", 3: "the third ", 4: "the fourth ", 5: "the fifth ", -1: "the last ", -2: "the last but one "}
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = order[d.Nth] + d.Weekday.String()
	}
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return names[0]
}
