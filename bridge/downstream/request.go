package downstream

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// readRequest reads a request and says what is wrong with it as a whole, as a
// *jmap.RequestError (RFC 8620 §3.6.1).
func readRequest(body []byte) (*jmap.Request, error) {
	if int64(len(body)) > limits.MaxSizeRequest {
		return nil, limited("maxSizeRequest", http.StatusBadRequest)
	}
	if !isIJSON(body) {
		return nil, refusal(jmap.ErrNotJSON, "the request is not I-JSON")
	}
	req, ok := decodeRequest(body)
	if !ok {
		return nil, refusal(jmap.ErrNotRequest, "a request has using, and methodCalls that are arrays of name, arguments and id")
	}
	for _, uri := range req.Using {
		if !slices.Contains(known, uri) {
			return nil, refusal(jmap.ErrUnknownCapability, "this server does not know "+uri)
		}
	}
	if len(req.MethodCalls) > limits.MaxCallsInRequest {
		return nil, limited("maxCallsInRequest", http.StatusBadRequest)
	}
	return req, nil
}

// decodeRequest takes a request apart. Names are compared as they are: encoding/json by
// itself would take "USING" for "using".
func decodeRequest(body []byte) (*jmap.Request, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return nil, false
	}
	var using []*string
	var calls []jmap.Invocation
	var created map[jmap.Id]jmap.Id
	if json.Unmarshal(members["using"], &using) != nil || using == nil ||
		json.Unmarshal(members["methodCalls"], &calls) != nil || calls == nil {
		return nil, false
	}
	if raw, ok := members["createdIds"]; ok && json.Unmarshal(raw, &created) != nil {
		return nil, false
	}
	for creation, id := range created {
		if !creation.Valid() || !id.Valid() {
			return nil, false
		}
	}
	req := &jmap.Request{Using: make([]string, len(using)), MethodCalls: calls, CreatedIds: created}
	for i, uri := range using {
		if uri == nil {
			return nil, false
		}
		req.Using[i] = *uri
	}
	return req, true
}

// refusal is a request error that is the client's fault.
func refusal(kind, detail string) *jmap.RequestError {
	return &jmap.RequestError{Type: kind, Status: http.StatusBadRequest, Detail: detail}
}

// limited says which limit of the session object a request went beyond.
func limited(limit string, status int) *jmap.RequestError {
	return &jmap.RequestError{Type: jmap.ErrLimit, Status: status, Detail: "the session object says how much " + limit + " is", Limit: limit}
}
