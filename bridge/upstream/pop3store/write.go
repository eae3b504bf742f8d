package pop3store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// joinKeywords is how keywords are kept: each between two spaces.
func joinKeywords(set map[string]bool) string {
	all := slices.Sorted(maps.Keys(set))
	if len(all) == 0 {
		return ""
	}
	return " " + strings.Join(all, " ") + " "
}

func keywordSet(kept string) map[string]bool {
	set := map[string]bool{}
	for k := range strings.FieldsSeq(kept) {
		set[k] = true
	}
	return set
}

func has(kept, keyword string) bool { return strings.Contains(kept, " "+keyword+" ") }

func isUnread(kept string) bool { return !has(kept, jmap.KeywordSeen) && !has(kept, jmap.KeywordDraft) }

// isKeyword: RFC 8621 §4.1.1.
func isKeyword(k string) bool {
	return k != "" && !strings.ContainsFunc(k, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`(){]%*"\`, r) })
}

// list is UIDs as SQLite's json_each takes them.
func list(uids []uint32) string {
	raw, _ := json.Marshal(uids) // numbers always marshal
	return string(raw)
}

// SetKeywords adds and removes keywords.
func (s *Store) SetKeywords(ctx context.Context, mb upstream.MailboxRef, uids []uint32, add, remove []string) ([]upstream.Keywords, error) {
	var out []upstream.Keywords
	err := s.write(ctx, func(tx *sql.Tx) (func(), error) {
		b, err := s.known(mb)
		if err != nil {
			return nil, err
		}
		there := b.uids.Intersect(upstream.NewUIDSet(uids...))
		if there.Len() == 0 {
			return nil, nil
		}
		kept, err := keywordsOf(tx, b, there.All())
		if err != nil {
			return nil, err
		}
		modSeq, touched, err := s.touch(tx, b, b.uidNext)
		if err != nil {
			return nil, err
		}
		var read, unread []uint32
		for _, uid := range there.All() {
			set := keywordSet(kept[uid])
			for _, k := range add {
				if k = strings.ToLower(k); isKeyword(k) {
					set[k] = true
				}
			}
			for _, k := range remove {
				delete(set, strings.ToLower(k))
			}
			now := joinKeywords(set)
			if isUnread(now) {
				unread = append(unread, uid)
			} else {
				read = append(read, uid)
			}
			out = append(out, upstream.Keywords{UID: uid, Set: set})
			if now == kept[uid] {
				continue
			}
			if _, err := tx.Exec(`UPDATE message SET keywords = ?, mod_seq = ? WHERE box = ? AND uid = ?`, now, int64(modSeq), b.id, uid); err != nil {
				return nil, err
			}
		}
		return func() {
			b.unread = b.unread.Minus(upstream.NewUIDSet(read...)).With(unread...)
			touched()
		}, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func keywordsOf(tx *sql.Tx, b *box, uids []uint32) (map[uint32]string, error) {
	found, err := tx.Query(`SELECT m.uid, m.keywords FROM json_each(?) j JOIN message m ON m.box = ? AND m.uid = j.value`, list(uids), b.id)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	out := map[uint32]string{}
	for found.Next() {
		var uid uint32
		var keywords string
		if err := found.Scan(&uid, &keywords); err != nil {
			return nil, err
		}
		out[uid] = keywords
	}
	return out, found.Err()
}

// Move moves messages to another mailbox.
func (s *Store) Move(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	moved, err := s.transfer(ctx, mb, uids, to, `UPDATE message SET box = ?1, uid = ?2, mod_seq = 0 WHERE box = ?3 AND uid = ?4`, true)
	if err == nil {
		moved.Gone = slices.Clone(uids)
	}
	return moved, err
}

// Copy copies messages to another mailbox.
func (s *Store) Copy(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	return s.transfer(ctx, mb, uids, to, `INSERT INTO message (box, uid, content, received, keywords)
		SELECT ?1, ?2, content, received, keywords FROM message WHERE box = ?3 AND uid = ?4`, false)
}

func (s *Store) transfer(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to, statement string, leaves bool) (upstream.Moved, error) {
	out := upstream.Moved{UIDs: map[uint32]uint32{}}
	err := s.write(ctx, func(tx *sql.Tx) (func(), error) {
		from, err := s.known(mb)
		if err != nil {
			return nil, err
		}
		target := s.find(to)
		if target == nil {
			return nil, upstream.ErrNoMailbox
		}
		out.UIDValidity = s.validity(target)
		there := from.uids.Intersect(upstream.NewUIDSet(uids...))
		if there.Len() == 0 {
			return nil, nil
		}
		next := target.uidNext
		var came, unread []uint32
		for _, uid := range there.All() {
			if _, err := tx.Exec(statement, target.id, next, from.id, uid); err != nil {
				return nil, err
			}
			out.UIDs[uid] = next
			came = append(came, next)
			if from.unread.Contains(uid) {
				unread = append(unread, next)
			}
			next++
		}
		_, arrived, err := s.touch(tx, target, next)
		if err != nil {
			return nil, err
		}
		left := func() {}
		if leaves {
			uidNext := from.uidNext
			if from == target {
				uidNext = next
			}
			if _, left, err = s.touch(tx, from, uidNext); err != nil {
				return nil, err
			}
		}
		return func() {
			if leaves {
				from.uids, from.unread = from.uids.Minus(there), from.unread.Minus(there)
			}
			target.uids, target.unread = target.uids.With(came...), target.unread.With(unread...)
			arrived()
			left()
		}, nil
	})
	if err != nil {
		return upstream.Moved{}, err
	}
	return out, nil
}

// Expunge removes these messages for good.
func (s *Store) Expunge(ctx context.Context, mb upstream.MailboxRef, uids []uint32) error {
	return s.removing(ctx, func(tx *sql.Tx) ([]int64, func(), error) {
		b, err := s.known(mb)
		if err != nil {
			return nil, nil, err
		}
		there := b.uids.Intersect(upstream.NewUIDSet(uids...))
		if there.Len() == 0 {
			return nil, nil, nil
		}
		gone, err := removeMessages(tx, b, there.All())
		if err != nil {
			return nil, nil, err
		}
		_, touched, err := s.touch(tx, b, b.uidNext)
		return gone, func() {
			b.uids, b.unread = b.uids.Minus(there), b.unread.Minus(there)
			touched()
		}, err
	})
}

// removing is write for what may leave contents without a message: their files are
// removed once that is committed.
func (s *Store) removing(ctx context.Context, f func(tx *sql.Tx) (gone []int64, done func(), err error)) error {
	var files []int64
	err := s.write(ctx, func(tx *sql.Tx) (func(), error) {
		gone, done, err := f(tx)
		files = gone
		return done, err
	})
	if err != nil {
		return err
	}
	return s.removeFiles(files)
}

// removeMessages removes messages of a mailbox, and the contents that no other has.
func removeMessages(tx *sql.Tx, b *box, uids []uint32) (gone []int64, err error) {
	// The contents are looked at one by one: with many, most have but one message.
	rows, err := tx.Query(`DELETE FROM message WHERE box = ? AND uid IN (SELECT value FROM json_each(?)) RETURNING content`, b.id, list(uids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var contents []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		contents = append(contents, id)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, id := range contents {
		result, err := tx.Exec(`DELETE FROM content WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM message WHERE content = ?1)`, id)
		if err != nil {
			return nil, err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			continue
		}
		if _, err := tx.Exec(`DELETE FROM words WHERE rowid = ?`, id); err != nil {
			return nil, err
		}
		gone = append(gone, id)
	}
	return gone, nil
}

// Append files a message.
func (s *Store) Append(ctx context.Context, to string, msg upstream.NewMessage) (upstream.MailboxRef, uint32, error) {
	ref := upstream.MailboxRef{Name: to}
	if _, err := s.Status(ctx, to); err != nil {
		return ref, 0, err
	}
	p, err := s.receive(io.LimitReader(msg.Body, msg.Size))
	if err == nil && p.size != msg.Size {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = s.settle([]*paper{p})
	}
	if err != nil {
		s.discard(p)
		return ref, 0, fmt.Errorf("the message to be filed could not be kept: %w", err)
	}
	p.received = msg.ReceivedAt
	if p.received.IsZero() {
		p.received = time.Now()
	}
	keywords := map[string]bool{}
	for k, on := range msg.Keywords {
		if k = strings.ToLower(k); on && isKeyword(k) {
			keywords[k] = true
		}
	}
	p.keywords = joinKeywords(keywords)
	var uid uint32
	err = s.write(ctx, func(tx *sql.Tx) (func(), error) {
		b := s.find(to)
		if b == nil {
			return nil, upstream.ErrNoMailbox
		}
		p.uid = b.uidNext
		if err := s.insert(tx, b, p); err != nil {
			return nil, err
		}
		_, touched, err := s.touch(tx, b, b.uidNext+1)
		return func() {
			ref.UIDValidity, uid = s.validity(b), p.uid
			b.take(p)
			touched()
		}, err
	})
	if err != nil {
		s.discard(p)
	}
	return ref, uid, err
}

// take puts messages that are in the database into what is known of a mailbox.
func (b *box) take(papers ...*paper) {
	var came, unread []uint32
	for _, p := range papers {
		came = append(came, p.uid)
		if isUnread(p.keywords) {
			unread = append(unread, p.uid)
		}
	}
	b.uids, b.unread = b.uids.With(came...), b.unread.With(unread...)
}
