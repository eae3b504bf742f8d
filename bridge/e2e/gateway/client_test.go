package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The capabilities of the RFCs, as a client names them.
const (
	usesCore       = "urn:ietf:params:jmap:core"
	usesMail       = "urn:ietf:params:jmap:mail"
	usesSubmission = "urn:ietf:params:jmap:submission"
	usesVacation   = "urn:ietf:params:jmap:vacationresponse"
)

// client is a JMAP client that sends its name and password with every request.
type client struct {
	user, password string
	http           *http.Client
	session        obj
	account        string // the primary one for mail
	using          []string
}

// call is a method call, as it is sent.
type call struct {
	name string
	args obj
	id   string
}

func (c call) MarshalJSON() ([]byte, error) { return json.Marshal([]any{c.name, c.args, c.id}) }

// answer is the answer to a method call.
type answer struct {
	name string
	args obj
	id   string
}

func (a *answer) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&a.name, &a.args, &a.id})
}

// connect reads the session of a person, found by its well-known address.
func connect(t *testing.T, base, user, password string) *client {
	t.Helper()
	c := &client{user: user, password: password, http: &http.Client{}}
	status, _, body := c.do(t, http.MethodGet, base+"/.well-known/jmap", "", nil)
	if status != http.StatusOK {
		t.Fatalf("session: %d %s", status, body)
	}
	if err := json.Unmarshal(body, &c.session); err != nil {
		t.Fatal(err)
	}
	c.account = text(t, c.session, "primaryAccounts", usesMail)
	c.using = []string{usesCore, usesMail}
	for _, uri := range []string{usesSubmission, usesVacation} {
		if c.has(uri) {
			c.using = append(c.using, uri)
		}
	}
	return c
}

// has reports whether the session knows a capability.
func (c *client) has(capability string) bool {
	return kind(dig(c.session, "capabilities", capability)) == "object"
}

// do makes an HTTP request and reads the whole answer.
func (c *client) do(t *testing.T, method, address, mediaType string, body []byte) (int, http.Header, []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second) // what a test leaves behind is removed when its own context has ended
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(c.user, c.password)
	if mediaType != "" {
		req.Header.Set("Content-Type", mediaType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, got
}

// post sends a body to the API and gives the status and the answer.
func (c *client) post(t *testing.T, mediaType string, body []byte) (int, []byte) {
	t.Helper()
	status, _, got := c.do(t, http.MethodPost, text(t, c.session, "apiUrl"), mediaType, body)
	return status, got
}

// request makes method calls in one request and gives the whole response.
func (c *client) request(t *testing.T, using []string, calls ...call) (response obj, answers []answer) {
	t.Helper()
	body, err := json.Marshal(obj{"using": using, "methodCalls": append([]call{}, calls...)})
	if err != nil {
		t.Fatal(err)
	}
	status, got := c.post(t, "application/json", body)
	if status/100 != 2 {
		t.Fatalf("%s: %d %s", body, status, got)
	}
	var of struct {
		MethodResponses []answer
	}
	if err := json.Unmarshal(got, &of); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if err := json.Unmarshal(got, &response); err != nil {
		t.Fatal(err)
	}
	return response, of.MethodResponses
}

// one makes one method call, in the client's account unless the arguments name
// another.
func (c *client) one(t *testing.T, name string, args obj) []answer {
	t.Helper()
	_, answers := c.request(t, c.using, call{name, c.inAccount(name, args), "c0"})
	if len(answers) == 0 {
		t.Fatalf("%s was not answered", name)
	}
	return answers
}

func (c *client) inAccount(name string, args obj) obj {
	if strings.HasPrefix(name, "Core/") || strings.HasPrefix(name, "PushSubscription/") {
		return with(nil, args)
	}
	return with(obj{"accountId": c.account}, args)
}

// call makes one method call, which must succeed.
func (c *client) call(t *testing.T, name string, args obj) obj {
	t.Helper()
	a := c.one(t, name, args)[0]
	if a.name != name {
		t.Fatalf("%s %s: %s %s", name, show(args), a.name, show(a.args))
	}
	return a.args
}

// refused makes one method call, which must fail, and gives the error's type.
func (c *client) refused(t *testing.T, name string, args obj) string {
	t.Helper()
	a := c.one(t, name, args)[0]
	if a.name != "error" {
		t.Fatalf("%s %s: %s %s", name, show(args), a.name, show(a.args))
	}
	return text(t, a.args, "type")
}

// fill puts values into one of the session's URL templates.
func (c *client) fill(t *testing.T, template string, values ...string) string {
	t.Helper()
	for i := range values {
		if i%2 == 1 {
			values[i] = url.PathEscape(values[i])
			if values[i-1] == "{type}" {
				values[i] = strings.ReplaceAll(values[i], "/", "%2F")
			}
		}
	}
	return strings.NewReplacer(values...).Replace(text(t, c.session, template))
}

// upload uploads octets and gives what is said about them.
func (c *client) upload(t *testing.T, mediaType string, body []byte) obj {
	t.Helper()
	status, _, got := c.do(t, http.MethodPost, c.fill(t, "uploadUrl", "{accountId}", c.account), mediaType, body)
	if status/100 != 2 {
		t.Fatalf("upload: %d %s", status, got)
	}
	var of obj
	if err := json.Unmarshal(got, &of); err != nil {
		t.Fatal(err)
	}
	return of
}

// download asks for a blob.
func (c *client) download(t *testing.T, blob, mediaType string) (int, http.Header, []byte) {
	t.Helper()
	return c.do(t, http.MethodGet, c.fill(t, "downloadUrl", "{accountId}", c.account, "{blobId}", blob, "{name}", "a file", "{type}", mediaType), "", nil)
}
