package pop3store

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/pop3wire"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// expire marks as deleted what the server need not keep any longer. Only what was
// downloaded is, and only if its file is whole, unless it was destroyed here.
func (s *Store) expire(ctx context.Context, c *pop3wire.Conn, listed []pop3wire.Listed, keys []string) error {
	var condition string
	var arg any
	switch s.cfg.Keep.Rule {
	case upstream.KeepDays:
		condition, arg = `t.at <= ?`, time.Now().AddDate(0, 0, -s.cfg.Keep.Days).Unix()
	case upstream.KeepUntilDeleted:
		condition, arg = `NOT EXISTS (SELECT 1 FROM message m JOIN box b ON b.id = m.box WHERE m.content = t.content AND b.role <> ?)`, jmap.RoleTrash
	default:
		return nil
	}
	db, err := s.open(ctx)
	if err != nil {
		return err
	}
	found, err := db.QueryContext(ctx, `SELECT t.uidl, t.content, c.size FROM taken t LEFT JOIN content c ON c.id = t.content WHERE t.there AND `+condition, arg) //nolint:gosec // one of two, both ours
	if err != nil {
		return err
	}
	defer found.Close()
	needless := map[string]bool{}
	for found.Next() {
		var uidl string
		var content int64
		var size sql.NullInt64
		if err := found.Scan(&uidl, &content, &size); err != nil {
			return err
		}
		if info, err := os.Stat(s.path(content)); size.Valid && (err != nil || info.Size() != size.Int64) { //nolint:gosec // its name is a number
			s.cfg.Log.ErrorContext(ctx, "the file of a message is damaged; the server keeps its copy", slog.Int64("content", content), slog.Any("err", err))
			continue
		}
		needless[uidl] = true
	}
	if err := found.Err(); err != nil {
		return err
	}
	var numbers []int
	for i, key := range keys {
		if needless[key] {
			numbers = append(numbers, listed[i].Number)
		}
	}
	_, err = c.Delete(ctx, numbers)
	return err
}
