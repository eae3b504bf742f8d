package downstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// known is the capabilities a request may use.
var known = []string{jmap.CapabilityCore, jmap.CapabilityMail, jmap.CapabilitySubmission, jmap.CapabilityWebSocket, jmap.CapabilityBridge}

// api answers JMAP requests over HTTP (RFC 8620 §3).
func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || mediaType != "application/json" {
			requestError(w, &jmap.RequestError{Type: jmap.ErrNotJSON, Status: http.StatusBadRequest, Detail: "the content type must be application/json"})
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, limits.MaxSizeRequest+1))
		if err != nil {
			return // the client hung up
		}
		resp, err := s.call(r.Context(), m.mail, body)
		var refused *jmap.RequestError
		if errors.As(err, &refused) {
			requestError(w, refused)
			return
		}
		if err != nil {
			s.refuse(w, r, err, "")
			return
		}
		writeJSON(w, resp)
	})
}

func requestError(w http.ResponseWriter, e *jmap.RequestError) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(e.Status)
	_ = json.NewEncoder(w).Encode(e) // whoever asked may be gone
}

// call checks a request as a whole (RFC 8620 §3.6.1) and hands it on.
func (s *Server) call(ctx context.Context, mail jmap.Caller, body []byte) (*jmap.Response, error) {
	req, err := readRequest(body)
	if err != nil {
		return nil, err
	}
	return mail.Call(ctx, req)
}

// readRequest reads a request and says what is wrong with it, as a
// *jmap.RequestError.
func readRequest(body []byte) (*jmap.Request, error) {
	refuse := func(kind, detail string) error {
		return &jmap.RequestError{Type: kind, Status: http.StatusBadRequest, Detail: detail}
	}
	if int64(len(body)) > limits.MaxSizeRequest {
		return nil, &jmap.RequestError{Type: jmap.ErrLimit, Status: http.StatusBadRequest, Limit: "maxSizeRequest"}
	}
	if !json.Valid(body) {
		return nil, refuse(jmap.ErrNotJSON, "the request is not JSON")
	}
	var shape struct {
		Using       *[]string           `json:"using"`
		MethodCalls *[]jmap.Invocation  `json:"methodCalls"`
		CreatedIds  map[jmap.Id]jmap.Id `json:"createdIds"`
	}
	if bytes.TrimSpace(body)[0] != '{' || json.Unmarshal(body, &shape) != nil || shape.Using == nil || shape.MethodCalls == nil {
		return nil, refuse(jmap.ErrNotRequest, "a request has using, and methodCalls that are arrays of name, arguments and id")
	}
	for _, uri := range *shape.Using {
		if !slices.Contains(known, uri) {
			return nil, refuse(jmap.ErrUnknownCapability, "this server does not know "+uri)
		}
	}
	if len(*shape.MethodCalls) > limits.MaxCallsInRequest {
		return nil, &jmap.RequestError{Type: jmap.ErrLimit, Status: http.StatusBadRequest, Limit: "maxCallsInRequest"}
	}
	return &jmap.Request{Using: *shape.Using, MethodCalls: *shape.MethodCalls, CreatedIds: shape.CreatedIds}, nil
}
