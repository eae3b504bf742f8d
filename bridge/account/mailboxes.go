package account

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Mailboxes lists the mailboxes. The first time since the start costs a round
// trip; counts that are not known yet follow as a change.
func (a *Account) Mailboxes(ctx context.Context) ([]jmap.Mailbox, error) {
	if err := a.ensureListed(ctx); err != nil {
		return nil, err
	}
	var out []jmap.Mailbox
	err := a.ask(ctx, func(s *state) error {
		out = s.jmapMailboxes()
		return nil
	})
	return out, err
}

func (a *Account) ensureListed(ctx context.Context) error {
	listed := false
	if err := a.ask(ctx, func(s *state) error { listed = s.listed; return nil }); err != nil || listed {
		return err
	}
	return a.once(ctx, "list", func(ctx context.Context) error {
		if err := a.list(ctx); err != nil {
			return err
		}
		a.background(a.count)
		if a.threadIndex() != "ready" { // where there is no message yet, nothing else would end its building
			a.wakeIndexer()
		}
		return nil
	})
}

// once runs f unless it is running already under that name, and waits for it.
// f goes on when ctx ends: others may wait for it.
func (a *Account) once(ctx context.Context, name string, f func(ctx context.Context) error) error {
	result := a.syncs.DoChan(name, func() (any, error) {
		ctx, cancel := context.WithTimeout(a.ctx, timeout)
		defer cancel()
		return nil, f(ctx)
	})
	select {
	case r := <-result:
		return r.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// list reads the server's mailboxes and journals what is different.
func (a *Account) list(ctx context.Context) error {
	infos, err := a.store.Mailboxes(ctx)
	if err != nil {
		return err
	}
	statuses, err := a.strangers(ctx, infos)
	if err != nil {
		return err
	}
	return a.ask(ctx, func(s *state) error { return a.applyList(s, infos, statuses) })
}

// strangersMost is how many mailboxes of unknown name are looked at for one that is
// known by another: a program that renames a whole tree is followed, one that makes
// thousands is not.
const strangersMost = 100

// strangers counts the mailboxes of unknown name, where one of a known name is missing
// and the server does not say by itself which is which. A round trip each, and none
// where nothing was renamed.
func (a *Account) strangers(ctx context.Context, infos []upstream.Mailbox) (map[string]upstream.Status, error) {
	var names []string
	err := a.ask(ctx, func(s *state) error {
		missing := false
		for _, m := range s.mailboxes {
			missing = missing || m.uidValidity != 0 && !isListed(infos, m.info.Name)
		}
		for _, info := range infos {
			if missing && info.Selectable && info.ObjectID == "" && s.byName(info.Name) == nil {
				names = append(names, info.Name)
			}
		}
		return nil
	})
	if err != nil || len(names) > strangersMost {
		return nil, err
	}
	out := map[string]upstream.Status{}
	for _, name := range names {
		status, err := a.store.Status(ctx, name)
		if isGone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[name] = status
	}
	return out, nil
}

func isListed(infos []upstream.Mailbox, name string) bool {
	return slices.ContainsFunc(infos, func(i upstream.Mailbox) bool { return i.Name == name })
}

func (a *Account) applyList(s *state, infos []upstream.Mailbox, statuses map[string]upstream.Status) error {
	var entries []entry
	err := a.commit(s, &entries, func(tx *sql.Tx) error {
		there := map[int64]bool{}
		for _, info := range infos {
			m := s.byName(info.Name)
			if m == nil {
				m = s.renamed(info, infos, statuses)
			}
			if m == nil {
				m = &mailbox{gen: 1}
				err := tx.QueryRow(`INSERT INTO account_mailbox (account, name, object_id) VALUES (?, ?, ?) RETURNING id`,
					a.cfg.ID, info.Name, info.ObjectID).Scan(&m.row)
				if err != nil {
					return err
				}
				s.mailboxes[m.row] = m
				entries = append(entries, entry{"Mailbox", m.id(), opCreated})
			} else if !sameListing(m.info, info) && s.listed || m.info.Name != info.Name {
				entries = append(entries, entry{"Mailbox", m.id(), opUpdated})
			}
			m.info = info
			there[m.row] = true
			if _, err := tx.Exec(`UPDATE account_mailbox SET name = ?, object_id = ? WHERE id = ?`, info.Name, info.ObjectID, m.row); err != nil {
				return err
			}
		}
		for row, m := range s.mailboxes {
			if there[row] {
				continue
			}
			entries = append(entries, entry{"Mailbox", m.id(), opDestroyed})
			lost, err := a.allGone(tx, s, m)
			if err != nil {
				return err
			}
			entries = append(entries, lost...)
			s.index.drop(row)
			if err := dropFacts(tx, m, true); err != nil {
				return err
			}
			delete(s.mailboxes, row)
			if _, err := tx.Exec(`DELETE FROM account_mailbox WHERE id = ?`, row); err != nil {
				return err
			}
		}
		return nil
	})
	s.listed = s.listed || err == nil
	return err
}

// renamed finds the mailbox we know under another name that is no longer there: by
// MAILBOXID (RFC 8474), else by its UIDVALIDITY and what is in it, which a RENAME keeps
// (RFC 9051 §6.3.6).
func (s *state) renamed(info upstream.Mailbox, infos []upstream.Mailbox, statuses map[string]upstream.Status) *mailbox {
	status, counted := statuses[info.Name]
	var found []*mailbox
	for _, m := range s.mailboxes {
		if isListed(infos, m.info.Name) {
			continue
		}
		n := m.uids.Len()
		same := info.ObjectID != "" && m.info.ObjectID == info.ObjectID
		if counted && m.info.ObjectID == "" {
			same = m.uidValidity != 0 && status.UIDValidity == m.uidValidity && int(status.Messages) == n &&
				status.UIDNext >= m.uidNext && (n == 0 || status.UIDNext > m.uids.At(n-1))
		}
		if same {
			found = append(found, m)
		}
	}
	if len(found) != 1 { // two that look alike: which is which nobody can say
		return nil
	}
	return found[0]
}

func sameListing(a, b upstream.Mailbox) bool {
	return a.Name == b.Name && a.Role == b.Role && a.Selectable == b.Selectable && a.Subscribed == b.Subscribed
}

// count asks for the numbers of all mailboxes.
func (a *Account) count(ctx context.Context) {
	statuses, err := a.store.Statuses(ctx)
	if err == nil {
		err = a.ask(ctx, func(s *state) error { return a.takeStatuses(s, statuses) })
	}
	a.logBackground(ctx, "mailboxes not counted", err)
}

// recount asks for the numbers of one mailbox.
func (a *Account) recount(ctx context.Context, name string) {
	status, err := a.store.Status(ctx, name)
	if err == nil {
		err = a.ask(ctx, func(s *state) error { return a.takeStatuses(s, map[string]upstream.Status{name: status}) })
	}
	a.logBackground(ctx, "mailbox not counted", err)
}

// takeStatuses takes over the numbers of mailboxes that nobody has looked at.
func (a *Account) takeStatuses(s *state, statuses map[string]upstream.Status) error {
	var entries []entry
	for name, status := range statuses {
		if m := s.byName(name); m != nil && m.syncedAt.IsZero() {
			entries = append(entries, m.setCounts(int(status.Messages), int(status.Unseen))...)
		}
	}
	return a.saveCounts(s, entries)
}

func (a *Account) logBackground(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil && !errors.Is(err, errClosed) {
		a.cfg.Log.WarnContext(ctx, what, slog.String("account", string(a.cfg.ID)), slog.Any("err", err))
	}
}

// counted counts what a mailbox has, which the spine knows, and says so if it is not
// what was last said.
func (s *state) counted(m *mailbox) []entry {
	if m.syncedAt.IsZero() {
		return nil
	}
	return m.setCounts(m.uids.Len(), m.unread.Len())
}

// setCounts changes a mailbox's numbers and says so if they were others.
func (m *mailbox) setCounts(total, unseen int) []entry {
	unseen = min(max(unseen, 0), total)
	if m.total == total && m.unseen == unseen {
		return nil
	}
	m.total, m.unseen = total, unseen
	return []entry{{"Mailbox", m.id(), opCounts}}
}

func (a *Account) saveCounts(s *state, entries []entry) error {
	if len(entries) == 0 {
		return nil
	}
	return a.commit(s, &entries, func(tx *sql.Tx) error {
		for _, e := range entries {
			m, err := s.byID(e.id)
			if err != nil {
				continue // about an email
			}
			if _, err := tx.Exec(`UPDATE account_mailbox SET total = ?, unseen = ? WHERE id = ?`, m.total, m.unseen, m.row); err != nil {
				return err
			}
		}
		return nil
	})
}

// roleMailbox finds the mailbox with a role.
func (a *Account) roleMailbox(ctx context.Context, role string) (jmap.Id, error) {
	mailboxes, err := a.Mailboxes(ctx)
	if err != nil {
		return "", err
	}
	for _, m := range mailboxes {
		if m.HasRole(role) {
			return m.Id, nil
		}
	}
	return "", method.ErrNotFound
}

// sortOrder puts mailboxes with a role first.
var sortOrder = map[string]int{
	jmap.RoleInbox: 1, jmap.RoleDrafts: 2, jmap.RoleSent: 3, jmap.RoleArchive: 4, jmap.RoleJunk: 5, jmap.RoleTrash: 6, "": 10,
}

// jmapMailboxes is all mailboxes in JMAP's words, in order of name.
func (s *state) jmapMailboxes() []jmap.Mailbox {
	out := make([]jmap.Mailbox, 0, len(s.mailboxes))
	for _, m := range s.mailboxes {
		out = append(out, s.jmapMailbox(m))
	}
	slices.SortFunc(out, func(a, b jmap.Mailbox) int {
		return cmp.Or(cmp.Compare(a.SortOrder, b.SortOrder), strings.Compare(a.Name, b.Name), strings.Compare(string(a.Id), string(b.Id)))
	})
	return out
}

// threadCounts counts a mailbox's threads, and those of all others when any changed.
func (s *state) threadCounts(m *mailbox) threadCounts {
	if m.syncedAt.IsZero() { // nobody has looked: each email counts as one
		return threadCounts{m.total, m.unseen}
	}
	if s.counts == nil {
		boxes := make([]box, 0, len(s.mailboxes))
		for _, m := range s.mailboxes {
			boxes = append(boxes, box{m.row, m.uids.Len(), m.unread, m.role() == jmap.RoleTrash})
		}
		s.counts = s.index.count(boxes)
	}
	return s.counts[m.row]
}

func (s *state) jmapMailbox(m *mailbox) jmap.Mailbox {
	threads := s.threadCounts(m)
	role, reads, inbox := m.role(), m.info.Selectable, m.info.Name == "INBOX"
	out := jmap.Mailbox{
		Id:            m.id(),
		Name:          s.leaf(m),
		SortOrder:     sortOrder[role],
		TotalEmails:   m.total,
		UnreadEmails:  m.unseen,
		TotalThreads:  threads.total,
		UnreadThreads: threads.unread,
		IsSubscribed:  m.info.Subscribed,
		MyRights: jmap.MailboxRights{
			MayReadItems: reads, MayAddItems: reads, MayRemoveItems: reads, MaySetSeen: reads, MaySetKeywords: reads, MaySubmit: reads,
			MayCreateChild: m.info.Delimiter != "", MayRename: !inbox, MayDelete: !inbox,
		},
	}
	if m.order != nil {
		out.SortOrder = *m.order
	}
	if role != "" {
		out.Role = &role
	}
	if parent := s.parentOf(m); parent != nil {
		id := parent.id()
		out.ParentId = &id
	}
	return out
}
