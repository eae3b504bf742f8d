package account

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"runtime/debug"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// indexerDelay lets the first page of an account go first.
	indexerDelay = 50 * time.Millisecond
	// indexedWait is how long a question about threads waits for an index that is being
	// built; then it is answered with what is there.
	indexedWait = 5 * time.Second
)

// indexer takes every message of the account into the index, in the background, newest
// first, whenever there are some that it does not have.
func (a *Account) indexer(ctx context.Context) {
	for {
		select {
		case <-a.wake:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(indexerDelay):
		case <-ctx.Done():
			return
		}
		err := a.indexAll(ctx)
		if err == nil {
			err = a.settle(ctx)
		}
		a.logBackground(ctx, "threads not indexed", err)
	}
}

// wakeIndexer says that there may be messages the index does not have.
func (a *Account) wakeIndexer() {
	select {
	case a.wake <- struct{}{}:
	default: // it will look anyway
	}
}

func (a *Account) indexAll(ctx context.Context) error {
	var boxes []*mailbox
	err := a.ask(ctx, func(s *state) error {
		for _, m := range s.mailboxes {
			if m.info.Selectable {
				boxes = append(boxes, &mailbox{row: m.row, info: m.info, ownRole: m.ownRole})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	// What people read first comes first.
	slices.SortFunc(boxes, func(a, b *mailbox) int {
		return cmp.Or(cmp.Compare(sortOrder[a.role()], sortOrder[b.role()]), cmp.Compare(a.row, b.row))
	})
	for _, m := range boxes {
		if err := a.indexMailbox(ctx, m.id()); err != nil && !isGone(err) {
			return err
		}
	}
	return nil
}

// indexMailbox takes in what the index does not have of one mailbox.
func (a *Account) indexMailbox(ctx context.Context, id jmap.Id) error {
	if _, err := a.Spine(ctx, id); err != nil {
		return err
	}
	var missing upstream.UIDSet
	var ref upstream.MailboxRef
	err := a.ask(ctx, func(s *state) error {
		m, err := s.byID(id)
		if err == nil {
			missing, ref = s.index.missing(m.row, m.uids), m.ref()
		}
		return err
	})
	if err != nil || missing.Len() == 0 {
		return err
	}
	return a.store.Index(ctx, ref, missing, func(piece []upstream.Fact) error {
		return a.ask(ctx, func(s *state) error {
			m, err := s.byID(id)
			if err != nil {
				return err
			}
			if m.uidValidity != ref.UIDValidity {
				return upstream.ErrUIDValidity
			}
			var entries []entry
			return a.commit(s, &entries, func(tx *sql.Tx) error {
				var err error
				entries, err = s.newFacts(tx, m, piece)
				return err
			})
		})
	})
}

// settle ends the first building of the index, once: what was answered meanwhile, from
// what was known then, is told again where it is different.
func (a *Account) settle(ctx context.Context) error {
	err := a.ask(ctx, func(s *state) error {
		if s.indexed {
			return nil
		}
		var entries []entry
		return a.commit(s, &entries, func(tx *sql.Tx) error {
			changed := s.index.settle()
			for row, uids := range changed {
				if err := s.saveSettled(tx, s.mailboxes[row], uids); err != nil {
					return err
				}
			}
			for _, id := range s.rows.ids() {
				if p, ok := s.locate(id); ok && slices.Contains(changed[p.mailbox], p.uid) {
					entries = append(entries, entry{"Email", id, opUpdated})
				}
			}
			for _, m := range s.mailboxes { // their counts of threads are known now
				if m.uids.Len() > 0 {
					entries = append(entries, entry{"Mailbox", m.id(), opCounts})
				}
			}
			s.indexed = true
			_, err := tx.Exec(`UPDATE account_meta SET indexed = 1 WHERE account = ?`, a.cfg.ID)
			return err
		})
	})
	if err == nil {
		a.indexedOnce.Do(func() {
			close(a.indexed)
			debug.FreeOSMemory() // building it took several times what it is
		})
	}
	return err
}

func (s *state) saveSettled(tx *sql.Tx, m *mailbox, uids []uint32) error {
	if m == nil {
		return nil
	}
	saved, err := savedFacts(tx, m, uids)
	if err != nil {
		return err
	}
	var news []fact
	for _, uid := range uids {
		f, known := saved[uid]
		now, there := s.index.get(m.row, uid)
		if known && there {
			f.thread = now.thread
			news = append(news, f)
		}
	}
	return saveFacts(tx, m, news)
}

// Indexed waits a while for the first building of the index to end.
func (a *Account) Indexed(ctx context.Context) error {
	select {
	case <-a.indexed:
		return nil
	default:
	}
	if err := a.ensureListed(ctx); err != nil {
		return err
	}
	a.wakeIndexer()
	select {
	case <-a.indexed:
	case <-time.After(indexedWait):
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// IndexReady reports whether threads and dates of all emails are known.
func (a *Account) IndexReady() bool {
	select {
	case <-a.indexed:
		return true
	default:
		return false
	}
}

// bridgeCapability is what a client may know of the account besides: how far the index is,
// whether its mail is downloaded (then BridgeTask says how far that is), the incoming server's name, whose Authentication-Results are those to believe (RFC 8601
// §5), whether the server takes the password, and how the member sees the account.
func (a *Account) bridgeCapability(look Look) json.RawMessage {
	_, downloads := a.store.(upstream.Fetcher)
	signIn := jmap.SignInOK
	if a.refused.Load() {
		signIn = jmap.SignInRefused
	}
	raw, err := json.Marshal(map[string]any{
		"threadIndex": a.threadIndex(), "incomingHost": a.cfg.Host, "signIn": signIn,
		"downloads": downloads, "address": a.cfg.Address, "colour": look.Colour, "sortOrder": look.SortOrder,
	})
	if err != nil {
		return nil // strings and numbers always marshal
	}
	return raw
}

// threadIndex is "ready", or "building" while threads may still be incomplete.
func (a *Account) threadIndex() string {
	if a.IndexReady() {
		return "ready"
	}
	return "building"
}
