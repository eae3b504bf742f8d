package method

import (
	"context"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// quotaGet answers Quota/get (RFC 9425 §4.1).
func quotaGet(ctx context.Context, c *call) (any, error) {
	quotas, state, err := quotasAt(ctx, c)
	if err != nil {
		return nil, err
	}
	var records []record
	for _, q := range quotas {
		records = append(records, record{
			"id":           q.Id,
			"resourceType": q.ResourceType,
			"used":         q.Used,
			"hardLimit":    q.HardLimit,
			"warnLimit":    q.WarnLimit,
			"softLimit":    q.SoftLimit,
			"scope":        q.Scope,
			"name":         q.Name,
			"description":  q.Description,
			"types":        q.Types,
		})
	}
	return getAnswer(c, state, records)
}

// quotasAt gives the quotas the client can know of, and a state that is not newer. A
// quota of types only whose capability is not used does not exist for the client
// (RFC 9425 §4).
func quotasAt(ctx context.Context, c *call) ([]jmap.Quota, jmap.State, error) {
	if _, err := c.account.Quotas(ctx); err != nil {
		return nil, "", notOffered(err)
	}
	state := c.account.State("Quota")
	quotas, err := c.account.Quotas(ctx)
	if err != nil {
		return nil, "", notOffered(err)
	}
	out := []jmap.Quota{}
	for _, q := range quotas {
		q.Types = slices.DeleteFunc(slices.Clone(q.Types), func(typ string) bool { return !slices.Contains(c.using, capabilities[typ]) })
		if len(q.Types) > 0 {
			out = append(out, q)
		}
	}
	return out, state, nil
}

// quotaChanges answers Quota/changes (RFC 9425 §4.2).
func quotaChanges(ctx context.Context, c *call) (any, error) {
	if _, _, err := quotasAt(ctx, c); err != nil { // the newest state is that of what is there
		return nil, err
	}
	changes, usedOnly, err := changesOf(ctx, c, "Quota")
	if err != nil {
		return nil, err
	}
	answer := struct {
		jmap.ChangesResponse
		UpdatedProperties []string `json:"updatedProperties"`
	}{ChangesResponse: changes}
	if usedOnly && len(changes.Updated) > 0 {
		answer.UpdatedProperties = []string{"used"}
	}
	return answer, nil
}
