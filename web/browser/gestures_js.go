package browser

import (
	"math"
	"strconv"
	"syscall/js"
	"time"
)

const (
	slop      = 10  // pixels until a finger is on its way
	swipePart = 0.3 // of a row's width, from where on a swipe counts
	pullFar   = 64  // pixels a list comes down until pulling counts
	pullMost  = 96
	holdPause = 500 * time.Millisecond
	settle    = 140 * time.Millisecond // until what was let go rests
)

// OnGestures watches the fingers on a list. The list scrolls as ever: its style must be
// touch-action: pan-y, so that what goes sideways is left to us.
func OnGestures(g Gestures) {
	x := &fingers{Gestures: g}
	listen(document, "touchstart", x.start)
	listen(document, "touchmove", x.move)
	listen(document, "touchend", func(js.Value) { x.end(true) })
	listen(document, "touchcancel", func(js.Value) { x.end(false) })
	document.Call("addEventListener", "click", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if _, listed := closest(args[0], x.List); listed && time.Since(x.heldAt) < time.Second { // it was no click
			x.heldAt = time.Time{}
			args[0].Call("stopPropagation")
			args[0].Call("preventDefault")
		}
		return nil
	}), true)
	listen(document, "contextmenu", func(e js.Value) {
		if x.row.Truthy() {
			e.Call("preventDefault")
		}
	})
}

// fingers is one finger on its way.
type fingers struct {
	Gestures
	list, row js.Value
	x, y      float64
	mode      string // "": not known yet, "swipe", "pull", "other"
	far       float64
	hold      *time.Timer
	heldAt    time.Time
}

func (f *fingers) start(e js.Value) {
	f.end(false)
	list, ok := closest(e, f.List)
	if !ok || e.Get("touches").Length() != 1 {
		return
	}
	touch := e.Get("touches").Index(0)
	f.x, f.y = touch.Get("clientX").Float(), touch.Get("clientY").Float()
	f.list, f.mode, f.far = list, "", 0
	if row, ok := closest(e, f.Row); ok {
		f.row = row
		f.hold = time.AfterFunc(holdPause, func() {
			f.heldAt, f.mode = time.Now(), "other"
			f.Held(row.Get("id").String())
		})
	}
}

func (f *fingers) move(e js.Value) {
	if !f.list.Truthy() {
		return
	}
	touch := e.Get("touches").Index(0)
	dx, dy := touch.Get("clientX").Float()-f.x, touch.Get("clientY").Float()-f.y
	if f.mode == "" {
		if math.Hypot(dx, dy) < slop {
			return
		}
		f.decide(dx, dy)
	}
	switch f.mode {
	case "swipe":
		f.swipe(dx)
	case "pull":
		f.pull(dy)
	}
}

// decide finds out what a finger is up to.
func (f *fingers) decide(dx, dy float64) {
	f.stopHold()
	switch {
	case f.row.Truthy() && math.Abs(dx) > 1.2*math.Abs(dy):
		f.mode = "swipe"
	case dy > 0 && f.list.Get("scrollTop").Float() <= 0:
		f.mode = "pull"
	default:
		f.mode = "other"
	}
}

// becomes is what will become of a row that is swiped to where it is.
func (f *fingers) becomes(dx float64) string {
	bed, ok := byID(f.Bed)
	if !ok {
		return SwipeNone
	}
	return bed.Get("dataset").Get(side(dx)).String()
}

// swipe moves the row with the finger, and shows what lies behind it.
func (f *fingers) swipe(dx float64) {
	if f.becomes(dx) == SwipeNone {
		dx = 0
	}
	f.far = dx
	style := f.row.Get("style")
	style.Set("transition", "none")
	style.Set("translate", pixels(dx))
	f.row.Get("classList").Call("add", "swiped")
	if bed, ok := byID(f.Bed); ok {
		bed.Get("style").Set("transform", style.Get("transform"))
		data := bed.Get("dataset")
		data.Set("side", side(dx))
		data.Set("armed", strconv.FormatBool(f.swipedFar()))
	}
}

func (f *fingers) swipedFar() bool {
	return math.Abs(f.far) > swipePart*f.row.Get("clientWidth").Float()
}

func side(dx float64) string {
	if dx > 0 {
		return "right"
	}
	return "left"
}

// pull lets the list come down, ever more slowly.
func (f *fingers) pull(dy float64) {
	f.far = pullMost * (1 - math.Exp(-math.Max(dy, 0)/(1.4*pullMost)))
	f.list.Get("style").Set("transition", "none")
	f.list.Get("style").Set("translate", "0 "+pixels(f.far))
	if pull, ok := byID(f.Pull); ok {
		pull.Get("dataset").Set("armed", strconv.FormatBool(f.far > pullFar))
		pull.Get("style").Set("opacity", math.Min(1, f.far/pullFar))
	}
}

// end lets go; what was not done on purpose goes back to where it was.
func (f *fingers) end(meant bool) {
	f.stopHold()
	switch f.mode {
	case "swipe":
		f.endSwipe(meant && f.swipedFar())
	case "pull":
		f.rest(f.list)
		if pull, ok := byID(f.Pull); ok {
			pull.Get("style").Set("opacity", 0)
		}
		if meant && f.far > pullFar {
			f.Pulled()
		}
	}
	f.list, f.row, f.mode = js.Undefined(), js.Undefined(), ""
}

func (f *fingers) endSwipe(done bool) {
	row, dx := f.row, f.far
	leaves := done && f.becomes(dx) == SwipeOut
	if leaves {
		row.Get("style").Set("transition", "translate "+strconv.Itoa(int(settle.Milliseconds()))+"ms")
		row.Get("style").Set("translate", pixels(math.Copysign(row.Get("clientWidth").Float(), dx)))
	} else {
		f.rest(row)
	}
	time.AfterFunc(settle, func() {
		if done {
			f.Swiped(row.Get("id").String(), dx > 0)
		}
		time.AfterFunc(30*time.Millisecond, func() { // its place in the page has another message by now
			row.Get("style").Set("transition", "none")
			row.Get("style").Set("translate", "")
			row.Get("classList").Call("remove", "swiped")
			if bed, ok := byID(f.Bed); ok {
				bed.Get("dataset").Set("side", "")
			}
		})
	})
}

// rest moves something back to where it was.
func (f *fingers) rest(e js.Value) {
	e.Get("style").Set("transition", "translate "+strconv.Itoa(int(settle.Milliseconds()))+"ms")
	e.Get("style").Set("translate", "")
}

func (f *fingers) stopHold() {
	if f.hold != nil {
		f.hold.Stop()
		f.hold = nil
	}
}

func pixels(n float64) string { return strconv.FormatFloat(n, 'f', 1, 64) + "px" }
