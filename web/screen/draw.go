package screen

import "github.com/maxence-charriere/go-app/v9/pkg/app"

// pencil has what changed drawn at once. go-app alone draws at the next tick of a clock
// of its own, 8 to 10 ms after the change: a frame more for whoever waits.
type pencil struct {
	disp   app.Dispatcher // nil until the window is there
	window app.UI
	waits  bool // drawing comes when the loop has done what waits before it
}

// drawSoon has the window drawn once the loop has done what waits now, still within the
// event of the browser that led here. However much changes until then is drawn once.
func (s *Screen) drawSoon() {
	p := &s.pencil
	if p.disp == nil || p.waits {
		return
	}
	p.waits = true
	p.disp.Dispatch(app.Dispatch{Mode: app.Next, Source: p.window, Function: func(app.Context) {
		p.waits = false
		// go-app has this for its tests: do all that waits, then draw. It is safe on the
		// loop, for the loop is between two of its turns, and nothing here uses Async, which
		// it would wait for.
		p.disp.(app.ClientDispatcher).Consume()
		s.drawn()
	}})
}
