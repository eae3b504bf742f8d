package method

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// bridgeAccountSet answers BridgeAccount/set. Servers and passwords are tried before they
// are kept; the *jmap.SetError of those that are refused says which server, at which step,
// and in properties where it can be mended: "incoming", "outgoing" or "password". What
// waits to be sent keeps an account from being destroyed, unless
// onDestroyDiscardSubmissions is true.
func bridgeAccountSet(ctx context.Context, c *call) (any, error) {
	accounts, err := c.roster()
	if err != nil {
		return nil, err
	}
	args, answer, err := beginSet(c, "BridgeAccount")
	if err != nil {
		return nil, err
	}
	var more struct {
		Discard bool `json:"onDestroyDiscardSubmissions"`
	}
	if err := c.decode(&more); err != nil {
		return nil, err
	}
	for _, creation := range slices.Sorted(maps.Keys(args.Create)) {
		made, err := createBridgeAccount(ctx, accounts, args.Create[creation])
		if err != nil {
			put(&answer.NotCreated, creation, setError(c, err))
			continue
		}
		c.created[creation] = made.Id
		put(&answer.Created, creation, bridgeAccountRecord(made))
	}
	for _, id := range slices.Sorted(maps.Keys(args.Update)) {
		if slices.Contains(args.Destroy, id) {
			put(&answer.NotUpdated, id, jmap.SetError{Type: jmap.SetWillDestroy})
			continue
		}
		if err := updateBridgeAccount(ctx, accounts, c.real(id), args.Update[id]); err != nil {
			put(&answer.NotUpdated, id, setError(c, err))
			continue
		}
		put(&answer.Updated, id, nil)
	}
	for _, id := range args.Destroy {
		if err := accounts.Destroy(ctx, c.real(id), more.Discard); err != nil {
			put(&answer.NotDestroyed, id, setError(c, err))
			continue
		}
		answer.Destroyed = append(answer.Destroyed, id)
	}
	answer.NewState = c.account.State("BridgeAccount")
	return answer, nil
}

func createBridgeAccount(ctx context.Context, accounts BridgeAccounts, raw json.RawMessage) (jmap.BridgeAccount, error) {
	w, err := readWish(raw)
	if err != nil {
		return jmap.BridgeAccount{}, err
	}
	if w.Proof == (Proof{}) && w.Outgoing.Auth != "none" {
		return jmap.BridgeAccount{}, invalid("Enter the password.", "password")
	}
	return accounts.Create(ctx, w.BridgeAccount, w.Proof)
}

// readWish reads an account that is to be made, or tried.
func readWish(raw json.RawMessage) (accountWish, error) {
	var properties map[string]json.RawMessage
	if json.Unmarshal(raw, &properties) != nil || properties == nil {
		return accountWish{}, invalid("an account is an object")
	}
	// What is left out has defaults that depend on the address.
	w := accountWish{}
	_ = json.Unmarshal(properties["address"], &w.Address) // patch looks at it again
	for _, which := range []struct {
		name string
		into *jmap.BridgeServer
	}{{"incoming", &w.Incoming}, {"outgoing", &w.Outgoing}} {
		if json.Unmarshal(properties[which.name], which.into) != nil {
			return w, invalid("the server is missing", which.name)
		}
		delete(properties, which.name)
	}
	w.withDefaults()
	return w, w.patch(properties, true)
}

func updateBridgeAccount(ctx context.Context, accounts BridgeAccounts, id jmap.Id, patch map[string]json.RawMessage) error {
	all, err := accounts.List(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(a jmap.BridgeAccount) bool { return a.Id == id })
	if at < 0 {
		return ErrNotFound
	}
	w := accountWish{BridgeAccount: all[at]}
	if err := w.patch(patch, false); err != nil {
		return err
	}
	return accounts.Update(ctx, w.BridgeAccount, w.Proof)
}
