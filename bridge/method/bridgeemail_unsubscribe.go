package method

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// BridgeEmail/unsubscribe {accountId, emailId} is a method of our own
// (jmap.CapabilityBridge): it leaves the mailing list that an email came by, in one click
// (RFC 8058). The bridge reads the address in the email's own header, so that no client
// can send it elsewhere, and the list learns nothing of the person but what stands in
// that address. The answer names the host that took it; there are two errors of its own:
const (
	errNoOneClick     = "noOneClick"     // the email offers none
	errUnsubscribeNot = "unsubscribeNot" // the list's server did not take it
)

// RefusedError is the answer of a list's server that is not a success.
type RefusedError struct{ Status int }

func (e *RefusedError) Error() string { return "the list's server refused" }

// bridgeEmailUnsubscribe answers BridgeEmail/unsubscribe.
func bridgeEmailUnsubscribe(ctx context.Context, c *call) (any, error) {
	var args struct {
		EmailId jmap.Id `json:"emailId"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	rows, err := c.account.Rows(ctx, []jmap.Id{args.EmailId})
	if err != nil {
		return nil, err
	}
	if _, ok := rows[args.EmailId]; !ok {
		return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "there is no such email", Arguments: []string{"emailId"}}
	}
	raw, err := c.account.Read(ctx, args.EmailId, []upstream.Section{{Path: "HEADER", Length: maxHeader}})
	if err != nil {
		return nil, err
	}
	to := oneClick(message.ParseHeader(raw[0]))
	if to == nil {
		return nil, &jmap.MethodError{Type: errNoOneClick, Description: "the message offers no unsubscribing in one click"}
	}
	if err := c.account.Unsubscribe(ctx, to.String()); err != nil {
		why := to.Hostname() + " could not be reached"
		if refused := (*RefusedError)(nil); errors.As(err, &refused) {
			why = to.Hostname() + " did not accept it"
		}
		return nil, &jmap.MethodError{Type: errUnsubscribeNot, Description: why}
	}
	return map[string]any{"accountId": c.account.ID(), "emailId": args.EmailId, "host": to.Hostname()}, nil
}

// oneClick is where an email's list is left by one request, nil where it does not say so
// as RFC 8058 §3.1 wants it: by https, and with the field that allows it.
func oneClick(header message.Header) *url.URL {
	post, _ := header.Raw("List-Unsubscribe-Post")
	if !strings.EqualFold(message.Text(post), "List-Unsubscribe=One-Click") {
		return nil
	}
	raw, _ := header.Raw("List-Unsubscribe")
	for _, address := range message.URLs(raw) {
		u, err := url.Parse(address)
		if err == nil && strings.EqualFold(u.Scheme, "https") && u.Hostname() != "" && u.User == nil {
			u.Fragment = ""
			return u
		}
	}
	return nil
}
