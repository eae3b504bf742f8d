package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Schema is the outbox's tables, step by step (see bridge/database).
var Schema = []string{
	`CREATE TABLE submission (
		account TEXT NOT NULL,
		id TEXT NOT NULL,
		email TEXT NOT NULL,
		thread TEXT NOT NULL,
		identity TEXT NOT NULL,
		mail_from TEXT NOT NULL,
		rcpt_to TEXT NOT NULL, -- JSON array
		size INTEGER NOT NULL,
		send_at INTEGER NOT NULL, -- Unix seconds
		next_at INTEGER NOT NULL,
		state TEXT NOT NULL,
		replies TEXT NOT NULL DEFAULT '{}',
		attempts INTEGER NOT NULL DEFAULT 0,
		problem TEXT NOT NULL DEFAULT '',
		PRIMARY KEY (account, id)
	) STRICT`,
}

// rows is one account's rows of the table.
type rows struct {
	db      *sql.DB
	account jmap.Id
}

const columns = `id, email, thread, identity, mail_from, rcpt_to, size, send_at, state, replies, attempts, problem`

func scan(row interface{ Scan(...any) error }, more ...any) (Submission, error) {
	var s Submission
	var to, replies string
	var sendAt int64
	err := row.Scan(append([]any{&s.ID, &s.Email, &s.Thread, &s.Identity, &s.From, &to, &s.Size, &sendAt, &s.State, &replies, &s.Attempts, &s.Problem}, more...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return s, ErrNotFound
	}
	if err != nil {
		return s, err
	}
	s.SendAt = time.Unix(sendAt, 0).UTC()
	return s, errors.Join(json.Unmarshal([]byte(to), &s.To), json.Unmarshal([]byte(replies), &s.Replies))
}

func (r rows) recover(ctx context.Context) error {
	_, err := r.db.ExecContext(ctx, `UPDATE submission SET state = CASE state WHEN ? THEN ? ELSE ? END
		WHERE account = ? AND state IN (?, ?)`, Finishing, MaybeSent, Pending, r.account, Finishing, Sending)
	if err != nil {
		return err
	}
	_, err = r.db.ExecContext(ctx, `DELETE FROM submission WHERE account = ? AND state IN (?, ?, ?) AND send_at < ?`,
		r.account, Sent, Failed, Canceled, time.Now().Add(-keepDone).Unix())
	return err
}

func (r rows) insert(ctx context.Context, s Submission) error {
	to, err := json.Marshal(s.To)
	if err != nil {
		return err
	}
	_, err = r.db.ExecContext(ctx, `INSERT INTO submission (account, id, email, thread, identity, mail_from, rcpt_to, size, send_at, next_at, state)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.account, s.ID, s.Email, s.Thread, s.Identity, s.From, string(to), s.Size, s.SendAt.Unix(), s.SendAt.Unix(), s.State)
	return err
}

// move changes the state if it is from; false when it is not.
func (r rows) move(ctx context.Context, id jmap.Id, from, to State) (bool, error) {
	res, err := r.db.ExecContext(ctx, `UPDATE submission SET state = ? WHERE account = ? AND id = ? AND state = ?`, to, r.account, id, from)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// finish records how an attempt ended, in one write.
func (r rows) finish(ctx context.Context, s Submission, next time.Time) error {
	replies, err := json.Marshal(s.Replies)
	if err != nil {
		return err
	}
	_, err = r.db.ExecContext(ctx, `UPDATE submission SET state = ?, replies = ?, attempts = ?, problem = ?, next_at = ? WHERE account = ? AND id = ?`,
		s.State, string(replies), s.Attempts, s.Problem, next.Unix(), r.account, s.ID)
	return err
}

func (r rows) get(ctx context.Context, id jmap.Id) (Submission, error) {
	return scan(r.db.QueryRowContext(ctx, `SELECT `+columns+` FROM submission WHERE account = ? AND id = ?`, r.account, id))
}

func (r rows) remove(ctx context.Context, id jmap.Id) error {
	_, err := r.db.ExecContext(ctx, `DELETE FROM submission WHERE account = ? AND id = ?`, r.account, id)
	return err
}

// next gives the pending submission that is due first, and when.
func (r rows) next(ctx context.Context) (Submission, time.Time, error) {
	var due int64
	s, err := scan(r.db.QueryRowContext(ctx, `SELECT `+columns+`, next_at FROM submission
		WHERE account = ? AND state = ? ORDER BY next_at, id LIMIT 1`, r.account, Pending), &due)
	return s, time.Unix(due, 0), err
}

func (r rows) list(ctx context.Context) ([]Submission, error) {
	found, err := r.db.QueryContext(ctx, `SELECT `+columns+` FROM submission WHERE account = ? ORDER BY send_at, id`, r.account)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var all []Submission
	for found.Next() {
		s, err := scan(found)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, found.Err()
}
