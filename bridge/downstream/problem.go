package downstream

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// Problem is an error of /auth and of what is no JMAP, in words for people (RFC
// 7807).
type Problem struct {
	Type       string        `json:"type,omitempty"` // what the app knows it by and has words for, whatever the language
	Status     int           `json:"status"`
	Title      string        `json:"title"`
	Detail     string        `json:"detail,omitempty"` // the server's own words: shown as text only
	Server     string        `json:"server,omitempty"` // host:port
	Domain     string        `json:"domain,omitempty"`
	Provider   string        `json:"provider,omitempty"`
	Kind       upstream.Kind `json:"kind,omitempty"`
	Field      string        `json:"field,omitempty"`      // "email", "password", "incoming", "outgoing"
	RetryAfter int           `json:"retryAfter,omitempty"` // seconds
}

func problem(w http.ResponseWriter, p Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // whoever asked may be gone
}

func tooMany(w http.ResponseWriter, wait time.Duration) {
	problem(w, Problem{
		Type: "tooManyWrong", Status: http.StatusTooManyRequests, Title: "Too many wrong passwords. Wait a little before you try again.",
		RetryAfter: int(math.Ceil(wait.Seconds())),
	})
}

// refuse says what kept us from a mail server; field is where the person can mend
// it.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error, field string) {
	var e *upstream.Error
	if !errors.As(err, &e) {
		s.cfg.Log.WarnContext(r.Context(), "request failed", slog.String("route", r.Pattern), slog.Any("err", err))
		problem(w, Problem{Type: "bridgeFailed", Status: http.StatusInternalServerError, Title: "Something went wrong in the bridge."})
		return
	}
	s.cfg.Log.InfoContext(r.Context(), "mail server refused", slog.String("server", e.Server), slog.String("step", e.Step), slog.String("kind", string(e.Kind)))
	status := http.StatusBadGateway
	if e.Kind == upstream.KindAuth {
		status, field = http.StatusForbidden, "password"
	}
	problem(w, Problem{Type: "mailServer", Status: status, Title: e.Sentence(), Detail: e.Quote(), Server: e.Server, Kind: e.Kind, Field: field})
}
