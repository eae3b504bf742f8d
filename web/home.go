package main

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/client"
	"github.com/hearthmail/hearthmail/web/screen"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// home is what belongs to a signed-in member: it wires store, client, socket and
// screen, and takes them apart again. It is the screen's Door. Use it on the UI
// loop.
type home struct {
	screen   *screen.Screen
	username string
	session  *jmap.Session
	store    *store.Store
	client   *client.Client
	do       *action.Actions
	socket   *browser.Socket
	renewing bool
}

const (
	sessionLimit = 30 * time.Second
	retryPause   = 3 * time.Second
)

// SignedIn asks the bridge who we are, and begins. Nobody is a form to fill in; a
// bridge that does not answer is asked again.
func (h *home) SignedIn() {
	go func() {
		session, err := fetchSession(context.Background())
		h.screen.Post(func() {
			switch {
			case err == nil:
				h.begin(session)
			case errors.Is(err, browser.ErrSignedOut):
				forget()
				h.screen.SignIn("")
			default:
				h.screen.Unreachable(err)
				time.AfterFunc(retryPause, func() { h.screen.Post(h.SignedIn) })
			}
		})
	}()
}

// fetchSession gets the session object (RFC 8620 §2).
func fetchSession(ctx context.Context) (*jmap.Session, error) {
	ctx, cancel := context.WithTimeout(ctx, sessionLimit)
	defer cancel()
	session := new(jmap.Session)
	err := browser.Get(ctx, "/jmap/session", session)
	var p *browser.Problem
	if errors.As(err, &p) && p.Status == 401 {
		return nil, browser.ErrSignedOut
	}
	return session, err
}

// begin starts a session. What is known from before is kept when the same member
// comes back: above all what they were writing.
func (h *home) begin(session *jmap.Session) {
	h.end()
	if h.store == nil || h.username != session.Username {
		h.store, h.username = store.New(h.screen.Post), session.Username
		h.keepSettings()
	}
	var events browser.Events
	h.socket = browser.Dial(socketURL(), checkSession, browser.Events{
		Open:      func() { events.Open() },
		Lost:      func(at time.Time, err error) { events.Lost(at, err) },
		SignedOut: func() { events.SignedOut() },
		Changed:   func(c jmap.StateChange) { events.Changed(c) },
	})
	c := client.New(h.store, h.socket, h.screen.Post)
	events = browser.Events{
		Open: func() { c.Connected(store.Connection{State: store.Online}) },
		Lost: func(at time.Time, err error) {
			c.Connected(store.Connection{State: store.Offline, RetryAt: at, Err: err})
		},
		Changed: c.StateChanged,
		SignedOut: func() {
			h.screen.Post(func() {
				h.end()
				forget()
				h.screen.SignIn(words.T("You have been signed out on this device. Sign in to go on."))
			})
		},
	}
	h.client, h.session = c, session
	c.OnOldSession(func() { h.renew(c) })
	c.Start(session)
	h.do = action.New(h.store, c, browser.Uploader{URL: session.UploadURL}, browser.Flatten, h.screen.Post)
	h.screen.Enter(h.store, h.do, session)
	h.do.KeepWritten(browser.Written{Member: session.Username})
}

// renew fetches the session object again: there are other accounts, or they can do other
// things. What fails is made up for by the next answer that says so, or by coming again.
func (h *home) renew(c *client.Client) {
	if h.renewing {
		return
	}
	h.renewing = true
	go func() {
		session, err := fetchSession(context.Background())
		h.screen.Post(func() {
			h.renewing = false
			if err == nil && h.client == c {
				h.session = session
				c.Start(session)
				h.screen.Renewed(session)
			}
		})
	}()
}

// settingsKey is where this device keeps the member's settings, after their name.
const settingsKey = "settings"

// keepSettings has this device remember the settings, so that they count before the
// bridge has answered, and without one that keeps them.
func (h *home) keepSettings() {
	st, member := h.store, h.username+"\n"
	if saved, ok := strings.CutPrefix(browser.Remembered(settingsKey), member); ok {
		st.Settings().Restore(saved)
	}
	kept := st.Revision(store.PartSettings)
	st.Subscribe(func() {
		if rev := st.Revision(store.PartSettings); rev != kept {
			kept = rev
			browser.Remember(settingsKey, member+st.Settings().Save())
		}
	})
}

// end closes the wire; the store stays.
func (h *home) end() {
	if h.socket != nil {
		h.socket.Close()
		h.client.Close()
		h.socket, h.client = nil, nil
	}
}

// Retry opens the socket now.
func (h *home) Retry() {
	if h.socket != nil {
		h.socket.Wake()
	}
}

// SignOut saves what is being written, ends the session at the bridge and starts the page
// anew: nothing of it stays in memory.
func (h *home) SignOut() {
	h.do.BeforeSigningOut(func(saved bool) {
		if saved {
			h.signOut()
		}
	})
}

func (h *home) signOut() {
	h.end()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), sessionLimit)
		defer cancel()
		err := browser.Post(ctx, "/auth/signout", struct{}{}, &struct{}{})
		h.screen.Post(func() {
			if err != nil {
				h.SignedIn() // still here: the cookie is the bridge's to take back
				return
			}
			browser.Forget("signedin")
			forget()
			browser.Forget(settingsKey)
			browser.Reload("/")
		})
	}()
}

func checkSession(ctx context.Context) error {
	_, err := fetchSession(ctx)
	return err
}

// socketURL is where the page itself comes from: the bridge and its proxies know
// that address.
func socketURL() string {
	u, err := url.Parse(browser.Origin())
	if err != nil {
		return ""
	}
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	u.Path = "/jmap/ws"
	return u.String()
}
