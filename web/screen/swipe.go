package screen

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
)

// What fingers do with the list: to a side does what was chosen for it, down from the top
// asks for new mail, a long press selects.

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

// rowAt is the line of a row in the page.
func (s *Screen) rowAt(row string) (i int, ln line, ok bool) {
	i, err := strconv.Atoi(strings.TrimPrefix(row, rowID(0)[:len(rowID(0))-1]))
	if err != nil {
		return 0, line{}, false
	}
	ln, ok = s.lines().at(i)
	return i, ln, ok
}

func (s *Screen) swiped(row string, right bool) {
	if i, ln, ok := s.rowAt(row); ok {
		s.swipe(right).do(s, i, s.meant(ln))
		s.changed()
	}
}

func (s *Screen) held(row string) {
	if i, _, ok := s.rowAt(row); ok {
		s.tick(i)
		s.changed()
	}
}

// bed lies behind a row that is swiped: it says what letting go will do.
func (s *Screen) bed() app.UI {
	right, left := s.swipe(true), s.swipe(false)
	return app.Div().ID(idBed).Class("swipe-bed").Aria("hidden", "true").DataSet("right", right.then).DataSet("left", left.then).Body(
		app.Span().Class("swipe-side", "to-right", "swipe-"+right.value).Body(icon(right.picture)),
		app.Span().Class("swipe-side", "to-left", "swipe-"+left.value).Body(icon(left.picture)),
	)
}

func pullMark() app.UI {
	return app.Div().ID(idPull).Class("pull").Aria("hidden", "true").Body(icon("refresh-cw"))
}
