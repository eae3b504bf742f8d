package screen

import (
	"errors"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Screen is what is only about looking. Use it on the UI loop.
type Screen struct {
	post func(func())
	door Door
	form signInForm

	// Set while somebody is signed in.
	store   *store.Store
	do      *action.Actions
	session *jmap.Session
	cancel  func()

	pencil    pencil
	rev       uint64 // rises whenever something below changes
	scrolled  uint64 // rises with each scrolling, which is about the list alone
	skimmed   uint64 // rises when a scrolled conversation shows other lines
	settings  uint64 // the revision of the settings that is drawn
	outbox    uint64 // the revision of the outbox that was told of
	reopening reopening
	reports   map[jmap.Id]map[string]jmap.DeliveryStatus // what became of messages, by recipient
	reported  uint64                                     // how often that was told
	language  int                                        // how often a language was asked for
	route     route
	list      *store.List
	handed    string           // a mailto: link that another program wants to be written by
	draft     jmap.Id          // a draft that is to be edited once its body is here
	cursor    int              // the line that keys are about, -1: none
	stands    standing         // what the cursor stands on
	stood     standing         // what it stood on, which has left the list
	unfolds   map[talkKey]bool // conversations of the list that are unfolded
	selection selection
	dragged   []jmap.Id
	scroll    scroll
	open      string // the menu or dialog that is open: see the menu constants
	confirm   confirmation
	mouse     bool // is what points here: rows can be dragged
	drawer    bool // the mailboxes are shown on a narrow screen
	collapsed map[jmap.Id]bool
	orders    map[string]store.Sort // chosen for a mailbox: see sortKey
	origin    jmap.Id               // the mailbox that was last shown: where a search began
	talk      conversation          // in the reader
	consents  consents              // to what goes beyond reading
	sheet     sheet                 // shows something of a message
	typed     string
	chord     chord
	composing composing
	toasts    map[int]bool // notices whose time runs
	badge     int          // shown at the app's icon
	over      overlay
	showAll   bool // also mailboxes that are not subscribed
	setup     setup
}

// Menus and dialogs; one at most is open.
const (
	menuAccount = "account"
	menuMove    = "move"
	menuList    = "list"
	menuKeys    = "keys"
	menuConfirm = "confirm"
	menuMailbox = "mailbox"
	menuNaming  = "naming" // the form for a mailbox's name and place
	menuPalette = "palette"
)

// Door is how a person comes in and leaves: web's main.
type Door interface {
	// SignedIn says that the bridge knows us now.
	SignedIn()
	// SignOut leaves for good.
	SignOut()
	// Retry tries again to reach the bridge, now.
	Retry()
}

// Run draws the app until the page ends. begin is called on the UI loop once the
// screen is there.
func Run(begin func(s *Screen) Door) {
	s := &Screen{cursor: -1, collapsed: map[jmap.Id]bool{}, orders: map[string]store.Sort{}, unfolds: map[talkKey]bool{}, toasts: map[int]bool{}}
	app.RouteWithRegexpFunc(".*", func() app.Composer { return &root{screen: s, begin: begin} })
	app.RunWhenOnBrowser()
}

// Post runs f on the UI loop. It may be called from any goroutine.
func (s *Screen) Post(f func()) { s.post(f) }

// Enter shows what a signed-in person has.
func (s *Screen) Enter(st *store.Store, do *action.Actions, session *jmap.Session) {
	if s.cancel != nil {
		s.cancel()
	}
	s.store, s.do, s.session = st, do, session
	s.cancel = st.Subscribe(s.follow)
	s.mouse = browser.Matches("(hover: hover) and (pointer: fine)")
	browser.SetView("app")
	browser.AwaitEditor()
	browser.Remember("signedin", session.Username)
	s.list = nil // a new client has to follow it
	s.goTo(parseRoute(browser.Path()))
	s.follow()
}

// Renewed takes over a new session object of the same person.
func (s *Screen) Renewed(session *jmap.Session) {
	s.session = session
	switch a := s.store.Account(s.route.Account); {
	case a == nil && s.route.Account != "": // it was removed
		s.route, s.list = route{Settings: s.route.Settings}, nil
	case a != nil && a.IsAll(): // of other accounts than it was
		s.showList()
	}
	s.changed()
	s.follow()
}

// List is the list on screen, nil if there is none.
func (s *Screen) List() *store.List { return s.list }

// SignIn shows the form; reason says why, where that is not plain.
func (s *Screen) SignIn(reason string) {
	browser.Forget("signedin")
	browser.Forget(keySearches)
	if words.PageDiffers() {
		browser.Reload("/") // comes with the form in the language that was chosen since
		return
	}
	browser.SetView("signin")
	s.form.failed(reason, "")
}

// Unreachable says that the bridge does not answer.
func (s *Screen) Unreachable(err error) {
	text := words.T("The bridge does not answer. Trying again…")
	if !browser.Online() {
		text = words.T("You are offline. Hearthmail goes on when you are back.")
	}
	var p *browser.Problem
	if errors.As(err, &p) {
		text = words.T("{problem} Trying again…", problemWords(p))
	}
	browser.SetText("loading-text", text)
}

// changed has the screen drawn again.
func (s *Screen) changed() {
	s.rev++
	s.drawSoon()
}

// follow looks at what has become of things: it runs after the store changed.
func (s *Screen) follow() {
	if rev := s.store.Revision(store.PartSettings); rev != s.settings {
		s.settings = rev
		s.applyTheme()
		s.applyLanguage()
		s.changed() // any part may draw by them
		s.fitRows()
		s.regroup()
	}
	s.followOutbox()
	a := s.account()
	if a == nil {
		return
	}
	if s.route.Mailbox == "" && s.route.Search == "" && a.MailboxesKnown() {
		if inbox := a.Role(jmap.RoleInbox); inbox != nil {
			settings := s.route.Settings
			s.route = s.mailboxRoute(a.Id(), inbox.Id)
			s.route.Settings = settings
			browser.Replace(s.route.path())
			s.showList()
		}
	}
	s.editWhenReady(a)
	s.writeWhenReady(a)
	s.attend(a)
	s.title(a)
	s.showBadge()
	s.keepToasts()
	s.selection.prune(s.list)
	s.keepCursor()
}

// account is the account on screen.
func (s *Screen) account() *store.Account {
	if s.store == nil {
		return nil
	}
	if s.route.Account == store.Everywhere { // what is open is of one of them
		if a := s.store.Account(s.route.Of); a != nil && !a.IsAll() {
			return a
		}
		return s.store.Own()
	}
	if a := s.store.Account(s.route.Account); a != nil {
		return a
	}
	if all := s.store.Accounts(); len(all) > 0 {
		return all[0]
	}
	return nil
}

// opened is the email in the reader, nil if none.
func (s *Screen) opened() *store.Email {
	a := s.account()
	if a == nil || s.route.Email == "" || s.draft == s.route.Email {
		return nil
	}
	return a.Email(s.route.Email)
}

// narrow reports whether there is room for one pane only.
func narrow() bool { return browser.Matches("(max-width: 699px)") }

// title names the tab after the mailbox.
func (s *Screen) title(a *store.Account) {
	name := "Hearthmail"
	if s.across() && s.route.Search == "" {
		name = nameInboxes.String() + " · Hearthmail"
		if n := s.store.Unread(); n > 0 {
			name = "(" + words.Number(n) + ") " + name
		}
	}
	if m := a.Mailbox(s.route.Mailbox); m != nil {
		name = mailboxName(m)
		if m.UnreadEmails > 0 {
			name = "(" + words.Number(m.UnreadEmails) + ") " + name
		}
		name += " · Hearthmail"
	}
	browser.SetTitle(name)
}
