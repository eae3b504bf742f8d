package imapstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
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
		options := imapwire.ListOptions{}
		extended := c.can(imap.CapListExtended)
		if extended {
			options.Subscribed = true
			options.SpecialUse = c.can(imap.CapSpecialUse)
			if c.can(imap.CapListStatus) && c.can(imap.CapObjectID) {
				options.Status = &imapwire.StatusItems{MailboxID: true}
			}
		}
		list, lsub := c.List(options), c.Lsub()
		if err := list.Send(); err != nil {
			return err
		}
		if !extended {
			if err := lsub.Send(); err != nil {
				return err
			}
		}
		if err := list.Wait(); err != nil {
			return err
		}
		var subscribed map[string]bool
		if !extended && lsub.Wait() == nil && len(lsub.Mailboxes) > 0 {
			subscribed = map[string]bool{}
			for _, m := range lsub.Mailboxes {
				subscribed[m.Wire] = true
			}
		}
		if err := c.locate(); err != nil {
			return err
		}
		c.learn(list.Mailboxes)
		out = c.mailboxes(list.Mailboxes, func(m *imapwire.Mailbox) bool {
			// Where nobody says, what is listed is shown.
			return extended && m.Has(imap.MailboxAttrSubscribed) || !extended && (subscribed == nil || subscribed[m.Wire])
		})
		return nil
	})
	return out, err
}

func (c *conn) mailboxes(found []*imapwire.Mailbox, subscribed func(*imapwire.Mailbox) bool) []upstream.Mailbox {
	out := make([]upstream.Mailbox, 0, len(found))
	taken, named := map[string]bool{jmap.RoleInbox: true}, map[string]bool{}
	for _, d := range found {
		name := c.shown(d.Wire)
		if d.Has(imap.MailboxAttrNonExistent) || named[name] || name == "" {
			continue
		}
		named[name] = true
		m := upstream.Mailbox{
			Name:       name,
			Delimiter:  d.Delimiter,
			Selectable: !d.Has(imap.MailboxAttrNoSelect),
			Subscribed: subscribed(d),
		}
		if d.Status != nil {
			m.ObjectID = d.Status.MailboxID
		}
		if m.Name == "INBOX" {
			m.Role = jmap.RoleInbox
		} else {
			m.Role = roleBy(d.Attrs, taken)
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

// roleBy gives the first role the attributes name that no other mailbox has.
func roleBy(attrs []imap.MailboxAttr, taken map[string]bool) string {
	for _, a := range attrs {
		for attr, role := range roleOf {
			if strings.EqualFold(string(a), string(attr)) && !taken[role] {
				taken[role] = true
				return role
			}
		}
	}
	return ""
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

// statusItems is what is asked of a mailbox.
func (c *conn) statusItems() imapwire.StatusItems {
	return imapwire.StatusItems{Counts: true, HighestModSeq: c.can(imap.CapCondStore)}
}

func status(d *imapwire.StatusData) upstream.Status {
	return upstream.Status{
		UIDValidity: d.UIDValidity, UIDNext: d.UIDNext, HighestModSeq: d.HighestModSeq, Messages: d.Messages, Unseen: d.Unseen,
	}
}

// Status counts one mailbox. Dovecot 2.3 counts the selected one as this connection
// last saw it (RFC 9051 §6.3.11: STATUS is not for the selected mailbox), so that is
// settled first.
func (s *Store) Status(ctx context.Context, name string) (upstream.Status, error) {
	var out upstream.Status
	err := s.do(ctx, func(c *conn) error {
		wire, err := c.wire(name)
		if err != nil {
			return err
		}
		if err := c.settle(); err != nil {
			return err
		}
		cmd := c.Status(wire, c.statusItems())
		if err := cmd.Do(); err != nil {
			return noMailbox(err)
		}
		if cmd.Data == nil {
			return errNoStatus
		}
		out = status(cmd.Data)
		return nil
	})
	return out, err
}

var errNoStatus = errors.New("the server does not tell the mailbox's numbers")

// Statuses counts every mailbox (RFC 5819).
func (s *Store) Statuses(ctx context.Context) (map[string]upstream.Status, error) {
	var out map[string]upstream.Status
	err := s.do(ctx, func(c *conn) error {
		out = map[string]upstream.Status{}
		if err := c.settle(); err != nil {
			return err
		}
		options := imapwire.ListOptions{}
		together := c.can(imap.CapListStatus)
		if together {
			items := c.statusItems()
			options.Status = &items
		}
		list := c.List(options)
		if err := cmp.Or(list.Do(), c.locate()); err != nil {
			return err
		}
		c.learn(list.Mailboxes)
		if !together {
			return c.statuses(list.Mailboxes, out)
		}
		for _, m := range list.Mailboxes {
			if m.Status != nil {
				out[c.shown(m.Wire)] = status(m.Status)
			}
		}
		return nil
	})
	return out, err
}

// statusBatch is how many STATUS commands are sent before their answers are read.
const statusBatch = 50

// statuses asks for each mailbox. One that is refused is not there, or not ours to
// see.
func (c *conn) statuses(found []*imapwire.Mailbox, out map[string]upstream.Status) error {
	found = slices.DeleteFunc(found, func(m *imapwire.Mailbox) bool {
		return m.Has(imap.MailboxAttrNoSelect) || m.Has(imap.MailboxAttrNonExistent)
	})
	for batch := range slices.Chunk(found, statusBatch) {
		commands := make([]*imapwire.StatusCommand, len(batch))
		for i, m := range batch {
			commands[i] = c.Status(m.Wire, c.statusItems())
			if err := commands[i].Send(); err != nil && c.Err() != nil {
				return err
			}
		}
		for i, cmd := range commands {
			if err := cmd.Wait(); err != nil && c.Err() != nil {
				return err
			}
			if cmd.Data != nil {
				out[c.shown(batch[i].Wire)] = status(cmd.Data)
			}
		}
	}
	return nil
}

// CreateMailbox makes a mailbox and subscribes to it.
func (s *Store) CreateMailbox(ctx context.Context, name, role string) error {
	return s.doOnce(ctx, func(c *conn) error {
		wire, err := c.wire(name)
		if err != nil {
			return err
		}
		attr := imap.MailboxAttr("")
		for a, r := range roleOf {
			if r == role && c.can(imap.CapCreateSpecialUse) {
				attr = a
			}
		}
		err = c.Create(wire, attr).Do()
		if isBad(err) && attr != "" {
			c.features.off(imap.CapCreateSpecialUse, true)
			err = c.Create(wire, "").Do()
		}
		if err != nil {
			return err
		}
		return c.Subscribe(wire, true).Do()
	})
}

// RenameMailbox gives a mailbox, and all below it, another name (RFC 9051 §6.3.6).
func (s *Store) RenameMailbox(ctx context.Context, name, to string) error {
	return s.alone(ctx, name, func(c *conn) error {
		wire, wireErr := c.wire(name)
		wireTo, toErr := c.wire(to)
		if err := cmp.Or(wireErr, toErr); err != nil {
			return err
		}
		lsub := c.Lsub()
		listed := lsub.Do() == nil
		if err := c.Rename(wire, wireTo).Do(); err != nil {
			return noMailbox(err)
		}
		// Subscriptions are of names (RFC 9051 §6.3.7): those of what lies below are
		// lost too. One that cannot be moved is no reason to call the renaming failed.
		if !listed {
			_, _ = c.Subscribe(wireTo, true).Do(), c.Subscribe(wire, false).Do()
		}
		for _, m := range lsub.Mailboxes {
			if below, ok := strings.CutPrefix(m.Wire, wire); ok && (below == "" || m.Delimiter != "" && strings.HasPrefix(below, m.Delimiter)) {
				_, _ = c.Subscribe(wireTo+below, true).Do(), c.Subscribe(m.Wire, false).Do()
			}
		}
		return nil
	})
}

// DeleteMailbox removes a mailbox and what is in it (RFC 9051 §6.3.5).
func (s *Store) DeleteMailbox(ctx context.Context, name string) error {
	return s.alone(ctx, name, func(c *conn) error {
		wire, err := c.wire(name)
		if err != nil {
			return err
		}
		if err := c.Delete(wire).Do(); err != nil {
			return noMailbox(err)
		}
		_ = c.Subscribe(wire, false).Do() // see RenameMailbox
		return nil
	})
}

// Subscribe subscribes to a mailbox, or no longer.
func (s *Store) Subscribe(ctx context.Context, name string, on bool) error {
	return s.do(ctx, func(c *conn) error {
		wire, err := c.wire(name)
		if err != nil {
			return err
		}
		err = c.Subscribe(wire, on).Do()
		if on {
			err = noMailbox(err)
		}
		return err
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
