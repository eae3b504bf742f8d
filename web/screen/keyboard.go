package screen

import (
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
)

// keyTable is what the help shows; shortcut does it.
var keyTable = []struct{ keys, does string }{
	{"c", "Compose"},
	{"/", "Search"},
	{"j  k", "Next, previous message"},
	{"Page ↑ ↓  Home  End", "Move further"},
	{"Enter  o", "Open"},
	{"u  Esc", "Back to the list"},
	{"x", "Select"},
	{"Shift ↑ ↓", "Extend the selection"},
	{"e", "Archive"},
	{"#  Delete", "Delete"},
	{"!", "Junk, or not junk"},
	{"s", "Star"},
	{"r  a  f", "Reply, reply all, forward"},
	{"Shift i  Shift u", "Mark read, unread"},
	{"v", "Move to…"},
	{"z", "Undo"},
	{"g i  g s  g d  g t", "Go to Inbox, Sent, Drafts, Trash"},
	{"Ctrl Enter", "Send"},
	{"?", "This list"},
}

// chordLimit is how long `g` waits for its second letter.
const chordLimit = 1500 * time.Millisecond

// key is told of each key pressed; it reports whether the key meant something.
func (s *Screen) key(k browser.Key) bool {
	if s.store == nil || s.account() == nil {
		return false
	}
	if !s.shortcut(k) {
		return false
	}
	s.changed()
	s.post(func() {}) // have it drawn
	return true
}

func (s *Screen) shortcut(k browser.Key) bool {
	switch {
	case k.Name == "Escape":
		return s.escape(k)
	case k.Typing || k.Command || k.Alt || s.open == menuConfirm || s.open == menuMove:
		return false
	}
	if !s.chord.IsZero() && time.Since(s.chord) < chordLimit {
		s.chord = time.Time{}
		return s.goKey(k.Name)
	}
	s.chord = time.Time{}
	if k.Shift && len(k.Name) == 1 {
		switch k.Name {
		case "I":
			s.mark(true, s.targets())
			return true
		case "U":
			s.mark(false, s.targets())
			s.closeEmail()
			return true
		}
	}
	if s.moveKey(k) {
		return true
	}
	do, ok := letterKeys[k.Name]
	if ok {
		do(s)
	}
	return ok
}

// letterKeys are the keys that need nothing else.
var letterKeys = map[string]func(s *Screen){
	"c":      (*Screen).compose,
	"/":      func(*Screen) { browser.Focus(idSearch) },
	"o":      func(s *Screen) { s.openRow(s.cursor) },
	"u":      (*Screen).closeEmail,
	"x":      (*Screen).tickCursor,
	"e":      func(s *Screen) { s.archive(s.targets()) },
	"#":      func(s *Screen) { s.delete(s.targets()) },
	"Delete": func(s *Screen) { s.delete(s.targets()) },
	"!":      func(s *Screen) { s.junk(s.targets()) },
	"s":      func(s *Screen) { s.star(s.targets()) },
	"r":      func(s *Screen) { s.answer(s.do.Reply) },
	"a":      func(s *Screen) { s.answer(s.do.ReplyAll) },
	"f":      func(s *Screen) { s.answer(s.do.Forward) },
	"z":      func(s *Screen) { s.do.Undo() },
	"g":      func(s *Screen) { s.chord = time.Now() },
	"?":      func(s *Screen) { s.toggle(menuKeys) },
	"v": func(s *Screen) {
		if len(s.targets()) == 0 || s.route.Email == "" && len(s.selection.ids) == 0 {
			return
		}
		s.typed = ""
		s.toggle(menuMove)
		s.post(func() { time.AfterFunc(30*time.Millisecond, func() { browser.Focus(idMoveTo) }) })
	},
}

// moveKey moves about in the list, or in the tree while the focus is there.
func (s *Screen) moveKey(k browser.Key) bool {
	by := map[string]int{"j": 1, "k": -1, "ArrowDown": 1, "ArrowUp": -1}[k.Name]
	if by != 0 && browser.FocusInside("mailboxes") && len(k.Name) > 1 {
		browser.FocusStep("mailboxes", "[role=treeitem]", by)
		return true
	}
	switch {
	case by != 0 && k.Shift && s.list != nil:
		if len(s.selection.ids) == 0 {
			s.selection.anchor = max(s.cursor, 0)
		}
		s.cursor = min(max(s.cursor+by, 0), max(s.list.Total()-1, 0))
		s.selection.ids = nil
		s.selection.extend(s.list, s.cursor)
		s.scroll.reveal(s.cursor)
		return true
	case browser.FocusInside(idReader) && len(k.Name) > 1:
		return false // they scroll what is read
	case by != 0:
		s.step(by)
		return true
	case s.route.Email == "" && s.leap(k.Name):
		return true
	case k.Name == "Enter" && !k.Button && s.route.Email == "":
		s.openRow(s.cursor)
		return s.cursor >= 0
	}
	return false
}

// leap moves the cursor by a page or to an end of the list.
func (s *Screen) leap(key string) bool {
	if s.list == nil {
		return false
	}
	screenful := max(s.scroll.height/rowHeight-1, 1)
	by, ok := map[string]int{"PageDown": screenful, "PageUp": -screenful, "End": s.list.Total(), "Home": -s.list.Total()}[key]
	if ok {
		s.cursor = max(s.cursor, 0) // the first step from nowhere would go to the first row only
		s.step(by)
	}
	return ok
}

func (s *Screen) goKey(name string) bool {
	role, ok := map[string]string{"i": jmap.RoleInbox, "s": jmap.RoleSent, "d": jmap.RoleDrafts, "t": jmap.RoleTrash, "a": jmap.RoleArchive}[name]
	if ok {
		s.openRole(role)
	}
	return ok
}

// tickCursor selects the message under the cursor.
func (s *Screen) tickCursor() {
	if s.list == nil || s.cursor < 0 {
		return
	}
	if id, ok := s.list.At(s.cursor); ok {
		s.selection.toggle(s.cursor, id)
	}
}

// escape closes what was opened last.
func (s *Screen) escape(k browser.Key) bool {
	switch {
	case s.open != "":
		s.open = ""
	case s.drawer:
		s.drawer = false
	case k.Target == idSearch && s.route.Search == "":
		browser.SetValue(idSearch, "")
		browser.Focus(idGrid)
	case k.Typing && k.Target != idSearch:
		return false
	case len(s.selection.ids) > 0:
		s.selection = selection{}
	case s.route.Email != "":
		s.closeEmail()
	case s.route.Search != "":
		s.openSearch("")
		browser.Focus(idGrid)
	default:
		return false
	}
	return true
}
