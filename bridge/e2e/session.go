package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Session is a JMAP client without a browser, signed in by cookie.
type Session struct {
	t       testing.TB
	url     string
	http    *http.Client
	Account jmap.Id
	Session jmap.Session
}

// SignIn signs in as a person of the provider.
func SignIn(t testing.TB, bridge *Bridge, name string) *Session {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &Session{t: t, url: bridge.URL, http: &http.Client{Jar: jar}}
	s.Post("/auth/signin", "application/json", strings.NewReader(`{"email":"`+name+"@"+Domain+`","password":"`+Password+`"}`))
	s.Refresh()
	s.Account = s.Session.PrimaryAccounts[jmap.CapabilityMail]
	return s
}

// Refresh reads the session object again.
func (s *Session) Refresh() {
	s.t.Helper()
	resp, err := s.http.Get(s.url + "/jmap/session")
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&s.Session); err != nil {
		s.t.Fatal(err)
	}
}

// Post sends a body and gives the answer's, which must be a success.
func (s *Session) Post(path, mediaType string, body io.Reader) []byte {
	s.t.Helper()
	resp, err := s.http.Post(s.url+path, mediaType, body)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		s.t.Fatalf("%s: %s %v %s", path, resp.Status, err, answer)
	}
	return answer
}

// Download reads a blob to its end and gives its size.
func (s *Session) Download(blob jmap.Id) int64 {
	s.t.Helper()
	resp, err := s.http.Get(s.url + "/jmap/download/" + string(s.Account) + "/" + string(blob) + "/x?accept=application/octet-stream")
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("download: %s %v", resp.Status, err)
	}
	return n
}

// Call makes method calls, given as name and arguments in turn, and decodes the last
// answer; none may fail. ACCOUNT in arguments stands for the account's id.
func (s *Session) Call(into any, namesAndArgs ...string) {
	s.t.Helper()
	req := jmap.Request{Using: []string{jmap.CapabilityCore, jmap.CapabilityMail, jmap.CapabilitySubmission}}
	for i := 0; i < len(namesAndArgs); i += 2 {
		args := strings.ReplaceAll(namesAndArgs[i+1], "ACCOUNT", string(s.Account))
		req.MethodCalls = append(req.MethodCalls, jmap.Invocation{Name: namesAndArgs[i], Args: json.RawMessage(args), CallID: string(rune('0' + i/2))})
	}
	body, err := json.Marshal(req)
	if err != nil {
		s.t.Fatal(err)
	}
	var resp jmap.Response
	if err := json.Unmarshal(s.Post("/jmap/api", "application/json", bytes.NewReader(body)), &resp); err != nil {
		s.t.Fatal(err)
	}
	for _, answer := range resp.MethodResponses {
		if err := jmap.AsMethodError(answer); err != nil {
			s.t.Fatalf("%v: %s", err, answer.Args)
		}
	}
	if err := json.Unmarshal(resp.MethodResponses[len(resp.MethodResponses)-1].Args, into); err != nil {
		s.t.Fatal(err)
	}
}
