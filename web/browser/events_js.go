package browser

import "syscall/js"

// listen calls f at each event until the returned function is called.
func listen(target js.Value, event string, f func(e js.Value)) (forget func()) {
	handler := js.FuncOf(func(_ js.Value, args []js.Value) any {
		f(args[0])
		return nil
	})
	target.Call("addEventListener", event, handler)
	return func() {
		target.Call("removeEventListener", event, handler)
		handler.Release()
	}
}

var (
	window   = js.Global()
	document = js.Global().Get("document")
)

func byID(id string) (js.Value, bool) {
	e := document.Call("getElementById", id)
	return e, e.Truthy()
}

// Online reports whether the device has a network.
func Online() bool { return window.Get("navigator").Get("onLine").Bool() }

// OnWake calls f when the page is looked at again or the network is back.
func OnWake(f func()) (forget func()) {
	online := listen(window, "online", func(js.Value) { f() })
	visible := listen(document, "visibilitychange", func(js.Value) {
		if document.Get("visibilityState").String() == "visible" {
			f()
		}
	})
	return func() { online(); visible() }
}

// OnLeave calls f when the page may be about to end.
func OnLeave(f func()) {
	listen(window, "pagehide", func(js.Value) { f() })
	listen(document, "visibilitychange", func(js.Value) {
		if document.Get("visibilityState").String() == "hidden" {
			f()
		}
	})
}

// OnResize calls f when the window changes its size.
func OnResize(f func()) { listen(window, "resize", func(js.Value) { f() }) }

// OnKey calls f for each key pressed, wherever the focus is; f reports whether the
// key meant something, and then it means nothing else.
func OnKey(f func(Key) bool) {
	listen(document, "keydown", func(e js.Value) {
		if e.Get("defaultPrevented").Bool() || e.Get("isComposing").Truthy() {
			return
		}
		target := e.Get("target")
		key := Key{
			Name: e.Get("key").String(), Shift: e.Get("shiftKey").Bool(), Alt: e.Get("altKey").Bool(),
			Command: e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool(),
			Typing:  target.Get("matches").Truthy() && target.Call("matches", "input:not([type=checkbox]),textarea,select,[contenteditable]").Bool(),
			Button:  target.Get("matches").Truthy() && target.Call("matches", "button,a,summary,input[type=checkbox]").Bool(),
			Target:  target.Get("id").String(),
		}
		if f(key) {
			e.Call("preventDefault")
		}
	})
}
