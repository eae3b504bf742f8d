// Package household keeps who the members are: their sealed mail accounts and the
// devices they are signed in on.
//
// A member is known by the address they signed in with. What is secret about their
// accounts is sealed under a vault key of their own. That key is never stored
// plain: it is wrapped by the password (Argon2id), and once for each device session
// by a key derived from the session's token, of which only the hash is stored. A
// stolen database opens nothing.
package household

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	keptFor    = 90 * 24 * time.Hour // "Keep me signed in", from the last use
	browserFor = 24 * time.Hour      // otherwise
)

// ErrNoSession: the token is unknown, expired or revoked.
var ErrNoSession = errors.New("not signed in")

// Account is one mail account with its secrets.
type Account struct {
	ID           jmap.Id
	Name         string
	Address      string
	Incoming     upstream.Server
	Outgoing     upstream.Server
	OutgoingAuth string // "", "plain", "login" or "none"
	Password     upstream.Secret
}

// Session is one device that is signed in.
type Session struct {
	ID       string
	Member   string
	Accounts []Account
	Keep     bool
	Expires  time.Time
}

// Device is a session as its owner sees it.
type Device struct {
	ID        string
	UserAgent string
	LastUsed  time.Time
}

// Schema is the household's tables, step by step (see bridge/database).
var Schema = []string{
	`CREATE TABLE member (
		id TEXT PRIMARY KEY,
		address TEXT NOT NULL UNIQUE, -- lower case
		salt BLOB NOT NULL,
		wrapped BLOB NOT NULL -- the vault key, under the password
	) STRICT;
	CREATE TABLE sealed_account (
		member TEXT NOT NULL REFERENCES member ON DELETE CASCADE,
		id TEXT NOT NULL,
		version INTEGER NOT NULL,
		sealed BLOB NOT NULL,
		PRIMARY KEY (member, id)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE session (
		id TEXT PRIMARY KEY,
		token_hash BLOB NOT NULL UNIQUE,
		member TEXT NOT NULL REFERENCES member ON DELETE CASCADE,
		wrapped BLOB NOT NULL, -- the vault key, under the token
		keep INTEGER NOT NULL,
		user_agent TEXT NOT NULL,
		last_used INTEGER NOT NULL -- Unix seconds
	) STRICT;`,
}

// House is all members. It is safe to use from any goroutine.
type House struct {
	db  *sql.DB
	now func() time.Time

	mu      sync.Mutex
	revoked map[string]chan struct{} // by session id; guarded by mu
}

// New makes a house of a database whose tables are up to date.
func New(db *sql.DB) *House {
	return &House{db: db, now: time.Now, revoked: map[string]chan struct{}{}}
}

// AccountID is the id an address has, or the one it would get, which is always the
// same: a client that sends its password with each request has the same account today
// and tomorrow. Nothing is stored.
func (h *House) AccountID(ctx context.Context, address string) (jmap.Id, error) {
	var id jmap.Id
	err := h.db.QueryRowContext(ctx, `SELECT a.id FROM sealed_account a JOIN member m ON m.id = a.member WHERE m.address = ?`, lower(address)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		sum := sha256.Sum256([]byte("account " + lower(address)))
		return jmap.Id("a" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))), nil
	}
	return id, err
}

func lower(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// SignIn remembers an account whose password its mail server has just accepted,
// and makes a session. If the password was changed since the last time, the old
// vault is replaced and the member's other sessions end.
func (h *House) SignIn(ctx context.Context, acc Account, userAgent string, keep bool) (*Session, string, error) {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, "", err
	}
	defer tx.Rollback() // after Commit it does nothing
	member, vault, ended, err := h.openVault(ctx, tx, acc)
	if err != nil {
		return nil, "", err
	}
	secret, err := json.Marshal(sealedAccount{acc, acc.Password.Reveal()})
	if err != nil {
		return nil, "", err
	}
	var version int64
	err = tx.QueryRowContext(ctx, `SELECT version FROM sealed_account WHERE member = ? AND id = ?`, member, acc.ID).Scan(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, "", err
	}
	version++
	_, err = tx.ExecContext(ctx, `INSERT INTO sealed_account (member, id, version, sealed) VALUES (?, ?, ?, ?)
		ON CONFLICT (member, id) DO UPDATE SET version = excluded.version, sealed = excluded.sealed`,
		member, acc.ID, version, seal(vault, secret, accountAAD(member, acc.ID, version)))
	if err != nil {
		return nil, "", err
	}
	s := &Session{ID: rand.Text(), Member: member, Accounts: []Account{acc}, Keep: keep}
	s.Expires = h.now().Add(span(keep))
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	hash := sha256.Sum256(raw)
	_, err = tx.ExecContext(ctx, `INSERT INTO session (id, token_hash, member, wrapped, keep, user_agent, last_used) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		s.ID, hash[:], member, seal(tokenKey(raw), vault, "session "+s.ID), keep, userAgent, h.now().Unix())
	if err != nil {
		return nil, "", err
	}
	if err := tx.Commit(); err != nil {
		return nil, "", err
	}
	for _, id := range ended {
		h.end(id)
	}
	return s, base64.RawURLEncoding.EncodeToString(raw), nil
}

// sealedAccount is an account as it is sealed: Password prints as stars, so the
// secret lies beside it.
type sealedAccount struct {
	Account
	Plain string
}

// openVault opens the member's vault with the password, or makes a new one: for a
// new member, and when the password does not open the old one. ended is the
// sessions that lose their vault.
func (h *House) openVault(ctx context.Context, tx *sql.Tx, acc Account) (member string, vault []byte, ended []string, err error) {
	var salt, wrapped []byte
	err = tx.QueryRowContext(ctx, `SELECT id, salt, wrapped FROM member WHERE address = ?`, lower(acc.Address)).Scan(&member, &salt, &wrapped)
	switch {
	case err == nil:
		if vault, err = open(passwordKey(acc.Password, salt), wrapped, "member "+member); err == nil {
			return member, vault, nil, nil
		}
		if ended, err = sessionsOf(ctx, tx, member); err != nil {
			return "", nil, nil, err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM member WHERE id = ?`, member); err != nil {
			return "", nil, nil, err
		}
	case !errors.Is(err, sql.ErrNoRows):
		return "", nil, nil, err
	}
	if member == "" {
		member = "m" + strings.ToLower(rand.Text()[:16])
	}
	salt, vault = make([]byte, 16), make([]byte, 32)
	_, _ = rand.Read(salt)
	_, _ = rand.Read(vault)
	_, err = tx.ExecContext(ctx, `INSERT INTO member (id, address, salt, wrapped) VALUES (?, ?, ?, ?)`,
		member, lower(acc.Address), salt, seal(passwordKey(acc.Password, salt), vault, "member "+member))
	return member, vault, ended, err
}

func sessionsOf(ctx context.Context, tx *sql.Tx, member string) ([]string, error) {
	found, err := tx.QueryContext(ctx, `SELECT id FROM session WHERE member = ?`, member)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var ids []string
	for found.Next() {
		var id string
		if err := found.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, found.Err()
}

func span(keep bool) time.Duration {
	if keep {
		return keptFor
	}
	return browserFor
}

// Resume gives the session of a token, and its accounts with their secrets.
func (h *House) Resume(ctx context.Context, token string) (*Session, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 32 {
		return nil, ErrNoSession
	}
	hash := sha256.Sum256(raw)
	s := &Session{}
	var wrapped []byte
	var used int64
	err = h.db.QueryRowContext(ctx, `SELECT id, member, wrapped, keep, last_used FROM session WHERE token_hash = ?`, hash[:]).
		Scan(&s.ID, &s.Member, &wrapped, &s.Keep, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoSession
	}
	if err != nil {
		return nil, err
	}
	now := h.now()
	if now.After(time.Unix(used, 0).Add(span(s.Keep))) {
		return nil, errors.Join(ErrNoSession, h.remove(ctx, s.ID))
	}
	s.Expires = now.Add(span(s.Keep))
	vault, err := open(tokenKey(raw), wrapped, "session "+s.ID)
	if err != nil {
		return nil, ErrNoSession
	}
	if s.Accounts, err = h.accounts(ctx, s.Member, vault); err != nil {
		return nil, err
	}
	if now.Sub(time.Unix(used, 0)) > time.Minute {
		if _, err := h.db.ExecContext(ctx, `UPDATE session SET last_used = ? WHERE id = ?`, now.Unix(), s.ID); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (h *House) accounts(ctx context.Context, member string, vault []byte) ([]Account, error) {
	found, err := h.db.QueryContext(ctx, `SELECT id, version, sealed FROM sealed_account WHERE member = ? ORDER BY id`, member)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []Account
	for found.Next() {
		var id jmap.Id
		var version int64
		var sealed []byte
		if err := found.Scan(&id, &version, &sealed); err != nil {
			return nil, err
		}
		secret, err := open(vault, sealed, accountAAD(member, id, version))
		if err != nil {
			return nil, ErrNoSession // sealed under another vault
		}
		var a sealedAccount
		if err := json.Unmarshal(secret, &a); err != nil {
			return nil, err
		}
		a.Password = upstream.Secret(a.Plain)
		out = append(out, a.Account)
	}
	return out, found.Err()
}

// SignOut ends the session of a token.
func (h *House) SignOut(ctx context.Context, token string) error {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil //nolint:nilerr // whoever has no session is signed out
	}
	hash := sha256.Sum256(raw)
	var id string
	err = h.db.QueryRowContext(ctx, `SELECT id FROM session WHERE token_hash = ?`, hash[:]).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return h.remove(ctx, id)
}

// Devices lists where a member is signed in.
func (h *House) Devices(ctx context.Context, member string) ([]Device, error) {
	found, err := h.db.QueryContext(ctx, `SELECT id, user_agent, last_used FROM session WHERE member = ? ORDER BY last_used DESC`, member)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []Device
	for found.Next() {
		var d Device
		var used int64
		if err := found.Scan(&d.ID, &d.UserAgent, &used); err != nil {
			return nil, err
		}
		d.LastUsed = time.Unix(used, 0).UTC()
		out = append(out, d)
	}
	return out, found.Err()
}

// Revoke ends another session of the same member.
func (h *House) Revoke(ctx context.Context, member, session string) error {
	var id string
	err := h.db.QueryRowContext(ctx, `SELECT id FROM session WHERE id = ? AND member = ?`, session, member).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoSession
	}
	if err != nil {
		return err
	}
	return h.remove(ctx, id)
}

func (h *House) remove(ctx context.Context, id string) error {
	_, err := h.db.ExecContext(ctx, `DELETE FROM session WHERE id = ?`, id)
	h.end(id)
	return err
}

// Revoked is closed when a session ends before its time.
func (h *House) Revoked(session string) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.revoked[session] == nil {
		h.revoked[session] = make(chan struct{})
	}
	return h.revoked[session]
}

func (h *House) end(session string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.revoked[session]; c != nil {
		close(c)
		delete(h.revoked, session)
	}
}

// accountAAD binds a sealed account to its member, id and version: rows cannot be
// swapped, nor an old one put back beside a newer version.
func accountAAD(member string, id jmap.Id, version int64) string {
	return fmt.Sprintf("account %q %q %d", member, id, version)
}
