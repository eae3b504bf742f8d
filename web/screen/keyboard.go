package screen

import (
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/web/browser"
)

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
	if s.overlayKey(k) || s.treeKey(k) {
		return true
	}
	switch {
	case k.Name == "Escape":
		return s.escape(k)
	case s.sheeted():
		return !k.Command && s.sheetKey(k)
	case k.Command && !k.Alt && s.zoomKey(k.Name):
		return true
	case k.Typing || k.Command || k.Alt || s.open == menuConfirm || s.open == menuMove || s.overlaid() || s.route.Settings != "":
		return false
	}
	name := k.Name
	if len(name) == 1 && name >= "A" && name <= "Z" && !k.Shift { // Caps Lock
		name = strings.ToLower(name)
	}
	if !s.chord.at.IsZero() && time.Since(s.chord.at) < chordLimit {
		name = s.chord.key + " " + name
	}
	s.chord.at = time.Time{}
	if chorded(name) {
		s.chord.key, s.chord.at = name, time.Now()
		return true
	}
	if s.moveKey(k) {
		return true
	}
	c := byKey[name]
	if c != nil && !s.store.Settings().Bool(settingShortcuts, true) {
		return false
	}
	if c != nil {
		c.do(s)
	}
	return c != nil
}

// chord is a first key that waits for its second.
type chord struct {
	key string
	at  time.Time
}

// openMove opens the list of mailboxes to move to.
func (s *Screen) openMove() {
	if len(s.targets()) == 0 || s.stays() || s.route.Email == "" && len(s.selection.ids) == 0 {
		return
	}
	s.typed = ""
	s.toggle(menuMove)
	s.post(func() { time.AfterFunc(30*time.Millisecond, func() { browser.Focus(idMoveTo) }) })
}

// moveKey moves about in the list, or in the tree while the focus is there.
func (s *Screen) moveKey(k browser.Key) bool {
	by := map[string]int{"ArrowDown": 1, "ArrowUp": -1}[k.Name]
	if by != 0 && browser.FocusInside("mailboxes") {
		browser.FocusStep("mailboxes", "[role=treeitem]", by)
		return true
	}
	switch {
	case by != 0 && k.Shift && s.list != nil:
		if len(s.selection.ids) == 0 {
			s.selection.anchor = max(s.cursor, 0)
		}
		s.setCursor(min(max(s.cursor+by, 0), max(s.lines().total()-1, 0)))
		s.selection.ids = nil
		s.tickTo(s.cursor)
		s.scroll.reveal(s.cursor)
		return true
	case browser.FocusInside(idReader) && len(k.Name) > 1:
		return false // they scroll what is read
	case by != 0:
		s.step(by)
		return true
	case s.route.Email == "" && s.leap(k.Name), !k.Shift && s.turnKey(k.Name):
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
	screenful := max(s.scroll.height/s.scroll.rowHeight()-1, 1)
	by, ok := map[string]int{"PageDown": screenful, "PageUp": -screenful, "End": s.lines().total(), "Home": -s.lines().total()}[key]
	if ok {
		s.setCursor(max(s.cursor, 0)) // the first step from nowhere would go to the first row only
		s.step(by)
	}
	return ok
}

// tickCursor selects the message under the cursor.
func (s *Screen) tickCursor() {
	s.tick(s.cursor)
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
