package browser

import (
	"strings"
	"syscall/js"
)

// Origin is the scheme and host of the page.
func Origin() string { return window.Get("location").Get("origin").String() }

// Path is what the address bar names: path and query.
func Path() string {
	location := window.Get("location")
	return location.Get("pathname").String() + location.Get("search").String()
}

// HandleMailto asks the browser to open mailto: links here, at an address in which %s stands
// for the link. It asks the person.
func HandleMailto(address string) {
	defer func() { _ = recover() }() // not where the page came unencrypted
	if register := window.Get("navigator").Get("registerProtocolHandler"); register.Truthy() {
		window.Get("navigator").Call("registerProtocolHandler", "mailto", Origin()+address)
	}
}

// Push names something new in the address bar; Back leads to what was before.
func Push(path string) { window.Get("history").Call("pushState", nil, "", path) }

// Replace names in the address bar what is shown, without a way back.
func Replace(path string) { window.Get("history").Call("replaceState", nil, "", path) }

// Back goes back, as the browser's button does.
func Back() { window.Get("history").Call("back") }

// SetTitle names the tab.
func SetTitle(title string) { document.Set("title", title) }

// SetView shows the part of the page that boot.js and the styles know by this name:
// "signin", "loading", "app".
func SetView(view string) { document.Get("documentElement").Get("dataset").Set("view", view) }

// SetTheme sets "light" or "dark", or with "" what the system has.
func SetTheme(theme string) {
	root := document.Get("documentElement").Get("dataset")
	if theme == "" {
		root.Delete("theme")
		Forget("theme")
		return
	}
	root.Set("theme", theme)
	Remember("theme", theme)
}

// TakeNavigation makes links and the browser's Back ours: go-app would end the
// program at a tel: link, and opens others with a way back to us. navigated is told
// the address after each Back or Forward; follow gets what a link to this site
// points to.
func TakeNavigation(navigated, follow func(path string)) {
	window.Set("onpopstate", js.FuncOf(func(js.Value, []js.Value) any {
		navigated(Path())
		return nil
	}))
	window.Set("onclick", js.FuncOf(func(_ js.Value, args []js.Value) any {
		e := args[0]
		target := e.Get("target")
		if !target.Get("closest").Truthy() || e.Get("button").Int() != 0 {
			return nil
		}
		link := target.Call("closest", "a[href]")
		if !link.Truthy() || e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool() || e.Get("shiftKey").Bool() {
			return nil
		}
		if link.Call("hasAttribute", "download").Bool() || link.Get("target").String() == "_blank" {
			return nil
		}
		if link.Get("origin").String() == Origin() {
			e.Call("preventDefault")
			follow(link.Get("pathname").String() + link.Get("search").String())
		}
		return nil
	}))
}

// Ready tells the page that the app is there. It reports whether the sign-in form
// was sent before that.
func Ready() (submitted bool) {
	h := window.Get("hearthmail")
	h.Set("ready", true)
	return h.Get("submitted").Bool()
}

const storagePrefix = "hearthmail."

// Remember keeps a word on this device. Nothing that is secret, and no mail.
func Remember(key, value string) {
	defer func() { _ = recover() }() // storage is full or switched off: it is a convenience
	window.Get("localStorage").Call("setItem", storagePrefix+key, value)
}

// Remembered is what Remember kept, "" if nothing.
func Remembered(key string) (value string) {
	defer func() {
		if recover() != nil {
			value = ""
		}
	}()
	if v := window.Get("localStorage").Call("getItem", storagePrefix+key); v.Type() == js.TypeString {
		return v.String()
	}
	return ""
}

// Forget drops what Remember kept.
func Forget(key string) {
	defer func() { _ = recover() }() // storage is switched off: there is nothing to forget
	window.Get("localStorage").Call("removeItem", storagePrefix+key)
}

// Matches reports whether a media query holds.
func Matches(media string) bool { return window.Call("matchMedia", media).Get("matches").Bool() }

// FitPanes has the edges between panes say where they are.
func FitPanes() { window.Get("hearthmail").Call("fitPanes") }

// AppleKeys reports whether shortcuts are made with Cmd here.
func AppleKeys() bool {
	return strings.Contains(window.Get("navigator").Get("platform").String(), "Mac")
}

// SetBadge shows a number at the app's icon, 0 for none, where the system can.
func SetBadge(n int) {
	if navigator := window.Get("navigator"); navigator.Get("setAppBadge").Type() == js.TypeFunction {
		navigator.Call("setAppBadge", n).Call("catch", ignore) // an app that is not installed has no icon
	}
}

var ignore = js.FuncOf(func(js.Value, []js.Value) any { return nil })
