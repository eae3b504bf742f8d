package screen

import (
	"slices"
	"strconv"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// How the member likes to read: settings of the list, and what they come to.

// The settings, and what they may be.
const (
	settingTalks   = "conversations" // bool: they stand together
	settingDensity = "density"
	settingLines   = "previewLines" // 0 to 2
	settingAfter   = "afterAction"  // what is shown when the open message was moved or deleted
	settingRead    = "markRead"     // when the open message counts as read

	densityComfortable = "comfortable"
	densityCompact     = "compact"

	afterNext = "next" // or "list"

	readNow   = "now"
	readSoon  = "2s"
	readNever = "never"
)

// soon is how long a message is looked at before it counts as read.
const soon = 2 * time.Second

// rowHeights are the heights of a row in pixels, by the lines of its preview.
var rowHeights = map[string][3]int{
	densityComfortable: {58, 76, 95},
	densityCompact:     {46, 64, 83},
}

// rowHeight is the height of a row in pixels. Until it is chosen it is what --row in
// tokens.css says.
func (c *scroll) rowHeight() int {
	if c.row == 0 {
		return rowHeights[densityComfortable][1]
	}
	return c.row
}

// density is how close the rows stand, and how many lines of a message they show.
func (s *Screen) density() (name, lines string) {
	name = densityComfortable
	if s.store.Settings().String(settingDensity, "") == densityCompact {
		name = densityCompact
	}
	return name, strconv.Itoa(min(max(s.store.Settings().Int(settingLines, 1), 0), 2))
}

// fitRows gives rows the height that was chosen; what is on top of the list stays there.
func (s *Screen) fitRows() {
	name, lines := s.density()
	n, _ := strconv.Atoi(lines) // 0 to 2
	c := &s.scroll
	was, now := c.rowHeight(), rowHeights[name][n]
	if was == now {
		return
	}
	c.top = c.top / was * now
	c.row, c.pending = now, true
	s.showWindow()
}

// read marks what is seen as read, when the member wants that.
func (s *Screen) read(a *store.Account, unread []jmap.Id) {
	if len(unread) == 0 {
		return
	}
	switch s.store.Settings().String(settingRead, readNow) {
	case readNever:
	case readSoon:
		open := s.route.Email
		time.AfterFunc(soon, func() {
			s.post(func() {
				still := slices.DeleteFunc(unread, func(id jmap.Id) bool { return !slices.Contains(s.talk.ids, id) })
				if s.account() == a && s.route.Email == open && len(still) > 0 {
					s.do.MarkRead(a, still...)
				}
			})
		})
	default:
		s.do.MarkRead(a, unread...)
	}
}
