package screen

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/invite"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	// maxCards is how many contacts of a file are shown.
	maxCards = 20
	// mostInvitation is how much of a calendar file or a contact is read.
	mostInvitation = 256 << 10
	// mostCards is how many such files of a message are.
	mostCards = 4
)

// enclosed is a file of a message that is shown as what it means.
type enclosed struct {
	event *invite.Event
	cards []invite.Card
}

// enclosures draws the invitations and contacts of a message. A file that is neither is
// an attachment like others.
func (r *message) enclosures(m *jmap.Email, known bool) app.UI {
	if !known {
		return app.Div().Hidden(true)
	}
	var out []app.UI
	for _, part := range cardParts(m) {
		e := r.S.enclosure(m.Id, part)
		if e.event != nil {
			out = append(out, invitation(e.event))
		}
		for _, c := range e.cards {
			out = append(out, contact(c))
		}
	}
	return app.Div().Hidden(len(out) == 0).Body(out...)
}

// cardParts are the files that may be one, each invitation once: it is often both an
// alternative to the text and an attachment.
func cardParts(m *jmap.Email) []jmap.EmailBodyPart {
	var out []jmap.EmailBodyPart
	calendars := 0
	for _, part := range m.Attachments {
		switch {
		case isCalendar(part):
			if calendars++; calendars > 1 {
				continue
			}
		case !isCard(part):
			continue
		}
		if out = append(out, part); len(out) == mostCards {
			break
		}
	}
	return out
}

func isCalendar(part jmap.EmailBodyPart) bool {
	return part.Type == "text/calendar" || part.Type == "application/ics"
}

func isCard(part jmap.EmailBodyPart) bool {
	switch part.Type {
	case "text/vcard", "text/x-vcard", "text/directory":
		return true
	}
	return false
}

// enclosure is what a file means, as far as it is known: it is fetched when it is first
// asked for.
func (s *Screen) enclosure(id jmap.Id, part jmap.EmailBodyPart) *enclosed {
	look := s.look(id)
	if e := look.files[part.BlobId]; e != nil {
		return e
	}
	e := new(enclosed)
	if look.files == nil {
		look.files = map[jmap.Id]*enclosed{}
	}
	look.files[part.BlobId] = e
	s.fetchText(s.download(part.BlobId, part.Type, "file"), part.Charset, mostInvitation, func(text string, _ bool, err error) {
		switch {
		case err != nil:
			return // it can be downloaded all the same
		case isCalendar(part):
			e.event, _ = invite.ParseCalendar(text) // none is no invitation
		default:
			e.cards = invite.ParseCards(text, maxCards)
		}
		look.rev++
		s.changed()
	})
	return e
}

// facts is a list of what is known of something; what is empty is left out.
type facts []app.UI

func (f *facts) add(name, value string) {
	if value != "" {
		*f = append(*f, app.Dt().Text(name), app.Dd().Dir("auto").Text(value))
	}
}

// invitation draws what one is invited to.
func invitation(e *invite.Event) app.UI {
	state, class := eventState(e)
	title := e.Title
	if title == "" {
		title = words.T("(no title)")
	}
	var list facts
	list.add(words.T("When"), eventTime(e))
	if e.Rule != nil {
		list.add(words.T("Repeats"), ruleWords(e.Rule))
	}
	list.add(words.T("Where"), e.Location)
	list.add(words.T("Organiser"), personWords(e.Organizer))
	list.add(words.T("Invited"), peopleWords(e))
	const longest = 600
	if about := []rune(e.Description); len(about) > longest {
		list.add(words.T("About"), string(about[:longest])+"…")
	} else {
		list.add(words.T("About"), e.Description)
	}
	if e.Others > 0 {
		list.add(words.T("Also"), words.N(e.Others, "{n} more in the attached file", "{n} more in the attached file"))
	}
	return app.Section().Class("card", class).Aria("label", words.T("Invitation")).Body(
		app.Div().Class("card-head").Body(icon("calendar"), app.H3().Dir("auto").Text(title), app.Span().Class("card-state").Hidden(state == "").Text(state)),
		app.Dl().Class("card-facts").Body(list...),
	)
}

// eventState says what has become of an event, and how it is drawn.
func eventState(e *invite.Event) (text, class string) {
	switch {
	case e.Method == invite.Cancelled, e.Status == "CANCELLED":
		if e.Once {
			return words.T("This time cancelled"), "cancelled"
		}
		return words.T("Cancelled"), "cancelled"
	case e.Method == invite.Replied:
		return words.T("Answer"), "answer"
	case e.Once:
		return words.T("One time changed"), "updated"
	case e.Updated:
		return words.T("Updated"), "updated"
	case e.Status == "TENTATIVE":
		return words.T("Tentative"), "tentative"
	}
	return "", "new"
}

// eventTime is from when to when, as a clock shows it where the reader is.
func eventTime(e *invite.Event) string {
	if e.Start.IsZero() {
		return ""
	}
	if e.Start.AllDay {
		from := e.Start.Wall.Add(noon)
		to := e.End.Wall.Add(noon - 24*time.Hour) // an end is the day after the last (RFC 5545 §3.6.1)
		if e.End.IsZero() || !to.After(from) {
			return browser.FormatWall(browser.FormatFullDay, from)
		}
		return words.T("{from} – {to}", browser.FormatWall(browser.FormatFullDay, from), browser.FormatWall(browser.FormatFullDay, to))
	}
	start, zone := instant(e.Start)
	span := browser.Format(browser.FormatWhole, start)
	if !e.End.IsZero() && !e.End.AllDay && e.End.Wall.After(e.Start.Wall) {
		end, _ := instant(e.End)
		format := browser.FormatWhole
		if browser.Format(browser.FormatFullDay, end) == browser.Format(browser.FormatFullDay, start) {
			format = browser.FormatTime
		}
		span = words.T("{from} – {to}", span, browser.Format(format, end))
	}
	return span + zone
}

// noon is a time of day at which no time zone's change makes it another day.
const noon = 12 * time.Hour

// instant is when a moment is; of a clock that nobody here knows, its name is added.
func instant(m invite.Moment) (at time.Time, zone string) {
	if m.Known {
		return m.Wall.Add(-m.Offset), ""
	}
	if at, ok := browser.Wall(m.Zone, m.Wall); ok {
		return at, ""
	}
	at, _ = browser.Wall("", m.Wall)
	return at, " (" + m.Zone + ")"
}

var answerWords = map[string]words.Text{
	"ACCEPTED": words.Mark("accepted"), "DECLINED": words.Mark("declined"), "TENTATIVE": words.Mark("maybe"), "DELEGATED": words.Mark("sends somebody else"),
}

func personWords(p invite.Person) string {
	who := p.Name
	switch {
	case who == "":
		who = p.Email
	case p.Email != "" && !strings.EqualFold(p.Email, p.Name):
		who += " <" + p.Email + ">"
	}
	return who
}

func peopleWords(e *invite.Event) string {
	const most = 12
	var out []string
	for i, p := range e.Attendees {
		if i == most {
			break
		}
		who := personWords(p)
		if answer, ok := answerWords[p.Answer]; ok {
			who = words.T("{person} – {answer}", who, answer.String())
		}
		if who != "" {
			out = append(out, who)
		}
	}
	if more := e.More + len(e.Attendees) - most; more > 0 {
		out = append(out, words.N(more, "{n} more", "{n} more"))
	}
	return strings.Join(out, "\n")
}

// contact draws a contact.
func contact(c invite.Card) app.UI {
	name := c.Name
	if name == "" {
		name = c.Organization
	}
	var list facts
	list.add(words.T("Organisation"), strings.Join(notBlank(c.Title, c.Organization), ", "))
	for _, email := range c.Emails {
		list = append(list, app.Dt().Text(words.T("Mail")), app.Dd().Body(linked(email, nil)...))
	}
	for _, phone := range c.Phones {
		list.add(words.T("Phone"), phone)
	}
	for _, address := range c.Addresses {
		list.add(words.T("Address"), address)
	}
	list.add(words.T("Note"), c.Note)
	return app.Section().Class("card", "contact").Aria("label", words.T("Contact")).Body(
		app.Div().Class("card-head").Body(icon("contact"), app.H3().Dir("auto").Text(name), app.Span().Hidden(true)),
		app.Dl().Class("card-facts").Body(list...),
	)
}

func notBlank(list ...string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
