package browser

import "syscall/js"

// Focus puts the focus on an element.
func Focus(id string) {
	if e, ok := byID(id); ok {
		e.Call("focus", map[string]any{"preventScroll": true})
	}
}

// Focused is the id of the element with the focus, "" if it has none.
func Focused() string {
	if e := document.Get("activeElement"); e.Truthy() {
		return e.Get("id").String()
	}
	return ""
}

// FocusInside reports whether the focus is on an element or within it.
func FocusInside(id string) bool {
	e, ok := byID(id)
	return ok && e.Call("contains", document.Get("activeElement")).Bool()
}

// Value is what stands in a field.
func Value(id string) string {
	if e, ok := byID(id); ok {
		return e.Get("value").String()
	}
	return ""
}

// SetValue writes into a field.
func SetValue(id, value string) {
	if e, ok := byID(id); ok {
		e.Set("value", value)
	}
}

// SetCaret puts the caret of a field at a position, counted in UTF-16 units.
func SetCaret(id string, at int) {
	if e, ok := byID(id); ok {
		e.Call("setSelectionRange", at, at)
	}
}

// Insert puts text where the caret is in a text field.
func Insert(id, text string) {
	if e, ok := byID(id); ok {
		e.Call("setRangeText", text, e.Get("selectionStart"), e.Get("selectionEnd"), "end")
	}
}

// Checked reports whether a box is ticked.
func Checked(id string) bool {
	e, ok := byID(id)
	return ok && e.Get("checked").Bool()
}

// SetText writes the text of an element, as text.
func SetText(id, text string) {
	if e, ok := byID(id); ok {
		e.Set("textContent", text)
	}
}

// SetProperty sets a property of an element.
func SetProperty(id, name string, value any) {
	if e, ok := byID(id); ok {
		e.Set(name, value)
	}
}

// SetAttribute sets an attribute of an element.
func SetAttribute(id, name, value string) {
	if e, ok := byID(id); ok {
		e.Call("setAttribute", name, value)
	}
}

// On calls f at each event of an element that is in the page from the start. With
// prevent the browser does nothing itself.
func On(id, event string, prevent bool, f func()) {
	if e, ok := byID(id); ok {
		listen(e, event, func(e js.Value) {
			if prevent {
				e.Call("preventDefault")
			}
			f()
		})
	}
}

// Height is how many pixels of an element's content are seen.
func Height(id string) int {
	if e, ok := byID(id); ok {
		return e.Get("clientHeight").Int()
	}
	return 0
}

// ScrollTop is how far an element is scrolled, in pixels.
func ScrollTop(id string) int {
	if e, ok := byID(id); ok {
		return e.Get("scrollTop").Int()
	}
	return 0
}

// SetScrollTop scrolls an element.
func SetScrollTop(id string, top int) {
	if e, ok := byID(id); ok {
		e.Set("scrollTop", top)
	}
}

// Click presses an element, such as a hidden file field.
func Click(id string) {
	if e, ok := byID(id); ok {
		e.Call("click")
	}
}

// Property reads a property of an element as text.
func Property(id, name string) string {
	if e, ok := byID(id); ok {
		return window.Call("String", e.Get(name)).String()
	}
	return ""
}

// FocusStep moves the focus within an element to the next or previous of those that
// match a selector.
func FocusStep(id, selector string, by int) {
	e, ok := byID(id)
	if !ok {
		return
	}
	list := e.Call("querySelectorAll", selector)
	for i := range list.Length() {
		if list.Index(i).Equal(document.Get("activeElement")) && i+by >= 0 && i+by < list.Length() {
			list.Index(i + by).Call("focus")
			return
		}
	}
}

// FocusFirst puts the focus on the first within an element that matches a selector.
func FocusFirst(id, selector string) {
	if e, ok := byID(id); ok {
		if first := e.Call("querySelector", selector); first.Truthy() {
			first.Call("focus")
		}
	}
}

// Reload starts the page anew at an address.
func Reload(path string) { window.Get("location").Call("replace", path) }

// Select marks all that stands in a field.
func Select(id string) {
	if e, ok := byID(id); ok && e.Get("select").Type() == js.TypeFunction {
		e.Call("select")
	}
}

// FocusTurn moves the focus to the next, or back to the previous, of what can have it
// within an element; behind the last comes the first.
func FocusTurn(id string, back bool) {
	e, ok := byID(id)
	if !ok {
		return
	}
	var list []js.Value
	all := e.Call("querySelectorAll", "button,input,select,textarea,a[href],[tabindex='0']")
	at := -1
	for i := range all.Length() {
		one := all.Index(i)
		if one.Get("disabled").Truthy() || one.Get("offsetParent").IsNull() || one.Get("tabIndex").Int() < 0 {
			continue
		}
		if one.Equal(document.Get("activeElement")) {
			at = len(list)
		}
		list = append(list, one)
	}
	if len(list) == 0 {
		return
	}
	by := 1
	if back {
		by = -1
		at = max(at, 0)
	}
	list[(at+by+len(list))%len(list)].Call("focus")
}

// Reveal scrolls as little as it takes to see an element.
func Reveal(id string) {
	if e, ok := byID(id); ok {
		e.Call("scrollIntoView", map[string]any{"block": "nearest"})
	}
}

// Sight is which pixels of an element's height, counted from its top, can be seen of it
// within another one that scrolls; ok is false while it is not in the page.
func Sight(id, within string) (top, bottom int, ok bool) {
	e, here := byID(id)
	outer, there := byID(within)
	if !here || !there {
		return 0, 0, false
	}
	above := outer.Call("getBoundingClientRect").Get("top").Float() - e.Call("getBoundingClientRect").Get("top").Float()
	return int(above), int(above) + outer.Get("clientHeight").Int(), true
}
