package method

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// setArgs is the arguments of a /set, with the records still to be read.
type setArgs struct {
	AccountId jmap.Id                                `json:"accountId"`
	IfInState *jmap.State                            `json:"ifInState"`
	Create    map[jmap.Id]json.RawMessage            `json:"create"`
	Update    map[jmap.Id]map[string]json.RawMessage `json:"update"`
	Destroy   []jmap.Id                              `json:"destroy"`

	OnSuccessUpdateEmail  map[jmap.Id]map[string]json.RawMessage `json:"onSuccessUpdateEmail"`
	OnSuccessDestroyEmail []jmap.Id                              `json:"onSuccessDestroyEmail"`
}

// setAnswer is a jmap.SetResponse whose empty parts are null (RFC 8620 §5.3).
type setAnswer struct {
	AccountId    jmap.Id                   `json:"accountId"`
	OldState     jmap.State                `json:"oldState"`
	NewState     jmap.State                `json:"newState"`
	Created      map[jmap.Id]record        `json:"created"`
	Updated      map[jmap.Id]any           `json:"updated"`
	Destroyed    []jmap.Id                 `json:"destroyed"`
	NotCreated   map[jmap.Id]jmap.SetError `json:"notCreated"`
	NotUpdated   map[jmap.Id]jmap.SetError `json:"notUpdated"`
	NotDestroyed map[jmap.Id]jmap.SetError `json:"notDestroyed"`
}

// put adds to a map that stays nil, and so null, while it is empty.
func put[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = value
}

// beginSet reads the arguments of a /set and refuses what is refused as a whole.
func beginSet(c *call, typ string) (*setArgs, *setAnswer, error) {
	args := new(setArgs)
	if err := c.decode(args); err != nil {
		return nil, nil, err
	}
	if len(args.Create)+len(args.Update)+len(args.Destroy) > MaxObjectsInSet {
		return nil, nil, &jmap.MethodError{Type: jmap.RequestTooLarge}
	}
	state := c.account.State(typ)
	if args.IfInState != nil && *args.IfInState != state {
		return nil, nil, &jmap.MethodError{Type: jmap.StateMismatch}
	}
	return args, &setAnswer{AccountId: args.AccountId, OldState: state}, nil
}

// emailSet answers Email/set (RFC 8621 §4.6). Updates that say the same of
// emails in one mailbox go to the server together.
func emailSet(ctx context.Context, c *call) (any, error) {
	args, answer, err := beginSet(c, "Email")
	if err != nil {
		return nil, err
	}
	for _, creation := range slices.Sorted(maps.Keys(args.Create)) {
		r, err := createEmail(ctx, c, args.Create[creation])
		if err != nil {
			put(&answer.NotCreated, creation, setError(c, err))
			continue
		}
		c.created[creation] = r["id"].(jmap.Id)
		put(&answer.Created, creation, r)
	}
	if err := updateEmails(ctx, c, args.Update, answer); err != nil {
		return nil, err
	}
	destroyEmails(ctx, c, args.Destroy, answer)
	answer.NewState = c.account.State("Email")
	return answer, nil
}

// setError says why one record was not changed.
func setError(c *call, err error) jmap.SetError {
	var s *jmap.SetError
	if errors.As(err, &s) {
		return *s
	}
	if isGone(err) {
		return jmap.SetError{Type: jmap.SetNotFound}
	}
	out := jmap.SetError{Type: jmap.SetServerFail}
	var u *upstream.Error
	if errors.As(err, &u) {
		out.Description = serverWords(u)
		if u.Kind == upstream.KindOverQuota {
			out.Type = jmap.SetOverQuota
		}
		if c.bridge {
			out.ResponseCode = u.Code
		}
	}
	return out
}

func invalid(description string, properties ...string) *jmap.SetError {
	return &jmap.SetError{Type: jmap.SetInvalidProperties, Description: description, Properties: properties}
}

// emailChange is what a patch asks of one email.
type emailChange struct {
	add, remove []string
	to          []jmap.Id // mailboxes it is to be in; nil: stays where it is
}

// key is the same for changes that can be made together.
func (e emailChange) key() string {
	return strings.Join(e.add, " ") + "|" + strings.Join(e.remove, " ") + "|" + joinIDs(e.to)
}

// updateEmails groups the updates and makes them.
func updateEmails(ctx context.Context, c *call, updates map[jmap.Id]map[string]json.RawMessage, answer *setAnswer) error {
	if len(updates) == 0 {
		return nil
	}
	ids := make([]jmap.Id, 0, len(updates))
	for id := range updates {
		ids = append(ids, c.real(id))
	}
	rows, err := c.account.Rows(ctx, ids)
	if err != nil {
		return err
	}
	named := map[jmap.Id]jmap.Id{} // as the request says it
	groups := map[string][]jmap.Id{}
	changes := map[string]emailChange{}
	for _, asked := range slices.Sorted(maps.Keys(updates)) {
		id := c.real(asked)
		row, ok := rows[id]
		if !ok {
			put(&answer.NotUpdated, asked, jmap.SetError{Type: jmap.SetNotFound})
			continue
		}
		change, err := readEmailPatch(c, id, &row, updates[asked])
		if err == nil {
			err = haveMailboxes(ctx, c.account, change.to) // before its keywords change
		}
		if err != nil {
			put(&answer.NotUpdated, asked, setError(c, err))
			continue
		}
		named[id] = asked
		key := joinIDs(row.Mailboxes) + "|" + change.key()
		groups[key] = append(groups[key], id)
		changes[key] = change
	}
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		ids := groups[key]
		notFound, err := changes[key].apply(ctx, c.account, ids)
		for _, id := range ids {
			switch {
			case slices.Contains(notFound, id):
				put(&answer.NotUpdated, named[id], jmap.SetError{Type: jmap.SetNotFound})
			case err != nil:
				put(&answer.NotUpdated, named[id], setError(c, err))
			default:
				put(&answer.Updated, named[id], nil)
			}
		}
	}
	return nil
}

func joinIDs(ids []jmap.Id) string {
	sorted := slices.Sorted(slices.Values(ids))
	var b strings.Builder
	for _, id := range sorted {
		b.WriteString(string(id) + " ")
	}
	return b.String()
}

// haveMailboxes is an error where an account lacks a mailbox that emails are to be in.
func haveMailboxes(ctx context.Context, a Account, ids []jmap.Id) error {
	if len(ids) == 0 {
		return nil
	}
	mailboxes, err := a.Mailboxes(ctx)
	for _, id := range ids {
		if err == nil && !slices.ContainsFunc(mailboxes, func(m jmap.Mailbox) bool { return m.Id == id }) {
			err = invalid("there is no such mailbox", "mailboxIds")
		}
	}
	return err
}

// apply makes a change: keywords first, so that they go along with a move.
func (e emailChange) apply(ctx context.Context, a Account, ids []jmap.Id) (notFound []jmap.Id, err error) {
	if len(e.add)+len(e.remove) > 0 {
		if notFound, err = a.SetKeywords(ctx, ids, e.add, e.remove); err != nil {
			return nil, err
		}
		ids = slices.DeleteFunc(slices.Clone(ids), func(id jmap.Id) bool { return slices.Contains(notFound, id) })
	}
	if len(e.to) > 0 && len(ids) > 0 {
		gone, err := a.Refile(ctx, ids, e.to)
		return append(notFound, gone...), err
	}
	return notFound, nil
}

func destroyEmails(ctx context.Context, c *call, asked []jmap.Id, answer *setAnswer) {
	named := map[jmap.Id]jmap.Id{}
	ids := make([]jmap.Id, 0, len(asked))
	for _, a := range asked {
		id := c.real(a)
		if _, again := named[id]; !again {
			ids = append(ids, id)
		}
		named[id] = a
	}
	if len(ids) == 0 {
		return
	}
	notFound, err := c.account.Destroy(ctx, ids)
	for _, id := range ids {
		switch {
		case slices.Contains(notFound, id):
			put(&answer.NotDestroyed, named[id], jmap.SetError{Type: jmap.SetNotFound})
		case err != nil:
			put(&answer.NotDestroyed, named[id], setError(c, err))
		default:
			answer.Destroyed = append(answer.Destroyed, named[id])
		}
	}
}
