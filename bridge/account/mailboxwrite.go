package account

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

func setError(kind, description string, properties ...string) *jmap.SetError {
	return &jmap.SetError{Type: kind, Description: description, Properties: properties}
}

// knownRoles can be given to a mailbox; the inbox has its own.
var knownRoles = []string{"", jmap.RoleArchive, jmap.RoleDrafts, jmap.RoleSent, jmap.RoleJunk, jmap.RoleTrash}

// CreateMailbox makes a mailbox on the server, subscribed to.
func (a *Account) CreateMailbox(ctx context.Context, want method.MailboxChange) (jmap.Id, error) {
	if err := a.ensureListed(ctx); err != nil {
		return "", err
	}
	a.turn.Lock()
	defer a.turn.Unlock()
	var name, role string
	err := a.ask(ctx, func(s *state) error {
		parent := jmap.Id("")
		if want.Parent != nil {
			parent = *want.Parent
		}
		if want.Role != nil {
			role = *want.Role
		}
		if err := s.freeRole(role, nil); err != nil {
			return err
		}
		var err error
		name, err = s.fullName(parent, *want.Name, nil)
		return err
	})
	if err != nil {
		return "", err
	}
	if err := a.store.CreateMailbox(ctx, name, role); err != nil {
		return "", mailboxRefused(err)
	}
	if want.Subscribed != nil && !*want.Subscribed {
		if err := a.store.Subscribe(ctx, name, false); err != nil {
			return "", err
		}
	}
	if err := a.list(ctx); err != nil {
		return "", err
	}
	var id jmap.Id
	err = a.ask(ctx, func(s *state) error {
		m := s.byName(name)
		if m == nil {
			return method.ErrNotFound
		}
		id = m.id()
		return a.keepChoice(s, m, want)
	})
	return id, err
}

// ChangeMailbox renames, moves, and keeps what the server cannot.
func (a *Account) ChangeMailbox(ctx context.Context, id jmap.Id, want method.MailboxChange) error {
	if err := a.ensureListed(ctx); err != nil {
		return err
	}
	a.turn.Lock()
	defer a.turn.Unlock()
	var from, to string
	err := a.ask(ctx, func(s *state) error {
		m, err := s.byID(id)
		if err != nil {
			return err
		}
		from = m.info.Name
		to, err = s.newName(m, want)
		if err == nil && want.Role != nil {
			err = s.freeRole(*want.Role, m)
		}
		return err
	})
	if err != nil {
		return err
	}
	if to != from {
		if err := a.store.RenameMailbox(ctx, from, to); err != nil {
			return mailboxRefused(err)
		}
	}
	if want.Subscribed != nil {
		if err := a.store.Subscribe(ctx, to, *want.Subscribed); err != nil {
			return err
		}
	}
	return a.ask(ctx, func(s *state) error {
		m, err := s.byID(id)
		if err != nil {
			return err
		}
		if err := a.renamedByUs(s, from, to); err != nil {
			return err
		}
		if want.Subscribed != nil {
			m.info.Subscribed = *want.Subscribed
		}
		return a.keepChoice(s, m, want)
	})
}

// newName is what a mailbox will be called on the server.
func (s *state) newName(m *mailbox, want method.MailboxChange) (string, error) {
	if want.Name == nil && want.Parent == nil {
		return m.info.Name, nil
	}
	parent, leaf := s.parentOf(m), s.leaf(m)
	parentID := jmap.Id("")
	if parent != nil {
		parentID = parent.id()
	}
	if want.Parent != nil {
		parentID = *want.Parent
	}
	if want.Name != nil {
		leaf = *want.Name
	}
	if m.info.Name == "INBOX" {
		if (want.Name == nil || *want.Name == "Inbox") && parentID == "" {
			return m.info.Name, nil
		}
		return "", setError(jmap.SetForbidden, "the inbox keeps its name and its place")
	}
	return s.fullName(parentID, leaf, m)
}

// fullName is the server's name for a mailbox below a parent ("": at the top); moved is
// the mailbox that is to get it, nil for a new one.
func (s *state) fullName(parent jmap.Id, leaf string, moved *mailbox) (string, error) {
	delimiter, prefix := s.namespace()
	name := prefix + leaf
	if parent != "" {
		p, err := s.byID(parent)
		if err != nil {
			return "", setError(jmap.SetInvalidProperties, "there is no such parent", "parentId")
		}
		if p.info.Delimiter == "" {
			return "", setError(jmap.SetInvalidProperties, "on this server mailboxes do not lie within others", "parentId")
		}
		if moved != nil && (p == moved || strings.HasPrefix(p.info.Name, moved.info.Name+p.info.Delimiter)) {
			return "", setError(jmap.SetInvalidProperties, "a mailbox cannot lie within itself", "parentId")
		}
		delimiter = p.info.Delimiter
		name = p.info.Name + delimiter + leaf
	}
	if delimiter != "" && strings.Contains(leaf, delimiter) {
		return "", setError(jmap.SetInvalidProperties, "on this server a name cannot contain "+delimiter, "name")
	}
	if strings.EqualFold(name, "INBOX") || parent == "" && strings.EqualFold(leaf, "INBOX") {
		name = "INBOX"
	}
	if other := s.byName(name); other != nil && other != moved {
		return "", &jmap.SetError{Type: jmap.SetAlreadyExists, Description: "there is a mailbox of that name", ExistingId: other.id()}
	}
	return name, nil
}

// namespace is the delimiter of the member's mailboxes, and what stands before those
// at the top: "" or, on servers that keep all below INBOX, that (RFC 2342 §5).
func (s *state) namespace() (delimiter, prefix string) {
	below, beside := 0, 0
	for _, m := range s.mailboxes {
		delimiter = cmp.Or(delimiter, m.info.Delimiter)
		switch {
		case m.info.Delimiter != "" && strings.HasPrefix(m.info.Name, "INBOX"+m.info.Delimiter):
			below++
		case m.info.Name != "INBOX":
			beside++
		}
	}
	if below > 0 && beside == 0 {
		prefix = "INBOX" + delimiter
	}
	return delimiter, prefix
}

// freeRole reports whether a mailbox may have a role.
func (s *state) freeRole(role string, m *mailbox) error {
	if m != nil && m.role() == role {
		return nil
	}
	if !slices.Contains(knownRoles, role) || m != nil && m.info.Name == "INBOX" {
		return setError(jmap.SetInvalidProperties, "this role cannot be given", "role")
	}
	for _, other := range s.mailboxes {
		if role != "" && other != m && other.role() == role {
			return setError(jmap.SetInvalidProperties, "another mailbox has this role", "role")
		}
	}
	return nil
}

// keepChoice remembers what the server has no place for, and journals the change.
func (a *Account) keepChoice(s *state, m *mailbox, want method.MailboxChange) error {
	if want.SortOrder != nil {
		m.order = want.SortOrder
	}
	if want.Role != nil && *want.Role != m.role() {
		m.ownRole = want.Role
	}
	return a.commit(s, &[]entry{{"Mailbox", m.id(), opUpdated}}, func(tx *sql.Tx) error {
		_, err := tx.Exec(`UPDATE account_mailbox SET sort_order = ?, own_role = ? WHERE id = ?`, m.order, m.ownRole, m.row)
		return err
	})
}

// renamedByUs gives a mailbox and those below it their new names; their ids stay.
func (a *Account) renamedByUs(s *state, from, to string) error {
	if from == to {
		return nil
	}
	var entries []entry
	return a.commit(s, &entries, func(tx *sql.Tx) error {
		for _, m := range s.mailboxes {
			rest, below := strings.CutPrefix(m.info.Name, from+m.info.Delimiter)
			switch {
			case m.info.Name == from:
				m.info.Name = to
			case below && m.info.Delimiter != "":
				m.info.Name = to + m.info.Delimiter + rest
			default:
				continue
			}
			entries = append(entries, entry{"Mailbox", m.id(), opUpdated})
			if _, err := tx.Exec(`UPDATE account_mailbox SET name = ? WHERE id = ?`, m.info.Name, m.row); err != nil {
				return err
			}
		}
		return nil
	})
}

// DestroyMailbox deletes a mailbox; one with emails in it only if they may go with it.
func (a *Account) DestroyMailbox(ctx context.Context, id jmap.Id, removeEmails bool) error {
	if err := a.ensureListed(ctx); err != nil {
		return err
	}
	var name string
	err := a.ask(ctx, func(s *state) error {
		m, err := s.byID(id)
		if err != nil {
			return &jmap.SetError{Type: jmap.SetNotFound}
		}
		if m.role() == jmap.RoleInbox {
			return setError(jmap.SetForbidden, "the inbox stays")
		}
		for _, other := range s.mailboxes {
			if s.parentOf(other) == m {
				return setError(jmap.SetMailboxHasChild, "there are mailboxes within this one")
			}
		}
		name = m.info.Name
		return nil
	})
	if err != nil {
		return err
	}
	if !removeEmails {
		if err := a.sync(ctx, id); err != nil && !isGone(err) {
			return err
		}
		spine, err := a.Spine(ctx, id)
		if err == nil && spine.UIDs.Len() > 0 {
			return setError(jmap.SetMailboxHasEmail, "there are emails in this mailbox")
		}
	}
	a.turn.Lock()
	defer a.turn.Unlock()
	if err := a.store.DeleteMailbox(ctx, name); err != nil && !isGone(err) {
		return mailboxRefused(err)
	}
	return a.list(ctx)
}

// mailboxRefused says in JMAP's words why the server would not (RFC 5530).
func mailboxRefused(err error) error {
	var kind string
	switch upstream.CodeOf(err) {
	case "ALREADYEXISTS":
		kind = jmap.SetAlreadyExists
	case "NOPERM", "CANNOT", "HASCHILDREN":
		kind = jmap.SetForbidden
	default:
		return err
	}
	return errors.Join(setError(kind, "the mail server does not allow it"), err)
}
