package method

import (
	"context"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// PushSubscriptions is the push subscriptions of the credential a request came with.
// *push.Subscriptions is one. Errors about one subscription are *jmap.SetError.
type PushSubscriptions interface {
	List(ctx context.Context) ([]jmap.PushSubscription, error)
	Create(ctx context.Context, want jmap.PushSubscription) (jmap.PushSubscription, error)
	// Update changes types and expires, and takes a verification code; all three are
	// given, changed or not.
	Update(ctx context.Context, want jmap.PushSubscription) (jmap.PushSubscription, error)
	Destroy(ctx context.Context, id jmap.Id) error
}

// noPush answers where nothing is pushed.
var noPush = jmap.Failf(jmap.Forbidden, "this server does not push")

// pushSubscriptionGet answers PushSubscription/get (RFC 8620 §7.2.1), which has neither
// account nor state. The url and the keys are never sent back.
func pushSubscriptionGet(ctx context.Context, c *call) (any, error) {
	var args struct {
		Ids        []jmap.Id `json:"ids"`
		Properties []string  `json:"properties"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if len(args.Ids) > MaxObjectsInGet {
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge}
	}
	if slices.Contains(args.Properties, "url") || slices.Contains(args.Properties, "keys") {
		return nil, jmap.Failf(jmap.Forbidden, "url and keys are not sent back")
	}
	if c.push == nil {
		return nil, noPush
	}
	subs, err := c.push.List(ctx)
	if err != nil {
		return nil, err
	}
	byID := map[jmap.Id]record{}
	ids := make([]jmap.Id, len(subs))
	for i, sub := range subs {
		ids[i] = sub.Id
		if byID[sub.Id], err = pushRecord(sub).pick(args.Properties); err != nil {
			return nil, err
		}
	}
	if args.Ids != nil {
		ids = args.Ids
	}
	list, notFound := []record{}, []jmap.Id{}
	seen := map[jmap.Id]bool{}
	for _, id := range ids {
		id = c.real(id)
		if seen[id] {
			continue
		}
		seen[id] = true
		if r, ok := byID[id]; ok {
			list = append(list, r)
		} else {
			notFound = append(notFound, id)
		}
	}
	return record{"list": list, "notFound": notFound}, nil
}

func pushRecord(sub jmap.PushSubscription) record {
	r := record{
		"id":               sub.Id,
		"deviceClientId":   sub.DeviceClientId,
		"verificationCode": orNull(sub.VerificationCode),
		"expires":          sub.Expires.Format(time.RFC3339),
		"types":            nil,
	}
	if sub.Types != nil {
		r["types"] = sub.Types
	}
	return r
}
