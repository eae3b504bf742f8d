package store

import (
	"encoding/json"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Account is what the app knows of one mail account.
type Account struct {
	store    *Store
	id       jmap.Id
	name     string
	look     look
	readOnly bool
	parts    []*Account           // it stands for these; nil: for itself
	owners   map[jmap.Id]*Account // whose an email is, of one that stands for others

	sortOptions  []string
	capabilities map[string]json.RawMessage
	quota        *jmap.Quota
	vacation     *jmap.VacationResponse
	vacationErr  error

	identities []jmap.Identity
	outbox     []*Submission
	mailboxes  mailboxes
	emails     emails
	threads    threads
	people     people
	lists      map[string]*List
	ops        []*Op // pending, oldest first
	settled    []settledOp
	sweeps     []*Sweep
	tasks      []jmap.BridgeTask
	asked      map[Mark]int
	mark       Mark
}

func newAccount(s *Store, id jmap.Id) *Account {
	return &Account{
		store:     s,
		id:        id,
		mailboxes: newMailboxes(),
		emails:    newEmails(),
		threads:   newThreads(),
		lists:     make(map[string]*List),
		asked:     make(map[Mark]int),
	}
}

// Id is the account's id.
func (a *Account) Id() jmap.Id { return a.id }

// Name is the account's name, usually its address.
func (a *Account) Name() string { return a.name }

// ReadOnly reports whether nothing in the account may be changed.
func (a *Account) ReadOnly() bool { return a.readOnly }

// Identities are the addresses the member may send from; the first is the default.
func (a *Account) Identities() []jmap.Identity { return a.identities }

// SetIdentities replaces the identities with the bridge's.
func (a *Account) SetIdentities(list []jmap.Identity) {
	a.identities = list
	a.store.changed(PartAccounts)
}
