package jmap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Capability URIs (RFC 8620 §9.4, RFC 8621 §1.3, RFC 8887 §6.1, RFC 9404 §3, RFC 9425
// §3, RFC 9749 §3).
const (
	CapabilityCore       = "urn:ietf:params:jmap:core"
	CapabilityMail       = "urn:ietf:params:jmap:mail"
	CapabilitySubmission = "urn:ietf:params:jmap:submission"
	CapabilityVacation   = "urn:ietf:params:jmap:vacationresponse"
	CapabilityWebSocket  = "urn:ietf:params:jmap:websocket"
	CapabilityBlob       = "urn:ietf:params:jmap:blob"
	CapabilityQuota      = "urn:ietf:params:jmap:quota"
	CapabilityVAPID      = "urn:ietf:params:jmap:webpush-vapid"
	// CapabilityBridge names what this bridge adds of its own. A request that
	// does not use it gets pure JMAP.
	CapabilityBridge = "urn:hearthmail:bridge"
)

// Id names a record within an account and a type: 1 to 255 characters of
// A-Z a-z 0-9 - _ (RFC 8620 §1.2). A creation id is an Id the client chose.
type Id string

// Valid reports whether id keeps to RFC 8620 §1.2.
func (id Id) Valid() bool {
	if len(id) == 0 || len(id) > 255 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// State is what /get and /query answer to say which version they saw
// (RFC 8620 §1.6.3). Opaque to clients.
type State string

// Caller answers JMAP requests. The bridge's accounts are one, the browser's
// socket to them is one, the offline copy in front of the socket is one, a fake
// in a test is one. The error is a *RequestError when the request as a whole was
// refused (RFC 8620 §3.6.1), otherwise whatever kept the answer from coming.
type Caller interface {
	Call(ctx context.Context, req *Request) (*Response, error)
}

// Request is one JMAP request (RFC 8620 §3.3).
type Request struct {
	Using       []string     `json:"using"`
	MethodCalls []Invocation `json:"methodCalls"`
	CreatedIds  map[Id]Id    `json:"createdIds,omitzero"`
}

// Response answers a Request (RFC 8620 §3.4).
type Response struct {
	MethodResponses []Invocation `json:"methodResponses"`
	CreatedIds      map[Id]Id    `json:"createdIds,omitzero"`
	SessionState    State        `json:"sessionState"`
}

// Invocation is one method call or one answer: the JSON array
// [name, arguments, method call id] (RFC 8620 §3.2).
type Invocation struct {
	Name   string
	Args   json.RawMessage // a JSON object
	CallID string
}

// NewInvocation packs args, which must marshal to a JSON object, into a call.
func NewInvocation(name string, args any, callID string) (Invocation, error) {
	raw, err := json.Marshal(args)
	if err != nil {
		return Invocation{}, fmt.Errorf("arguments of %s: %w", name, err)
	}
	return Invocation{Name: name, Args: raw, CallID: callID}, nil
}

// MarshalJSON writes the three-element array.
func (c Invocation) MarshalJSON() ([]byte, error) {
	args := c.Args
	if args == nil {
		args = json.RawMessage("{}")
	}
	return json.Marshal([3]any{c.Name, args, c.CallID})
}

var errInvocation = errors.New("an invocation is an array of a name, an object of arguments and a method call id")

// UnmarshalJSON reads the three-element array and refuses anything else.
func (c *Invocation) UnmarshalJSON(data []byte) error {
	var parts []json.RawMessage
	if json.Unmarshal(data, &parts) != nil || len(parts) != 3 {
		return errInvocation
	}
	if parts[0][0] != '"' || parts[1][0] != '{' || parts[2][0] != '"' {
		return errInvocation
	}
	if err := json.Unmarshal(parts[0], &c.Name); err != nil {
		return errInvocation
	}
	c.Args = parts[1]
	return json.Unmarshal(parts[2], &c.CallID)
}

// ResultReference stands for an argument taken from an earlier answer of the
// same request (RFC 8620 §3.7).
type ResultReference struct {
	ResultOf string `json:"resultOf"` // method call id of the earlier call
	Name     string `json:"name"`     // name its answer must have
	Path     string `json:"path"`     // JSON pointer into its arguments; * maps over an array
}

// PatchObject is a set of changes to a record: JSON pointer to new value, null
// to remove (RFC 8620 §5.3).
type PatchObject map[string]any
