package browser

import (
	"syscall/js"
	"time"
)

// hoverPause is how long something is held over a place before that opens.
const hoverPause = 600 * time.Millisecond

// OnDrag makes what has data-drag draggable to what has data-drop. The place under the
// pointer has the class drop-target.
func OnDrag(d Drag) {
	x := &dragging{Drag: d}
	listen(document, "dragstart", x.start)
	listen(document, "dragover", x.over)
	listen(document, "drop", x.drop)
	listen(document, "dragend", func(js.Value) { x.end() })
}

type dragging struct {
	Drag
	active bool
	place  js.Value // under the pointer, as far as it may be let go there
	hover  *time.Timer
}

func (x *dragging) start(e js.Value) {
	from, ok := closest(e, "[data-drag]")
	if !ok {
		return
	}
	label, file, ok := x.Start(from.Get("dataset").Get("drag").String())
	if !ok {
		e.Call("preventDefault")
		return
	}
	x.active = true
	data := e.Get("dataTransfer")
	data.Set("effectAllowed", "copyMove")
	data.Call("setData", "text/plain", label)
	if file != "" {
		data.Call("setData", "DownloadURL", file)
	}
	chip := document.Call("createElement", "div")
	chip.Set("className", "drag-chip")
	chip.Set("textContent", label)
	document.Get("body").Call("appendChild", chip)
	data.Call("setDragImage", chip, -12, -8)
	time.AfterFunc(100*time.Millisecond, func() { chip.Call("remove") }) // its picture is taken
}

func (x *dragging) over(e js.Value) {
	if !x.active {
		return
	}
	place, ok := closest(e, "[data-drop]")
	ok = ok && x.May(place.Get("dataset").Get("drop").String())
	if !ok {
		place = js.Undefined()
	}
	if !place.Equal(x.place) {
		x.enter(place)
	}
	if ok {
		e.Call("preventDefault") // it may be let go here
		e.Get("dataTransfer").Set("dropEffect", "move")
	}
}

// enter marks the place under the pointer, undefined for none.
func (x *dragging) enter(place js.Value) {
	if x.place.Truthy() {
		x.place.Get("classList").Call("remove", "drop-target")
	}
	if x.hover != nil {
		x.hover.Stop()
	}
	x.place = place
	if !place.Truthy() {
		return
	}
	place.Get("classList").Call("add", "drop-target")
	to := place.Get("dataset").Get("drop").String()
	x.hover = time.AfterFunc(hoverPause, func() { x.Hover(to) })
}

func (x *dragging) drop(e js.Value) {
	if !x.active || !x.place.Truthy() {
		return
	}
	e.Call("preventDefault")
	to := x.place.Get("dataset").Get("drop").String()
	x.end()
	x.Drop(to)
}

func (x *dragging) end() {
	x.enter(js.Undefined())
	x.active = false
}

// closest finds the element of an event, or what it stands in, that matches a selector.
func closest(e js.Value, selector string) (js.Value, bool) {
	target := e.Get("target")
	if !target.Get("closest").Truthy() {
		return js.Undefined(), false
	}
	found := target.Call("closest", selector)
	return found, found.Truthy()
}
