package method

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// emailCopy answers Email/copy (RFC 8621 §4.7), from one account to another: the
// message is read from its server and filed on the other.
func emailCopy(ctx context.Context, c *call) (any, error) {
	var args struct {
		FromAccountId            jmap.Id                     `json:"fromAccountId"`
		IfFromInState            *jmap.State                 `json:"ifFromInState"`
		AccountId                jmap.Id                     `json:"accountId"`
		IfInState                *jmap.State                 `json:"ifInState"`
		Create                   map[jmap.Id]json.RawMessage `json:"create"`
		OnSuccessDestroyOriginal bool                        `json:"onSuccessDestroyOriginal"`
		DestroyFromIfInState     *jmap.State                 `json:"destroyFromIfInState"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if args.FromAccountId == "" {
		return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "fromAccountId is missing", Arguments: []string{"fromAccountId"}}
	}
	if args.FromAccountId == args.AccountId {
		return nil, jmap.Failf(jmap.InvalidArguments, "within one account emails are moved by Email/set")
	}
	from := c.accounts(args.FromAccountId)
	if from == nil {
		return nil, &jmap.MethodError{Type: jmap.FromAccountNotFound}
	}
	if args.IfFromInState != nil && *args.IfFromInState != from.State("Email") {
		return nil, &jmap.MethodError{Type: jmap.StateMismatch}
	}
	answer, err := c.beginImport(args.AccountId, args.IfInState, len(args.Create))
	if err != nil {
		return nil, err
	}
	answer.FromAccountId = args.FromAccountId
	var copied []jmap.Id
	for _, creation := range slices.Sorted(maps.Keys(args.Create)) {
		answer.made(c, creation, func() (record, error) {
			original, r, err := c.copyOne(ctx, from, args.Create[creation])
			if err == nil {
				copied = append(copied, original)
			}
			return r, err
		})
	}
	answer.NewState = c.account.State("Email")
	if args.OnSuccessDestroyOriginal && len(copied) > 0 {
		return answer, c.follow(ctx, from, setArgs{AccountId: args.FromAccountId, IfInState: args.DestroyFromIfInState, Destroy: copied})
	}
	return answer, nil
}

func (c *call) copyOne(ctx context.Context, from Account, raw json.RawMessage) (jmap.Id, record, error) {
	var asked struct {
		filing
		Id jmap.Id
	}
	if err := asked.read(raw, "id", &asked.Id); err != nil {
		return "", nil, err
	}
	rows, err := from.Rows(ctx, []jmap.Id{asked.Id})
	if err != nil {
		return "", nil, err
	}
	row, ok := rows[asked.Id]
	if !ok {
		return "", nil, &jmap.SetError{Type: jmap.SetNotFound}
	}
	if asked.Keywords == nil {
		asked.Keywords = row.Keywords
	}
	if asked.ReceivedAt.IsZero() {
		asked.ReceivedAt = row.ReceivedAt
	}
	blob, err := from.OpenBlob(ctx, BlobID(asked.Id, ""))
	if err != nil {
		return "", nil, err
	}
	r, err := c.file(ctx, blob, asked.filing)
	return asked.Id, r, err
}

// follow makes an Email/set that another method implies; its answer comes after the
// method's own (RFC 8620 §5.4, RFC 8621 §7.5).
func (c *call) follow(ctx context.Context, account Account, args setArgs) error {
	raw, err := json.Marshal(args)
	if err != nil {
		return err
	}
	set := &call{name: "Email/set", id: c.id, args: raw, account: account, accounts: c.accounts, bridge: c.bridge, created: c.created}
	answer, err := emailSet(ctx, set)
	c.extra = append(c.extra, set.answerOr(ctx, answer, err))
	return nil
}
