// Package memstore is an upstream.Store in memory, for tests of the rooms above:
// the smallest that passes storetest. It never fails on its own account; what
// servers do wrong is tested with servers.
package memstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
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
	listeners []*watcher // guarded by mu
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
	a.tell(upstream.Event{Mailbox: m.name})
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

// Mailboxes lists every mailbox.
func (s *Store) Mailboxes(ctx context.Context) ([]upstream.Mailbox, error) {
	var out []upstream.Mailbox
	err := s.do(ctx, func(a *Account) error {
		for _, m := range a.mailboxes {
			out = append(out, upstream.Mailbox{
				Name: m.name, Delimiter: delimiter, Role: m.role, Selectable: true, Subscribed: !m.aside,
				ObjectID: fmt.Sprintf("m%d", m.id),
			})
		}
		return nil
	})
	return out, err
}

// Statuses counts every mailbox.
func (s *Store) Statuses(ctx context.Context) (map[string]upstream.Status, error) {
	out := map[string]upstream.Status{}
	err := s.do(ctx, func(a *Account) error {
		for _, m := range a.mailboxes {
			out[m.name] = m.status()
		}
		return nil
	})
	return out, err
}

// Status counts one mailbox.
func (s *Store) Status(ctx context.Context, name string) (upstream.Status, error) {
	var out upstream.Status
	err := s.do(ctx, func(a *Account) error {
		m := a.find(name)
		if m == nil {
			return upstream.ErrNoMailbox
		}
		out = m.status()
		return nil
	})
	return out, err
}

// CreateMailbox makes a mailbox; a role that another has stays there.
func (s *Store) CreateMailbox(ctx context.Context, name, role string) error {
	return s.do(ctx, func(a *Account) error {
		if a.find(name) != nil || name == "" {
			return &upstream.Error{Kind: upstream.KindRefused, Server: "memory", Step: "creating a mailbox", Code: "ALREADYEXISTS", Text: "there is one"}
		}
		if slices.ContainsFunc(a.mailboxes, func(m *mailbox) bool { return m.role == role }) {
			role = ""
		}
		a.add(name, role)
		a.tell(upstream.Event{})
		return nil
	})
}

// RenameMailbox gives a mailbox, and all below it, another name.
func (s *Store) RenameMailbox(ctx context.Context, name, to string) error {
	return s.do(ctx, func(a *Account) error {
		if a.find(name) == nil {
			return upstream.ErrNoMailbox
		}
		if name == "INBOX" || to == "" || a.find(to) != nil {
			return &upstream.Error{Kind: upstream.KindRefused, Server: "memory", Step: "renaming a mailbox", Code: "ALREADYEXISTS", Text: "there is one"}
		}
		for _, m := range a.mailboxes {
			if rest, below := strings.CutPrefix(m.name, name+delimiter); below {
				m.name = to + delimiter + rest
			} else if m.name == name {
				m.name = to
			}
		}
		a.tell(upstream.Event{})
		return nil
	})
}

// DeleteMailbox removes a mailbox and what is in it.
func (s *Store) DeleteMailbox(ctx context.Context, name string) error {
	return s.do(ctx, func(a *Account) error {
		m := a.find(name)
		if m == nil {
			return upstream.ErrNoMailbox
		}
		if m.name == "INBOX" {
			return &upstream.Error{Kind: upstream.KindRefused, Server: "memory", Step: "deleting a mailbox", Text: "INBOX stays"}
		}
		a.mailboxes = slices.DeleteFunc(a.mailboxes, func(other *mailbox) bool { return other == m })
		a.tell(upstream.Event{})
		return nil
	})
}

// Quotas has one limit: nobody here fills it.
func (s *Store) Quotas(ctx context.Context) ([]upstream.Quota, error) {
	out := upstream.Quota{Resource: "STORAGE", Limit: 1 << 30}
	err := s.do(ctx, func(a *Account) error {
		for _, m := range a.mailboxes {
			for _, msg := range m.messages {
				out.Used += int64(len(msg.raw))
			}
		}
		return nil
	})
	return []upstream.Quota{out}, err
}

// Subscribe subscribes to a mailbox, or no longer.
func (s *Store) Subscribe(ctx context.Context, name string, on bool) error {
	return s.do(ctx, func(a *Account) error {
		m := a.find(name)
		if m == nil {
			return upstream.ErrNoMailbox
		}
		m.aside = !on
		return nil
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

// SetKeywords adds and removes keywords.
func (s *Store) SetKeywords(ctx context.Context, mb upstream.MailboxRef, uids []uint32, add, remove []string) ([]upstream.Keywords, error) {
	var out []upstream.Keywords
	err := s.in(ctx, mb, func(a *Account, m *mailbox) error {
		for _, msg := range m.messages {
			if !slices.Contains(uids, msg.uid) {
				continue
			}
			msg.keywords = maps.Clone(msg.keywords)
			for _, k := range add {
				if k = strings.ToLower(k); isKeyword(k) {
					msg.keywords[k] = true
				}
			}
			for _, k := range remove {
				delete(msg.keywords, strings.ToLower(k))
			}
			a.touch(m, msg)
			out = append(out, upstream.Keywords{UID: msg.uid, Set: maps.Clone(msg.keywords)})
		}
		return nil
	})
	return out, err
}

// isKeyword: RFC 8621 §4.1.1.
func isKeyword(k string) bool {
	return k != "" && !strings.ContainsFunc(k, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`(){]%*"\`, r) })
}

// Move moves messages to another mailbox.
func (s *Store) Move(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	var out upstream.Moved
	err := s.in(ctx, mb, func(a *Account, m *mailbox) error {
		target := a.find(to)
		if target == nil {
			return upstream.ErrNoMailbox
		}
		out = upstream.Moved{UIDValidity: target.validity, UIDs: map[uint32]uint32{}, Gone: slices.Clone(uids)}
		for _, msg := range m.remove(uids) {
			old := msg.uid
			out.UIDs[old] = a.put(target, msg)
		}
		a.changed(m)
		return nil
	})
	return out, err
}

// Copy copies messages to another mailbox.
func (s *Store) Copy(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	var out upstream.Moved
	err := s.in(ctx, mb, func(a *Account, m *mailbox) error {
		target := a.find(to)
		if target == nil {
			return upstream.ErrNoMailbox
		}
		out = upstream.Moved{UIDValidity: target.validity, UIDs: map[uint32]uint32{}}
		for _, msg := range slices.Clone(m.messages) {
			if slices.Contains(uids, msg.uid) {
				same := *msg // the octets are never changed, nor the map of keywords
				out.UIDs[msg.uid] = a.put(target, &same)
			}
		}
		return nil
	})
	return out, err
}

// Expunge removes these messages for good.
func (s *Store) Expunge(ctx context.Context, mb upstream.MailboxRef, uids []uint32) error {
	return s.in(ctx, mb, func(a *Account, m *mailbox) error {
		if len(m.remove(uids)) > 0 {
			a.changed(m)
		}
		return nil
	})
}

// Append files a message.
func (s *Store) Append(ctx context.Context, to string, msg upstream.NewMessage) (upstream.MailboxRef, uint32, error) {
	ref := upstream.MailboxRef{Name: to}
	raw, err := io.ReadAll(io.LimitReader(msg.Body, msg.Size))
	if err == nil && int64(len(raw)) != msg.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return ref, 0, fmt.Errorf("the message to be filed could not be read: %w", err)
	}
	filed := &message{raw: raw, received: msg.ReceivedAt.UTC().Truncate(time.Second), keywords: map[string]bool{}}
	if msg.ReceivedAt.IsZero() {
		filed.received = time.Now().UTC().Truncate(time.Second)
	}
	for k, on := range msg.Keywords {
		if k = strings.ToLower(k); on && isKeyword(k) {
			filed.keywords[k] = true
		}
	}
	var uid uint32
	err = s.do(ctx, func(a *Account) error {
		m := a.find(to)
		if m == nil {
			return upstream.ErrNoMailbox
		}
		ref.UIDValidity, uid = m.validity, a.put(m, filed)
		return nil
	})
	return ref, uid, err
}
