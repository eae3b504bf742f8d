package screen

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/search"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// row is one line of the list: a message, or a conversation by its newest. It reads the email
// when its Rev changes.
type row struct {
	app.Compo

	S        *Screen
	Index    int
	Line     line
	Id       jmap.Id // "" while it is not known
	Rev      uint64  // 0 while the email is not known
	Outgoing bool    // show whom it goes to
	Leaving  bool    // it waits to be sent
	Selected bool
	Open     bool
	Cursor   bool
	Day      string // stands above it
	Words    string // of the search, "" in a mailbox
	Snippet  jmap.SearchSnippet
	Tongue   string // the language
}

// Render draws it.
func (r *row) Render() app.UI {
	line := app.Div().ID(rowID(r.Index)).Class("row").Attr("role", "row").Attr("draggable", yesNo(r.S.mouse)).DataSet("drag", rowID(r.Index)).Aria("rowindex", strconv.Itoa(r.Index+1)).
		Aria("selected", yesNo(r.Selected)).Style("transform", "translateY("+strconv.Itoa(r.Index*r.S.scroll.rowHeight())+"px)").
		OnClick(r.click)
	e := r.S.accountOf(r.Id).Email(r.Id)
	if r.Id == "" || e == nil {
		// What will stand there is there already, unseen: to change what elements say costs
		// a fifth of taking them out and making others.
		line, e = line.Class("row-skeleton"), &store.Email{}
	}
	m := e.Email()
	about := r.S.meant(r.Line)
	unread := r.S.unread(about)
	for _, c := range []struct {
		on    bool
		class string
	}{{unread, "unread"}, {r.Open, "open"}, {r.Cursor, "cursor"}, {r.Selected, "selected"}, {r.Line.sub > 0, "row-sub"}} {
		if c.on {
			line = line.Class(c.class)
		}
	}
	who, people, together := names(m.From, words.T("(no sender)")), m.From, 1
	switch {
	case r.Line.sub > 0:
		who = r.sender(who, m)
	case r.S.inThreads():
		who, together = r.participants(who)
	}
	if r.Outgoing {
		who, people = words.T("To {people}", names(m.To, words.T("(no recipient)"))), m.To
	}
	face := jmap.EmailAddress{}
	if len(people) > 0 {
		face = people[0]
	}
	all := r.together()
	subject := m.Subject
	if subject == "" {
		subject = words.T("(no subject)")
	}
	if r.Day != "" {
		line = line.Class("first-of-day")
	}
	return line.Body(
		app.Div().Class("row-face").Attr("role", "gridcell").OnClick(r.tick).Body(
			dayLabel(r.Day),
			app.Span().Class("avatar", "hue-"+hue(face.Email)).Aria("hidden", "true").Text(initials(face)),
			app.Input().Type("checkbox").Class("row-check").Aria("label", words.T("Select")).TabIndex(-1).Checked(r.Selected),
		),
		app.Div().Class("row-main").Attr("role", "gridcell").Body(
			app.Div().Class("row-top").Body(
				app.Span().Class("dot").Body(hiddenWord(unread, words.T("Unread"))),
				hiddenWord(r.Line.sub > 0, words.T("Message {n} of {all}", words.Number(r.Line.sub), words.Number(r.Line.below))+" "),
				app.Span().Class("row-who").Dir("auto").Body(marked(who, search.Wanted(r.Words, "from", "to"))...),
				r.turner(together),
				app.Span().Class("row-marks").Body(
					mark(e.Has(jmap.KeywordAnswered), "reply", words.T("Answered")),
					mark(e.Has("$forwarded"), "forward", words.T("Forwarded")),
					mark(r.Leaving, "clock", words.T("Waits to be sent")),
					mark(attached(all), "paperclip", words.T("Attachment")),
				),
				app.Time().Class("row-date").DateTime(m.ReceivedAt.Format(time.RFC3339)).Title(wholeDate(m.ReceivedAt)).Text(shortDate(m.ReceivedAt, time.Now())),
			),
			app.Div().Class("row-subject").Body(r.rowAccount(), r.rowBox(m), chips(labels(all...)), app.Span().Class("row-title").Dir("auto").Body(marked(subject, search.Wanted(r.Words, "subject"))...)),
			app.Div().Class("row-preview").Dir("auto").Body(markedPreview(m, r.Snippet, r.Words)...),
		),
		app.Div().Class("row-actions").Attr("role", "gridcell").Body(
			iconButton(words.T("Star"), "star", r.star).Class("star").Aria("pressed", yesNo(r.S.hasStar(about...))).TabIndex(-1),
			iconButton(words.T("Archive"), "archive", r.archive).Class("hover").TabIndex(-1),
			iconButton(words.T("Delete"), "trash-2", r.delete).Class("hover").TabIndex(-1),
			iconButton(readWord(unread), readIcon(unread), r.mark).Class("hover").TabIndex(-1),
		),
	)
}

// participants is who wrote in a conversation, each once, and how many messages it has.
func (r *row) participants(who string) (string, int) {
	a := r.S.accountOf(r.Id)
	ids := a.Conversation(r.Id)
	if len(ids) == 1 {
		return who, 1
	}
	own := ownAddresses(a)
	var all []string
	for _, id := range ids {
		e := a.Email(id)
		if e == nil || len(e.Email().From) == 0 {
			continue
		}
		from := e.Email().From[0]
		name := shortName(from)
		if own[strings.ToLower(from.Email)] {
			name = words.T("me")
		}
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if len(all) < 2 {
		return who, len(ids)
	}
	return strings.Join(all, ", "), len(ids)
}

// sender is who wrote one message of a conversation.
func (r *row) sender(who string, m *jmap.Email) string {
	if len(m.From) > 0 && ownAddresses(r.S.accountOf(r.Id))[strings.ToLower(m.From[0].Email)] {
		return words.T("me")
	}
	return who
}

// ownAddresses are those that the member writes from, in small letters.
func ownAddresses(a *store.Account) map[string]bool {
	own := map[string]bool{}
	for _, i := range a.Identities() {
		own[strings.ToLower(i.Email)] = true
	}
	return own
}

// shortName is a person's first name, or what else there is.
func shortName(a jmap.EmailAddress) string {
	name := a.DisplayName()
	if first, _, ok := strings.Cut(name, " "); ok && !strings.Contains(name, ",") && len(first) > 1 {
		return first
	}
	return name
}

// turner says how many messages a conversation has, where it is more than one, and unfolds
// it in the list.
func (r *row) turner(n int) app.UI {
	button := app.Button().Type("button").Class("row-count").TabIndex(-1).Hidden(n < 2 || r.Line.sub > 0).OnClick(r.turn)
	if n < 2 || r.Line.sub > 0 {
		return button
	}
	name, open := words.N(n, "Show the {n} messages", "Show the {n} messages"), r.Line.below > 0
	if open {
		name = words.N(n, "Hide the {n} messages", "Hide the {n} messages")
	}
	return button.Aria("label", name).Title(name).Aria("expanded", yesNo(open)).Body(app.Text(words.Number(n)), icon("chevron-down"))
}

func (r *row) turn(_ app.Context, e app.Event) {
	e.Call("stopPropagation")
	r.S.turnRow(r.Line)
}

func readWord(unread bool) string {
	if unread {
		return words.T("Mark read")
	}
	return words.T("Mark unread")
}

func readIcon(unread bool) string {
	if unread {
		return "mail-open"
	}
	return "mail"
}

// mark is a small picture with a word for those who listen.
func mark(on bool, picture, word string) app.UI {
	if !on {
		return app.Span().Hidden(true)
	}
	return app.Span().Class("icon", "icon-"+picture).Attr("role", "img").Aria("label", word).Title(word).Hidden(false)
}

func hiddenWord(on bool, word string) app.UI {
	if !on {
		word = ""
	}
	return app.Span().Class("unseen").Text(word)
}

func (r *row) click(_ app.Context, e app.Event) {
	s := r.S
	if r.Id == "" {
		return
	}
	switch {
	case e.Get("shiftKey").Bool():
		if len(s.selection.ids) == 0 {
			s.selection.anchor = max(s.cursor, 0)
		}
		s.tickTo(r.Index)
	case e.Get("ctrlKey").Bool(), e.Get("metaKey").Bool():
		s.tick(r.Index)
	default:
		s.openRow(r.Index)
	}
	s.changed()
}

// tick is a click on the face or box.
func (r *row) tick(_ app.Context, e app.Event) {
	e.Call("stopPropagation")
	s := r.S
	if e.Get("shiftKey").Bool() {
		s.tickTo(r.Index)
	} else {
		s.tick(r.Index)
	}
	s.changed()
	// The browser has turned the box around already; what is drawn decides.
	if box := e.Get("target"); box.Get("type").String() == "checkbox" {
		box.Set("checked", s.selection.all(s.meant(r.Line)))
	}
}

func (r *row) star(_ app.Context, e app.Event) {
	e.Call("stopPropagation")
	r.S.turnStar(r.S.meant(r.Line))
}

func (r *row) archive(_ app.Context, e app.Event) {
	e.Call("stopPropagation")
	r.S.archive(r.S.meant(r.Line))
}

func (r *row) delete(_ app.Context, e app.Event) {
	e.Call("stopPropagation")
	r.S.delete(r.S.meant(r.Line))
}

func (r *row) mark(_ app.Context, e app.Event) {
	e.Call("stopPropagation")
	r.S.turnRead(r.S.meant(r.Line))
}
