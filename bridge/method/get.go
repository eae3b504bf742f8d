package method

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Limits the bridge keeps, advertised in the session (RFC 8620 §2).
const (
	// RFC 8620 §5.1: asking for more ids than this is requestTooLarge.
	MaxObjectsInGet = 500
	// RFC 8620 §5.3: the same for /set.
	MaxObjectsInSet = 500
	// RFC 8620 §3.6.1: more calls than this in one request are refused.
	MaxCallsInRequest = 64
)

// record is one object of an answer: property to value, so that null, [] and {}
// are said exactly.
type record map[string]any

// pick keeps id and the properties asked for; nil asks for all. A property the
// type does not have is an error (RFC 8620 §5.1).
func (r record) pick(properties []string) (record, error) {
	if properties == nil {
		return r, nil
	}
	out := record{"id": r["id"]}
	for _, p := range properties {
		value, ok := r[p]
		if !ok {
			return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "there is no property " + p, Arguments: []string{"properties"}}
		}
		out[p] = value
	}
	return out, nil
}

// getAnswer answers a /get whose records are all at hand, in order.
func getAnswer(c *call, state jmap.State, records []record) (any, error) {
	var args jmap.GetRequest
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if len(args.Ids) > MaxObjectsInGet {
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge}
	}
	byID := make(map[jmap.Id]record, len(records))
	ids := make([]jmap.Id, len(records))
	for i, r := range records {
		ids[i] = r["id"].(jmap.Id)
		byID[ids[i]] = r
	}
	if args.Ids != nil {
		ids = args.Ids
	}
	answer := jmap.GetResponse[record]{AccountId: args.AccountId, State: state, List: []record{}, NotFound: []jmap.Id{}}
	seen := map[jmap.Id]bool{}
	for _, id := range ids {
		id = c.real(id)
		if seen[id] {
			continue
		}
		seen[id] = true
		r, ok := byID[id]
		if !ok {
			answer.NotFound = append(answer.NotFound, id)
			continue
		}
		r, err := r.pick(args.Properties)
		if err != nil {
			return nil, err
		}
		answer.List = append(answer.List, r)
	}
	return answer, nil
}

// orNull is nil, sent as null, for the empty string.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// listOrNull is nil, sent as null, for an empty list.
func listOrNull[T any](list []T) any {
	if len(list) == 0 {
		return nil
	}
	return list
}
