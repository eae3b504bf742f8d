package store

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Lists over all accounts: their inboxes, and what a search finds in them. Such a list
// belongs to an account that stands for all of them. It has no emails and no mailboxes of
// its own; each email is looked up, and changed, in the account that has it.
//
// That needs ids that are no two emails' of the session, which only our own bridge
// promises. With another server, lists are of one account.

// Everywhere is the id of the account that stands for all, in addresses too.
const Everywhere jmap.Id = "all"

// maxOwners is how many ids are remembered to be of which account; what is shown is a
// small part of them.
const maxOwners = 50_000

// All is the account that stands for all, nil where there is one only or lists over
// several cannot be had.
func (s *Store) All() *Account { return s.all }

// IsAll reports whether the account stands for all.
func (a *Account) IsAll() bool { return a.parts != nil }

// Parts are the accounts that it stands for: of others, themselves.
func (a *Account) Parts() []*Account {
	if a.parts == nil {
		return []*Account{a}
	}
	return a.parts
}

// stand makes the account that stands for all, or takes it away.
func (s *Store) stand() {
	can := len(s.accounts) > 1
	for _, a := range s.accounts {
		can = can && a.Has(jmap.CapabilityBridge)
	}
	switch {
	case !can:
		s.all = nil
		return
	case s.all == nil:
		s.all = newAccount(s, Everywhere)
		s.all.owners = make(map[jmap.Id]*Account)
	}
	if !slices.Equal(s.all.parts, s.accounts) {
		s.all.parts = slices.Clone(s.accounts)
		clear(s.all.owners)
		clear(s.all.lists)
	}
}

// OwnerOf is the account that has an email, nil if none is known to.
func (s *Store) OwnerOf(id jmap.Id) *Account {
	for _, a := range s.accounts {
		if a.emails.byId[id] != nil {
			return a
		}
	}
	if s.all != nil {
		return s.all.owners[id]
	}
	return nil
}

// SetOwners remembers whose emails the bridge said they are.
func (a *Account) SetOwners(of map[jmap.Id][]jmap.Id) {
	if len(a.owners) > maxOwners {
		clear(a.owners)
		for _, l := range a.lists {
			l.confirmed = sparse{total: l.confirmed.total}
			l.changed()
		}
	}
	for _, part := range a.parts {
		for _, id := range of[part.id] {
			a.owners[id] = part
		}
	}
}

// Owned gives those of ids that are of a part of the account.
func (a *Account) Owned(part *Account, ids []jmap.Id) []jmap.Id {
	if a == part {
		return ids
	}
	var out []jmap.Id
	for _, id := range ids {
		if a.store.OwnerOf(id) == part {
			out = append(out, id)
		}
	}
	return out
}

// record is the email of an id, in whichever account it is; nil if it is not known.
func (l *List) record(id jmap.Id) *Email { return l.account.Email(id) }

// pending are the changes that are not confirmed, of all parts.
func (a *Account) pending() []*Op {
	if a.parts == nil {
		return a.ops
	}
	var out []*Op
	for _, part := range a.parts {
		out = append(out, part.ops...)
	}
	return out
}

// showing are the lists that an email of the account may be in.
func (a *Account) showing() []*List {
	out := make([]*List, 0, len(a.lists))
	for _, l := range a.lists {
		out = append(out, l)
	}
	if a.store.all != nil {
		for _, l := range a.store.all.lists {
			out = append(out, l)
		}
	}
	return out
}

// Covers reports whether emails of an account may be in the list.
func (l *List) Covers(a *Account) bool { return slices.Contains(l.account.Parts(), a) }

// FilterFor is what an account is asked for; nil for nothing.
func (l *List) FilterFor(a *Account) *jmap.EmailFilter {
	q := l.query
	switch {
	case l.account == a:
		return q.JMAP()
	case q.Inboxes:
		inbox := a.Role(jmap.RoleInbox)
		if inbox == nil {
			return nil
		}
		q.Mailbox = inbox.Id
		return q.JMAP()
	}
	return q.Filters[a.id]
}

// judge is what a pending change surely does to the place of an email.
func (l *List) judge(id jmap.Id, c Change, after map[jmap.Id]bool) verdict {
	q := l.query
	if l.account.parts == nil {
		return q.judge(c, after)
	}
	owner := l.account.store.OwnerOf(id)
	if owner == nil {
		return unmoved
	}
	if q.Inboxes {
		if inbox := owner.Role(jmap.RoleInbox); inbox != nil {
			q.Mailbox = inbox.Id
		}
		return q.judge(c, after)
	}
	if q.Filter = q.Filters[owner.id]; q.Filter == nil {
		return unmoved
	}
	return q.judge(c, after)
}

// Unread is how many emails are unread in all inboxes.
func (s *Store) Unread() int {
	n := 0
	for _, a := range s.accounts {
		if inbox := a.Role(jmap.RoleInbox); inbox != nil {
			n += inbox.UnreadEmails
		}
	}
	return n
}
