package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// op is what became of a record.
type op int

const (
	opCreated op = iota
	opUpdated
	opDestroyed
	opCounts // a mailbox: nothing but its counts changed
)

const (
	// journalKept is how long changes can be asked for.
	journalKept = 30 * 24 * time.Hour
	// journalMost is the most changes of one moment that are worth listing: a client
	// that missed more is better off asking anew.
	journalMost = 10_000
)

// entry is one change.
type entry struct {
	typ string
	id  jmap.Id
	op  op
}

// journal says what changed in an account, in order. A state is epoch.number: the
// number of the type's last entry.
type journal struct {
	epoch  string
	seq    int64
	floor  int64
	states map[string]int64
}

func loadJournal(ctx context.Context, db *sql.DB, account jmap.Id) (journal, error) {
	j := journal{states: map[string]int64{}}
	_, err := db.ExecContext(ctx, `INSERT INTO account_meta (account, epoch, seq, floor) VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING`,
		account, strings.ToLower(rand.Text()[:8]))
	if err != nil {
		return j, err
	}
	err = db.QueryRowContext(ctx, `SELECT epoch, seq, floor FROM account_meta WHERE account = ?`, account).Scan(&j.epoch, &j.seq, &j.floor)
	if err != nil {
		return j, err
	}
	found, err := db.QueryContext(ctx, `SELECT type, seq FROM account_state WHERE account = ?`, account)
	if err != nil {
		return j, err
	}
	defer found.Close()
	for found.Next() {
		var typ string
		var seq int64
		if err := found.Scan(&typ, &seq); err != nil {
			return j, err
		}
		j.states[typ] = seq
	}
	return j, found.Err()
}

func (j *journal) state(typ string) jmap.State {
	return jmap.State(fmt.Sprintf("%s.%d", j.epoch, j.states[typ]))
}

// number reads a state; false when it is none that changes can be counted from.
func (j *journal) number(s jmap.State) (int64, bool) {
	epoch, number, ok := strings.Cut(string(s), ".")
	n, err := strconv.ParseInt(number, 10, 64)
	return n, ok && err == nil && strconv.FormatInt(n, 10) == number && epoch == j.epoch && n >= j.floor && n <= j.seq
}

// write records changes, in the transaction that makes them. Too many at once
// are not listed: older states then get cannotCalculateChanges.
func (j *journal) write(ctx context.Context, tx *sql.Tx, account jmap.Id, entries []entry) error {
	if len(entries) == 0 {
		return nil
	}
	now := time.Now()
	next := *j
	next.states = map[string]int64{}
	maps.Copy(next.states, j.states)
	if len(entries) > journalMost {
		next.seq++
		next.floor = next.seq
		for _, e := range entries {
			next.states[e.typ] = next.seq
		}
		for typ := range next.states {
			next.states[typ] = next.seq
		}
	} else {
		add, err := tx.PrepareContext(ctx, `INSERT INTO account_journal (account, seq, type, id, op, at) VALUES (?, ?, ?, ?, ?, ?)`)
		if err != nil {
			return err
		}
		defer add.Close()
		for _, e := range entries {
			next.seq++
			next.states[e.typ] = next.seq
			if _, err := add.ExecContext(ctx, account, next.seq, e.typ, e.id, e.op, now.Unix()); err != nil {
				return err
			}
		}
	}
	for typ, seq := range next.states {
		if seq == j.states[typ] {
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO account_state (account, type, seq) VALUES (?, ?, ?)
			ON CONFLICT (account, type) DO UPDATE SET seq = excluded.seq`, account, typ, seq); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE account_meta SET seq = ?, floor = ? WHERE account = ?`, next.seq, next.floor, account)
	if err == nil {
		*j = next
	}
	return err
}

// prune forgets changes that are too old to be asked for.
func (j *journal) prune(ctx context.Context, db *sql.DB, account jmap.Id) error {
	old := time.Now().Add(-journalKept).Unix()
	var last sql.NullInt64
	err := db.QueryRowContext(ctx, `SELECT max(seq) FROM account_journal WHERE account = ? AND at < ?`, account, old).Scan(&last)
	if err != nil || !last.Valid {
		return err
	}
	j.floor = max(j.floor, last.Int64)
	_, err = db.ExecContext(ctx, `UPDATE account_meta SET floor = ? WHERE account = ?`, j.floor, account)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `DELETE FROM account_journal WHERE account = ? AND seq <= ?`, account, j.floor)
	return err
}

// Changes lists what became of a type since a state.
func (a *Account) Changes(ctx context.Context, typ string, since jmap.State, maxChanges int) (method.Changes, error) {
	var out method.Changes
	err := a.ask(ctx, func(s *state) error {
		from, ok := s.journal.number(since)
		if !ok {
			return method.ErrUnknownState
		}
		found, err := a.cfg.DB.QueryContext(ctx, `SELECT seq, id, op FROM account_journal
			WHERE account = ? AND type = ? AND seq > ? ORDER BY seq`, a.cfg.ID, typ, from)
		if err != nil {
			return err
		}
		out, err = fold(found, maxChanges, s.journal.epoch)
		if err == nil && !out.HasMore {
			out.New = s.journal.state(typ)
		}
		return err
	})
	return out, err
}

// fold makes one list of changes of many entries about the same ids.
func fold(found *sql.Rows, maxChanges int, epoch string) (method.Changes, error) {
	defer found.Close()
	type fate struct {
		created bool // did not exist before
		last    op
	}
	fates := map[jmap.Id]fate{}
	var order []jmap.Id
	out := method.Changes{CountsOnly: true}
	var last int64
	for found.Next() {
		var seq int64
		var id jmap.Id
		var what op
		if err := found.Scan(&seq, &id, &what); err != nil {
			return out, err
		}
		f, known := fates[id]
		if !known {
			if maxChanges > 0 && len(order) == maxChanges {
				out.HasMore = true
				out.New = jmap.State(fmt.Sprintf("%s.%d", epoch, last))
				break
			}
			order = append(order, id)
			f.created = what == opCreated
		}
		out.CountsOnly = out.CountsOnly && what == opCounts
		f.last = what
		fates[id] = f
		last = seq
	}
	for _, id := range order {
		switch f := fates[id]; {
		case f.last == opDestroyed && f.created:
		case f.last == opDestroyed:
			out.Destroyed = append(out.Destroyed, id)
		case f.created:
			out.Created = append(out.Created, id)
		default:
			out.Updated = append(out.Updated, id)
		}
	}
	return out, errors.Join(found.Err())
}
