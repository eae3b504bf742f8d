package browser

import (
	"encoding/json"
	"syscall/js"
)

// desk is the page's part of it (static/script/written.js).
func desk() js.Value { return window.Get("hearthmail").Get("written") }

// Keep keeps a text under a key. done runs once it is on the disk, or cannot be.
func (w Written) Keep(key, text string, done func(error)) {
	promise := desk().Call("keep", w.Member, key, text)
	go func() {
		_, err := await(promise)
		done(err)
	}()
}

// Drop forgets what is kept under a key. What stays for lack of a working disk is found to
// be known to the bridge when it is taken over.
func (w Written) Drop(key string) {
	promise := desk().Call("drop", key)
	go func() { _, _ = await(promise) }()
}

// LeftBehind takes over what the member wrote in tabs that are gone. It blocks.
func (w Written) LeftBehind() (map[string]string, error) {
	text, err := await(desk().Call("leftBehind", w.Member))
	if err != nil {
		return nil, err
	}
	var found map[string]string
	return found, json.Unmarshal([]byte(text.String()), &found)
}
