// Package oauthtest is an authorization server for tests, whose person has agreed before and
// is led back at once. Its tokens can be made to end, and be taken back.
package oauthtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

// The client that the server knows.
const (
	ClientID     = "hearthmail"
	ClientSecret = "client-secret"
)

// Server is the authorization server, for one person.
type Server struct {
	// URL is where it is, with TLS.
	URL string
	// Introspection is where a mail server asks what a token is good for (RFC 7662), and
	// Page where a browser goes, both without.
	Introspection, Page string

	user string

	mu         sync.Mutex
	codes      map[string]url.Values // what was asked, by code; guarded by mu, as all below
	refresh    map[string]bool       // good refresh tokens
	access     map[string]bool       // good access tokens
	agreed     bool                  // by the device flow
	seconds    int                   // how long access tokens are good for
	down       bool
	refreshed  int
	agreements int // codes that were taken
}

// Start starts a server whose person is the mail server's user of that name.
func Start(t testing.TB, authority *dialertest.Authority, user string) *Server {
	t.Helper()
	s := &Server{user: user, codes: map[string]url.Values{}, refresh: map[string]bool{}, access: map[string]bool{}, seconds: 3600}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /device", s.device)
	mux.HandleFunc("POST /token", s.token)
	secure := httptest.NewUnstartedServer(mux)
	secure.TLS = authority.Config(t, "127.0.0.1")
	secure.StartTLS()
	t.Cleanup(secure.Close)
	open := http.NewServeMux()
	open.HandleFunc("GET /authorize", s.authorize)
	open.HandleFunc("POST /introspect", s.introspect)
	plain := httptest.NewServer(open)
	t.Cleanup(plain.Close)
	s.URL, s.Introspection = secure.URL, plain.URL+"/introspect"
	s.Page = plain.URL + "/authorize"
	return s
}

// Settings is the provider's oauth table of a configuration.
func (s *Server) Settings(name string) string {
	return fmt.Sprintf("oauth = { name = %q, client_id = %q, client_secret = %q, auth_url = %q, token_url = %q, issuer = %q, scopes = [\"mail\"] }\n",
		name, ClientID, ClientSecret, s.Page, s.URL+"/token", s.URL)
}

// TakeBack makes all tokens void.
func (s *Server) TakeBack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.refresh)
	clear(s.access)
}

// EndAccess makes access tokens void; refresh tokens stay good.
func (s *Server) EndAccess() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.access)
}

// Agree is what the person does in the device flow.
func (s *Server) Agree() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agreed = true
}

// SetSeconds sets how long new access tokens are good for.
func (s *Server) SetSeconds(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seconds = n
}

// SetDown has the server answer nothing that makes sense, or again what does.
func (s *Server) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// Refreshed counts how often tokens were renewed.
func (s *Server) Refreshed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refreshed
}

// Agreements counts how often somebody has signed in.
func (s *Server) Agreements() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agreements
}

// Good reports whether an access token is.
func (s *Server) Good(access string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.access[access]
}

// Code is what the page leads back with, for who does not go there with a browser.
func (s *Server) Code(page string) (url.Values, error) {
	u, err := url.Parse(page)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.back(u.Query()), nil
}

// back is the answer to what was asked; mu is held.
func (s *Server) back(asked url.Values) url.Values {
	code := rand.Text()
	s.codes[code] = asked
	return url.Values{"code": {code}, "state": {asked.Get("state")}, "iss": {s.URL}}
}

func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := r.URL.Query()
	if asked.Get("client_id") != ClientID || asked.Get("code_challenge_method") != "S256" {
		http.Error(w, "who?", http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, asked.Get("redirect_uri")+"?"+s.back(asked).Encode(), http.StatusFound) //nolint:gosec // a test's server leads back wherever it is told to
}

func (s *Server) device(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"device_code": "device", "user_code": "ABCD-EFGH", "verification_uri": s.URL + "/enter", "expires_in": 600, "interval": 1})
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	if id == "" {
		id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	switch {
	case s.down:
		http.Error(w, "down", http.StatusBadGateway)
		return
	case id != ClientID || secret != ClientSecret:
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	switch r.FormValue("grant_type") {
	case "authorization_code":
		asked, ok := s.codes[r.FormValue("code")]
		delete(s.codes, r.FormValue("code"))
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if !ok || asked.Get("redirect_uri") != r.FormValue("redirect_uri") || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
			answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
			return
		}
		s.agreements++
	case "urn:ietf:params:oauth:grant-type:device_code":
		if !s.agreed {
			answer(w, http.StatusBadRequest, map[string]any{"error": "authorization_pending"})
			return
		}
	case "refresh_token":
		old := r.FormValue("refresh_token")
		if !s.refresh[old] {
			answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
			return
		}
		delete(s.refresh, old) // each is good once
		s.refreshed++
	default:
		answer(w, http.StatusBadRequest, map[string]any{"error": "unsupported_grant_type"})
		return
	}
	access, refresh := "access-"+rand.Text(), "refresh-"+rand.Text()
	s.access[access], s.refresh[refresh] = true, true
	answer(w, http.StatusOK, map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": s.seconds})
}

// introspect says whose a token is.
func (s *Server) introspect(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, map[string]any{"active": s.Good(r.FormValue("token")), "username": s.user})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
