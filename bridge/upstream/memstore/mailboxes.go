package memstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

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
		a.listeners.Tell(upstream.Event{})
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
		a.listeners.Tell(upstream.Event{})
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
		a.listeners.Tell(upstream.Event{})
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
