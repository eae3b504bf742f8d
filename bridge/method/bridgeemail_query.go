package method

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxQueriedAccounts is how many accounts one BridgeEmail/query looks at.
const maxQueriedAccounts = 100

// bridgeEmailQueryArgs is the arguments of BridgeEmail/query.
type bridgeEmailQueryArgs struct {
	jmap.QueryRequest[json.RawMessage]
	Filters map[jmap.Id]json.RawMessage `json:"filters"`
}

// bridgeEmailQuery answers BridgeEmail/query: the emails of several accounts in one list,
// the newest received first. "filters" has an Email/query filter for each of the accounts;
// the other arguments are those of Email/query, without filter and sort. The answer's
// "accounts" says which of the ids belong to which account. An account that cannot answer
// is left out, and its error is in "failed".
//
// Each account finds its own emails, as Email/query does and from the same memory; the
// lists are merged by when the emails were received, and the merged one is remembered. So
// the first window takes a step an email of all lists together (200,000: some 20 ms), any
// other only its own rows, and the total and any position are exact. Over the ordinary
// method a client would have to halve its way to a position, window by window and account
// by account.
func bridgeEmailQuery(ctx context.Context, c *call) (any, error) {
	var args bridgeEmailQueryArgs
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if len(args.Filters) == 0 || len(args.Filters) > maxQueriedAccounts || args.Filter != nil || len(args.Sort) > 0 {
		return nil, jmap.Failf(jmap.InvalidArguments, "filters has the filter of each account, and the newest comes first")
	}
	ids := slices.Sorted(maps.Keys(args.Filters))
	parts, failed, err := c.eachPart(ctx, ids, &args)
	if err != nil {
		return nil, err
	}
	merged := c.merged(ids, parts)
	answer, err := queryAnswer(&args.QueryRequest, merged.state, merged.hits)
	if err != nil {
		return nil, err
	}
	of := map[jmap.Id][]jmap.Id{}
	for _, id := range ids {
		of[id] = []jmap.Id{}
	}
	list := merged.hits.(*mergedHits)
	for i, id := range answer.Ids {
		account := ids[list.order[answer.Position+i].part]
		of[account] = append(of[account], id)
	}
	return jmap.BridgeQueryResponse{QueryResponse: answer, Accounts: of, Failed: failed}, nil
}

// eachPart finds the emails of each account, all at once. The parts of accounts that failed
// are empty.
func (c *call) eachPart(ctx context.Context, ids []jmap.Id, args *bridgeEmailQueryArgs) ([]*result, map[jmap.Id]*jmap.MethodError, error) {
	searches, accounts := make([]*emailSearch, len(ids)), make([]Account, len(ids))
	for i, id := range ids {
		part := *c
		if part.account = c.accounts(id); part.account == nil {
			return nil, nil, &jmap.MethodError{Type: jmap.AccountNotFound, Description: string(id)}
		}
		var err error
		part.args, err = json.Marshal(map[string]any{"filter": args.Filters[id], "collapseThreads": args.CollapseThreads})
		if err != nil {
			return nil, nil, err
		}
		if searches[i], err = readEmailSearch(&part); err != nil {
			return nil, nil, err
		}
		accounts[i] = part.account
	}
	parts, errs := make([]*result, len(ids)), make([]error, len(ids))
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			// The lists are merged by dates.
			if errs[i] = accounts[i].Indexed(ctx); errs[i] == nil {
				parts[i], errs[i] = searches[i].run(ctx, accounts[i])
			}
		})
	}
	all.Wait()
	var failed map[jmap.Id]*jmap.MethodError
	for i, err := range errs {
		if err != nil {
			put(&failed, ids[i], methodError(err))
			parts[i] = &result{state: "failed", hits: &emailHits{refs: []ref{}}}
		}
	}
	if len(failed) == len(ids) {
		return nil, nil, errors.Join(errs...)
	}
	return parts, failed, nil
}

// merged is the parts in one list, as it was remembered or anew.
func (c *call) merged(ids []jmap.Id, parts []*result) *result {
	sum := sha256.New()
	var key strings.Builder
	key.WriteString("BridgeEmail")
	for i, p := range parts {
		fmt.Fprintf(sum, "%s %s %s\n", ids[i], p.query, p.state)
		fmt.Fprintf(&key, " %s %s", ids[i], p.query)
	}
	out := &result{query: key.String(), state: queryState(sum.Sum(nil))}
	if known := c.account.Memory().recall(out.query, withState(out.state)); known != nil {
		// The ids of what moved are those of now.
		out.hits = &mergedHits{hitsOf(parts), known.hits.(*mergedHits).order}
		return out
	}
	out.hits = merge(hitsOf(parts))
	c.account.Memory().remember(out)
	return out
}

func hitsOf(parts []*result) []*emailHits {
	out := make([]*emailHits, len(parts))
	for i, p := range parts {
		out[i] = p.hits.(*emailHits)
	}
	return out
}

// mergedHits is the emails of several accounts, in order.
type mergedHits struct {
	parts []*emailHits
	order []placeOfPart
}

// placeOfPart is one email: its part, and its place there.
type placeOfPart struct{ part, at int32 }

// merge merges lists, each of which is in order, the newest first.
func merge(parts []*emailHits) *mergedHits {
	h := &mergedHits{parts: parts}
	total := 0
	heads := make([]time.Time, len(parts)) // of the next email of each part
	for p, part := range parts {
		total += part.Len()
		heads[p] = part.receivedAt(0, time.Now()) // not known yet: it has just come
	}
	h.order = make([]placeOfPart, 0, total)
	next := make([]int32, len(parts))
	for range total {
		best := -1
		for p, part := range parts {
			if int(next[p]) < part.Len() && (best < 0 || heads[p].After(heads[best])) {
				best = p
			}
		}
		h.order = append(h.order, placeOfPart{int32(best), next[best]})
		next[best]++
		heads[best] = parts[best].receivedAt(int(next[best]), heads[best])
	}
	return h
}

// receivedAt is when the email at a place was received, or where that is not known, or
// there is none, what stands in for it.
func (h *emailHits) receivedAt(i int, instead time.Time) time.Time {
	if i >= h.Len() {
		return instead
	}
	r := h.ref(i)
	if at, ok := h.spines[r.spine].ReceivedAt(r.uid); ok {
		return at
	}
	return instead
}

// Len counts the emails.
func (h *mergedHits) Len() int { return len(h.order) }

// At gives the id at a place.
func (h *mergedHits) At(i int) jmap.Id { return h.parts[h.order[i].part].At(int(h.order[i].at)) }

// Index gives the place of an email.
func (h *mergedHits) Index(id jmap.Id) (int, bool) {
	for p, part := range h.parts {
		if at, ok := part.Index(id); ok {
			i := slices.Index(h.order, placeOfPart{int32(p), int32(at)})
			return i, i >= 0
		}
	}
	return 0, false
}

// keys is not asked of it: its changes are not calculated.
func (h *mergedHits) keys(numbering) []uint64 { return nil }

func (h *mergedHits) weight() int { return 8 * len(h.order) }
