package imapstore

import (
	"context"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
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
	taken := map[string]bool{jmap.RoleInbox: true}
	for _, d := range found {
		if slices.Contains(d.Attrs, imap.MailboxAttrNonExistent) {
			continue
		}
		m := upstream.Mailbox{
			Name:       d.Mailbox,
			Selectable: !slices.Contains(d.Attrs, imap.MailboxAttrNoSelect),
			// Without LIST-EXTENDED nobody says; what is listed is shown.
			Subscribed: !extended || slices.Contains(d.Attrs, imap.MailboxAttrSubscribed),
		}
		if d.Delim != 0 {
			m.Delimiter = string(d.Delim)
		}
		if strings.EqualFold(m.Name, "INBOX") {
			m.Name, m.Role = "INBOX", jmap.RoleInbox
		}
		for _, a := range d.Attrs {
			for attr, role := range roleOf {
				if strings.EqualFold(string(a), string(attr)) && !taken[role] {
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
		d, err := c.Client.Status(name, c.statusOptions()).Wait()
		if err == nil {
			out = status(d)
		}
		return err
	})
	return out, err
}

// statusBatch is how many STATUS commands are sent before their answers are read.
const statusBatch = 50

// Statuses counts every mailbox (RFC 5819).
func (s *Store) Statuses(ctx context.Context) (map[string]upstream.Status, error) {
	out := map[string]upstream.Status{}
	err := s.do(ctx, func(c *conn) error {
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
			return slices.Contains(d.Attrs, imap.MailboxAttrNoSelect) || slices.Contains(d.Attrs, imap.MailboxAttrNonExistent)
		})
		for batch := range slices.Chunk(found, statusBatch) {
			commands := make([]*imapclient.StatusCommand, len(batch))
			for i, d := range batch {
				commands[i] = c.Client.Status(d.Mailbox, c.statusOptions())
			}
			for i, cmd := range commands {
				// One that cannot be counted is not there, or not ours to see.
				if d, err := cmd.Wait(); err == nil {
					out[inbox(batch[i].Mailbox)] = status(d)
				}
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
	return s.do(ctx, func(c *conn) error {
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
