package push

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Schema is the tables of push, step by step (see bridge/database).
var Schema = []string{
	`CREATE TABLE push_subscription (
		id TEXT PRIMARY KEY,
		credential TEXT NOT NULL, -- what its client signed in with
		device TEXT NOT NULL,     -- deviceClientId
		url TEXT NOT NULL,
		p256dh TEXT NOT NULL,     -- "" without keys
		auth TEXT NOT NULL,
		code TEXT NOT NULL,       -- what the client has to send back
		verified INTEGER NOT NULL,
		expires INTEGER NOT NULL, -- Unix seconds
		types TEXT NOT NULL       -- JSON; null: all
	) STRICT;
	CREATE INDEX push_subscription_credential ON push_subscription (credential);`,
}

// subscription is a row of the table.
type subscription struct {
	id         jmap.Id
	credential string
	device     string
	url        string
	keys       jmap.PushKeys // zero: none
	code       string
	verified   bool
	expires    time.Time
	types      []string // nil: all
}

// shown is a subscription as its owner sees it.
func (s *subscription) shown() jmap.PushSubscription {
	out := jmap.PushSubscription{Id: s.id, DeviceClientId: s.device, Expires: &s.expires, Types: s.types}
	if s.verified {
		out.VerificationCode = s.code
	}
	return out
}

const columns = `id, credential, device, url, p256dh, auth, code, verified, expires, types`

// find gives the subscriptions for which a condition holds and whose time is not over,
// oldest first.
func (s *Service) find(ctx context.Context, where string, args ...any) ([]subscription, error) {
	//nolint:gosec // conditions are constants of this room
	found, err := s.cfg.DB.QueryContext(ctx, `SELECT `+columns+` FROM push_subscription WHERE expires > ? AND `+where+` ORDER BY rowid`, append([]any{time.Now().Unix()}, args...)...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []subscription
	for found.Next() {
		var sub subscription
		var types string
		var expires int64
		if err := found.Scan(&sub.id, &sub.credential, &sub.device, &sub.url, &sub.keys.P256dh, &sub.keys.Auth, &sub.code, &sub.verified, &expires, &types); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(types), &sub.types); err != nil {
			return nil, err
		}
		sub.expires = time.Unix(expires, 0).UTC()
		out = append(out, sub)
	}
	return out, found.Err()
}

var errGone = errors.New("the subscription is gone")

// one gives a subscription by its id.
func (s *Service) one(ctx context.Context, id jmap.Id) (*subscription, error) {
	found, err := s.find(ctx, `id = ?`, id)
	if err == nil && len(found) == 0 {
		err = errGone
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

// add keeps a new subscription.
func (s *Service) add(ctx context.Context, sub *subscription) error {
	types, err := json.Marshal(sub.types)
	if err != nil {
		return err
	}
	_, err = s.cfg.DB.ExecContext(ctx, `INSERT INTO push_subscription (`+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		sub.id, sub.credential, sub.device, sub.url, sub.keys.P256dh, sub.keys.Auth, sub.code, sub.verified, sub.expires.Unix(), string(types))
	return err
}

// change keeps what can change of a subscription, if it is still there.
func (s *Service) change(ctx context.Context, sub *subscription) error {
	types, err := json.Marshal(sub.types)
	if err != nil {
		return err
	}
	_, err = s.cfg.DB.ExecContext(ctx, `UPDATE push_subscription SET verified = ?, expires = ?, types = ? WHERE id = ?`,
		sub.verified, sub.expires.Unix(), string(types), sub.id)
	return err
}

// remove forgets the subscriptions for which a condition holds.
func (s *Service) remove(ctx context.Context, where string, args ...any) (int64, error) {
	//nolint:gosec // conditions are constants of this room
	result, err := s.cfg.DB.ExecContext(ctx, `DELETE FROM push_subscription WHERE `+where, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
