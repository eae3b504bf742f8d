package invite

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// maxAttendees is how many are named; the others are counted.
const maxAttendees = 100

// What an invitation asks or tells.
const (
	Requested = "REQUEST"
	Cancelled = "CANCEL"
	Replied   = "REPLY"
	Published = "PUBLISH"
)

// Event is an invitation to something.
type Event struct {
	Method      string // one of the words above, or another of RFC 5546, "" for none
	Status      string // CONFIRMED, TENTATIVE, CANCELLED or ""
	Updated     bool   // it was sent before, and is another now
	Title       string
	Description string
	Location    string
	Start, End  Moment // End is what it ends before; zero if it says nothing of it
	Organizer   Person
	Attendees   []Person
	More        int   // attendees beyond those
	Others      int   // further events in the file
	Rule        *Rule // how it repeats, nil if it does not
	Once        bool  // of an event that repeats, this one occurrence
}

// Moment is a time as the invitation says it.
type Moment struct {
	// Wall is what a clock there shows, as if it were UTC.
	Wall time.Time
	// AllDay says that it is a day only.
	AllDay bool
	// Offset is how far that clock is ahead of UTC, when Known.
	Offset time.Duration
	Known  bool
	// Zone is the clock's name where its offset is not known: "" is wherever the reader is.
	Zone string
}

// IsZero reports whether there is none.
func (m Moment) IsZero() bool { return m.Wall.IsZero() }

// Person takes part in an event.
type Person struct {
	Name, Email string
	Answer      string // ACCEPTED, DECLINED, TENTATIVE, … (RFC 5545 §3.2.12)
	Optional    bool
}

// ErrNoEvent is a calendar file without an event that can be shown.
var ErrNoEvent = errors.New("no event in the calendar file")

// ParseCalendar reads the first event of a calendar file.
func ParseCalendar(text string) (*Event, error) {
	file := component{}
	file.read(readLines(text))
	var event *component
	others := 0
	for i := range file.parts {
		switch p := &file.parts[i]; {
		case p.name != "VEVENT":
		case event == nil:
			event = p
		case event.first("RECURRENCE-ID") != nil && p.first("RECURRENCE-ID") == nil:
			event = p // the event itself says more than one of its changed occurrences
			others++
		default:
			others++
		}
	}
	if event == nil {
		return nil, ErrNoEvent
	}
	zones := file.zones()
	e := &Event{
		Method: strings.ToUpper(event.method), Status: strings.ToUpper(event.text("STATUS")), Others: others,
		Title: event.text("SUMMARY"), Description: event.text("DESCRIPTION"), Location: event.text("LOCATION"),
		Start: event.moment("DTSTART", zones), End: event.moment("DTEND", zones),
		Once: event.first("RECURRENCE-ID") != nil,
	}
	if e.Method == "" {
		e.Method = strings.ToUpper(file.text("METHOD"))
	}
	sequence, _ := strconv.Atoi(event.text("SEQUENCE")) // none is 0
	e.Updated = sequence > 0 && e.Method == Requested
	if e.End.IsZero() && !e.Start.IsZero() {
		e.End = e.Start.after(event.text("DURATION"))
	}
	if l := event.first("ORGANIZER"); l != nil {
		e.Organizer = person(l)
	}
	for i := range event.lines {
		if event.lines[i].name != "ATTENDEE" {
			continue
		}
		if len(e.Attendees) < maxAttendees {
			e.Attendees = append(e.Attendees, person(&event.lines[i]))
		} else {
			e.More++
		}
	}
	if l := event.first("RRULE"); l != nil {
		e.Rule = parseRule(l.value)
	}
	if e.Start.IsZero() && e.Title == "" {
		return nil, ErrNoEvent
	}
	return e, nil
}

// component is what stands between BEGIN and END. Those of the file's calendars lie side
// by side; alarms and the like are left out.
type component struct {
	name, method string
	lines        []line
	parts        []component
}

func (c *component) read(lines []line) {
	var open []*component
	for _, l := range lines {
		name := strings.ToUpper(strings.TrimSpace(l.value))
		switch {
		case l.name == "BEGIN" && name == "VCALENDAR" && len(open) == 0:
		case l.name == "BEGIN":
			if len(open) > 8 {
				return // no calendar nests like that
			}
			open = append(open, &component{name: name, method: c.text("METHOD")})
		case l.name == "END" && len(open) > 0:
			done := open[len(open)-1]
			open = open[:len(open)-1]
			if len(open) == 0 {
				c.parts = append(c.parts, *done)
			} else if p := open[len(open)-1]; p.name == "VTIMEZONE" {
				p.parts = append(p.parts, *done)
			}
		case len(open) > 0:
			open[len(open)-1].lines = append(open[len(open)-1].lines, l)
		case l.name != "END":
			c.lines = append(c.lines, l)
		}
	}
}

func (c *component) first(name string) *line {
	for i := range c.lines {
		if c.lines[i].name == name {
			return &c.lines[i]
		}
	}
	return nil
}

func (c *component) text(name string) string {
	if l := c.first(name); l != nil {
		return unescape(l.value)
	}
	return ""
}

func person(l *line) Person {
	email := l.param("EMAIL")
	if scheme, rest, ok := strings.Cut(l.value, ":"); ok && strings.EqualFold(scheme, "mailto") {
		email = rest
	}
	return Person{
		Name: strings.TrimSpace(l.param("CN")), Email: strings.TrimSpace(email),
		Answer: strings.ToUpper(l.param("PARTSTAT")), Optional: strings.EqualFold(l.param("ROLE"), "OPT-PARTICIPANT"),
	}
}
