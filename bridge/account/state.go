package account

import (
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// state is what the owner goroutine owns. Its methods are called by nobody else.
type state struct {
	mailboxes map[int64]*mailbox
	listed    bool // the list of mailboxes was read from the server since the start
	journal   journal
	rows      rowCache
	index     *index
	indexed   bool              // every message was taken into the index once
	alias     map[jmap.Id]place // emails that are not where their id says
	aliasOf   map[place]jmap.Id
	also      map[jmap.Id][]place // further places of emails: see places
	listeners map[chan<- struct{}]bool
	counts    map[int64]threadCounts // nil: to be counted anew

	vacation   string // hash of the VacationResponse that was last seen; "": none was
	quotas     []jmap.Quota
	quotaAt    time.Time // when the server was asked for quotas; zero: they may have changed
	quotaStale time.Time // since when they may have
}

// mailbox is one mailbox and its spine.
type mailbox struct {
	row         int64
	info        upstream.Mailbox
	gen         int
	uidValidity uint32 // 0: never synced
	modSeq      uint64
	uids        upstream.UIDSet
	unread      upstream.UIDSet // those of uids without $seen and $draft; known once syncedAt is set
	uidNext     uint32          // at syncedAt; 0: not since the start
	total       int
	unseen      int
	syncedAt    time.Time // zero: not since the start
	order       *int      // the member's choice of sortOrder
	ownRole     *string   // and of role; "": none
}

func (m *mailbox) id() jmap.Id { return mailboxID(m.row) }

// role is the member's choice, or what the server says.
func (m *mailbox) role() string {
	if m.ownRole != nil {
		return *m.ownRole
	}
	return m.info.Role
}

// parentOf is the nearest level above a mailbox that the server lists, nil at the top.
func (s *state) parentOf(m *mailbox) *mailbox {
	d := m.info.Delimiter
	if d == "" {
		return nil
	}
	for at := strings.LastIndex(m.info.Name, d); at > 0; at = strings.LastIndex(m.info.Name[:at], d) {
		if parent := s.byName(m.info.Name[:at]); parent != nil {
			return parent
		}
	}
	return nil
}

// leaf is a mailbox's name below its parent.
func (s *state) leaf(m *mailbox) string {
	if parent := s.parentOf(m); parent != nil {
		return m.info.Name[len(parent.info.Name)+len(m.info.Delimiter):]
	}
	if m.info.Name == "INBOX" {
		return "Inbox" // any letter case is the same to IMAP (RFC 9051 §5.1)
	}
	return m.info.Name
}

func (m *mailbox) ref() upstream.MailboxRef {
	return upstream.MailboxRef{Name: m.info.Name, UIDValidity: m.uidValidity}
}

// byName finds a mailbox by the name the server gives it.
func (s *state) byName(name string) *mailbox {
	for _, m := range s.mailboxes {
		if m.info.Name == name {
			return m
		}
	}
	return nil
}

// byID finds a mailbox by its JMAP id.
func (s *state) byID(id jmap.Id) (*mailbox, error) {
	row, ok := parseMailboxID(id)
	if m := s.mailboxes[row]; ok && m != nil {
		return m, nil
	}
	return nil, method.ErrNotFound
}

// locate says where an email lies now.
func (s *state) locate(id jmap.Id) (place, bool) {
	p, ok := s.alias[id]
	if !ok {
		if p, ok = parseEmailID(id); !ok {
			return p, false
		}
		if s.aliasOf[p] != "" && s.aliasOf[p] != id {
			return p, false // what lies there goes by another id
		}
	}
	m := s.mailboxes[p.mailbox]
	return p, m != nil && m.gen == p.gen && (m.uids.Contains(p.uid) || m.syncedAt.IsZero())
}

// emailID is the id of what lies at a place.
func (s *state) emailID(p place) jmap.Id {
	if id, ok := s.aliasOf[p]; ok {
		return id
	}
	return p.emailID()
}
