package screen

import (
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/web/invite"
)

func TestRuleWords(t *testing.T) {
	until := invite.Moment{Wall: time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC)}
	for want, r := range map[string]invite.Rule{
		"Every day":                               {Every: invite.Daily, Interval: 1},
		"Every 2 weeks on Monday and Wednesday":   {Every: invite.Weekly, Interval: 2, Days: []invite.Day{{Weekday: time.Monday}, {Weekday: time.Wednesday}}},
		"Every month on the last Friday, 3 times": {Every: invite.Monthly, Interval: 1, Days: []invite.Day{{Weekday: time.Friday, Nth: -1}}, Count: 3},
		"Every month on day 31":                   {Every: invite.Monthly, Interval: 1, MonthDay: 31},
		"Every year, until 31 Dec 2026":           {Every: invite.Yearly, Interval: 1, Until: until},
	} {
		r.Simple = true
		if got := ruleWords(&r); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if got := ruleWords(&invite.Rule{Every: "HOURLY"}); got != "Yes, by a rule of its own" {
		t.Error(got)
	}
}

func TestEventTime(t *testing.T) {
	day := func(d int) invite.Moment {
		return invite.Moment{Wall: time.Date(2026, 7, d, 0, 0, 0, 0, time.UTC), AllDay: true}
	}
	for want, e := range map[string]invite.Event{
		"":                       {},
		"Wednesday, 1 July 2026": {Start: day(1), End: day(2)},
		"Wednesday, 1 July 2026 – Friday, 3 July 2026": {Start: day(1), End: day(4)},
	} {
		if got := eventTime(&e); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
