package screen

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
)

// What fingers do with the list: to the right archives, to the left deletes, down from the
// top asks for new mail, a long press selects.

const (
	idBed  = "swipe-bed"
	idPull = "pull"
)

func (s *Screen) bindGestures() {
	browser.OnGestures(browser.Gestures{
		List: "#" + idGrid, Row: "#" + idGrid + " .row", Bed: idBed, Pull: idPull,
		Swiped: func(row string, right bool) { s.post(func() { s.swiped(row, right) }) },
		Held:   func(row string) { s.post(func() { s.held(row) }) },
		Pulled: func() {
			s.post(func() {
				if s.account() != nil {
					s.refresh()
				}
			})
		},
	})
}

// rowAt is the message of a row in the page.
func (s *Screen) rowAt(row string) (i int, id jmap.Id, ok bool) {
	i, err := strconv.Atoi(strings.TrimPrefix(row, rowID(0)[:len(rowID(0))-1]))
	if err != nil || s.list == nil {
		return 0, "", false
	}
	id, ok = s.list.At(i)
	return i, id, ok
}

func (s *Screen) swiped(row string, right bool) {
	_, id, ok := s.rowAt(row)
	switch {
	case !ok:
	case right:
		s.archive([]jmap.Id{id})
	default:
		s.delete([]jmap.Id{id})
	}
}

func (s *Screen) held(row string) {
	if i, id, ok := s.rowAt(row); ok {
		s.selection.toggle(i, id)
		s.changed()
	}
}

// bed lies behind a row that is swiped: it says what letting go will do.
func bed() app.UI {
	return app.Div().ID(idBed).Class("swipe-bed").Aria("hidden", "true").Body(icon("archive"), icon("trash-2"))
}

func pullMark() app.UI {
	return app.Div().ID(idPull).Class("pull").Aria("hidden", "true").Body(icon("refresh-cw"))
}
