package pop3store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxName is how long a mailbox's name may be, in octets.
const maxName = 255

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

// Mailboxes lists every mailbox.
func (s *Store) Mailboxes(ctx context.Context) ([]upstream.Mailbox, error) {
	var out []upstream.Mailbox
	err := s.look(ctx, func(*sql.DB) error {
		for _, b := range s.boxes {
			out = append(out, upstream.Mailbox{
				Name: b.name, Delimiter: delimiter, Role: b.role, Selectable: true, Subscribed: !b.aside,
				ObjectID: fmt.Sprintf("p%d", s.validity(b)),
			})
		}
		return nil
	})
	return out, err
}

// Statuses counts every mailbox.
func (s *Store) Statuses(ctx context.Context) (map[string]upstream.Status, error) {
	out := map[string]upstream.Status{}
	err := s.look(ctx, func(*sql.DB) error {
		for _, b := range s.boxes {
			out[b.name] = s.status(b)
		}
		return nil
	})
	return out, err
}

// Status counts one mailbox.
func (s *Store) Status(ctx context.Context, name string) (upstream.Status, error) {
	var out upstream.Status
	err := s.look(ctx, func(*sql.DB) error {
		b := s.find(name)
		if b == nil {
			return upstream.ErrNoMailbox
		}
		out = s.status(b)
		return nil
	})
	return out, err
}

// Sync tells which messages a mailbox has, and whose keywords changed. Nobody is asked.
func (s *Store) Sync(ctx context.Context, name string, known upstream.Known) (*upstream.Snapshot, error) {
	var out *upstream.Snapshot
	var id int64
	var db *sql.DB
	err := s.look(ctx, func(d *sql.DB) error {
		b := s.find(name)
		if b == nil {
			return upstream.ErrNoMailbox
		}
		out = &upstream.Snapshot{Status: s.status(b), UIDs: b.uids, Unread: b.unread, NewKeywords: true}
		id, db = b.id, d
		return nil
	})
	if err != nil || known.UIDValidity != out.UIDValidity || known.HighestModSeq == 0 || known.HighestModSeq >= out.HighestModSeq {
		return out, err
	}
	found, err := db.QueryContext(ctx, `SELECT uid, keywords FROM message WHERE box = ? AND mod_seq > ?`, id, int64(known.HighestModSeq))
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var uid uint32
		var keywords string
		if err := found.Scan(&uid, &keywords); err != nil {
			return nil, err
		}
		out.Changed = append(out.Changed, upstream.Keywords{UID: uid, Set: keywordSet(keywords)})
	}
	return out, found.Err()
}

func refused(step, code, text string) error {
	return &upstream.Error{Kind: upstream.KindRefused, Server: "the bridge", Step: step, Code: code, Text: text}
}

// newName checks the name of a mailbox to be.
func (s *Store) newName(step, name string) error {
	switch {
	case name == "" || len(name) > maxName || strings.ContainsFunc(name, unicode.IsControl) ||
		strings.HasPrefix(name, delimiter) || strings.HasSuffix(name, delimiter) || strings.Contains(name, delimiter+delimiter):
		return refused(step, "CANNOT", "a mailbox cannot have this name")
	case s.find(name) != nil:
		return refused(step, "ALREADYEXISTS", "there is a mailbox of this name")
	}
	return nil
}

// CreateMailbox makes a mailbox; a role that another has stays there.
func (s *Store) CreateMailbox(ctx context.Context, name, role string) error {
	return s.write(ctx, func(tx *sql.Tx) (func(), error) {
		if err := s.newName("creating a mailbox", name); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(s.boxes, func(b *box) bool { return b.role == role }) {
			role = ""
		}
		added, err := tx.Exec(`INSERT INTO box (name, role) VALUES (?, ?)`, name, role)
		if err != nil {
			return nil, err
		}
		id, err := added.LastInsertId()
		return func() {
			s.boxes = append(s.boxes, &box{id: id, name: name, role: role, uidNext: 1, modSeq: 1})
			s.listeners.Tell(upstream.Event{})
		}, err
	})
}

// RenameMailbox gives a mailbox, and all below it, another name.
func (s *Store) RenameMailbox(ctx context.Context, name, to string) error {
	const step = "renaming a mailbox"
	return s.write(ctx, func(tx *sql.Tx) (func(), error) {
		renamed := s.find(name)
		switch {
		case renamed == nil:
			return nil, upstream.ErrNoMailbox
		case renamed.role == jmap.RoleInbox:
			return nil, refused(step, "CANNOT", "the inbox keeps its name")
		case strings.HasPrefix(to, name+delimiter):
			return nil, refused(step, "CANNOT", "a mailbox cannot lie in itself")
		}
		if err := s.newName(step, to); err != nil {
			return nil, err
		}
		names := map[*box]string{renamed: to}
		for _, b := range s.boxes {
			if rest, below := strings.CutPrefix(b.name, name+delimiter); below {
				names[b] = to + delimiter + rest
				if err := s.newName(step, names[b]); err != nil {
					return nil, err
				}
			}
		}
		for b, name := range names {
			if _, err := tx.Exec(`UPDATE box SET name = ? WHERE id = ?`, name, b.id); err != nil {
				return nil, err
			}
		}
		return func() {
			for b, name := range names {
				b.name = name
			}
			s.listeners.Tell(upstream.Event{})
		}, nil
	})
}

// DeleteMailbox removes a mailbox and what is in it.
func (s *Store) DeleteMailbox(ctx context.Context, name string) error {
	return s.removing(ctx, func(tx *sql.Tx) ([]int64, func(), error) {
		b := s.find(name)
		switch {
		case b == nil:
			return nil, nil, upstream.ErrNoMailbox
		case b.role == jmap.RoleInbox:
			return nil, nil, refused("deleting a mailbox", "CANNOT", "the inbox stays")
		}
		gone, err := removeMessages(tx, b, b.uids.All())
		if err != nil {
			return nil, nil, err
		}
		_, err = tx.Exec(`DELETE FROM box WHERE id = ?`, b.id)
		return gone, func() {
			s.boxes = slices.DeleteFunc(s.boxes, func(other *box) bool { return other == b })
			s.listeners.Tell(upstream.Event{})
		}, err
	})
}

// Subscribe subscribes to a mailbox, or no longer.
func (s *Store) Subscribe(ctx context.Context, name string, on bool) error {
	return s.write(ctx, func(tx *sql.Tx) (func(), error) {
		b := s.find(name)
		if b == nil {
			return nil, upstream.ErrNoMailbox
		}
		_, err := tx.Exec(`UPDATE box SET subscribed = ? WHERE id = ?`, on, b.id)
		return func() { b.aside = !on }, err
	})
}

// Quotas are none: the bridge sets no limit, its disk does.
func (s *Store) Quotas(ctx context.Context) ([]upstream.Quota, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return nil, upstream.ErrUnsupported
}
