package method

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// handlers is every method the bridge knows.
var handlers = map[string]handler{
	"Core/echo":               coreEcho,               // core_echo.go
	"PushSubscription/get":    pushSubscriptionGet,    // pushsubscription_get.go
	"PushSubscription/set":    pushSubscriptionSet,    // pushsubscription_set.go
	"Blob/upload":             blobUpload,             // blob_upload.go
	"Blob/get":                blobGet,                // blob_get.go
	"Blob/lookup":             blobLookup,             // blob_lookup.go
	"Blob/copy":               blobCopy,               // blob_copy.go
	"Mailbox/get":             mailboxGet,             // mailbox_get.go
	"Mailbox/query":           mailboxQuery,           // mailbox_query.go
	"Mailbox/queryChanges":    mailboxQueryChanges,    // mailbox_query.go
	"Mailbox/changes":         mailboxChanges,         // changes.go
	"Mailbox/set":             mailboxSet,             // mailbox_set.go
	"Thread/get":              threadGet,              // thread_get.go
	"Thread/changes":          threadChanges,          // changes.go
	"SearchSnippet/get":       searchSnippetGet,       // searchsnippet_get.go
	"Email/get":               emailGet,               // email_get.go
	"Email/query":             emailQuery,             // email_query.go
	"Email/queryChanges":      emailQueryChanges,      // email_query.go
	"Email/changes":           emailChanges,           // changes.go
	"Email/set":               nil,                    // email_set.go; set in init, it is called by EmailSubmission/set
	"Email/import":            emailImport,            // email_import.go
	"Email/copy":              nil,                    // email_copy.go; as Email/set
	"Email/parse":             emailParse,             // email_parse.go
	"Identity/get":            identityGet,            // identity_get.go
	"Identity/changes":        identityChanges,        // identity_get.go
	"Identity/set":            identitySet,            // identity_set.go
	"EmailSubmission/get":     emailSubmissionGet,     // emailsubmission_get.go
	"EmailSubmission/set":     emailSubmissionSet,     // emailsubmission_set.go
	"EmailSubmission/changes": emailSubmissionChanges, // changes.go

	"EmailSubmission/query":        emailSubmissionQuery,        // emailsubmission_query.go
	"EmailSubmission/queryChanges": emailSubmissionQueryChanges, // emailsubmission_query.go
	"VacationResponse/get":         vacationResponseGet,         // vacationresponse_get.go
	"VacationResponse/set":         vacationResponseSet,         // vacationresponse_set.go
	"Quota/get":                    quotaGet,                    // quota_get.go
	"Quota/changes":                quotaChanges,                // quota_get.go
	"Quota/query":                  quotaQuery,                  // quota_query.go
	"Quota/queryChanges":           quotaQueryChanges,           // quota_query.go
	"BridgeSettings/get":           bridgeSettingsGet,           // bridgesettings.go
	"BridgeSettings/set":           bridgeSettingsSet,           // bridgesettings.go
	"BridgeTask/get":               bridgeTaskGet,               // bridgetask.go
	"BridgeTask/set":               bridgeTaskSet,               // bridgetask.go
	"BridgeEmail/unsubscribe":      bridgeEmailUnsubscribe,      // bridgeemail_unsubscribe.go
	"BridgeEmail/query":            bridgeEmailQuery,            // bridgeemail_query.go
	"BridgeAccount/get":            bridgeAccountGet,            // bridgeaccount_get.go
	"BridgeAccount/changes":        bridgeAccountChanges,        // bridgeaccount_get.go
	"BridgeAccount/set":            bridgeAccountSet,            // bridgeaccount_set.go
	"BridgeAccount/discover":       bridgeAccountDiscover,       // bridgeaccount_find.go
	"BridgeAccount/test":           bridgeAccountTest,           // bridgeaccount_find.go
}

func init() { handlers["Email/set"], handlers["Email/copy"] = emailSet, emailCopy }

// handler answers one call. The answer must marshal to a JSON object; an error
// that is no *jmap.MethodError becomes serverFail.
type handler func(ctx context.Context, c *call) (any, error)

// call is one method call at work.
type call struct {
	name    string
	id      string
	args    json.RawMessage // references resolved
	account Account
	// accounts gives the member's other accounts, nil where there is none of an id.
	accounts func(jmap.Id) Account
	push     PushSubscriptions // nil: nothing is pushed
	// bridgeAccounts is nil where nobody sees to accounts.
	bridgeAccounts BridgeAccounts
	using          []string            // capabilities the request uses
	bridge         bool                // jmap.CapabilityBridge is one of them
	created        map[jmap.Id]jmap.Id // creation ids of the whole request
	// extra is answers that follow the call's own (RFC 8621 §7.5).
	extra []jmap.Invocation
}

// decode reads the call's arguments.
func (c *call) decode(args any) error {
	if err := json.Unmarshal(c.args, args); err != nil {
		return &jmap.MethodError{Type: jmap.InvalidArguments, Description: plainJSONError(err)}
	}
	return nil
}

// plainJSONError says what was wrong with JSON input without Go's words.
func plainJSONError(err error) string {
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) {
		field := t.Field
		// Go names the structs that others are embedded in.
		for head, rest, ok := strings.Cut(field, "."); ok && head != strings.ToLower(head[:1])+head[1:]; head, rest, ok = strings.Cut(field, ".") {
			field = rest
		}
		return strings.TrimSpace(fmt.Sprintf("%s must not be a %s", field, t.Value))
	}
	return "the arguments cannot be read"
}

// real turns an id that may be "#" and a creation id into the record's id
// (RFC 8620 §5.3).
func (c *call) real(id jmap.Id) jmap.Id {
	if creation, ok := strings.CutPrefix(string(id), "#"); ok {
		if made, ok := c.created[jmap.Id(creation)]; ok {
			return made
		}
	}
	return id
}

// Member is what a request may reach.
type Member struct {
	// Account gives the account of an id, nil where the member has none of that id.
	Account func(jmap.Id) Account
	// Push is the push subscriptions of the credential the request came with; nil: nothing
	// is pushed.
	Push PushSubscriptions
	// Accounts is the member's accounts as they see to them; nil: nobody does.
	Accounts BridgeAccounts
}

// Process answers a request of a member, call by call (RFC 8620 §3.3). The request's
// capabilities and number of calls have been checked.
func Process(ctx context.Context, req *jmap.Request, m Member) *jmap.Response {
	created := maps.Clone(req.CreatedIds)
	if created == nil {
		created = map[jmap.Id]jmap.Id{}
	}
	resp := &jmap.Response{MethodResponses: []jmap.Invocation{}}
	for _, in := range req.MethodCalls {
		c := &call{
			name: in.Name, id: in.CallID, accounts: m.Account, push: m.Push, bridgeAccounts: m.Accounts, created: created,
			using: req.Using, bridge: slices.Contains(req.Using, jmap.CapabilityBridge),
		}
		answer, err := c.run(ctx, in.Args, resp.MethodResponses)
		resp.MethodResponses = append(resp.MethodResponses, c.answerOr(ctx, answer, err))
		resp.MethodResponses = append(resp.MethodResponses, c.extra...)
	}
	if req.CreatedIds != nil {
		resp.CreatedIds = created
	}
	return resp
}

// run answers the call.
func (c *call) run(ctx context.Context, args json.RawMessage, earlier []jmap.Invocation) (answer any, err error) {
	defer func() {
		if v := recover(); v != nil {
			answer, err = nil, fmt.Errorf("panicked: %v\n%s", v, debug.Stack())
		}
	}()
	h, ok := handlers[c.name]
	if !ok || !slices.Contains(c.using, capabilityOf(c.name)) {
		return nil, &jmap.MethodError{Type: jmap.UnknownMethod}
	}
	if c.args, err = resolveReferences(args, earlier); err != nil {
		return nil, err
	}
	if !withoutAccount[c.name] {
		if err := c.findAccount(); err != nil {
			return nil, err
		}
	}
	return h(ctx, c)
}

// findAccount finds the account that the arguments name.
func (c *call) findAccount() error {
	var of struct {
		AccountId *jmap.Id `json:"accountId"`
	}
	if err := c.decode(&of); err != nil {
		return err
	}
	if of.AccountId == nil {
		return &jmap.MethodError{Type: jmap.InvalidArguments, Description: "accountId is missing", Arguments: []string{"accountId"}}
	}
	if c.account = c.accounts(*of.AccountId); c.account == nil {
		return &jmap.MethodError{Type: jmap.AccountNotFound}
	}
	return nil
}

// answerOr packs the answer of a handler, or its error.
func (c *call) answerOr(ctx context.Context, answer any, err error) jmap.Invocation {
	if err == nil {
		var in jmap.Invocation
		if in, err = jmap.NewInvocation(c.name, answer, c.id); err == nil {
			return in
		}
	}
	return c.failure(ctx, err)
}

// failure is the one place where an error becomes an answer: a typed error for
// the client, the cause for the log.
func (c *call) failure(ctx context.Context, err error) jmap.Invocation {
	m := methodError(err)
	level := slog.LevelDebug
	if m.Type == jmap.ServerFail {
		level = slog.LevelWarn
	}
	slog.Log(ctx, level, "method failed", slog.String("method", c.name), slog.String("type", m.Type), slog.Any("err", err))
	answer, _ := jmap.NewInvocation("error", m, c.id) // strings only: always marshals
	return answer
}

func methodError(err error) *jmap.MethodError {
	var m *jmap.MethodError
	if errors.As(err, &m) {
		return m
	}
	var u *upstream.Error
	switch {
	case errors.Is(err, ErrUnknownState):
		return &jmap.MethodError{Type: jmap.CannotCalculateChanges}
	case errors.Is(err, upstream.ErrUnsupported):
		return &jmap.MethodError{Type: jmap.UnsupportedFilter, Description: "the mail server cannot do that"}
	case errors.As(err, &u) && u.Temporary():
		return &jmap.MethodError{Type: jmap.ServerUnavailable, Description: serverWords(u)}
	case errors.As(err, &u):
		return &jmap.MethodError{Type: jmap.ServerFail, Description: serverWords(u)}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &jmap.MethodError{Type: jmap.ServerUnavailable, Description: "the mail server did not answer in time"}
	}
	return jmap.Fail(jmap.ServerFail, err)
}

// serverWords tells the person which server failed at what.
func serverWords(e *upstream.Error) string {
	if e.Text == "" || e.Kind == upstream.KindCertificate {
		return e.Words()
	}
	return e.Words() + ": " + e.Text
}

// resolveReferences replaces arguments "#name" by what they refer to in earlier
// answers (RFC 8620 §3.7).
func resolveReferences(args json.RawMessage, earlier []jmap.Invocation) (json.RawMessage, error) {
	// A # may be written \u0023, but hardly is.
	if !bytes.Contains(args, []byte(`"#`)) && !bytes.Contains(args, []byte(`"\u0023`)) {
		return args, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(args, &fields); err != nil {
		return nil, jmap.Failf(jmap.InvalidArguments, "the arguments cannot be read")
	}
	for key, raw := range fields {
		name, ok := strings.CutPrefix(key, "#")
		if !ok {
			continue
		}
		if _, both := fields[name]; both {
			return nil, jmap.Failf(jmap.InvalidArguments, "both %s and #%s are given", name, name)
		}
		value, err := resolveReference(raw, earlier)
		if err != nil {
			return nil, err
		}
		delete(fields, key)
		fields[name] = value
	}
	return json.Marshal(fields)
}

func resolveReference(raw json.RawMessage, earlier []jmap.Invocation) (json.RawMessage, error) {
	fail := func(why string) error {
		return &jmap.MethodError{Type: jmap.InvalidResultReference, Description: why}
	}
	var ref jmap.ResultReference
	if err := json.Unmarshal(raw, &ref); err != nil {
		return nil, fail("a reference is an object of resultOf, name and path")
	}
	for _, answer := range earlier {
		if answer.CallID != ref.ResultOf {
			continue
		}
		if answer.Name != ref.Name {
			return nil, fail("that call was answered by " + answer.Name)
		}
		value, err := evaluatePointer(answer.Args, ref.Path)
		if err != nil {
			return nil, fail(err.Error())
		}
		return value, nil
	}
	return nil, fail("no earlier call has that id")
}
