package method

import (
	"context"
	"encoding/json"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// bridgeAccountDiscover answers BridgeAccount/discover: the servers of an address.
func bridgeAccountDiscover(ctx context.Context, c *call) (any, error) {
	accounts, err := c.roster()
	if err != nil {
		return nil, err
	}
	var args struct {
		Address string `json:"address"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if message.ValidAddress(args.Address) != nil {
		return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "not a mail address", Arguments: []string{"address"}}
	}
	found, err := accounts.Discover(ctx, args.Address)
	if err != nil {
		return nil, err
	}
	found.AccountId, found.Incoming = c.account.ID(), orEmpty(found.Incoming)
	return found, nil
}

// bridgeAccountTest answers BridgeAccount/test: how far the way to the servers of an account
// is open, as they are in "account", which has the form of one that is to be created. With
// its id and no password, that of the account is used, for the same servers.
func bridgeAccountTest(ctx context.Context, c *call) (any, error) {
	accounts, err := c.roster()
	if err != nil {
		return nil, err
	}
	var args struct {
		Id      jmap.Id         `json:"id"`
		Account json.RawMessage `json:"account"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	w, err := readWish(args.Account)
	if err != nil {
		return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: err.Error(), Arguments: []string{"account"}}
	}
	w.Id = args.Id
	trial, err := accounts.Try(ctx, w.BridgeAccount, w.Proof)
	if err != nil {
		return nil, err
	}
	trial.AccountId = c.account.ID()
	return trial, nil
}
