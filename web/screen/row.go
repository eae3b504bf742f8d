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

// row is one message of the list. It reads the email when its Rev changes.
type row struct {
	app.Compo

	S        *Screen
	Index    int
	Id       jmap.Id // "" while it is not known
	Rev      uint64  // 0 while the email is not known
	Outgoing bool    // show whom it goes to
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
	unread := r.S.unread([]jmap.Id{r.Id})
	for _, c := range []struct {
		on    bool
		class string
	}{{unread, "unread"}, {r.Open, "open"}, {r.Cursor, "cursor"}, {r.Selected, "selected"}} {
		if c.on {
			line = line.Class(c.class)
		}
	}
	who, people, together := names(m.From, words.T("(no sender)")), m.From, 1
	if r.S.inThreads() {
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
				app.Span().Class("row-who").Dir("auto").Body(marked(who, search.Wanted(r.Words, "from", "to"))...),
				rowCount(together),
				app.Span().Class("row-marks").Body(
					mark(e.Has(jmap.KeywordAnswered), "reply", words.T("Answered")),
					mark(e.Has("$forwarded"), "forward", words.T("Forwarded")),
					mark(attached(all), "paperclip", words.T("Attachment")),
				),
				app.Time().Class("row-date").DateTime(m.ReceivedAt.Format(time.RFC3339)).Title(wholeDate(m.ReceivedAt)).Text(shortDate(m.ReceivedAt, time.Now())),
			),
			app.Div().Class("row-subject").Body(r.rowAccount(), r.rowBox(m), chips(labels(all...)), app.Span().Class("row-title").Dir("auto").Body(marked(subject, search.Wanted(r.Words, "subject"))...)),
			app.Div().Class("row-preview").Dir("auto").Body(markedPreview(m, r.Snippet, r.Words)...),
		),
		app.Div().Class("row-actions").Attr("role", "gridcell").Body(
			iconButton(words.T("Star"), "star", r.star).Class("star").Aria("pressed", yesNo(r.S.hasStar(r.Id))).TabIndex(-1),
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
	own := map[string]bool{}
	for _, i := range a.Identities() {
		own[strings.ToLower(i.Email)] = true
	}
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

// shortName is a person's first name, or what else there is.
func shortName(a jmap.EmailAddress) string {
	name := a.DisplayName()
	if first, _, ok := strings.Cut(name, " "); ok && !strings.Contains(name, ",") && len(first) > 1 {
		return first
	}
	return name
}

// rowCount says how many messages a conversation has, where it is more than one.
func rowCount(n int) app.UI {
	if n < 2 {
		return app.Span().Class("row-count").Hidden(true)
	}
	return app.Span().Class("row-count").Hidden(false).Title(words.N(n, "{n} message", "{n} messages")).Text(words.Number(n))
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
		s.selection.extend(s.list, r.Index)
	case e.Get("ctrlKey").Bool(), e.Get("metaKey").Bool():
		s.selection.toggle(r.Index, r.Id)
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
		s.selection.extend(s.list, r.Index)
	} else {
		s.selection.toggle(r.Index, r.Id)
	}
	s.changed()
	// The browser has turned the box around already; what is drawn decides.
	if box := e.Get("target"); box.Get("type").String() == "checkbox" {
		box.Set("checked", s.selection.has(r.Id))
	}
}

func (r *row) star(_ app.Context, e app.Event) {
	e.Call("stopPropagation")
	r.S.star([]jmap.Id{r.Id})
}

func (r *row) archive(_ app.Context, e app.Event) {
	e.Call("stopPropagation")
	r.S.archive([]jmap.Id{r.Id})
}

func (r *row) delete(_ app.Context, e app.Event) {
	e.Call("stopPropagation")
	r.S.delete([]jmap.Id{r.Id})
}

func (r *row) mark(_ app.Context, e app.Event) {
	e.Call("stopPropagation")
	r.S.mark(r.S.unread([]jmap.Id{r.Id}), []jmap.Id{r.Id})
}
