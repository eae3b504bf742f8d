package downstream_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/downstream"
	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// secret opens every account of a house; canary stands in its mail. Neither may ever
// reach the log.
const (
	secret = "correct-horse-battery"
	canary = "the-subject-of-a-private-mail"
)

// house is a bridge on loopback whose members' mail is in memory.
type house struct {
	*httptest.Server
	t     *testing.T
	house *household.House
	log   *safeBuffer

	mu   sync.Mutex
	mail map[string]*memstore.Account // by address; guarded by mu
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

var app = fstest.MapFS{
	"index.html":            {Data: []byte("<!doctype html>the app")},
	"index.de.html":         {Data: []byte("<!doctype html>das Programm")},
	"index.ar-XB.html":      {Data: []byte("<!doctype html>ⓟⓟⓐ")},
	"sw.js":                 {Data: []byte("worker")},
	"manifest.webmanifest":  {Data: []byte("{}")},
	"assets/app-1a.wasm":    {Data: []byte("plain wasm")},
	"assets/app-1a.wasm.br": {Data: []byte("brotli wasm")},
	"assets/app-1a.wasm.gz": {Data: []byte("gzip wasm")},
	"assets/app-1a.css":     {Data: []byte("css")},
}

// newHouse starts a bridge; change may change its configuration.
func newHouse(t *testing.T, change ...func(*downstream.Config)) *house {
	t.Helper()
	db, err := database.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for room, steps := range map[string][]string{"household": household.Schema, "account": account.Schema, "outbox": outbox.Schema} {
		if err := database.Migrate(t.Context(), db, room, steps); err != nil {
			t.Fatal(err)
		}
	}
	h := &house{t: t, house: household.New(db), log: new(safeBuffer), mail: map[string]*memstore.Account{}}
	log := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	pool := account.NewPool(db, t.TempDir(), log)
	t.Cleanup(pool.Close)
	cfg := downstream.Config{
		House:   h.house,
		Limiter: household.NewLimiter(),
		Open: func(ctx context.Context, _ string, session *household.Session, verify bool) (downstream.Mail, error) {
			logins := make([]account.Login, len(session.Accounts))
			for i, a := range session.Accounts {
				logins[i] = account.Login{ID: a.ID, Address: a.Address, Key: a.Password.Reveal(), Connect: h.connect(a), Look: account.Look{Label: a.Name}}
			}
			return pool.Open(ctx, logins, verify)
		},
		Discover: func(_ context.Context, address string) (*downstream.Found, error) {
			with := map[bool]string{true: "Example"}[strings.HasSuffix(address, "@tokens.hearth.test")]
			if !strings.HasSuffix(address, "@hearth.test") && with == "" {
				return nil, io.EOF
			}
			return &downstream.Found{
				SignInWith: with,
				Incoming:   &upstream.Server{Host: "imap.hearth.test", Port: 993, Security: upstream.TLS, User: address},
				Outgoing:   &upstream.Server{Host: "smtp.hearth.test", Port: 465, Security: upstream.TLS, User: address},
				Auth:       "plain", Source: "provider",
			}, nil
		},
		App: app,
		Log: log,
	}
	for _, f := range change {
		f(&cfg)
	}
	front := downstream.New(cfg)
	h.Server = httptest.NewServer(front)
	t.Cleanup(func() {
		front.Close()
		h.Close()
		for _, leaked := range []string{secret, canary} {
			if strings.Contains(h.log.String(), leaked) {
				t.Errorf("the log says %q:\n%s", leaked, h.log.String())
			}
		}
	})
	return h
}

// connect is how an account reaches its server: in memory, if the password is right.
func (h *house) connect(a household.Account) func(context.Context, bool) (upstream.Store, upstream.Sender, error) {
	return func(_ context.Context, verify bool) (upstream.Store, upstream.Sender, error) {
		if verify && a.Password.Reveal() != secret {
			return nil, nil, &upstream.Error{Kind: upstream.KindAuth, Server: a.Incoming.Addr(), Step: "signing in", Text: "Authentication failed."}
		}
		if a.Incoming.Host == "down.hearth.test" {
			return nil, nil, &upstream.Error{Kind: upstream.KindConnect, Server: a.Incoming.Addr(), Step: "connecting"}
		}
		return h.mailOf(a.Address).Open(), nobody{}, nil
	}
}

// mailOf is the mail of an address: one message.
func (h *house) mailOf(address string) *memstore.Account {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.mail[address] == nil {
		h.mail[address] = memstore.New()
		h.mail[address].Deliver([]byte("From: grace@hearth.test\r\nTo: " + address + "\r\nSubject: " + canary + "\r\n\r\nHello.\r\n"))
	}
	return h.mail[address]
}

// nobody sends nothing.
type nobody struct{}

func (nobody) Check(context.Context) error { return nil }
func (nobody) Send(context.Context, upstream.Outgoing) (upstream.Receipt, error) {
	return upstream.Receipt{}, io.ErrUnexpectedEOF
}

// browser is a client with a cookie jar of its own, as our page is.
type browser struct {
	*house
	*http.Client
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true}
	h.t.Cleanup(transport.CloseIdleConnections)
	return &browser{h, &http.Client{Jar: jar, Transport: transport}}
}

// signIn signs a member in.
func (h *house) signIn(address string) *browser {
	h.t.Helper()
	b := h.browser()
	resp := b.post("/auth/signin", map[string]any{"email": address, "password": secret})
	if resp.StatusCode != http.StatusOK {
		h.t.Fatalf("%s cannot sign in: %s %s", address, resp.Status, resp.text)
	}
	return b
}

// answer is a response whose body was read.
type answer struct {
	*http.Response
	text string
}

func (a answer) problem(t *testing.T) (p downstream.Problem) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.text), &p); err != nil || p.Title == "" || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
		t.Fatalf("%s %s is no problem: %v", a.Header.Get("Content-Type"), a.text, err)
	}
	return p
}

// do sends a request, after change had a look at it.
func (b *browser) do(method, path string, body io.Reader, change func(*http.Request)) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if change != nil {
		change(req)
	}
	resp, err := b.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{resp, string(data)}
}

func (b *browser) get(path string) answer { b.t.Helper(); return b.do("GET", path, nil, nil) }

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func (b *browser) post(path string, body any) answer {
	b.t.Helper()
	raw, ok := body.(string)
	if !ok {
		data, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		raw = string(data)
	}
	return b.do("POST", path, strings.NewReader(raw), header("Content-Type", "application/json"))
}

// session is the session object of whoever is signed in.
func (b *browser) session() *jmap.Session {
	b.t.Helper()
	s := new(jmap.Session)
	if resp := b.get("/.well-known/jmap"); resp.StatusCode != http.StatusOK || json.Unmarshal([]byte(resp.text), s) != nil {
		b.t.Fatalf("no session: %s %s", resp.Status, resp.text)
	}
	return s
}

// account is the id of the one account.
func (b *browser) account() jmap.Id {
	b.t.Helper()
	for id := range b.session().Accounts {
		return id
	}
	b.t.Fatal("no account")
	return ""
}

// call makes method calls and gives the answers as they came.
func (b *browser) call(calls string) string {
	b.t.Helper()
	return b.post("/jmap/api", `{"using":["urn:ietf:params:jmap:core","urn:ietf:params:jmap:mail","urn:ietf:params:jmap:submission","urn:ietf:params:jmap:blob"],"methodCalls":`+calls+`}`).text
}

// newest is the id of the newest mail in INBOX.
func (b *browser) newest(account jmap.Id) string {
	b.t.Helper()
	var resp jmap.Response
	if err := json.Unmarshal([]byte(b.call(`[["Mailbox/query",{"accountId":"`+string(account)+`","filter":{"role":"inbox"}},"m"]]`)), &resp); err != nil {
		b.t.Fatal(err)
	}
	var boxes jmap.QueryResponse
	if err := json.Unmarshal(resp.MethodResponses[0].Args, &boxes); err != nil || len(boxes.Ids) != 1 {
		b.t.Fatalf("%s: %v", resp.MethodResponses[0].Args, err)
	}
	if err := json.Unmarshal([]byte(b.call(`[["Email/query",{"accountId":"`+string(account)+`","filter":{"inMailbox":"`+string(boxes.Ids[0])+`"}},"q"]]`)), &resp); err != nil {
		b.t.Fatal(err)
	}
	var emails jmap.QueryResponse
	if err := json.Unmarshal(resp.MethodResponses[0].Args, &emails); err != nil || len(emails.Ids) == 0 {
		b.t.Fatalf("%s: %v", resp.MethodResponses[0].Args, err)
	}
	return string(emails.Ids[0])
}
