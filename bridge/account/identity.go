package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// ownIdentity is the identity of the account's own address. It is always there; it
// has a row once the member has changed it.
const ownIdentity = 1

// maxIdentities of one account, the account's own among them.
const maxIdentities = 100

// Address is the account's own.
func (a *Account) Address() string { return a.cfg.Address }

// Identities is what the member sends as, the account's own address first.
func (a *Account) Identities(ctx context.Context) ([]jmap.Identity, error) {
	found, err := a.cfg.DB.QueryContext(ctx, `SELECT number, name, email, reply_to, bcc, text_signature, html_signature
		FROM account_identity WHERE account = ? AND NOT destroyed ORDER BY number`, a.cfg.ID)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	all := []jmap.Identity{{Id: identityID(ownIdentity), Name: a.cfg.Name, Email: a.cfg.Address}}
	for found.Next() {
		var i jmap.Identity
		var number int64
		var replyTo, bcc string
		if err := found.Scan(&number, &i.Name, &i.Email, &replyTo, &bcc, &i.TextSignature, &i.HtmlSignature); err != nil {
			return nil, err
		}
		if err := errors.Join(json.Unmarshal([]byte(replyTo), &i.ReplyTo), json.Unmarshal([]byte(bcc), &i.Bcc)); err != nil {
			return nil, err
		}
		i.Id, i.MayDelete = identityID(number), number != ownIdentity
		if number == ownIdentity {
			i.Email = a.cfg.Address
			all[0] = i
			continue
		}
		all = append(all, i)
	}
	return all, found.Err()
}

// CreateIdentity keeps a new identity and gives its id, which no other had before.
func (a *Account) CreateIdentity(ctx context.Context, i jmap.Identity) (jmap.Id, error) {
	var id jmap.Id
	err := a.ask(ctx, func(s *state) error {
		entries := []entry{{typ: "Identity", op: opCreated}}
		return a.commit(s, &entries, func(tx *sql.Tx) error {
			var last, there int64
			err := tx.QueryRow(`SELECT coalesce(max(number), ?), count(*) FILTER (WHERE NOT destroyed AND number <> ?)
				FROM account_identity WHERE account = ?`, ownIdentity, ownIdentity, a.cfg.ID).Scan(&last, &there)
			if err != nil {
				return err
			}
			if there+1 >= maxIdentities {
				return setError(jmap.SetOverQuota, "there are too many identities")
			}
			id = identityID(last + 1)
			entries[0].id = id
			return a.saveIdentity(tx, last+1, i)
		})
	})
	return id, err
}

// UpdateIdentity keeps what became of an identity.
func (a *Account) UpdateIdentity(ctx context.Context, i jmap.Identity) error {
	number, ok := parseIdentityID(i.Id)
	if !ok {
		return method.ErrNotFound
	}
	return a.ask(ctx, func(s *state) error {
		return a.commit(s, &[]entry{{"Identity", i.Id, opUpdated}}, func(tx *sql.Tx) error {
			var there bool
			err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM account_identity WHERE account = ? AND number = ? AND NOT destroyed)`, a.cfg.ID, number).Scan(&there)
			if err != nil {
				return err
			}
			if !there && number != ownIdentity {
				return method.ErrNotFound
			}
			return a.saveIdentity(tx, number, i)
		})
	})
}

// DestroyIdentity forgets an identity. Its number stays taken.
func (a *Account) DestroyIdentity(ctx context.Context, id jmap.Id) error {
	number, ok := parseIdentityID(id)
	if !ok {
		return method.ErrNotFound
	}
	return a.ask(ctx, func(s *state) error {
		return a.commit(s, &[]entry{{"Identity", id, opDestroyed}}, func(tx *sql.Tx) error {
			res, err := tx.Exec(`UPDATE account_identity SET destroyed = TRUE, name = '', email = '', reply_to = 'null', bcc = 'null', text_signature = '', html_signature = ''
				WHERE account = ? AND number = ? AND NOT destroyed`, a.cfg.ID, number)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n == 0 {
				return errors.Join(err, method.ErrNotFound)
			}
			return nil
		})
	})
}

func (a *Account) saveIdentity(tx *sql.Tx, number int64, i jmap.Identity) error {
	replyTo, err1 := json.Marshal(i.ReplyTo)
	bcc, err2 := json.Marshal(i.Bcc)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO account_identity (account, number, name, email, reply_to, bcc, text_signature, html_signature)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (account, number) DO UPDATE SET name = excluded.name, reply_to = excluded.reply_to, bcc = excluded.bcc,
			text_signature = excluded.text_signature, html_signature = excluded.html_signature`,
		a.cfg.ID, number, i.Name, i.Email, string(replyTo), string(bcc), i.TextSignature, i.HtmlSignature)
	return err
}

func identityID(number int64) jmap.Id { return jmap.Id("i" + strconv.FormatInt(number, 10)) }

func parseIdentityID(id jmap.Id) (int64, bool) {
	rest, ok := strings.CutPrefix(string(id), "i")
	number, err := strconv.ParseInt(rest, 10, 64)
	return number, ok && err == nil && identityID(number) == id
}
