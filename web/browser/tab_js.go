package browser

import "syscall/js"

// TabKeep keeps a text for this tab until the browser session ends: what a reload is to
// find again. Nothing when there is no room for it.
func TabKeep(key, value string) {
	defer func() { _ = recover() }() // storage is full or switched off: it is a convenience
	window.Get("sessionStorage").Call("setItem", storagePrefix+key, value)
}

// TabKept is what TabKeep kept, "" if nothing.
func TabKept(key string) (value string) {
	defer func() {
		if recover() != nil {
			value = ""
		}
	}()
	if v := window.Get("sessionStorage").Call("getItem", storagePrefix+key); v.Type() == js.TypeString {
		return v.String()
	}
	return ""
}

// TabForget drops what TabKeep kept.
func TabForget(key string) {
	defer func() { _ = recover() }() // storage is switched off: there is nothing to forget
	window.Get("sessionStorage").Call("removeItem", storagePrefix+key)
}

const keyPicture = "picture"

// KeepPicture has the tab keep what its window shows to a member, for the moment after a
// reload in which the app is on its way.
func KeepPicture(member string) { window.Get("hearthmail").Call("takePicture", member) }

// ForgetPicture drops it.
func ForgetPicture() { TabForget(keyPicture) }
