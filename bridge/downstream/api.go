package downstream

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// api answers JMAP requests over HTTP (RFC 8620 §3).
func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || mediaType != "application/json" {
			requestError(w, refusal(jmap.ErrNotJSON, "the content type must be application/json"))
			return
		}
		if !s.requests.take(m.credential()) {
			requestError(w, limited("maxConcurrentRequests", http.StatusTooManyRequests))
			return
		}
		defer s.requests.give(m.credential())
		body, err := io.ReadAll(io.LimitReader(r.Body, limits.MaxSizeRequest+1))
		if err != nil {
			return // the client hung up
		}
		ctx, cancel := context.WithTimeout(r.Context(), requestLimit)
		defer cancel()
		resp, err := s.call(ctx, m.mail, body)
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

// call checks a request as a whole and hands it on.
func (s *Server) call(ctx context.Context, mail Mail, body []byte) (*jmap.Response, error) {
	req, err := readRequest(body)
	if err != nil {
		return nil, err
	}
	resp, err := mail.Call(ctx, req)
	if err != nil {
		return nil, err
	}
	resp.SessionState = s.sessionState(mail)
	return resp, nil
}
