// Package memstore is an upstream.Store in memory, for tests of the rooms above:
// the smallest that passes storetest. It never fails on its own account; what
// servers do wrong is tested with servers.
package memstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// delimiter is between the levels of a mailbox's name.
const delimiter = "/"

// Account is the mail that one or more Stores show. Its methods may be called from
// any goroutine.
type Account struct {
	mu        sync.Mutex
	mailboxes []*mailbox // guarded by mu; in the order they were made
	validity  uint32     // guarded by mu; the last that was given to a mailbox
	modSeq    uint64     // guarded by mu
	guids     int        // guarded by mu; how many messages there were
	listeners upstream.Listeners
}

// mailbox is guarded by Account.mu, and so is all that is in it.
type mailbox struct {
	name, role string
	id         int  // for MAILBOXID
	aside      bool // not subscribed
	validity   uint32
	uidNext    uint32
	modSeq     uint64
	messages   []*message // by rising UID
}

type message struct {
	uid      uint32
	guid     string // that copies share
	raw      []byte
	keywords map[string]bool
	received time.Time
	modSeq   uint64
}

// New makes an account with the usual mailboxes, all empty.
func New() *Account {
	a := &Account{modSeq: 1}
	a.add("INBOX", jmap.RoleInbox)
	for _, m := range [][2]string{{"Drafts", jmap.RoleDrafts}, {"Sent", jmap.RoleSent}, {"Archive", jmap.RoleArchive}, {"Junk", jmap.RoleJunk}, {"Trash", jmap.RoleTrash}} {
		a.add(m[0], m[1])
	}
	return a
}

func (a *Account) add(name, role string) {
	a.validity++
	a.mailboxes = append(a.mailboxes, &mailbox{id: int(a.validity), name: name, role: role, validity: a.validity + 1000, uidNext: 1})
}

// Deliver puts a message into INBOX, as mail that has just arrived.
func (a *Account) Deliver(raw []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.find("INBOX")
	a.put(m, &message{raw: bytes.Clone(raw), received: time.Now(), keywords: map[string]bool{}})
}

// Renumber empties a mailbox and gives it another UIDVALIDITY.
func (a *Account) Renumber(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if m := a.find(name); m != nil {
		a.validity++
		m.validity, m.uidNext, m.messages = a.validity+1000, 1, nil
		a.changed(m)
	}
}

func (a *Account) find(name string) *mailbox {
	if strings.EqualFold(name, "INBOX") {
		name = "INBOX"
	}
	for _, m := range a.mailboxes {
		if m.name == name {
			return m
		}
	}
	return nil
}

// put files a message under the next UID.
func (a *Account) put(m *mailbox, msg *message) uint32 {
	if msg.guid == "" {
		a.guids++
		msg.guid = fmt.Sprintf("g%d", a.guids)
	}
	msg.uid = m.uidNext
	m.uidNext++
	m.messages = append(m.messages, msg)
	a.touch(m, msg)
	return msg.uid
}

// touch notes that a message changed.
func (a *Account) touch(m *mailbox, msg *message) {
	a.changed(m)
	msg.modSeq = a.modSeq
}

func (a *Account) changed(m *mailbox) {
	a.modSeq++
	m.modSeq = a.modSeq
	a.listeners.Tell(upstream.Event{Mailbox: m.name})
}

func (m *mailbox) remove(uids []uint32) (gone []*message) {
	m.messages = slices.DeleteFunc(m.messages, func(msg *message) bool {
		if !slices.Contains(uids, msg.uid) {
			return false
		}
		gone = append(gone, msg)
		return true
	})
	return gone
}

func (m *mailbox) status() upstream.Status {
	s := upstream.Status{UIDValidity: m.validity, UIDNext: m.uidNext, HighestModSeq: max(m.modSeq, 1)}
	for _, msg := range m.messages {
		s.Messages++
		if !msg.keywords[jmap.KeywordSeen] {
			s.Unseen++
		}
	}
	return s
}

// Store is one view of an Account.
type Store struct {
	account *Account
	ctx     context.Context
	cancel  context.CancelFunc
}

var _ upstream.Store = (*Store)(nil)

// Open gives a Store on the account.
func (a *Account) Open() *Store {
	s := &Store{account: a}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Close ends all that watch.
func (s *Store) Close() error {
	s.cancel()
	return nil
}

var errClosed = errors.New("the store is closed")

// do runs f with the account to itself.
func (s *Store) do(ctx context.Context, f func(a *Account) error) error {
	if s.ctx.Err() != nil {
		return errClosed
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	return f(s.account)
}

// in runs f with a mailbox whose UIDs mean what the caller thinks.
func (s *Store) in(ctx context.Context, mb upstream.MailboxRef, f func(a *Account, m *mailbox) error) error {
	return s.do(ctx, func(a *Account) error {
		m := a.find(mb.Name)
		switch {
		case m == nil:
			return upstream.ErrNoMailbox
		case m.validity != mb.UIDValidity:
			return upstream.ErrUIDValidity
		}
		return f(a, m)
	})
}

// Sync reads which messages a mailbox has, and whose keywords changed.
func (s *Store) Sync(ctx context.Context, name string, known upstream.Known) (*upstream.Snapshot, error) {
	var out *upstream.Snapshot
	err := s.do(ctx, func(a *Account) error {
		m := a.find(name)
		if m == nil {
			return upstream.ErrNoMailbox
		}
		out = &upstream.Snapshot{Status: m.status(), NewKeywords: true}
		out.Unseen = 0 // as a SELECT, which does not tell
		var uids, unread []uint32
		for _, msg := range m.messages {
			uids = append(uids, msg.uid)
			if !msg.keywords[jmap.KeywordSeen] && !msg.keywords[jmap.KeywordDraft] {
				unread = append(unread, msg.uid)
			}
			if known.UIDValidity == m.validity && known.HighestModSeq > 0 && msg.modSeq > known.HighestModSeq {
				out.Changed = append(out.Changed, upstream.Keywords{UID: msg.uid, Set: maps.Clone(msg.keywords)})
			}
		}
		out.UIDs, out.Unread = upstream.NewUIDSet(uids...), upstream.NewUIDSet(unread...)
		return nil
	})
	return out, err
}
