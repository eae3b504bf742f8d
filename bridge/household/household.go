// Package household keeps who the members are: their sealed mail accounts and the
// devices they are signed in on.
//
// A member is known by the address they signed in with and the server that knows them
// by it, and may have other accounts besides. What is secret about their accounts is
// sealed under a vault key of their own. That key is never stored plain: it is wrapped
// by the password (Argon2id), and once for each device session by a key derived from
// the session's token, of which only the hash is stored. A stolen database opens
// nothing; of accounts that were added it tells the settings.
//
// A password that was changed at the provider does not open the vault. A device that is
// signed in has the key, and wraps it by the new password (signin.go). Where a new device
// comes with the new password, the vault is a new one, the other devices must sign in
// again, and the other accounts are known by their settings only, until one of those
// devices brings the old key, or the person their passwords.
package household

import (
	"database/sql"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	keptFor    = 90 * 24 * time.Hour // "Keep me signed in", from the last use
	browserFor = 24 * time.Hour      // otherwise
)

// ErrNoSession: the token is unknown, expired or revoked.
var ErrNoSession = errors.New("not signed in")

// Account is one mail account with its secrets.
type Account struct {
	ID           jmap.Id
	Name         string // what the member calls it; "": by its address
	Address      string
	Colour       string // "#rrggbb", or "" for none
	SortOrder    int
	Protocol     string // of Incoming: "" is IMAP
	Incoming     upstream.Server
	Keep         upstream.Keep // of a POP3 server
	Poll         int           // minutes between looks at a POP3 server; 0: as usual
	Outgoing     upstream.Server
	OutgoingAuth string // "", "plain", "login" or "none"
	Password     upstream.Secret
	Grant        *Grant // signs in instead of Password; nil: there is none
	// Locked: the password, or what is in the grant, is not known, it must be given again.
	Locked bool `json:"-"`
}

// Session is who is signed in: one device, or a client that sends the password.
type Session struct {
	ID       string    // "" for a password
	Member   string    // "" where nothing of them is kept
	Own      jmap.Id   // the account that the member signed in with
	Accounts []Account // their own first
	Keep     bool
	Expires  time.Time
	// Changed is closed once something of the accounts is no longer as it is here.
	Changed <-chan struct{}

	key vaultKey
}

// vaultKey is a member's vault key, and which of those they had.
type vaultKey struct {
	number int64
	key    []byte
}

// OwnAccount is the account that the member signed in with.
func (s *Session) OwnAccount() Account {
	for _, a := range s.Accounts {
		if a.ID == s.Own {
			return a
		}
	}
	return Account{ID: s.Own}
}

// House is all members. It is safe to use from any goroutine.
type House struct {
	db  *sql.DB
	now func() time.Time

	mu      sync.Mutex
	revoked map[string]chan struct{} // by session id; guarded by mu
	changed map[string]chan struct{} // by member; guarded by mu
}

// New makes a house of a database whose tables are up to date.
func New(db *sql.DB) *House {
	return &House{db: db, now: time.Now, revoked: map[string]chan struct{}{}, changed: map[string]chan struct{}{}}
}

func lower(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

func span(keep bool) time.Duration {
	if keep {
		return keptFor
	}
	return browserFor
}

// Revoked is closed when a session ends before its time.
func (h *House) Revoked(session string) <-chan struct{} { return h.waiting(h.revoked, session) }

func (h *House) waiting(in map[string]chan struct{}, id string) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if in[id] == nil {
		in[id] = make(chan struct{})
	}
	return in[id]
}

func (h *House) tell(in map[string]chan struct{}, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := in[id]; c != nil {
		close(c)
		delete(in, id)
	}
}
