package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Settings is what the member's app keeps here.
func (a *Account) Settings(ctx context.Context) (map[string]json.RawMessage, error) {
	settings := map[string]json.RawMessage{}
	var raw string
	err := a.cfg.DB.QueryRowContext(ctx, `SELECT settings FROM account_settings WHERE account = ?`, a.cfg.ID).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return settings, nil
	}
	if err != nil {
		return nil, err
	}
	return settings, json.Unmarshal([]byte(raw), &settings)
}

// ChangeSettings replaces the settings by what change makes of them. Two changes at once
// are made one after the other.
func (a *Account) ChangeSettings(ctx context.Context, change func(map[string]json.RawMessage) (map[string]json.RawMessage, error)) error {
	return a.ask(ctx, func(s *state) error {
		was, err := a.Settings(ctx)
		if err != nil {
			return err
		}
		now, err := change(was)
		if err != nil {
			return err
		}
		raw, err := json.Marshal(now)
		if err != nil {
			return err
		}
		return a.commit(s, &[]entry{{"BridgeSettings", jmap.Singleton, opUpdated}}, func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO account_settings (account, settings) VALUES (?, ?)
				ON CONFLICT (account) DO UPDATE SET settings = excluded.settings`, a.cfg.ID, string(raw))
			return err
		})
	})
}
