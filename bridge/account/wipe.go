package account

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"

	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Waiting counts what an account has yet to send.
func (p *Pool) Waiting(ctx context.Context, id jmap.Id) (int, error) {
	return outbox.Waiting(ctx, p.db, id)
}

// Wipe ends an account, and with it its connections, and removes all that is kept of it:
// rows, uploads, downloaded mail, and what waits to be sent. It may be called again where it failed.
func (p *Pool) Wipe(ctx context.Context, id jmap.Id) error {
	e := p.entry(id)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.account != nil {
		p.closeEntry(ctx, e)
	}
	return errors.Join(
		outbox.Wipe(ctx, p.db, outboxDir(p.dir, id), id),
		os.RemoveAll(uploadsDir(p.dir, id)),
		os.RemoveAll(MailDir(p.dir, id)),
		wipeRows(ctx, p.db, id),
	)
}

func outboxDir(dir string, id jmap.Id) string { return filepath.Join(dir, "outbox", string(id)) }

func uploadsDir(dir string, id jmap.Id) string { return filepath.Join(dir, "uploads", string(id)) }

// wipeRows empties the tables of Schema of an account.
func wipeRows(ctx context.Context, db *sql.DB, id jmap.Id) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	for _, statement := range []string{
		`DELETE FROM account_fact WHERE mailbox IN (SELECT id FROM account_mailbox WHERE account = ?)`,
		`DELETE FROM account_mailbox WHERE account = ?`,
		`DELETE FROM account_alias WHERE account = ?`,
		`DELETE FROM account_copy WHERE account = ?`,
		`DELETE FROM account_identity WHERE account = ?`,
		`DELETE FROM account_journal WHERE account = ?`,
		`DELETE FROM account_offer WHERE account = ?`,
		`DELETE FROM account_quota WHERE account = ?`,
		`DELETE FROM account_settings WHERE account = ?`,
		`DELETE FROM account_state WHERE account = ?`,
		`DELETE FROM account_vacation WHERE account = ?`,
		`DELETE FROM account_meta WHERE account = ?`,
	} {
		if _, err := tx.ExecContext(ctx, statement, id); err != nil {
			return err
		}
	}
	return tx.Commit()
}
