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
	// The envelope with its parameters, as the client gave it; and what is left to be
	// done once the message is sent.
	`ALTER TABLE submission ADD COLUMN envelope TEXT NOT NULL DEFAULT '';
	UPDATE submission SET envelope = json_object(
		'mailFrom', json_object('email', mail_from),
		'rcptTo', (SELECT json_group_array(json_object('email', value)) FROM json_each(rcpt_to)));
	ALTER TABLE submission DROP COLUMN mail_from;
	ALTER TABLE submission DROP COLUMN rcpt_to;
	ALTER TABLE submission ADD COLUMN message_id TEXT NOT NULL DEFAULT '';
	ALTER TABLE submission ADD COLUMN eight_bit INTEGER NOT NULL DEFAULT FALSE;
	ALTER TABLE submission ADD COLUMN after TEXT NOT NULL DEFAULT '';       -- '': nothing to do
	ALTER TABLE submission ADD COLUMN file_at INTEGER NOT NULL DEFAULT 0;   -- 0: who submitted it does what is to be done
	ALTER TABLE submission ADD COLUMN file_tries INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE submission ADD COLUMN trace_at INTEGER NOT NULL DEFAULT 0;  -- 0: not looked for
	ALTER TABLE submission ADD COLUMN traces INTEGER NOT NULL DEFAULT 0;`,
}

// rows is one account's rows of the table.
type rows struct {
	db      *sql.DB
	account jmap.Id
}

const columns = `id, email, thread, identity, message_id, envelope, size, eight_bit, send_at, after, state, replies, attempts, problem, next_at`

func scan(row interface{ Scan(...any) error }, more ...any) (Submission, error) {
	var s Submission
	var envelope, after, replies string
	var sendAt, nextAt int64
	err := row.Scan(append([]any{
		&s.ID, &s.Email, &s.Thread, &s.Identity, &s.MessageID, &envelope, &s.Size, &s.EightBit, &sendAt, &after,
		&s.State, &replies, &s.Attempts, &s.Problem, &nextAt,
	}, more...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return s, ErrNotFound
	}
	if err != nil {
		return s, err
	}
	s.SendAt, s.NextAt = time.Unix(sendAt, 0).UTC(), time.Unix(nextAt, 0).UTC()
	if after != "" {
		s.After = json.RawMessage(after)
	}
	return s, errors.Join(json.Unmarshal([]byte(envelope), &s.Envelope), json.Unmarshal([]byte(replies), &s.Replies))
}

// recover gives each submission that was at work when the bridge stopped a state
// from which it can go on, and lists those.
func (r rows) recover(ctx context.Context) ([]jmap.Id, error) {
	found, err := r.db.QueryContext(ctx, `UPDATE submission SET state = CASE state WHEN ? THEN ? ELSE ? END,
		trace_at = CASE state WHEN ? THEN 1 ELSE trace_at END
		WHERE account = ? AND state IN (?, ?) RETURNING id`, Finishing, MaybeSent, Pending, Finishing, r.account, Finishing, Sending)
	if err != nil {
		return nil, err
	}
	ids, err := scanIDs(found)
	if err != nil {
		return nil, err
	}
	// What waits since an attempt failed is tried now: the password may be new, or the
	// server's address.
	_, err = r.db.ExecContext(ctx, `UPDATE submission SET next_at = min(next_at, ?) WHERE account = ? AND state = ? AND attempts > 0`,
		time.Now().Unix(), r.account, Pending)
	if err != nil {
		return nil, err
	}
	// Nobody is left who would do what is to be done after sending.
	_, err = r.db.ExecContext(ctx, `UPDATE submission SET file_at = 1 WHERE account = ? AND after <> '' AND file_at = 0`, r.account)
	return ids, err
}

// old lists what was over so long ago that nobody asks for it.
func (r rows) old(ctx context.Context) ([]jmap.Id, error) {
	found, err := r.db.QueryContext(ctx, `SELECT id FROM submission WHERE account = ? AND state IN (?, ?, ?) AND send_at < ?`,
		r.account, Sent, Failed, Canceled, time.Now().Add(-keepDone).Unix())
	if err != nil {
		return nil, err
	}
	return scanIDs(found)
}

func scanIDs(found *sql.Rows) ([]jmap.Id, error) {
	defer found.Close()
	var ids []jmap.Id
	for found.Next() {
		var id jmap.Id
		if err := found.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, found.Err()
}

func (r rows) insert(ctx context.Context, s Submission) error {
	envelope, err := json.Marshal(s.Envelope)
	if err != nil {
		return err
	}
	once, fileAt := "", int64(0)
	if s.Once {
		once = s.MessageID
	}
	if s.FileWhenSent && s.After != nil {
		fileAt = 1
	}
	// One statement: of two that submit the same message at the same time, one is first.
	ok, err := r.changed(ctx, `INSERT INTO submission (account, id, email, thread, identity, message_id, envelope, size, eight_bit, send_at, next_at, after, file_at, state)
		SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ? = '' OR NOT EXISTS (SELECT 1 FROM submission WHERE `+taken+`)`,
		r.account, s.ID, s.Email, s.Thread, s.Identity, s.MessageID, string(envelope), s.Size, s.EightBit,
		s.SendAt.Unix(), s.SendAt.Unix(), string(s.After), fileAt, s.State, once, r.account, once, Failed, Canceled)
	if err != nil || ok {
		return err
	}
	other := new(TakenError)
	if err := r.db.QueryRowContext(ctx, `SELECT id FROM submission WHERE `+taken, r.account, once, Failed, Canceled).Scan(&other.ID); err != nil {
		return err
	}
	return other
}

// taken are the submissions of a message that were not taken back: of an account, with a
// Message-ID, in neither of two states.
const taken = `account = ? AND message_id = ? AND state NOT IN (?, ?)`

// move changes the state if it is from; false when it is not.
func (r rows) move(ctx context.Context, id jmap.Id, from, to State) (bool, error) {
	return r.changed(ctx, `UPDATE submission SET state = ? WHERE account = ? AND id = ? AND state = ?`, to, r.account, id, from)
}

// cancel cancels what is pending; false when it is not. Nothing is to be done after it.
func (r rows) cancel(ctx context.Context, id jmap.Id) (bool, error) {
	return r.changed(ctx, `UPDATE submission SET state = ?, after = '' WHERE account = ? AND id = ? AND state = ?`, Canceled, r.account, id, Pending)
}

func (r rows) changed(ctx context.Context, query string, args ...any) (bool, error) {
	res, err := r.db.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// finish records how an attempt ended, in one write. With giveBack the message of a
// failed submission is to be given back.
func (r rows) finish(ctx context.Context, s Submission, giveBack bool) error {
	replies, err := json.Marshal(s.Replies)
	if err != nil {
		return err
	}
	var fileAt, traceAt int64
	if giveBack {
		fileAt = 1
	}
	if s.State == Sent || s.State == MaybeSent {
		traceAt = time.Now().Add(traceAfter[0]).Unix()
	}
	_, err = r.db.ExecContext(ctx, `UPDATE submission SET state = ?, replies = ?, attempts = ?, problem = ?, next_at = ?, trace_at = ?,
		after = CASE WHEN ? = 'failed' THEN '' ELSE after END, file_at = CASE WHEN ? > 0 THEN ? ELSE file_at END
		WHERE account = ? AND id = ?`,
		s.State, string(replies), s.Attempts, s.Problem, s.NextAt.Unix(), traceAt, s.State, fileAt, fileAt, r.account, s.ID)
	return err
}

func (r rows) get(ctx context.Context, id jmap.Id) (Submission, error) {
	return scan(r.db.QueryRowContext(ctx, `SELECT `+columns+` FROM submission WHERE account = ? AND id = ?`, r.account, id))
}

func (r rows) remove(ctx context.Context, id jmap.Id) error {
	_, err := r.db.ExecContext(ctx, `DELETE FROM submission WHERE account = ? AND id = ?`, r.account, id)
	return err
}

// next gives the pending submission that is due first.
func (r rows) next(ctx context.Context) (Submission, error) {
	return scan(r.db.QueryRowContext(ctx, `SELECT `+columns+` FROM submission
		WHERE account = ? AND state = ? ORDER BY next_at, rowid LIMIT 1`, r.account, Pending))
}

// nextFiling gives the submission whose email is to be filed, or given back, first:
// when, and how often that was tried.
func (r rows) nextFiling(ctx context.Context) (s Submission, due time.Time, tries int, err error) {
	var at int64
	s, err = scan(r.db.QueryRowContext(ctx, `SELECT `+columns+`, file_at, file_tries FROM submission
		WHERE account = ? AND file_at > 0 AND (state = ? OR after <> '' AND state IN (?, ?)) ORDER BY file_at, rowid LIMIT 1`,
		r.account, Failed, Sent, MaybeSent), &at, &tries)
	return s, time.Unix(at, 0), tries, err
}

// filed says that nothing is left to be done with the email.
func (r rows) filed(ctx context.Context, id jmap.Id, problem string) error {
	_, err := r.db.ExecContext(ctx, `UPDATE submission SET after = '', file_at = 0, problem = CASE WHEN ? = '' THEN problem ELSE ? END
		WHERE account = ? AND id = ?`, problem, problem, r.account, id)
	return err
}

// fileAgain says when to try again.
func (r rows) fileAgain(ctx context.Context, id jmap.Id, at time.Time) error {
	_, err := r.db.ExecContext(ctx, `UPDATE submission SET file_at = ?, file_tries = file_tries + 1 WHERE account = ? AND id = ?`, at.Unix(), r.account, id)
	return err
}

// nextTrace gives the submission whose traces are to be looked for first: when, and
// how often that was done.
func (r rows) nextTrace(ctx context.Context) (s Submission, due time.Time, traces int, err error) {
	var at int64
	s, err = scan(r.db.QueryRowContext(ctx, `SELECT `+columns+`, trace_at, traces FROM submission
		WHERE account = ? AND trace_at > 0 AND state IN (?, ?) ORDER BY trace_at, rowid LIMIT 1`, r.account, Sent, MaybeSent), &at, &traces)
	return s, time.Unix(at, 0), traces, err
}

// traced records a look for traces: the state it led to, and when to look again (the
// zero time: no more).
func (r rows) traced(ctx context.Context, s Submission, next time.Time) error {
	at := int64(0)
	if !next.IsZero() {
		at = next.Unix()
	}
	_, err := r.db.ExecContext(ctx, `UPDATE submission SET state = ?, problem = ?, trace_at = ?, traces = traces + 1 WHERE account = ? AND id = ?`,
		s.State, s.Problem, at, r.account, s.ID)
	return err
}

// busy reports whether anything is still to be done by itself.
func (r rows) busy(ctx context.Context) (bool, error) {
	var busy bool
	err := r.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM submission WHERE account = ?
		AND (state IN (?, ?, ?) OR after <> '' OR file_at > 0 OR trace_at > 0))`, r.account, Pending, Sending, Finishing).Scan(&busy)
	return busy, err
}

func (r rows) list(ctx context.Context) ([]Submission, error) {
	found, err := r.db.QueryContext(ctx, `SELECT `+columns+` FROM submission WHERE account = ? ORDER BY send_at, rowid`, r.account)
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
