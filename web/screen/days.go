package screen

import (
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// Days part a list that is in order of its dates. Their names stand on the line above the
// first row of each, and that of the topmost row on the line above the grid: so they take
// no room, and position times row height stays true however long the list is.

// dayName is how the day of a message is called: Today, Yesterday, This week, a month.
func dayName(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.IsZero() {
		return ""
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	switch {
	case !t.Before(today):
		return words.T("Today")
	case !t.Before(today.AddDate(0, 0, -1)):
		return words.T("Yesterday")
	case !t.Before(monday):
		return words.T("This week")
	case t.Year() == now.Year():
		return browser.Format(browser.FormatMonth, t)
	}
	return browser.Format(browser.FormatMonthYear, t)
}

// dayAt is the name of the day of a row of the list, "" while it is not known or where days
// mean nothing.
func (s *Screen) dayAt(i int, now time.Time) string {
	if s.list == nil || !s.list.Query().Sort.ByDate() {
		return ""
	}
	id, ok := s.list.At(i)
	if !ok {
		return ""
	}
	e := s.list.Account().Email(id)
	if e == nil {
		return ""
	}
	return dayName(e.Email().ReceivedAt, now)
}

// dayOnTop is the name of the day of the topmost line in sight.
func (s *Screen) dayOnTop(l listing, now time.Time) string {
	ln, known := l.at(s.scroll.top / s.scroll.rowHeight())
	if !known {
		return ""
	}
	return s.dayAt(ln.row, now)
}

// dayAbove is the name that stands above a row: of its day, where the row before is of
// another one.
func (s *Screen) dayAbove(i int, now time.Time) string {
	day := s.dayAt(i, now)
	if before := s.dayAt(i-1, now); before == "" || before == day {
		return ""
	}
	return day
}

// dayLabel writes it. Who listens hears the date of each message anyway.
func dayLabel(day string) app.UI {
	return app.Span().Class("day").Aria("hidden", "true").Hidden(day == "").Text(day)
}
