package store

import (
	"cmp"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// MailboxRow is one line of the mailbox tree.
type MailboxRow struct {
	Mailbox     *jmap.Mailbox // as shown: counts include what is not confirmed yet. Read only
	Depth       int           // 0 at the top
	HasChildren bool
}

// counts is a difference of a mailbox's counts.
type counts struct{ total, unread int }

type mailboxes struct {
	known   bool
	state   jmap.State
	stored  map[jmap.Id]*jmap.Mailbox // confirmed
	pending map[jmap.Id]counts        // what pending changes add
	shown   map[jmap.Id]*jmap.Mailbox
	ops     []*MailboxOp // pending, oldest first
	rows    []MailboxRow // nil: to be built again
}

func newMailboxes() mailboxes {
	return mailboxes{
		stored:  make(map[jmap.Id]*jmap.Mailbox),
		pending: make(map[jmap.Id]counts),
		shown:   make(map[jmap.Id]*jmap.Mailbox),
	}
}

// MailboxesKnown reports whether the bridge has told the mailboxes yet.
func (a *Account) MailboxesKnown() bool { return a.mailboxes.known }

// MailboxState is the state the mailboxes were seen in.
func (a *Account) MailboxState() jmap.State { return a.mailboxes.state }

// Mailbox is a mailbox as shown, or nil. Read only.
func (a *Account) Mailbox(id jmap.Id) *jmap.Mailbox { return a.mailboxes.shown[id] }

// Role is the mailbox with a role, or nil.
func (a *Account) Role(role string) *jmap.Mailbox {
	for _, row := range a.Mailboxes() {
		if row.Mailbox.HasRole(role) {
			return row.Mailbox
		}
	}
	return nil
}

// Mailboxes is the tree as lines in display order: mailboxes with a role first,
// then the rest, children below their parent.
func (a *Account) Mailboxes() []MailboxRow {
	m := &a.mailboxes
	if m.rows == nil {
		m.rows = flatten(m.shown)
	}
	return m.rows
}

// SetMailboxes replaces all mailboxes with the bridge's.
func (a *Account) SetMailboxes(list []jmap.Mailbox, state jmap.State) {
	m := &a.mailboxes
	m.known, m.state = true, state
	clear(m.stored)
	clear(m.shown)
	for i := range list {
		m.stored[list[i].Id] = &list[i]
	}
	a.mailboxesChanged()
}

// UpdateMailboxes takes over some mailboxes and drops the destroyed ones.
func (a *Account) UpdateMailboxes(list []jmap.Mailbox, destroyed []jmap.Id, state jmap.State) {
	m := &a.mailboxes
	m.state = state
	for i := range list {
		m.stored[list[i].Id] = &list[i]
	}
	for _, id := range destroyed {
		delete(m.stored, id)
		delete(m.shown, id)
	}
	if len(list) > 0 || len(destroyed) > 0 {
		a.mailboxesChanged()
	}
}

// count adds d to what is pending for a mailbox, or to its confirmed counts.
func (a *Account) count(id jmap.Id, d counts, confirmed bool) {
	m := &a.mailboxes
	if d == (counts{}) {
		return
	}
	if !confirmed {
		m.pending[id] = counts{m.pending[id].total + d.total, m.pending[id].unread + d.unread}
	} else if box := m.stored[id]; box != nil {
		box.TotalEmails = max(0, box.TotalEmails+d.total)
		box.UnreadEmails = max(0, box.UnreadEmails+d.unread)
	}
	a.mailboxesChanged()
}

// mailboxesChanged makes what is shown anew. There are few mailboxes, and the
// tree is only built when somebody looks.
func (a *Account) mailboxesChanged() {
	m := &a.mailboxes
	clear(m.shown)
	for id, box := range m.stored {
		shown := *box
		d := m.pending[id]
		shown.TotalEmails = max(0, shown.TotalEmails+d.total)
		shown.UnreadEmails = max(0, shown.UnreadEmails+d.unread)
		m.shown[id] = &shown
	}
	for _, op := range m.ops {
		op.apply(m.shown)
	}
	m.rows = nil
	a.store.changed(PartMailboxes)
}

// roleOrder is the order of the mailboxes that stand on top.
var roleOrder = []string{
	jmap.RoleInbox, jmap.RoleDrafts, jmap.RoleSent,
	jmap.RoleArchive, jmap.RoleJunk, jmap.RoleTrash,
}

// rank is the place of a mailbox's role, the same for all without one.
func rank(m *jmap.Mailbox) int {
	if m.Role != nil {
		if i := slices.Index(roleOrder, *m.Role); i >= 0 {
			return i
		}
	}
	return len(roleOrder)
}

// flatten makes the lines of the tree. A mailbox with a role stands on top
// wherever it lies on the server. One whose parent is unknown, or is its own
// ancestor, stands on top too: no mailbox is ever lost from view.
func flatten(all map[jmap.Id]*jmap.Mailbox) []MailboxRow {
	children := make(map[jmap.Id][]*jmap.Mailbox)
	for _, m := range all {
		parent := jmap.Id("")
		if m.ParentId != nil && all[*m.ParentId] != nil && rank(m) == len(roleOrder) {
			parent = *m.ParentId
		}
		children[parent] = append(children[parent], m)
	}
	for _, list := range children {
		slices.SortFunc(list, func(a, b *jmap.Mailbox) int {
			return cmp.Or(rank(a)-rank(b), a.SortOrder-b.SortOrder,
				naturalCompare(a.Name, b.Name), cmp.Compare(a.Id, b.Id))
		})
	}
	rows := make([]MailboxRow, 0, len(all))
	done := make(map[jmap.Id]bool, len(all))
	var walk func(parent jmap.Id, depth int)
	walk = func(parent jmap.Id, depth int) {
		for _, m := range children[parent] {
			if !done[m.Id] {
				done[m.Id] = true
				rows = append(rows, MailboxRow{m, depth, len(children[m.Id]) > 0})
				walk(m.Id, depth+1)
			}
		}
	}
	walk("", 0)
	if len(rows) < len(all) { // parents in a circle
		ids := make([]jmap.Id, 0, len(all)-len(rows))
		for id := range all {
			if !done[id] {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		for _, id := range ids {
			if !done[id] {
				done[id] = true
				rows = append(rows, MailboxRow{all[id], 0, len(children[id]) > 0})
				walk(id, 1)
			}
		}
	}
	return rows
}
