package push

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what a hang costs.
const patience = 20 * time.Second

// pushed is one request that came to the push service.
type pushed struct {
	header http.Header
	body   []byte
}

// pushService is where devices are reached: it answers with the statuses it is given, one
// each, and then with 201.
type pushService struct {
	*httptest.Server
	got chan pushed

	mu       sync.Mutex
	statuses []int // guarded by mu
}

func newPushService(t *testing.T, statuses ...int) *pushService {
	p := &pushService{got: make(chan pushed, 100), statuses: statuses}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("%s %v", r.Method, err)
		}
		p.mu.Lock()
		status := http.StatusCreated
		if len(p.statuses) > 0 {
			status, p.statuses = p.statuses[0], p.statuses[1:]
		}
		p.mu.Unlock()
		if status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		p.got <- pushed{r.Header, body}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *pushService) next(t *testing.T) pushed {
	t.Helper()
	select {
	case got := <-p.got:
		return got
	case <-time.After(patience):
		t.Fatal("nothing is pushed")
		return pushed{}
	}
}

// quiet fails if something is pushed before what is to come next.
func (p *pushService) quiet(t *testing.T) {
	t.Helper()
	select {
	case got := <-p.got:
		t.Fatalf("pushed: %s", got.body)
	case <-time.After(100 * time.Millisecond):
	}
}

// mail is accounts in which changes whatever a test says.
type mail struct {
	mu   sync.Mutex
	open []chan jmap.StateChange // guarded by mu
}

func (m *mail) Accounts() map[jmap.Id]jmap.Account { return map[jmap.Id]jmap.Account{"a": {}} }

func (m *mail) Listen(ctx context.Context, _ string) <-chan jmap.StateChange {
	in, out := make(chan jmap.StateChange, 100), make(chan jmap.StateChange)
	m.mu.Lock()
	m.open = append(m.open, in)
	m.mu.Unlock()
	go func() {
		defer close(out)
		for {
			select {
			case change := <-in:
				select {
				case out <- change:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (m *mail) change(states map[string]jmap.State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, in := range m.open {
		in <- jmap.StateChange{Changed: map[jmap.Id]map[string]jmap.State{"a": states}}
	}
}

// desk is a service and one credential's subscriptions.
type desk struct {
	*Service
	*Subscriptions
	t     *testing.T
	db    *sql.DB
	dir   string
	mail  *mail
	ended sync.Map // credentials that open nothing any more
}

func newDesk(t *testing.T, services ...*pushService) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), mail: new(mail)}
	var err error
	if d.db, err = database.Open(d.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.db.Close() })
	if err := database.Migrate(t.Context(), d.db, "push", Schema); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	for _, p := range services {
		roots.AddCert(p.Certificate())
	}
	allow, err := dialer.ParseAllowList([]string{"127.0.0.1:*"})
	if err != nil {
		t.Fatal(err)
	}
	d.start(&dialer.Dialer{Allow: allow, Roots: roots})
	return d
}

func (d *desk) start(way *dialer.Dialer) {
	d.t.Helper()
	s, err := New(d.t.Context(), Config{
		DB: d.db, Dir: d.dir, Client: way.HTTPClient(), Log: slog.New(slog.DiscardHandler),
		Alive: func(_ context.Context, credential string) (bool, error) {
			_, ended := d.ended.Load(credential)
			return !ended, nil
		},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(s.Close)
	s.pause, s.backoff = 0, []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}
	d.Service, d.Subscriptions = s, s.Attend("session 1", d.mail)
}

// subscribe makes a subscription and takes its code, which it gives back if confirm.
func (d *desk) subscribe(p *pushService, want jmap.PushSubscription, confirm bool) (jmap.Id, string) {
	d.t.Helper()
	want.DeviceClientId, want.URL = "device", p.URL+"/push/1"
	made, err := d.Create(d.t.Context(), want)
	if err != nil {
		d.t.Fatal(err)
	}
	var code jmap.Verification
	if got := p.next(d.t); want.Keys == nil {
		if err := json.Unmarshal(got.body, &code); err != nil || code.Type != jmap.PushVerification || code.PushSubscriptionId != made.Id || code.VerificationCode == "" {
			d.t.Fatalf("first comes %s, %v", got.body, err)
		}
	}
	if confirm {
		made.VerificationCode = code.VerificationCode
		if _, err := d.Update(d.t.Context(), made); err != nil {
			d.t.Fatal(err)
		}
	}
	return made.Id, code.VerificationCode
}

// settle waits until nothing is on its way.
func (d *desk) settle() {
	d.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		d.mu.Lock()
		n := len(d.deliveries)
		d.mu.Unlock()
		if n == 0 {
			return
		}
		if time.Now().After(end) {
			d.t.Fatal("pushes without end")
		}
	}
}

func stateOf(t *testing.T, body []byte) map[jmap.Id]map[string]jmap.State {
	t.Helper()
	var change struct {
		Type    string                            `json:"@type"`
		Changed map[jmap.Id]map[string]jmap.State `json:"changed"`
	}
	if err := json.Unmarshal(body, &change); err != nil || change.Type != jmap.PushStateChange {
		t.Fatalf("pushed: %s, %v", body, err)
	}
	return change.Changed
}

// TestPush: after its client has shown that it reads there, a subscription is told which of
// its types changed.
func TestPush(t *testing.T) {
	p := newPushService(t)
	d := newDesk(t, p)
	id, code := d.subscribe(p, jmap.PushSubscription{Types: []string{"Email", "Thread"}}, false)
	d.mail.change(map[string]jmap.State{"Email": "1"})
	p.quiet(t)
	var refused *jmap.SetError
	if _, err := d.Update(t.Context(), jmap.PushSubscription{Id: id, VerificationCode: "guess"}); !errors.As(err, &refused) || refused.Type != jmap.SetInvalidProperties {
		t.Errorf("a guess: %v", err)
	}
	if shown, err := d.Update(t.Context(), jmap.PushSubscription{Id: id, VerificationCode: code, Types: []string{"Email"}}); err != nil || shown.VerificationCode != code {
		t.Fatalf("%+v %v", shown, err)
	}
	d.mail.change(map[string]jmap.State{"Mailbox": "2"})
	p.quiet(t)
	d.mail.change(map[string]jmap.State{"Mailbox": "3", "Email": "3"})
	got := p.next(t)
	if changed := stateOf(t, got.body); len(changed) != 1 || len(changed["a"]) != 1 || changed["a"]["Email"] != "3" {
		t.Errorf("pushed %s", got.body)
	}
	for name, value := range map[string]string{"TTL": "86400", "Urgency": "normal", "Content-Type": "application/json", "Content-Encoding": "", "Referer": "", "Cookie": ""} {
		if got.header.Get(name) != value {
			t.Errorf("%s is %q", name, got.header.Get(name))
		}
	}
	if topic := got.header.Get("Topic"); len(topic) != 32 {
		t.Errorf("topic %q", topic)
	}
	if err := d.Destroy(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	d.mail.change(map[string]jmap.State{"Email": "4"})
	p.quiet(t)
}

// TestPushIsSigned as RFC 8292 has it, with a key that stays over a restart.
func TestPushIsSigned(t *testing.T) {
	p := newPushService(t)
	d := newDesk(t, p)
	if _, err := d.Create(t.Context(), jmap.PushSubscription{DeviceClientId: "x", URL: p.URL + "/1"}); err != nil {
		t.Fatal(err)
	}
	token, key, ok := strings.Cut(strings.TrimPrefix(p.next(t).header.Get("Authorization"), "vapid t="), ", k=")
	parts := strings.Split(token, ".")
	if !ok || key != d.ApplicationServerKey() || len(parts) != 3 {
		t.Fatalf("authorization %s, %s", token, key)
	}
	point := raw(t, key)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		t.Fatal(err)
	}
	signature := raw(t, parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if len(signature) != 64 || !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Error("the signature does not hold")
	}
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(raw(t, parts[1]), &claims); err != nil || claims.Aud != p.URL || claims.Exp < time.Now().Unix() || claims.Exp > time.Now().Add(24*time.Hour).Unix() || claims.Sub == "" {
		t.Errorf("claims %+v %v", claims, err)
	}
	info, err := os.Stat(filepath.Join(d.dir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v %v", info, err)
	}
	again, err := loadSigner(d.dir)
	if err != nil || again.public != key {
		t.Errorf("after a restart the key is %v, %v", again, err)
	}
}

// TestPushIsEncrypted for the device that gave keys.
func TestPushIsEncrypted(t *testing.T) {
	p := newPushService(t)
	d := newDesk(t, p)
	device, auth, given := newDevice(t)
	open := func(got pushed) []byte {
		t.Helper()
		plain, err := decrypt(got.body, device, auth)
		if err != nil || got.header.Get("Content-Encoding") != "aes128gcm" {
			t.Fatalf("%v %v", got.header, err)
		}
		return plain
	}
	made, err := d.Create(t.Context(), jmap.PushSubscription{DeviceClientId: "device", URL: p.URL + "/1", Keys: &given})
	if err != nil {
		t.Fatal(err)
	}
	var code jmap.Verification
	if err := json.Unmarshal(open(p.next(t)), &code); err != nil {
		t.Fatal(err)
	}
	made.VerificationCode = code.VerificationCode
	if _, err := d.Update(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	d.mail.change(map[string]jmap.State{"Email": "1"})
	if changed := stateOf(t, open(p.next(t))); changed["a"]["Email"] != "1" {
		t.Errorf("pushed %v", changed)
	}
}

// TestPushIsTriedAgain when the push service is not well, with the newest there is to say.
func TestPushIsTriedAgain(t *testing.T) {
	p := newPushService(t, 503, 201)
	d := newDesk(t, p)
	d.backoff = []time.Duration{50 * time.Millisecond, time.Millisecond, time.Millisecond}
	made, err := d.Create(t.Context(), jmap.PushSubscription{DeviceClientId: "x", URL: p.URL + "/1"})
	if err != nil {
		t.Fatal(err)
	}
	var code jmap.Verification
	first, second := p.next(t), p.next(t)
	if err := json.Unmarshal(second.body, &code); err != nil || string(first.body) != string(second.body) {
		t.Fatalf("%s, then %s: %v", first.body, second.body, err)
	}
	made.VerificationCode = code.VerificationCode
	if _, err := d.Update(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.statuses = []int{429, 500}
	p.mu.Unlock()
	d.mail.change(map[string]jmap.State{"Email": "1"})
	p.next(t)
	d.mail.change(map[string]jmap.State{"Email": "2", "Mailbox": "2"})
	for {
		changed := stateOf(t, p.next(t).body)
		if changed["a"]["Email"] == "2" && changed["a"]["Mailbox"] == "2" {
			break
		}
	}
	d.settle()
	for len(p.got) > 0 {
		<-p.got
	}
	// What is refused for good is not tried again.
	p.mu.Lock()
	p.statuses = []int{400}
	p.mu.Unlock()
	d.mail.change(map[string]jmap.State{"Email": "3"})
	p.next(t)
	p.quiet(t)
	d.settle()
	// Nor is a push brought anywhere else.
	p.mu.Lock()
	p.statuses = []int{http.StatusFound}
	p.mu.Unlock()
	d.mail.change(map[string]jmap.State{"Email": "4"})
	p.next(t)
	p.quiet(t)
}

// TestPushEnds with the subscription at the push service, with its time, and with the
// credential it was made with.
func TestPushEnds(t *testing.T) {
	p := newPushService(t)
	d := newDesk(t, p)
	listed := func() int {
		t.Helper()
		subs, err := d.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(subs)
	}
	gone := func(because string) {
		t.Helper()
		for end := time.Now().Add(patience); listed() != 0; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: it is still there", because)
			}
		}
	}
	for _, status := range []int{http.StatusNotFound, http.StatusGone} {
		d.subscribe(p, jmap.PushSubscription{}, true)
		p.mu.Lock()
		p.statuses = []int{status}
		p.mu.Unlock()
		d.mail.change(map[string]jmap.State{"Email": jmap.State(http.StatusText(status))})
		p.next(t)
		gone(http.StatusText(status))
	}
	d.subscribe(p, jmap.PushSubscription{}, true)
	if _, err := d.db.Exec(`UPDATE push_subscription SET expires = ?`, time.Now().Unix()-1); err != nil {
		t.Fatal(err)
	}
	if listed() != 0 {
		t.Error("it outlives its time")
	}
	d.mail.change(map[string]jmap.State{"Email": "late"})
	p.quiet(t)
	d.subscribe(p, jmap.PushSubscription{}, true)
	d.ended.Store("session 1", true)
	d.mail.change(map[string]jmap.State{"Email": "signed out"})
	gone("signed out")
	p.quiet(t)
}

// TestSubscriptionsAreTheirOwners: nobody sees or changes another's, and no time is longer
// than a week.
func TestSubscriptionsAreTheirOwners(t *testing.T) {
	p := newPushService(t)
	d := newDesk(t, p)
	far := time.Now().Add(1000 * time.Hour)
	id, code := d.subscribe(p, jmap.PushSubscription{Expires: &far}, false)
	mine, err := d.List(t.Context())
	if err != nil || len(mine) != 1 || mine[0].URL != "" || mine[0].Keys != nil || mine[0].VerificationCode != "" || mine[0].Expires.After(time.Now().Add(longest)) {
		t.Fatalf("%+v %v", mine, err)
	}
	other := d.Attend("session 2", d.mail)
	if subs, err := other.List(t.Context()); err != nil || len(subs) != 0 {
		t.Errorf("another sees %+v %v", subs, err)
	}
	var refused *jmap.SetError
	if _, err := other.Update(t.Context(), jmap.PushSubscription{Id: id, VerificationCode: code}); !errors.As(err, &refused) || refused.Type != jmap.SetNotFound {
		t.Errorf("another's update: %v", err)
	}
	if err := other.Destroy(t.Context(), id); !errors.As(err, &refused) || refused.Type != jmap.SetNotFound {
		t.Errorf("another's destroy: %v", err)
	}
	for range maxEach - 1 {
		d.subscribe(p, jmap.PushSubscription{}, false)
	}
	if _, err := d.Create(t.Context(), jmap.PushSubscription{DeviceClientId: "x", URL: p.URL}); !errors.As(err, &refused) || refused.Type != jmap.SetOverQuota {
		t.Errorf("one too many: %v", err)
	}
}

// TestURLs: pushes go to https, and to the public internet only.
func TestURLs(t *testing.T) {
	p := newPushService(t)
	d := newDesk(t, p)
	_, _, good := newDevice(t)
	var refused *jmap.SetError
	for _, bad := range []jmap.PushSubscription{
		{DeviceClientId: "x", URL: "http://example.com/push"},
		{DeviceClientId: "x", URL: "https:///push"},
		{DeviceClientId: "x", URL: "https://user:pass@example.com/"},
		{DeviceClientId: "x", URL: "https://example.com/#x"},
		{DeviceClientId: "x", URL: "ftp://example.com/"},
		{DeviceClientId: "x", URL: "/push"},
		{DeviceClientId: "x", URL: ""},
		{DeviceClientId: "x", URL: "https://example.com/" + strings.Repeat("x", maxURL)},
		{DeviceClientId: "", URL: "https://example.com/"},
		{DeviceClientId: "x", URL: "https://example.com/", Keys: &jmap.PushKeys{P256dh: good.P256dh, Auth: "x"}},
	} {
		if _, err := d.Create(t.Context(), bad); !errors.As(err, &refused) || refused.Type != jmap.SetInvalidProperties || len(refused.Properties) != 1 {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	// Without the administrator's word nothing inside is reached.
	closed := newDesk(t, p)
	closed.start(new(dialer.Dialer))
	if _, err := closed.Create(t.Context(), jmap.PushSubscription{DeviceClientId: "x", URL: p.URL}); err != nil {
		t.Fatal(err)
	}
	p.quiet(t)
}

// TestTopic is the same for the same types, whatever their states.
func TestTopic(t *testing.T) {
	a := states{"a": {"Email": "1", "Mailbox": "1"}, "b": {"Email": "1"}}
	b := states{"b": {"Email": "2"}, "a": {"Mailbox": "2", "Email": "2"}}
	if a.topic() != b.topic() || a.topic() == a.only([]string{"Email"}).topic() {
		t.Error("topics")
	}
	if _, err := base64.RawURLEncoding.DecodeString(a.topic()); err != nil || len(a.topic()) > 32 {
		t.Errorf("topic %s: %v", a.topic(), err)
	}
}
