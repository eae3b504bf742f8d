package household

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxAccounts of one member.
const maxAccounts = 50

var (
	// ErrTooMany: a member has no more accounts than maxAccounts.
	ErrTooMany = errors.New("too many accounts")
	// ErrNoAccount: the member has none of that id, or it is their own and cannot be removed.
	ErrNoAccount = errors.New("no such account")
)

// sealedAccount is an account as it is sealed: Password prints as stars, so the
// secret lies beside it.
type sealedAccount struct {
	Account
	Plain string
}

// saveAccount seals an account under the vault key. What is not secret of one that was
// added is kept beside it, for when the key is lost.
func saveAccount(ctx context.Context, tx *sql.Tx, member string, key vaultKey, a Account, own bool) error {
	secret, err := json.Marshal(sealedAccount{a, a.Password.Reveal()})
	if err != nil {
		return err
	}
	var settings []byte
	if !own {
		a.Password, a.Grant = "", a.Grant.withoutTokens()
		if settings, err = json.Marshal(a); err != nil { //nolint:gosec // the password was just taken out
			return err
		}
	}
	var version int64
	err = tx.QueryRowContext(ctx, `SELECT version FROM sealed_account WHERE member = ? AND id = ?`, member, a.ID).Scan(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	version++
	_, err = tx.ExecContext(ctx, `INSERT INTO sealed_account (member, id, version, vault, sealed, settings) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (member, id) DO UPDATE SET version = excluded.version, vault = excluded.vault, sealed = excluded.sealed, settings = excluded.settings`,
		member, a.ID, version, key.number, seal(key.key, secret, accountAAD(member, a.ID, version)), string(settings))
	return err
}

type manyQueryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// accountsOf opens the accounts of a member: first their own, then as they are ordered.
// What is sealed under another key is locked. A seal that is broken is as no account.
func accountsOf(ctx context.Context, db manyQueryer, member string, own jmap.Id, key vaultKey) ([]Account, error) {
	found, err := db.QueryContext(ctx, `SELECT id, version, vault, sealed, settings FROM sealed_account WHERE member = ? AND NOT removed ORDER BY id`, member)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []Account
	for found.Next() {
		var id jmap.Id
		var version, vault int64
		var sealed []byte
		var settings string
		if err := found.Scan(&id, &version, &vault, &sealed, &settings); err != nil {
			return nil, err
		}
		a := sealedAccount{Account: Account{ID: id}}
		if vault == key.number {
			secret, err := open(key.key, sealed, accountAAD(member, id, version))
			if err != nil {
				continue
			}
			if err := json.Unmarshal(secret, &a); err != nil {
				return nil, err
			}
		} else {
			a.Locked = true
			if settings != "" {
				if err := json.Unmarshal([]byte(settings), &a.Account); err != nil {
					return nil, err
				}
			}
		}
		a.Password = upstream.Secret(a.Plain)
		out = append(out, a.Account)
	}
	slices.SortStableFunc(out, func(a, b Account) int {
		if (a.ID == own) != (b.ID == own) {
			if a.ID == own {
				return -1
			}
			return 1
		}
		return a.SortOrder - b.SortOrder
	})
	return out, found.Err()
}

// AddAccount keeps one more account of a member and gives it an id that no account had
// before: what the bridge keeps of it is for this member only, even if another has the
// same address.
func (h *House) AddAccount(ctx context.Context, s *Session, a Account) (Account, error) {
	a.ID = jmap.Id("a" + strings.ToLower(rand.Text()))
	err := h.change(ctx, s, func(tx *sql.Tx, _ memberRow, all []Account) error {
		if len(all) >= maxAccounts {
			return ErrTooMany
		}
		for _, other := range all {
			a.SortOrder = max(a.SortOrder, other.SortOrder+1)
		}
		return saveAccount(ctx, tx, s.Member, s.key, a, false)
	})
	return a, err
}

// ChangeAccount keeps what became of an account. A new password of the member's own
// opens their vault from now on, on the devices that are signed in as on others.
func (h *House) ChangeAccount(ctx context.Context, s *Session, a Account) error {
	now, err := h.Again(ctx, s)
	if err != nil {
		return err
	}
	var by lock
	if was := now.OwnAccount(); a.ID == s.Own && (was.Password != a.Password || nameOf(was) != nameOf(a)) {
		by = newLock(a.Password)
	}
	return h.change(ctx, s, func(tx *sql.Tx, m memberRow, all []Account) error {
		at := slices.IndexFunc(all, func(other Account) bool { return other.ID == a.ID })
		if at < 0 {
			return ErrNoAccount
		}
		own := a.ID == m.account
		if own && (all[at].Password != a.Password || nameOf(all[at]) != nameOf(a)) {
			if by.key == nil { // it was changed meanwhile
				return errAgain
			}
			m.name = nameOf(a)
			m.wrap(by, s.key)
			if err := m.save(ctx, tx); err != nil {
				return err
			}
		}
		return saveAccount(ctx, tx, s.Member, s.key, a, own)
	})
}

// RemoveAccount forgets an account that was added, its secrets at once. Its id stays
// until Forget, for what else is to be removed.
func (h *House) RemoveAccount(ctx context.Context, s *Session, id jmap.Id) error {
	return h.change(ctx, s, func(tx *sql.Tx, m memberRow, _ []Account) error {
		res, err := tx.ExecContext(ctx, `UPDATE sealed_account SET removed = TRUE, sealed = x'', settings = '' WHERE member = ? AND id = ? AND id <> ? AND NOT removed`,
			s.Member, id, m.account)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNoAccount)
		}
		return nil
	})
}

// Removed lists accounts that were removed and not forgotten yet: the bridge was stopped
// in between.
func (h *House) Removed(ctx context.Context) ([]jmap.Id, error) {
	found, err := h.db.QueryContext(ctx, `SELECT id FROM sealed_account WHERE removed`)
	if err != nil {
		return nil, err
	}
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

// Forget says that nothing is left of a removed account.
func (h *House) Forget(ctx context.Context, id jmap.Id) error {
	_, err := h.db.ExecContext(ctx, `DELETE FROM sealed_account WHERE id = ? AND removed`, id)
	return err
}

// OwnerOf is the own account of the member who has an account; "" for nobody's.
func (h *House) OwnerOf(ctx context.Context, id jmap.Id) (jmap.Id, error) {
	var own jmap.Id
	err := h.db.QueryRowContext(ctx, `SELECT m.account FROM sealed_account a JOIN member m ON m.id = a.member WHERE a.id = ?`, id).Scan(&own)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return own, err
}

// change has do change the accounts of a session's member, in one transaction.
func (h *House) change(ctx context.Context, s *Session, do func(tx *sql.Tx, m memberRow, all []Account) error) error {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	m := memberRow{id: s.Member}
	err = tx.QueryRowContext(ctx, `SELECT name, account, vault, salt, wrapped FROM member WHERE id = ? AND vault = ?`, s.Member, s.key.number).
		Scan(&m.name, &m.account, &m.vault, &m.salt, &m.wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoSession // nothing is kept of them, or under another key
	}
	if err != nil {
		return err
	}
	all, err := accountsOf(ctx, tx, s.Member, m.account, s.key)
	if err == nil {
		err = do(tx, m, all)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err == nil {
		h.tell(h.changed, s.Member)
	}
	return err
}

// accountAAD binds a sealed account to its member, id and version: rows cannot be
// swapped, nor an old one put back beside a newer version.
func accountAAD(member string, id jmap.Id, version int64) string {
	return fmt.Sprintf("account %q %q %d", member, id, version)
}
