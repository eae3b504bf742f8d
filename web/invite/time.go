package invite

import (
	"strconv"
	"strings"
	"time"
)

const (
	layoutDay  = "20060102"
	layoutTime = "20060102T150405"
)

// moment reads a date or a time (RFC 5545 §3.3.4, §3.3.5).
func (c *component) moment(name string, zones map[string]component) Moment {
	l := c.first(name)
	if l == nil {
		return Moment{}
	}
	value := strings.TrimSpace(l.value)
	if day, err := time.Parse(layoutDay, value); err == nil {
		return Moment{Wall: day, AllDay: true}
	}
	if utc, ok := strings.CutSuffix(value, "Z"); ok {
		t, err := time.Parse(layoutTime, utc)
		return Moment{Wall: t, Known: err == nil}
	}
	t, err := time.Parse(layoutTime, value)
	if err != nil {
		return Moment{}
	}
	m := Moment{Wall: t, Zone: l.param("TZID")}
	if zone, ok := zones[m.Zone]; ok {
		if offset, ok := zone.offset(t); ok {
			m.Offset, m.Known = offset, true
		}
	}
	return m
}

// zones are the time zones the file itself describes (RFC 5545 §3.6.5), by name.
func (c *component) zones() map[string]component {
	out := map[string]component{}
	for _, p := range c.parts {
		if p.name == "VTIMEZONE" {
			out[p.text("TZID")] = p
		}
	}
	return out
}

// offset is how far a zone's clock is ahead of UTC when it shows wall: as the last of
// its changes before says.
func (c *component) offset(wall time.Time) (time.Duration, bool) {
	var last time.Time
	var offset time.Duration
	found := false
	for i := range c.parts {
		p := &c.parts[i]
		to, ok := parseOffset(p.text("TZOFFSETTO"))
		if !ok {
			continue
		}
		if at, ok := p.onset(wall); ok && (!found || at.After(last)) {
			last, offset, found = at, to, true
		}
	}
	return offset, found
}

// onset is the last time before wall at which part of a zone's year began.
func (c *component) onset(wall time.Time) (time.Time, bool) {
	start, err := time.Parse(layoutTime, c.text("DTSTART"))
	if err != nil || start.After(wall) {
		return time.Time{}, false
	}
	last := start
	if l := c.first("RRULE"); l != nil {
		rule := parseRule(l.value)
		for year := wall.Year() - 1; year <= wall.Year(); year++ {
			at, ok := rule.inYear(year, start)
			if ok && !at.After(wall) && at.After(last) && (rule.Until.IsZero() || !at.After(rule.Until.Wall.AddDate(0, 0, 1))) {
				last = at
			}
		}
	}
	for i := range c.lines {
		if c.lines[i].name != "RDATE" {
			continue
		}
		for value := range strings.SplitSeq(c.lines[i].value, ",") {
			if at, err := time.Parse(layoutTime, value); err == nil && !at.After(wall) && at.After(last) {
				last = at
			}
		}
	}
	return last, true
}

// inYear is when a yearly rule of a time zone falls: on the same day of the year, or on
// the nth of a weekday of a month.
func (r *Rule) inYear(year int, start time.Time) (time.Time, bool) {
	if r == nil || r.Every != Yearly {
		return time.Time{}, false
	}
	month := start.Month()
	if r.Month > 0 {
		month = time.Month(r.Month)
	}
	day := start.Day()
	if len(r.Days) == 1 {
		day = nthWeekday(year, month, r.Days[0])
	}
	return time.Date(year, month, day, start.Hour(), start.Minute(), start.Second(), 0, time.UTC), day > 0
}

// nthWeekday is the day of a month a weekday falls on for the nth time, counted from its
// end where n is negative.
func nthWeekday(year int, month time.Month, d Day) int {
	if d.Nth > 0 {
		first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
		return 1 + (int(d.Weekday)-int(first.Weekday())+7)%7 + 7*(d.Nth-1)
	}
	if d.Nth < 0 {
		last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
		return last.Day() - (int(last.Weekday())-int(d.Weekday)+7)%7 + 7*(d.Nth+1)
	}
	return 0
}

// parseOffset reads +0130.
func parseOffset(s string) (time.Duration, bool) {
	if len(s) != 5 && len(s) != 7 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	n, err := strconv.Atoi(s[1:5])
	if err != nil || n < 0 || n > 1500 {
		return 0, false
	}
	d := time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
	if s[0] == '-' {
		d = -d
	}
	return d, true
}

// after is a moment later by a duration (RFC 5545 §3.3.6); zero if it is none.
func (m Moment) after(duration string) Moment {
	const longest = 10_000
	rest, ok := strings.CutPrefix(strings.TrimPrefix(duration, "+"), "P")
	if !ok {
		return Moment{}
	}
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	var sum time.Duration
	n, digits := 0, 0
	for i := range len(rest) {
		switch b := rest[i]; {
		case b >= '0' && b <= '9' && n < longest:
			n, digits = n*10+int(b-'0'), digits+1
		case b == 'T' && digits == 0:
		case units[b] > 0 && digits > 0:
			sum += time.Duration(n) * units[b]
			n, digits = 0, 0
		default:
			return Moment{}
		}
	}
	m.Wall = m.Wall.Add(sum)
	return m
}
