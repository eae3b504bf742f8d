package household

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// nameOf is what a member is known by: the address they sign in with, and the server
// that says who they are. Whoever has a server that knows another's address is another
// member. The port may change. The server is not to be read in it.
func nameOf(a Account) string {
	sum := sha256.Sum256([]byte(lower(a.Incoming.Host) + "\n" + a.Incoming.User))
	return lower(a.Address) + " " + hex.EncodeToString(sum[:12])
}

// AccountID is the id the account has that somebody signs in with, or the one it would
// get, which is always the same: a client that sends its password with each request has
// the same account today and tomorrow. Nothing is stored.
func (h *House) AccountID(ctx context.Context, a Account) (jmap.Id, error) {
	m, err := findMember(ctx, h.db, a)
	if err != nil {
		return "", err
	}
	if m.id != "" {
		return m.account, nil
	}
	return derivedID(nameOf(a)), nil
}

func derivedID(of string) jmap.Id {
	sum := sha256.Sum256([]byte("account " + of))
	return jmap.Id("a" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10])))
}

// memberRow is a member as the table has them.
type memberRow struct {
	id            string // "": there is none
	name          string
	account       jmap.Id
	vault         int64
	salt, wrapped []byte
}

// findMember finds who signs in with an account. A member of before servers were part
// of the name is them if the password opens the vault.
func findMember(ctx context.Context, db queryer, a Account) (memberRow, error) {
	var m memberRow
	err := db.QueryRowContext(ctx, `SELECT id, name, account, vault, salt, wrapped FROM member WHERE name IN (?, ?) ORDER BY length(name) DESC LIMIT 1`,
		nameOf(a), lower(a.Address)).Scan(&m.id, &m.name, &m.account, &m.vault, &m.salt, &m.wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		return memberRow{}, nil
	}
	if err == nil && m.name != nameOf(a) {
		if _, err := m.open(a.Password); err != nil {
			return memberRow{}, nil //nolint:nilerr // somebody else with this address
		}
	}
	return m, err
}

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (m *memberRow) open(password upstream.Secret) (vaultKey, error) {
	key, err := open(passwordKey(password, m.salt), m.wrapped, "member "+m.id)
	return vaultKey{m.vault, key}, err
}

// lock is a password to wrap a vault key by. Making one takes long: nothing else waits.
type lock struct{ salt, key []byte }

func newLock(password upstream.Secret) lock {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return lock{salt, passwordKey(password, salt)}
}

// wrap wraps a vault key by a password.
func (m *memberRow) wrap(by lock, key vaultKey) {
	m.salt, m.vault, m.wrapped = by.salt, key.number, seal(by.key, key.key, "member "+m.id)
}

func (m *memberRow) save(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO member (id, name, account, vault, salt, wrapped) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, vault = excluded.vault, salt = excluded.salt, wrapped = excluded.wrapped`,
		m.id, m.name, m.account, m.vault, m.salt, m.wrapped)
	return err
}

// Client is the device that somebody signs in on.
type Client struct {
	UserAgent string
	Keep      bool   // for long
	Token     string // of the session it had before; "" for none
}

// SignIn remembers an account whose password its mail server has just accepted, and
// makes a session. acc.ID is that of AccountID.
func (h *House) SignIn(ctx context.Context, acc Account, client Client) (s *Session, token string, err error) {
	for range 3 { // two devices may sign in at once
		if s, token, err = h.signIn(ctx, acc, client); !errors.Is(err, errAgain) {
			break
		}
	}
	return s, token, err
}

func (h *House) signIn(ctx context.Context, acc Account, client Client) (*Session, string, error) {
	known, err := h.knock(ctx, acc)
	if err != nil {
		return nil, "", err
	}
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, "", err
	}
	defer tx.Rollback() // after Commit it does nothing
	m, key, ended, err := h.openVault(ctx, tx, acc, client.Token, known)
	if err != nil {
		return nil, "", err
	}
	if err := rememberOwn(ctx, tx, m.id, key, acc); err != nil {
		return nil, "", err
	}
	if err := h.reunite(ctx, tx, m.id, key, client.Token); err != nil {
		return nil, "", err
	}
	s := &Session{ID: rand.Text(), Member: m.id, Own: m.account, Keep: client.Keep, key: key}
	s.Expires = h.now().Add(span(client.Keep))
	if s.Accounts, err = accountsOf(ctx, tx, m.id, m.account, key); err != nil {
		return nil, "", err
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	hash := sha256.Sum256(raw)
	_, err = tx.ExecContext(ctx, `INSERT INTO session (id, token_hash, member, vault, wrapped, keep, user_agent, last_used) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		s.ID, hash[:], m.id, key.number, seal(tokenKey(raw), key.key, "session "+s.ID), client.Keep, client.UserAgent, h.now().Unix())
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return nil, "", err
	}
	for _, id := range ended {
		h.tell(h.revoked, id)
	}
	h.tell(h.changed, m.id)
	return s, base64.RawURLEncoding.EncodeToString(raw), nil
}

// rememberOwn keeps the account a member signed in with. What they chose for it stays.
func rememberOwn(ctx context.Context, tx *sql.Tx, member string, key vaultKey, acc Account) error {
	was, err := accountsOf(ctx, tx, member, acc.ID, key)
	if err != nil {
		return err
	}
	for _, a := range was {
		if a.ID == acc.ID && !a.Locked {
			acc.Name, acc.Colour, acc.SortOrder, acc.Poll = a.Name, a.Colour, a.SortOrder, a.Poll
			if acc.Keep == (upstream.Keep{}) || acc.Keep.Rule == upstream.KeepForever { // what the form says by itself
				acc.Keep = a.Keep
			}
		}
	}
	return saveAccount(ctx, tx, member, key, acc, true)
}

// known is who somebody seems to be, and what their password opens. It is found out before
// anything is changed: hashing a password takes long, and the database must not wait.
type known struct {
	memberRow
	key vaultKey // none: the password does not open the vault, or there is none
	new lock     // then
}

func (h *House) knock(ctx context.Context, acc Account) (k known, err error) {
	if k.memberRow, err = findMember(ctx, h.db, acc); err != nil {
		return k, err
	}
	if k.id != "" {
		if k.key, err = k.open(acc.Password); err == nil {
			return k, nil
		}
		k.key = vaultKey{}
	}
	k.new = newLock(acc.Password)
	return k, nil
}

// errAgain: somebody signed in as the same member at the same time.
var errAgain = errors.New("the member has changed meanwhile")

// openVault opens the member's vault by the password, or with a new password by what
// the device has. Else it makes a new one, and ended is the sessions whose key is of no
// more use.
func (h *House) openVault(ctx context.Context, tx *sql.Tx, acc Account, token string, k known) (m memberRow, key vaultKey, ended []string, err error) {
	m = k.memberRow
	var wrapped []byte
	err = tx.QueryRowContext(ctx, `SELECT wrapped FROM member WHERE id = ? OR name = ?`, m.id, nameOf(acc)).Scan(&wrapped)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return m, key, nil, err
	}
	if !bytes.Equal(wrapped, m.wrapped) {
		return m, key, nil, errAgain
	}
	m.name = nameOf(acc)
	if k.key.key != nil {
		return m, k.key, nil, m.save(ctx, tx)
	}
	if m.id == "" {
		m.id, m.account = "m"+strings.ToLower(rand.Text()[:16]), acc.ID
	}
	device, err := h.deviceKey(ctx, tx, m.id, token)
	if err != nil {
		return m, key, nil, err
	}
	if device.key != nil && device.number == m.vault {
		m.wrap(k.new, device)
		return m, device, nil, m.save(ctx, tx)
	}
	key = vaultKey{number: m.vault + 1, key: make([]byte, 32)}
	_, _ = rand.Read(key.key)
	if ended, err = sessionsOf(ctx, tx, m.id); err != nil {
		return m, key, nil, err
	}
	m.wrap(k.new, key)
	return m, key, ended, m.save(ctx, tx)
}

// deviceKey is the vault key that a session's token opens, of whichever of the member's
// vaults; none where the token is not of a session of theirs.
func (h *House) deviceKey(ctx context.Context, tx *sql.Tx, member, token string) (vaultKey, error) {
	raw, hash, ok := parseToken(token)
	if !ok {
		return vaultKey{}, nil
	}
	var id string
	var wrapped []byte
	var key vaultKey
	var used int64
	var keep bool
	err := tx.QueryRowContext(ctx, `SELECT id, vault, wrapped, last_used, keep FROM session WHERE token_hash = ? AND member = ?`, hash, member).
		Scan(&id, &key.number, &wrapped, &used, &keep)
	if errors.Is(err, sql.ErrNoRows) || err == nil && h.now().After(time.Unix(used, 0).Add(span(keep))) {
		return vaultKey{}, nil
	}
	if err != nil {
		return vaultKey{}, err
	}
	if key.key, err = open(tokenKey(raw), wrapped, "session "+id); err != nil {
		return vaultKey{}, nil //nolint:nilerr // not sealed by this token: it opens nothing
	}
	return key, nil
}

// reunite seals anew, under the vault key of today, what the device's older key opens.
func (h *House) reunite(ctx context.Context, tx *sql.Tx, member string, now vaultKey, token string) error {
	old, err := h.deviceKey(ctx, tx, member, token)
	if err != nil || old.key == nil || old.number == now.number {
		return err
	}
	all, err := accountsOf(ctx, tx, member, "", old)
	if err != nil {
		return err
	}
	for _, a := range all {
		if !a.Locked {
			if err := saveAccount(ctx, tx, member, now, a, false); err != nil {
				return err
			}
		}
	}
	_, hash, _ := parseToken(token)
	_, err = tx.ExecContext(ctx, `DELETE FROM session WHERE token_hash = ?`, hash)
	return err
}

func parseToken(token string) (raw, hash []byte, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 32 {
		return nil, nil, false
	}
	sum := sha256.Sum256(raw)
	return raw, sum[:], true
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
