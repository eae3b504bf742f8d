package store

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Part is a piece of the store that has a revision of its own.
type Part int

// The parts. Lists and emails also have a revision each, for a single row.
const (
	PartAccounts   Part = iota // accounts and identities
	PartMailboxes              // the tree and its counts
	PartLists                  // any list
	PartEmails                 // any email
	PartConnection             // the connection state
	PartNotices                // the toasts
	PartComposers              // messages being written
	PartSettings               // what the member chose
	PartOutbox                 // messages on their way
	parts
)

// Store holds everything. Use it on the UI loop only.
type Store struct {
	post      func(func())
	signalled bool
	listeners map[int]func()
	nextId    int
	revisions [parts]uint64
	clock     uint64

	accounts   []*Account
	own        jmap.Id
	all        *Account // stands for all of them; nil: there is none
	bridge     bridgeAccounts
	connection Connection
	notices    []Notice
	bulks      []*Bulk
	composers  []*Composer
	settings   *Settings
}

// New makes an empty store. post runs a function on the UI loop after the
// present one has returned; it may be called from any goroutine.
func New(post func(func())) *Store {
	s := &Store{post: post, listeners: make(map[int]func())}
	s.settings = newSettings(s)
	return s
}

// Subscribe has f called on the UI loop after something changed, once for all
// changes of a turn. cancel ends it.
func (s *Store) Subscribe(f func()) (cancel func()) {
	s.nextId++
	id := s.nextId
	s.listeners[id] = f
	return func() { delete(s.listeners, id) }
}

// Revision rises whenever part p changes: a screen part that remembers the one
// it drew knows whether it has to draw again.
func (s *Store) Revision(p Part) uint64 { return s.revisions[p] }

// changed notes that part p changed and gives a number no other change has.
func (s *Store) changed(p Part) uint64 {
	s.clock++
	s.revisions[p] = s.clock
	if !s.signalled {
		s.signalled = true
		s.post(s.signal)
	}
	return s.clock
}

func (s *Store) signal() {
	s.signalled = false
	for _, f := range s.listeners {
		f()
	}
}

// Accounts are the accounts of the session, in display order.
func (s *Store) Accounts() []*Account { return s.accounts }

// Account is the account with that id, or nil.
func (s *Store) Account(id jmap.Id) *Account {
	if s.all != nil && id == Everywhere {
		return s.all
	}
	i := slices.IndexFunc(s.accounts, func(a *Account) bool { return a.id == id })
	if i < 0 {
		return nil
	}
	return s.accounts[i]
}

// SetAccounts makes the store know exactly the mail accounts of a session. What
// is known of an account that stays is kept.
func (s *Store) SetAccounts(session *jmap.Session) {
	old := s.accounts
	s.accounts = nil
	for id, account := range session.Accounts {
		if _, ok := account.AccountCapabilities[jmap.CapabilityMail]; !ok {
			continue
		}
		i := slices.IndexFunc(old, func(a *Account) bool { return a.id == id })
		var a *Account
		if i >= 0 {
			a = old[i]
		} else {
			a = newAccount(s, id)
		}
		a.name, a.readOnly = account.Name, account.IsReadOnly
		a.sortOptions = sortOptions(account.AccountCapabilities[jmap.CapabilityMail])
		a.capabilities = account.AccountCapabilities
		a.look = readLook(account.AccountCapabilities[jmap.CapabilityBridge])
		s.accounts = append(s.accounts, a)
	}
	s.own = session.PrimaryAccounts[jmap.CapabilityMail]
	s.sortAccounts()
	s.stand()
	s.changed(PartAccounts)
	s.changed(PartMailboxes)
}
