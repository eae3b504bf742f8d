package method

import (
	"context"
	"errors"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// vacationResponseGet answers VacationResponse/get (RFC 8621 §8.1). The object is read
// from the server each time: other programs may change it.
func vacationResponseGet(ctx context.Context, c *call) (any, error) {
	v, err := c.account.VacationResponse(ctx)
	if err != nil {
		return nil, notOffered(err)
	}
	return getAnswer(c, c.account.State("VacationResponse"), []record{{
		"id":        v.Id,
		"isEnabled": v.IsEnabled,
		"fromDate":  v.FromDate,
		"toDate":    v.ToDate,
		"subject":   v.Subject,
		"textBody":  v.TextBody,
		"htmlBody":  v.HtmlBody,
	}})
}

// notOffered is the error for a type that the account's servers have nothing for
// (RFC 8620 §3.6.2); others stay as they are.
func notOffered(err error) error {
	if errors.Is(err, upstream.ErrUnsupported) {
		return &jmap.MethodError{Type: jmap.AccountNotSupportedByMethod, Description: "the mail server of this account cannot do that"}
	}
	return err
}
