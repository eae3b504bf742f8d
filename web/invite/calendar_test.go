package invite_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/web/invite"
)

const berlin = `BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
`

// calendar is a calendar file with an event of these lines.
func calendar(method, zones string, lines ...string) string {
	return strings.ReplaceAll("BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:"+method+"\n"+zones+"BEGIN:VEVENT\n"+strings.Join(lines, "\n")+
		"\nBEGIN:VALARM\nSUMMARY:not this\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n", "\n", "\r\n")
}

func TestInvitation(t *testing.T) {
	e, err := invite.ParseCalendar(calendar("REQUEST", berlin,
		"UID:1", "SEQUENCE:2", `SUMMARY:Tea\, and a long`, "  talk", "DTSTART;TZID=W. Europe Standard Time:20260701T150000", "DURATION:PT1H30M",
		`LOCATION:Kitchen\nat home`, `ORGANIZER;CN="Hopper; Grace":mailto:grace@hearth.test`,
		"ATTENDEE;CN=Ada;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:MAILTO:ada@hearth.test", "ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:bob@hearth.test",
		"RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=10"))
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s %v %q %q %v %v %v %v", e.Method, e.Updated, e.Title, e.Location, e.Start.Wall, e.Start.Offset, e.Start.Known, e.End.Wall)
	want := `REQUEST true "Tea, and a long talk" "Kitchen\nat home" 2026-07-01 15:00:00 +0000 UTC 2h0m0s true 2026-07-01 16:30:00 +0000 UTC`
	if got != want {
		t.Errorf("%s, not\n%s", got, want)
	}
	if e.Organizer != (invite.Person{Name: "Hopper; Grace", Email: "grace@hearth.test"}) || len(e.Attendees) != 2 ||
		e.Attendees[0].Email != "ada@hearth.test" || e.Attendees[1].Answer != "ACCEPTED" || !e.Attendees[1].Optional {
		t.Errorf("%+v %+v", e.Organizer, e.Attendees)
	}
	if r := e.Rule; r == nil || !r.Simple || r.Every != invite.Weekly || r.Interval != 2 || len(r.Days) != 2 || r.Days[1].Weekday != time.Wednesday || r.Count != 10 {
		t.Errorf("%+v", e.Rule)
	}
}

// TestZones: a wall clock's time is that of the zone the file describes, in summer and in
// winter, on the day it changes too; a zone it does not describe is named.
func TestZones(t *testing.T) {
	for wall, offset := range map[string]time.Duration{
		"20260101T120000": time.Hour, "20260701T120000": 2 * time.Hour, "20261231T235959": time.Hour,
		"20260329T015959": time.Hour, "20260329T030000": 2 * time.Hour, "20261025T035959": time.Hour, "20261025T015959": 2 * time.Hour,
	} {
		e, err := invite.ParseCalendar(calendar("REQUEST", berlin, "SUMMARY:x", "DTSTART;TZID=W. Europe Standard Time:"+wall))
		if err != nil || !e.Start.Known || e.Start.Offset != offset {
			t.Errorf("%s: %v %v (%v)", wall, e.Start.Offset, e.Start.Known, err)
		}
	}
	for start, want := range map[string]string{
		";TZID=Europe/Berlin:20260101T120000": "false Europe/Berlin false",
		":20260101T120000Z":                   "true  false",
		":20260101T120000":                    "false  false",
		";VALUE=DATE:20260101":                "false  true",
	} {
		e, err := invite.ParseCalendar(calendar("PUBLISH", berlin, "SUMMARY:x", "DTSTART"+start))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(e.Start.Known, " ", e.Start.Zone, " ", e.Start.AllDay); got != want {
			t.Errorf("%s: %s", start, got)
		}
	}
}

func TestStates(t *testing.T) {
	e, err := invite.ParseCalendar(calendar("CANCEL", "", "STATUS:CANCELLED", "SUMMARY:x", "DTSTART:20260101T120000Z", "RECURRENCE-ID:20260101T120000Z"))
	if err != nil || e.Method != invite.Cancelled || e.Status != "CANCELLED" || !e.Once || e.Updated {
		t.Errorf("%+v %v", e, err)
	}
	two := strings.Replace(calendar("PUBLISH", "", "SUMMARY:one"), "END:VCALENDAR", "BEGIN:VEVENT\r\nSUMMARY:two\r\nEND:VEVENT\r\nEND:VCALENDAR", 1)
	if e, err = invite.ParseCalendar(two); err != nil || e.Title != "one" || e.Others != 1 {
		t.Errorf("%+v %v", e, err)
	}
	for _, none := range []string{"", "BEGIN:VCALENDAR\nEND:VCALENDAR", "BEGIN:VEVENT\nSUMMARY:open", calendar("REQUEST", "", "UID:1")} {
		if e, err := invite.ParseCalendar(none); err == nil {
			t.Errorf("%q: %+v", none, e)
		}
	}
}

// TestRules: what one sentence says is simple, and nothing else is.
func TestRules(t *testing.T) {
	for rule, simple := range map[string]bool{
		"FREQ=DAILY": true, "FREQ=WEEKLY;BYDAY=MO": true, "FREQ=MONTHLY;BYMONTHDAY=31": true, "FREQ=MONTHLY;BYDAY=-1FR": true,
		"FREQ=YEARLY": true, "FREQ=DAILY;UNTIL=20261231T000000Z;WKST=MO": true,
		"FREQ=HOURLY": false, "FREQ=MONTHLY;BYDAY=MO,TU": false, "FREQ=WEEKLY;BYDAY=2MO": false, "FREQ=DAILY;BYHOUR=9": false,
		"FREQ=MONTHLY;BYMONTHDAY=-1": false, "FREQ=DAILY;INTERVAL=0": false, "FREQ=DAILY;COUNT=999999999999999999999": false, "": false, "FREQ=WEEKLY;BYDAY=XX": false,
	} {
		e, err := invite.ParseCalendar(calendar("REQUEST", "", "SUMMARY:x", "RRULE:"+rule))
		if err != nil || e.Rule.Simple != simple {
			t.Errorf("%s: %+v %v", rule, e, err)
		}
	}
}

func TestCards(t *testing.T) {
	cards := invite.ParseCards("BEGIN:VCARD\r\nVERSION:4.0\r\nN:Lovelace;Ada;;Countess;\r\nitem1.EMAIL;TYPE=home:ada@hearth.test\r\nTEL;VALUE=uri:tel:+49-30-1\r\n"+
		"ORG:Engines;Analysis\r\nADR:;;Main St 1\\, left;London;;;UK\r\nEND:VCARD\r\nBEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BC=\n=C3=9F\nTEL;HOME:1\nEND:VCARD\n", 20)
	if len(cards) != 2 {
		t.Fatalf("%+v", cards)
	}
	if c := cards[0]; c.Name != "Countess Ada Lovelace" || c.Emails[0] != "ada@hearth.test" || c.Phones[0] != "+49-30-1" || c.Organization != "Engines, Analysis" || c.Addresses[0] != "Main St 1, left\nLondon\nUK" {
		t.Errorf("%+v", c)
	}
	if c := cards[1]; c.Name != "Jüß" || c.Phones[0] != "1" {
		t.Errorf("%+v", c)
	}
}

// FuzzParse: whatever the file says, what is read of it is bounded, and reads the same
// again.
func FuzzParse(f *testing.F) {
	f.Add(calendar("REQUEST", berlin, "SUMMARY:x", "DTSTART;TZID=W. Europe Standard Time:20260701T150000", "RRULE:FREQ=MONTHLY;BYDAY=-5SU", "DURATION:P1DT2H"))
	f.Add("BEGIN:VCARD\nN:a;b\nTEL;HOME:1\nFN;ENCODING=QUOTED-PRINTABLE:=C3=\nEND:VCARD")
	f.Add("BEGIN:VEVENT\nATTENDEE;CN=\"a:b;c\":mailto:x\nEND:VEVENT")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := invite.ParseCalendar(text)
		if err == nil {
			if len(e.Attendees) > 100 || len(e.Title) > 8<<10 || len(e.Description) > 8<<10 || e.Rule != nil && (len(e.Rule.Days) > 7 || e.Rule.Interval < 1) {
				t.Fatalf("no bounds: %+v", e)
			}
			again, err := invite.ParseCalendar(strings.ToValidUTF8(text, "\uFFFD"))
			if err != nil || again.Title != e.Title || again.Start != e.Start {
				t.Fatalf("%+v, then %+v (%v)", e, again, err)
			}
		}
		if cards := invite.ParseCards(text, 20); len(cards) > 20 {
			t.Fatalf("%d cards", len(cards))
		}
	})
}
