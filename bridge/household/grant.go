package household

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Grant is what signs in to an account instead of a password (RFC 6749): tokens that a
// provider gave because the member agreed.
type Grant struct {
	ID       string // of the one time that they agreed; it opens nothing
	Provider string // its name in the configuration
	Refresh  upstream.Secret
	Access   upstream.Secret
	Expires  time.Time // of Access
}

// withoutTokens is a grant as it may lie unsealed.
func (g *Grant) withoutTokens() *Grant {
	if g == nil {
		return nil
	}
	return &Grant{ID: g.ID, Provider: g.Provider}
}

// Renew keeps the new tokens of an account's grant; ErrNoAccount where it has another by
// now.
func (h *House) Renew(ctx context.Context, s *Session, id jmap.Id, g Grant) error {
	return h.change(ctx, s, func(tx *sql.Tx, m memberRow, all []Account) error {
		at := slices.IndexFunc(all, func(a Account) bool { return a.ID == id && a.Grant != nil && a.Grant.ID == g.ID })
		if at < 0 || all[at].Locked {
			return ErrNoAccount
		}
		all[at].Grant = &g
		return saveAccount(ctx, tx, s.Member, s.key, all[at], id == m.account)
	})
}
