package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// root is the window: it draws its parts anew when what they show has changed.
type root struct {
	app.Compo

	screen *Screen
	begin  func(s *Screen) Door
}

// OnMount is where the app begins.
func (r *root) OnMount(ctx app.Context) {
	s := r.screen
	words.Start()
	s.pencil = pencil{disp: ctx.Dispatcher(), window: r}
	s.post = func(f func()) {
		ctx.Dispatch(func(app.Context) {
			f()
			s.drawSoon()
		})
	}
	browser.TakeNavigation(
		func(path string) { s.post(func() { s.navigated(path) }) },
		func(path string) { s.post(func() { s.navigated(path); browser.Push(path) }) },
	)
	browser.OnKey(func(k browser.Key) bool { return s.key(k) })
	browser.OnMailto(func(uri string) { s.post(func() { s.writeTo(uri) }) })
	browser.OnResize(func() { s.post(s.resized) })
	browser.OnLeave(func() { s.post(s.saveAll) })
	s.door = r.begin(s)
	s.bindSignIn()
	s.bindGestures()
	s.bindDrag()
}

// navigated follows the address bar.
func (s *Screen) navigated(path string) {
	if s.store != nil {
		s.goTo(parseRoute(path))
		s.follow()
	}
}

// Render draws the window.
func (r *root) Render() app.UI {
	s := r.screen
	window := app.Div().Class("window")
	a := s.account()
	if a == nil {
		return window.Hidden(true)
	}
	st := s.store
	connection := st.Revision(store.PartConnection)
	listRev := [5]uint64{s.rev + s.scrolled, st.Revision(store.PartLists), st.Revision(store.PartEmails), max(st.Revision(store.PartMailboxes), st.Revision(store.PartOutbox)), connection}
	// While one conversation is read, the others do not matter to the reader.
	opened := uint64(0)
	if e := s.opened(); e != nil {
		opened = max(e.Revision(), talkRev(a, s.nearIds()))
	}
	pane := "list"
	if s.opened() != nil {
		pane = "reader"
	}
	if s.route.Settings != "" {
		pane = "settings"
	}
	return window.Hidden(false).DataSet("pane", pane).DataSet("drawer", onOff(s.drawer)).Body(
		&banner{S: s, Rev: [3]uint64{s.rev, connection, st.Revision(store.PartAccounts)}},
		&mailboxes{S: s, Rev: [3]uint64{s.rev, st.Revision(store.PartMailboxes), max(st.Revision(store.PartAccounts), st.Revision(store.PartSettings), st.Revision(store.PartOutbox))}},
		app.Main().Class("panes").Body(
			&edge{Pane: "tree", Tongue: words.Current().Tag},
			&messages{S: s, Rev: listRev},
			&edge{Pane: "list", Tongue: words.Current().Tag},
			&reader{S: s, Rev: [6]uint64{s.rev, s.skimmed, opened, st.Revision(store.PartMailboxes), max(st.Revision(store.PartAccounts), st.Revision(store.PartOutbox)), connection}},
		),
		&settingsPage{S: s, Rev: [3]uint64{s.rev, st.Revision(store.PartSettings), max(st.Revision(store.PartAccounts), st.Revision(store.PartOutbox))}},
		&composers{S: s, Rev: [3]uint64{s.rev, max(st.Revision(store.PartComposers), connection), st.Revision(store.PartAccounts)}},
		&notices{S: s, Rev: [2]uint64{s.rev, st.Revision(store.PartNotices)}},
		&dialogs{S: s, Rev: [2]uint64{s.rev, st.Revision(store.PartMailboxes)}},
		&overlays{S: s, Rev: [2]uint64{s.rev, st.Revision(store.PartMailboxes)}},
	)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// icon is a picture that says nothing to those who listen.
func icon(name string) app.UI {
	return app.Span().Class("icon", "icon-"+name).Aria("hidden", "true")
}

// iconButton is a button with a picture; its name is its label and its title.
func iconButton(name, picture string, h app.EventHandler, scope ...any) app.HTMLButton {
	return app.Button().Type("button").Class("icon-button").Aria("label", name).Title(name).OnClick(h, scope...).Body(icon(picture))
}
