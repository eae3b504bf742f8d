package pop3store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// piece is how many messages Index tells of at once.
const piece = 1000

// Rows reads what a list shows of messages.
func (s *Store) Rows(ctx context.Context, mb upstream.MailboxRef, uids []uint32) ([]upstream.Row, error) {
	db, b, err := s.in(ctx, mb)
	if err != nil {
		return nil, err
	}
	return rows(ctx, db, b, b.uids.Intersect(upstream.NewUIDSet(uids...)).All())
}

func rows(ctx context.Context, db *sql.DB, b box, uids []uint32) ([]upstream.Row, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	found, err := db.QueryContext(ctx, `SELECT m.uid, m.keywords, m.received, c.size, c.summary
		FROM json_each(?) j JOIN message m ON m.box = ? AND m.uid = j.value JOIN content c ON c.id = m.content`, list(uids), b.id)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []upstream.Row
	for found.Next() {
		var r upstream.Row
		var keywords string
		var received int64
		var raw []byte
		if err := found.Scan(&r.UID, &keywords, &received, &r.Size, &raw); err != nil {
			return nil, err
		}
		var sum summary
		if err := json.Unmarshal(raw, &sum); err != nil {
			return nil, err
		}
		r.Keywords, r.ReceivedAt = keywordSet(keywords), time.Unix(received, 0).UTC()
		r.Envelope, r.Root, r.Preview = sum.Envelope, sum.Root, sum.Preview
		out = append(out, r)
	}
	return out, found.Err()
}

// Index reads what threads are made of.
func (s *Store) Index(ctx context.Context, mb upstream.MailboxRef, uids upstream.UIDSet, take func([]upstream.Fact) error) error {
	db, b, err := s.in(ctx, mb)
	if err != nil {
		return err
	}
	there := b.uids.Intersect(uids)
	for end := there.Len(); end > 0; end -= piece {
		next := make([]uint32, 0, piece)
		for i := max(0, end-piece); i < end; i++ {
			next = append(next, there.At(i))
		}
		facts, err := facts(ctx, db, b, next)
		if err != nil {
			return err
		}
		if err := take(facts); err != nil {
			return err
		}
	}
	return nil
}

func facts(ctx context.Context, db *sql.DB, b box, uids []uint32) ([]upstream.Fact, error) {
	found, err := db.QueryContext(ctx, `SELECT m.uid, m.received, m.content, c.summary -> '$.Envelope'
		FROM message m JOIN content c ON c.id = m.content WHERE m.box = ? AND m.uid IN (SELECT value FROM json_each(?)) ORDER BY m.uid DESC`, b.id, list(uids))
	if err != nil {
		return nil, err
	}
	defer found.Close()
	out := make([]upstream.Fact, 0, len(uids))
	for found.Next() {
		var f upstream.Fact
		var received, content int64
		var raw []byte
		if err := found.Scan(&f.UID, &received, &content, &raw); err != nil {
			return nil, err
		}
		var e struct{ MessageID, InReplyTo, References []string }
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, err
		}
		f.ReceivedAt, f.ObjectID = time.Unix(received, 0).UTC(), fmt.Sprintf("c%d", content)
		f.MessageID, f.InReplyTo, f.References = e.MessageID, e.InReplyTo, e.References
		out = append(out, f)
	}
	return out, found.Err()
}

// Read reads sections of one message from its file.
func (s *Store) Read(ctx context.Context, mb upstream.MailboxRef, uid uint32, sections []upstream.Section) ([][]byte, error) {
	db, b, err := s.in(ctx, mb)
	if err != nil {
		return nil, err
	}
	var id, size int64
	var raw []byte
	err = db.QueryRowContext(ctx, `SELECT c.id, c.size, c.summary -> '$.Root' FROM message m JOIN content c ON c.id = m.content WHERE m.box = ? AND m.uid = ?`, b.id, uid).
		Scan(&id, &size, &raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, upstream.ErrGone
	}
	if err != nil {
		return nil, err
	}
	var sum summary
	if err := json.Unmarshal(raw, &sum.Root); err != nil {
		return nil, err
	}
	f, err := os.Open(s.path(id))
	if errors.Is(err, fs.ErrNotExist) { // removed a moment ago
		return nil, upstream.ErrGone
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := make([][]byte, len(sections))
	for i, sec := range sections {
		from, to, err := sum.Root.Locate(sec.Path, size)
		if err != nil {
			return nil, err
		}
		if from = min(from+sec.Offset, to); sec.Length > 0 {
			to = min(to, from+sec.Length)
		}
		out[i] = make([]byte, to-from)
		if _, err := f.ReadAt(out[i], from); err != nil && (!errors.Is(err, io.EOF) || len(out[i]) > 0) {
			return nil, err
		}
	}
	return out, nil
}
