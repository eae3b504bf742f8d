package method

import "context"

// bridgeAccountGet answers BridgeAccount/get: the member's accounts, with their servers and
// without their passwords.
func bridgeAccountGet(ctx context.Context, c *call) (any, error) {
	accounts, err := c.roster()
	if err != nil {
		return nil, err
	}
	state := c.account.State("BridgeAccount")
	all, err := accounts.List(ctx)
	if err != nil {
		return nil, err
	}
	records := make([]record, len(all))
	for i, a := range all {
		records[i] = bridgeAccountRecord(a)
	}
	return getAnswer(c, state, records)
}

// bridgeAccountChanges answers BridgeAccount/changes.
func bridgeAccountChanges(ctx context.Context, c *call) (any, error) {
	if _, err := c.roster(); err != nil {
		return nil, err
	}
	changes, _, err := changesOf(ctx, c, "BridgeAccount")
	return changes, err
}
