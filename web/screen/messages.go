package screen

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	idGrid = "messages"
	// overscan is how many rows are drawn beyond what is seen, on each side.
	overscan = 8
)

// scroll is where the list stands.
type scroll struct {
	top, height int
	row         int // the height of a row: see rowHeight
	shifted     int // what the list had moved by when it was last drawn
	drawn       listing
	pending     bool // top is to be set in the page
}

func (c *scroll) reset() { c.top, c.shifted, c.drawn, c.pending = 0, 0, listing{}, true }

// follow keeps what is looked at in its place: new mail above must not move it.
func (c *scroll) follow(l listing, shifted int) {
	moved := shifted - c.shifted
	at := c.top / c.rowHeight()
	if now := l.follow(c.drawn, at, moved); now != at && c.top > 0 {
		c.top += (now - at) * c.rowHeight()
		c.pending = true
	}
	c.shifted, c.drawn = shifted, l
}

// reveal scrolls as little as it takes to show a row whole.
func (c *scroll) reveal(row int) {
	rowHeight := c.rowHeight()
	switch top := row * rowHeight; {
	case top < c.top:
		c.top, c.pending = top, true
	case top+rowHeight > c.top+c.height:
		c.top, c.pending = top+rowHeight-c.height, true
	}
}

// rows is what is seen: first and last position.
func (c *scroll) rows() (first, last int) {
	rowHeight := c.rowHeight()
	return c.top / rowHeight, (c.top + max(c.height, rowHeight) - 1) / rowHeight
}

// showWindow has what is seen fetched.
func (s *Screen) showWindow() {
	if s.list == nil {
		return
	}
	l := s.lines()
	first, last := s.scroll.rows()
	var beside []jmap.Id
	for _, u := range l.spans {
		beside = append(beside, u.ids...)
	}
	s.list.ShowBeside(beside)
	from, _ := l.at(max(min(first, l.total()-1), 0))
	to, _ := l.at(max(min(last, l.total()-1), 0))
	s.do.ShowWindow(s.list, from.row, max(to.row, from.row+last-first))
}

func (s *Screen) resized() {
	s.scroll.height = browser.Height(idGrid)
	s.showWindow()
	s.changed()
}

// messages is the middle pane: the head of the list and the grid. The grid has as
// many rows in the page as are seen; row i stands in place i modulo their number,
// so that scrolling by one draws one.
type messages struct {
	app.Compo

	S   *Screen
	Rev [5]uint64
}

// OnMount measures.
func (m *messages) OnMount(ctx app.Context) { ctx.Dispatch(func(app.Context) { m.S.resized() }) }

// drawn does what has to wait until the window has been drawn: it scrolls where it was
// decided to, now that there is room for it.
func (s *Screen) drawn() {
	if s.account() == nil {
		return
	}
	c := &s.scroll
	if c.height == 0 && browser.Height(idGrid) > 0 {
		s.resized()
	}
	s.showSelectAll()
	if c.pending {
		c.pending = false
		browser.SetScrollTop(idGrid, c.top)
	}
	s.talkDrawn()
}

func (m *messages) scrolled(app.Context, app.Event) {
	m.S.scroll.top = browser.ScrollTop(idGrid)
	m.S.showWindow()
	m.S.scrolled++
	m.S.drawSoon()
}

// Render draws it.
func (m *messages) Render() app.UI {
	s := m.S
	l, shown := s.list, s.lines()
	total, rowHeight := 0, s.scroll.rowHeight()
	if l != nil && l.Known() {
		total = shown.total()
		s.scroll.follow(shown, l.Shifted())
	}
	rows := "-1" // not known (ARIA 1.2)
	if l != nil && l.Known() {
		rows = strconv.Itoa(total)
	}
	grid := app.Div().ID(idGrid).Class("grid").Attr("role", "grid").Aria("label", words.T("Messages")).Aria("rowcount", rows).
		Aria("multiselectable", "true").Aria("busy", yesNo(l == nil || !l.Known() || l.Loading())).TabIndex(0).OnScroll(m.scrolled)
	if s.cursor >= 0 && s.cursor < total {
		grid = grid.Aria("activedescendant", rowID(s.cursor))
	}
	density, lines := s.density()
	return app.Section().Class("messages").Aria("label", words.T("Message list")).DataSet("density", density).DataSet("lines", lines).
		Style("--row", strconv.Itoa(rowHeight)+"px").Body(
		app.Div().Class("list-head").Body(m.head()),
		&filters{S: s, Rev: m.Rev},
		m.offerAll(),
		dayLabel(s.dayOnTop(shown, time.Now())),
		pullMark(),
		grid.Body(
			app.Div().Class("grid-space").Attr("role", "presentation").Style("height", strconv.Itoa(total*rowHeight)+"px").Body(append([]app.UI{s.bed()}, m.rows(shown, total)...)...),
		),
		app.Div().Class("list-state").Body(m.state(total)),
		app.Button().Type("button").Class("primary", "compose-float").Aria("label", words.T("Compose")).OnClick(m.compose).Body(icon("pencil")),
	)
}

func (m *messages) compose(app.Context, app.Event) { m.S.compose() }

// head names the list, or offers what can be done with what is ticked.
func (m *messages) head() app.UI {
	s := m.S
	if n := len(s.selection.ids); n > 0 {
		if s.selection.whole {
			n = s.everything()
		}
		return app.Div().Class("selection-head").Body(
			m.selectAll(),
			app.H1().Class("selection-count").Text(words.N(n, "{n} selected", "{n} selected")),
			s.toolbar(),
		)
	}
	name, note := "", ""
	if s.list != nil && s.list.Known() {
		note = words.Number(s.list.Total())
		if s.list.Early() {
			note = words.N(s.list.Total(), "{n} so far…", "{n} so far…")
		}
	}
	if s.route.Search != "" {
		name = words.T("Results")
		if s.list == nil {
			name, note = words.T("Search"), ""
		}
	} else if s.across() {
		name = nameInboxes.String()
		if n := s.store.Unread(); n > 0 && s.list != nil && s.list.Known() {
			note = words.N(n, "{n} unread", "{n} unread")
		}
	} else if box := s.account().Mailbox(s.route.Mailbox); box != nil {
		name = mailboxName(box)
		if box.UnreadEmails > 0 && !box.HasRole(jmap.RoleDrafts) {
			note = words.N(box.UnreadEmails, "{n} unread of {all}", "{n} unread of {all}", words.Number(box.TotalEmails))
		}
		if only := onlyWords(s.route.Only); only != "" && s.list != nil && s.list.Known() {
			note = words.N(s.list.Total(), "{n} {kind}", "{n} {kind}", only)
		}
	}
	return app.Div().Class("list-title").Body(
		m.selectAll(),
		app.H1().Dir("auto").Text(name),
		app.Span().Class("list-note").Text(note),
		s.listMenu(),
		iconButton(words.T("Check for new mail"), "refresh-cw", m.refresh),
	)
}

func (m *messages) refresh(app.Context, app.Event) { m.S.refresh() }

// refresh asks for news of what is on screen.
func (s *Screen) refresh() {
	if s.list != nil {
		s.do.Refresh(s.list.Account())
		return
	}
	s.do.Refresh(s.account())
}

// rows are the rows near the viewport, each in its place of the ring.
func (m *messages) rows(l listing, total int) []app.UI {
	s := m.S
	first, last := s.scroll.rows()
	slots := min(last-first+1+2*overscan, total)
	if slots <= 0 {
		return nil
	}
	start := min(max(first-overscan, 0), total-slots)
	out := make([]app.UI, slots)
	box := s.account().Mailbox(s.route.Mailbox)
	now := time.Now()
	for i := start; i < start+slots; i++ {
		ln, known := l.at(i)
		r := &row{S: s, Index: i, Line: ln, Outgoing: outgoing(box), Cursor: i == s.cursor, Words: s.route.Search, Tongue: words.Current().Tag}
		if ln.sub == 0 {
			r.Day = s.dayAbove(ln.row, now)
		}
		if known {
			id := ln.id
			r.Id, r.Selected = id, s.selection.all(s.meant(ln))
			r.Leaving = s.accountOf(id).Leaving(id) != nil
			r.Open = id == s.route.Email && (ln.sub > 0 || ln.below == 0)
			r.Snippet = s.list.Snippet(id)
			a := s.accountOf(id)
			if e := a.Email(id); e != nil {
				r.Rev = e.Revision() + 1
				if s.inThreads() && ln.sub == 0 {
					r.Rev = talkRev(a, a.Conversation(id)) + 1
				}
			}
		}
		out[i%slots] = r
	}
	return out
}

// state is what stands in the middle where there are no rows.
func (m *messages) state(total int) app.UI {
	s := m.S
	switch l := s.list; {
	case l == nil && s.route.Search != "":
		return note("search", words.T("Nothing to search for"), words.T("Type some words, or operators such as from: and has:attachment."))
	case l == nil, !l.Known() && l.Err() == nil:
		if s.store.Connection().State == store.Offline {
			return note("wifi-off", words.T("Not connected"), words.T("The messages appear here once the bridge can be reached."))
		}
		return skeletons()
	case l.Err() != nil && total == 0:
		return app.Div().Class("note").Attr("role", "alert").Body(
			icon("circle-alert"), app.H2().Text(words.T("The list could not be loaded")),
			app.P().Text(problemText(l.Err())), app.Button().Type("button").Class("secondary").OnClick(m.retry).Text(words.T("Retry")),
		)
	case l.Err() != nil:
		return app.Div().Class("list-error").Attr("role", "alert").Body(
			app.Span().Text(words.T("Some messages could not be loaded. {reason}", problemText(l.Err()))), app.Button().Type("button").Class("quiet").OnClick(m.retry).Text(words.T("Retry")),
		)
	case total == 0 && s.route.Search != "":
		return s.nothingFound()
	case total == 0 && s.route.Only != store.Only{}:
		return app.Div().Class("note").Body(icon("list-filter"), app.H2().Text(words.T("Nothing of that kind")),
			app.P().Text(words.T("Only {kind} messages are shown.", onlyWords(s.route.Only))),
			app.Button().Type("button").Class("secondary").OnClick(m.showAll).Text(words.T("Show all")))
	case total == 0:
		box := s.account().Mailbox(s.route.Mailbox)
		if s.across() || box != nil && box.HasRole(jmap.RoleInbox) {
			return note("circle-check", words.T("All done"), words.T("New mail appears here by itself."))
		}
		return note("mail-open", words.T("Nothing here"), words.T("This mailbox is empty."))
	}
	return app.Div().Hidden(true)
}

func (m *messages) retry(app.Context, app.Event) { m.S.do.Retry(m.S.list) }

// note is the calm middle of a pane that has nothing to show.
func note(picture, title, text string) app.UI {
	return app.Div().Class("note").Body(icon(picture), app.H2().Text(title), app.P().Text(text))
}

func skeletons() app.UI {
	rows := make([]app.UI, 9)
	for i := range rows {
		rows[i] = app.Div().Class("skeleton-row").Body(
			app.Span().Class("bone", "round"), app.Span().Class("bone", "short"), app.Span().Class("bone"), app.Span().Class("bone", "long"))
	}
	return app.Div().Class("skeletons").Aria("hidden", "true").Body(rows...)
}

// problemText is what an error says to people: a sentence.
func problemText(err error) string {
	if err == nil {
		return ""
	}
	text := action.Reason(err)
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[n:], ".") + "."
}

func rowID(i int) string { return "row-" + strconv.Itoa(i) }

// outgoing reports whether a mailbox has what its owner wrote: rows say to whom.
func outgoing(box *jmap.Mailbox) bool {
	return box != nil && (box.HasRole(jmap.RoleSent) || box.HasRole(jmap.RoleDrafts))
}
