package household

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Resume gives the session of a token, and its accounts with their secrets.
func (h *House) Resume(ctx context.Context, token string) (*Session, error) {
	raw, hash, ok := parseToken(token)
	if !ok {
		return nil, ErrNoSession
	}
	s := &Session{}
	var wrapped []byte
	var used int64
	err := h.db.QueryRowContext(ctx, `SELECT s.id, s.member, s.vault, s.wrapped, s.keep, s.last_used, m.account
		FROM session s JOIN member m ON m.id = s.member AND m.vault = s.vault WHERE s.token_hash = ?`, hash).
		Scan(&s.ID, &s.Member, &s.key.number, &wrapped, &s.Keep, &used, &s.Own)
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
	if s.key.key, err = open(tokenKey(raw), wrapped, "session "+s.ID); err != nil {
		return nil, ErrNoSession
	}
	if err := h.readAccounts(ctx, s); err != nil {
		return nil, err
	}
	if now.Sub(time.Unix(used, 0)) > time.Minute {
		if _, err := h.db.ExecContext(ctx, `UPDATE session SET last_used = ? WHERE id = ?`, now.Unix(), s.ID); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// readAccounts reads a session's accounts, its own being one of them.
func (h *House) readAccounts(ctx context.Context, s *Session) error {
	var err error
	s.Changed = h.waiting(h.changed, s.Member) // before reading: nothing is missed
	if s.Accounts, err = accountsOf(ctx, h.db, s.Member, s.Own, s.key); err != nil {
		return err
	}
	if len(s.Accounts) == 0 || s.Accounts[0].ID != s.Own || s.Accounts[0].Locked {
		return ErrNoSession // sealed under another key
	}
	return nil
}

// Again is the same session as it is now.
func (h *House) Again(ctx context.Context, s *Session) (*Session, error) {
	if s.Member == "" {
		return s, nil
	}
	now := *s
	err := h.db.QueryRowContext(ctx, `SELECT account FROM member WHERE id = ? AND vault = ? AND (? = '' OR EXISTS (SELECT 1 FROM session WHERE id = ?))`,
		s.Member, s.key.number, s.ID, s.ID).Scan(&now.Own)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoSession
	}
	if err == nil {
		err = h.readAccounts(ctx, &now)
	}
	return &now, err
}

// ByPassword is who sends a password with each request, which the mail server has
// accepted: all accounts of the member where it opens the vault, else the one.
func (h *House) ByPassword(ctx context.Context, acc Account) (*Session, error) {
	alone := &Session{Own: acc.ID, Accounts: []Account{acc}}
	m, err := findMember(ctx, h.db, acc)
	if err != nil || m.id == "" {
		return alone, err
	}
	s := &Session{Member: m.id, Own: m.account}
	if s.key, err = m.open(acc.Password); err != nil {
		return alone, nil //nolint:nilerr // the password was changed since
	}
	if err := h.readAccounts(ctx, s); err != nil {
		return nil, err
	}
	return s, nil
}
