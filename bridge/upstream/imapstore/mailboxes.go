package imapstore

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// roleOf is what a special-use attribute means (RFC 6154).
var roleOf = map[imap.MailboxAttr]string{
	imap.MailboxAttrArchive: jmap.RoleArchive,
	imap.MailboxAttrDrafts:  jmap.RoleDrafts,
	imap.MailboxAttrSent:    jmap.RoleSent,
	imap.MailboxAttrJunk:    jmap.RoleJunk,
	imap.MailboxAttrTrash:   jmap.RoleTrash,
}

// roleNames is what servers and programs without special use call their
// mailboxes, in lower case.
var roleNames = map[string][]string{
	jmap.RoleSent:    {"sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete objekte", "gesendete elemente", "envoyés", "éléments envoyés", "messages envoyés", "enviados", "elementos enviados"},
	jmap.RoleDrafts:  {"drafts", "draft", "entwürfe", "brouillons", "borradores"},
	jmap.RoleTrash:   {"trash", "deleted items", "deleted messages", "deleted", "bin", "papierkorb", "gelöschte elemente", "gelöschte objekte", "corbeille", "éléments supprimés", "papelera", "elementos eliminados"},
	jmap.RoleJunk:    {"junk", "spam", "junk e-mail", "junk email", "bulk mail", "spamverdacht", "junk-e-mail", "courrier indésirable", "correo no deseado"},
	jmap.RoleArchive: {"archive", "archives", "archiv", "archivo"},
}

// Mailboxes lists every mailbox.
func (s *Store) Mailboxes(ctx context.Context) ([]upstream.Mailbox, error) {
	var out []upstream.Mailbox
	err := s.do(ctx, func(c *conn) error {
		options := &imap.ListOptions{}
		extended := c.caps.Has(imap.CapListExtended)
		if extended {
			options.ReturnSubscribed = true
			options.ReturnSpecialUse = c.caps.Has(imap.CapSpecialUse)
		}
		found, err := c.List("", "*", options).Collect()
		out = mailboxes(found, extended)
		return err
	})
	return out, err
}

func mailboxes(found []*imap.ListData, extended bool) []upstream.Mailbox {
	out := make([]upstream.Mailbox, 0, len(found))
	taken, named := map[string]bool{jmap.RoleInbox: true}, map[string]bool{}
	for _, d := range found {
		name := inbox(d.Mailbox)
		if has(d, imap.MailboxAttrNonExistent) || named[name] {
			continue
		}
		named[name] = true
		m := upstream.Mailbox{
			Name:       name,
			Selectable: !has(d, imap.MailboxAttrNoSelect),
			// Without LIST-EXTENDED nobody says; what is listed is shown.
			Subscribed: !extended || has(d, imap.MailboxAttrSubscribed),
		}
		if d.Delim != 0 {
			m.Delimiter = string(d.Delim)
		}
		if m.Name == "INBOX" {
			m.Role = jmap.RoleInbox
			out = append(out, m)
			continue
		}
		for _, a := range d.Attrs {
			for attr, role := range roleOf {
				if strings.EqualFold(string(a), string(attr)) && m.Role == "" && !taken[role] {
					m.Role, taken[role] = role, true
				}
			}
		}
		out = append(out, m)
	}
	guessRoles(out, taken)
	slices.SortStableFunc(out, func(a, b upstream.Mailbox) int {
		switch {
		case a.Name == "INBOX":
			return -1
		case b.Name == "INBOX":
			return 1
		}
		return 0
	})
	return out
}

// guessRoles gives roles by name where the server gave none; below INBOX counts
// too, for servers that keep everything there.
func guessRoles(all []upstream.Mailbox, taken map[string]bool) {
	for _, role := range []string{jmap.RoleSent, jmap.RoleDrafts, jmap.RoleTrash, jmap.RoleJunk, jmap.RoleArchive} {
		for _, name := range roleNames[role] {
			for i := range all {
				m := &all[i]
				bare := strings.ToLower(strings.TrimPrefix(m.Name, "INBOX"+m.Delimiter))
				if !taken[role] && m.Role == "" && m.Selectable && bare == name {
					m.Role, taken[role] = role, true
				}
			}
		}
	}
}

// has looks for an attribute; servers spell \NoSelect in several ways.
func has(d *imap.ListData, attr imap.MailboxAttr) bool {
	return slices.ContainsFunc(d.Attrs, func(a imap.MailboxAttr) bool { return strings.EqualFold(string(a), string(attr)) })
}

// settle has the server bring what it shows of the selected mailbox up to date.
// Dovecot 2.3 counts that one as this connection last saw it (RFC 9051 §6.3.11:
// STATUS is not for the selected mailbox).
func (c *conn) settle() error {
	if c.mailbox == "" {
		return nil
	}
	c.writes = c.shared.Load()
	return c.Noop().Wait()
}

func (c *conn) statusOptions() *imap.StatusOptions {
	return &imap.StatusOptions{
		NumMessages: true, NumUnseen: true, UIDNext: true, UIDValidity: true,
		HighestModSeq: c.caps.Has(imap.CapCondStore),
	}
}

func status(d *imap.StatusData) upstream.Status {
	out := upstream.Status{UIDValidity: d.UIDValidity, UIDNext: uint32(d.UIDNext), HighestModSeq: d.HighestModSeq}
	if d.NumMessages != nil {
		out.Messages = *d.NumMessages
	}
	if d.NumUnseen != nil {
		out.Unseen = *d.NumUnseen
	}
	return out
}

// Status counts one mailbox.
func (s *Store) Status(ctx context.Context, name string) (upstream.Status, error) {
	var out upstream.Status
	err := s.do(ctx, func(c *conn) error {
		if err := c.settle(); err != nil {
			return err
		}
		d, err := c.Client.Status(name, c.statusOptions()).Wait()
		if err == nil {
			out = status(d)
		}
		return noMailbox(err)
	})
	return out, err
}

// statusBatch is how many STATUS commands are sent before their answers are read.
const statusBatch = 50

// Statuses counts every mailbox (RFC 5819).
func (s *Store) Statuses(ctx context.Context) (map[string]upstream.Status, error) {
	var out map[string]upstream.Status
	err := s.do(ctx, func(c *conn) error {
		out = map[string]upstream.Status{}
		if err := c.settle(); err != nil {
			return err
		}
		if c.caps.Has(imap.CapListStatus) {
			found, err := c.List("", "*", &imap.ListOptions{ReturnStatus: c.statusOptions()}).Collect()
			for _, d := range found {
				if d.Status != nil {
					out[inbox(d.Mailbox)] = status(d.Status)
				}
			}
			return err
		}
		found, err := c.List("", "*", nil).Collect()
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(d *imap.ListData) bool {
			return has(d, imap.MailboxAttrNoSelect) || has(d, imap.MailboxAttrNonExistent)
		})
		for batch := range slices.Chunk(found, statusBatch) {
			commands := make([]*imapclient.StatusCommand, len(batch))
			for i, d := range batch {
				commands[i] = c.Status(d.Mailbox, c.statusOptions())
			}
			for i, cmd := range commands {
				d, cmdErr := cmd.Wait()
				switch refused := new(imap.Error); {
				case cmdErr == nil:
					out[inbox(batch[i].Mailbox)] = status(d)
				case !errors.As(cmdErr, &refused):
					err = cmdErr
				} // one that is refused is not there, or not ours to see
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func inbox(name string) string {
	if strings.EqualFold(name, "INBOX") {
		return "INBOX"
	}
	return name
}

// CreateMailbox makes a mailbox and subscribes to it.
func (s *Store) CreateMailbox(ctx context.Context, name, role string) error {
	return s.doOnce(ctx, func(c *conn) error {
		options := &imap.CreateOptions{}
		if c.caps.Has(imap.CapCreateSpecialUse) {
			for attr, r := range roleOf {
				if r == role {
					options.SpecialUse = []imap.MailboxAttr{attr}
				}
			}
		}
		if err := c.Create(name, options).Wait(); err != nil {
			return err
		}
		return c.Subscribe(name).Wait()
	})
}

// RenameMailbox gives a mailbox, and all below it, another name (RFC 9051 §6.3.6).
func (s *Store) RenameMailbox(ctx context.Context, name, to string) error {
	return s.doOnce(ctx, func(c *conn) error {
		if err := c.letGo(name); err != nil {
			return err
		}
		if err := c.Rename(name, to, nil).Wait(); err != nil {
			return noMailbox(err)
		}
		// Subscriptions are of names (RFC 9051 §6.3.7). One that cannot be moved is
		// no reason to call the renaming failed.
		_, _ = c.Subscribe(to).Wait(), c.Unsubscribe(name).Wait()
		return nil
	})
}

// DeleteMailbox removes a mailbox and what is in it (RFC 9051 §6.3.5).
func (s *Store) DeleteMailbox(ctx context.Context, name string) error {
	return s.doOnce(ctx, func(c *conn) error {
		if err := c.letGo(name); err != nil {
			return err
		}
		if err := c.Delete(name).Wait(); err != nil {
			return noMailbox(err)
		}
		_ = c.Unsubscribe(name).Wait() // see RenameMailbox
		return nil
	})
}

// Subscribe subscribes to a mailbox, or no longer.
func (s *Store) Subscribe(ctx context.Context, name string, on bool) error {
	return s.do(ctx, func(c *conn) error {
		if on {
			return noMailbox(c.Client.Subscribe(name).Wait())
		}
		return c.Unsubscribe(name).Wait()
	})
}

// letGo selects something else where a mailbox that is about to change its name or
// go is selected: some servers hang up on who has it selected.
func (c *conn) letGo(name string) error {
	if c.mailbox != name {
		return nil
	}
	_, err := c.selectMailbox("INBOX")
	return err
}
