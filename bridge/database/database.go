// Package database opens the bridge's one SQLite file and brings its tables up to
// date. Each room that keeps something there owns its own tables and the steps
// that make them.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver
)

// Open opens the database in a folder, which is made when missing. Nobody but the
// bridge's user may read either. A committed write survives a power cut.
func Open(dir string) (*sql.DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "hearthmail.db")
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	options := url.Values{
		"_txlock": {"immediate"}, // a transaction that will write waits at its begin, not in its middle
		"_pragma": {"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(on)", "secure_delete(on)"},
	}
	return sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+options.Encode())
}

// Migrate applies the steps of a room that were not applied yet, each in a
// transaction of its own. Steps are only ever appended.
func Migrate(ctx context.Context, db *sql.DB, room string, steps []string) error {
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migration (room TEXT PRIMARY KEY, steps INTEGER NOT NULL) STRICT`)
	if err != nil {
		return err
	}
	var done int
	err = db.QueryRowContext(ctx, `SELECT steps FROM migration WHERE room = ?`, room).Scan(&done)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if done > len(steps) {
		return fmt.Errorf("the tables of %s were made by a newer version of hearthmail", room)
	}
	for i, step := range steps[done:] {
		if err := apply(ctx, db, room, step, done+i+1); err != nil {
			return fmt.Errorf("tables of %s, step %d: %w", room, done+i+1, err)
		}
	}
	return nil
}

func apply(ctx context.Context, db *sql.DB, room, step string, number int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, step); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO migration (room, steps) VALUES (?, ?) ON CONFLICT (room) DO UPDATE SET steps = excluded.steps`, room, number)
	if err != nil {
		return err
	}
	return tx.Commit()
}
