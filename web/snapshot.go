package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
)

// A reload shows at once what the tab showed before, from its session storage: the
// top of the mailbox, no bodies. It ends with the browser session, and before that
// when the person signs out; another member's tab never shows it. Until the app itself is
// there, a picture of the window hangs in its place: see static/script/picture.js.

const (
	snapshotKey = "snapshot"
	keepEvery   = time.Minute
)

// kept is what a tab keeps.
type kept struct {
	Session *jmap.Session   `json:"session"`
	Store   *store.Snapshot `json:"store"`
}

// start goes on where the tab was left, or asks the bridge who we are.
func (h *home) start() {
	browser.OnLeave(func() { h.screen.Post(h.keep) })
	go func() {
		for range time.Tick(keepEvery) {
			h.screen.Post(h.keep)
		}
	}()
	if !h.resume() {
		h.SignedIn()
	}
}

// resume draws what the tab kept. The socket opens with the session as it was, and
// what changed since comes with its first answer.
func (h *home) resume() bool {
	text := browser.TabKept(snapshotKey)
	if text == "" {
		return false
	}
	var k kept
	if json.Unmarshal([]byte(text), &k) != nil || k.Session == nil || k.Store == nil || browser.Remembered("signedin") != k.Session.Username {
		forget()
		return false
	}
	h.store, h.username = store.New(h.screen.Post), k.Session.Username
	h.keepSettings()
	h.store.SetAccounts(k.Session)
	h.store.Restore(k.Store)
	h.begin(k.Session)
	go func() {
		session, err := fetchSession(context.Background())
		h.screen.Post(func() { h.resumed(k.Session, session, err) })
	}()
	return true
}

// forget drops what the tab kept.
func forget() {
	browser.TabForget(snapshotKey)
	browser.ForgetPicture()
}

// resumed begins anew where the session is not the one that was kept.
func (h *home) resumed(was, now *jmap.Session, err error) {
	switch {
	case h.socket == nil:
	case errors.Is(err, browser.ErrSignedOut):
		h.end()
		forget()
		browser.Reload("/") // what was drawn goes, too
	case err == nil && (now.Username != was.Username || now.State != was.State):
		h.begin(now)
	}
}

// keep has the tab keep what it shows.
func (h *home) keep() {
	l := h.screen.List()
	if h.socket == nil || l == nil {
		return
	}
	browser.KeepPicture(h.username)
	snapshot := l.Snapshot()
	if snapshot == nil {
		return
	}
	if text, err := json.Marshal(kept{h.session, snapshot}); err == nil {
		browser.TabKeep(snapshotKey, string(text))
	}
}
