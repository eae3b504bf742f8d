package household

import (
	"context"
	"strings"
	"time"
)

// A credential is what a client signed in with. Its name tells nothing that opens
// anything.
const (
	sessionPrefix  = "session "
	passwordPrefix = "password "
)

// SessionCredential names a device session.
func SessionCredential(id string) string { return sessionPrefix + id }

// PasswordCredential names the password of an address, sent with each request. With
// another password it is the same credential: nothing of a password is kept that it
// could be told by.
func PasswordCredential(address string) string { return passwordPrefix + lower(address) }

// Alive reports whether a credential may still open something: a session that was not
// ended and has not expired. Whether a password still does, only its mail server knows.
func (h *House) Alive(ctx context.Context, credential string) (bool, error) {
	id, ok := strings.CutPrefix(credential, sessionPrefix)
	if !ok {
		return strings.HasPrefix(credential, passwordPrefix), nil
	}
	var keep bool
	var used int64
	found, err := h.db.QueryContext(ctx, `SELECT s.keep, s.last_used FROM session s JOIN member m ON m.id = s.member AND m.vault = s.vault WHERE s.id = ?`, id)
	if err != nil {
		return false, err
	}
	defer found.Close()
	if !found.Next() {
		return false, found.Err()
	}
	if err := found.Scan(&keep, &used); err != nil {
		return false, err
	}
	return h.now().Before(time.Unix(used, 0).Add(span(keep))), nil
}
