package screen

import (
	"strconv"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
)

// How large a message is read. It is kept with the open conversation and no longer: the
// browser's own zoom is for all there is.
const (
	zoomStep            = 1.2
	zoomLeast, zoomMost = 0.4, 4.0
)

// zoomed is how large a message is shown: 1 as it was made, 0 as it fits.
func (s *Screen) zoomed(id jmap.Id) float64 {
	if z := s.look(id).zoom; z != 0 {
		return z
	}
	return browser.MailFit(idHTML(id))
}

// zoom makes a message larger (1) or smaller (-1), or shows it as it was made (0).
func (s *Screen) zoom(id jmap.Id, by int) {
	to := 1.0
	switch now := s.zoomed(id); {
	case by > 0:
		to = min(now*zoomStep, zoomMost)
	case by < 0:
		to = max(now/zoomStep, zoomLeast)
	}
	s.zoomTo(id, to)
}

func (s *Screen) zoomIn(id jmap.Id)     { s.zoom(id, 1) }
func (s *Screen) zoomOut(id jmap.Id)    { s.zoom(id, -1) }
func (s *Screen) zoomActual(id jmap.Id) { s.zoom(id, 0) }
func (s *Screen) zoomFit(id jmap.Id)    { s.zoomTo(id, 0) }

func (s *Screen) zoomTo(id jmap.Id, to float64) {
	s.lookAt(id, func(b *beside) { b.zoom = to })
	browser.SetMailZoom(idHTML(id), to)
}

// zoomKey is told of keys with Ctrl: while somebody reads they are about the message, else
// the browser's.
func (s *Screen) zoomKey(name string) bool {
	by, ok := map[string]int{"+": 1, "=": 1, "-": -1, "0": 0}[name]
	if !ok || s.route.Email == "" || !browser.FocusInside(idReader) {
		return false
	}
	s.zoom(s.readId(), by)
	return true
}

// readId is the message that has the focus, else the one that was opened.
func (s *Screen) readId() jmap.Id {
	for _, id := range s.nearIds() {
		if browser.FocusInside(idMessage(id)) {
			return id
		}
	}
	return s.route.Email
}

// textScale is the zoom of a plain text, as CSS has it.
func (s *Screen) textScale(id jmap.Id) string {
	z := s.look(id).zoom
	if z == 0 {
		z = 1
	}
	return strconv.FormatFloat(z, 'f', 3, 64)
}
