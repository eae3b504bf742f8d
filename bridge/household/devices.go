package household

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Device is a session as its owner sees it.
type Device struct {
	ID        string
	UserAgent string
	LastUsed  time.Time
}

// SignOut ends the session of a token.
func (h *House) SignOut(ctx context.Context, token string) error {
	_, hash, ok := parseToken(token)
	if !ok {
		return nil // whoever has no session is signed out
	}
	var id string
	err := h.db.QueryRowContext(ctx, `SELECT id FROM session WHERE token_hash = ?`, hash).Scan(&id)
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
	found, err := h.db.QueryContext(ctx, `SELECT s.id, s.user_agent, s.last_used FROM session s
		JOIN member m ON m.id = s.member AND m.vault = s.vault WHERE m.id = ? ORDER BY s.last_used DESC`, member)
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
	h.tell(h.revoked, id)
	return err
}
