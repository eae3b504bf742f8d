package downstream_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/downstream"
	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/push"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// device is where a push service brings what is pushed.
type device struct {
	*httptest.Server
	got chan string
}

func newDevice(t *testing.T) *device {
	d := &device{got: make(chan string, 100)}
	d.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a test that misses something says so
		w.WriteHeader(http.StatusCreated)
		d.got <- string(body)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *device) next(t *testing.T) string {
	t.Helper()
	select {
	case got := <-d.got:
		return got
	case <-time.After(patience):
		t.Fatal("nothing is pushed")
		return ""
	}
}

// pushing has a bridge push, by way of client.
func pushing(t *testing.T, client *http.Client) func(*downstream.Config) {
	return func(c *downstream.Config) {
		db, err := database.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if err := database.Migrate(t.Context(), db, "push", push.Schema); err != nil {
			t.Fatal(err)
		}
		pusher, err := push.New(t.Context(), push.Config{DB: db, Dir: t.TempDir(), Client: client, Alive: c.House.Alive, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			pusher.Close()
			_ = db.Close()
		})
		open := c.Open
		c.ApplicationServerKey = pusher.ApplicationServerKey()
		c.Open = func(ctx context.Context, credential string, session *household.Session, verify bool) (downstream.Mail, error) {
			mail, err := open(ctx, credential, session, verify)
			if set, ok := mail.(*account.Set); ok && err == nil && credential != "" {
				return set.WithPush(pusher.Attend(credential, set)), nil
			}
			return mail, err
		}
	}
}

// TestPushSubscriptions: a device that is signed in is told of new mail, after it has shown
// that it hears, and until it is signed out. No other device knows of it.
func TestPushSubscriptions(t *testing.T) {
	d := newDevice(t)
	h := newHouse(t, pushing(t, d.Client()))
	b, other := h.signIn("ada@hearth.test"), h.signIn("ada@hearth.test")
	var vapid jmap.VAPIDCapability
	if err := json.Unmarshal(b.session().Capabilities[jmap.CapabilityVAPID], &vapid); err != nil || len(vapid.ApplicationServerKey) != 87 {
		t.Errorf("%+v %v", vapid, err)
	}
	b.newest(b.account()) // opens INBOX
	created := b.call(`[["PushSubscription/set",{"create":{"x":{"deviceClientId":"d","url":"` + d.URL + `/p","types":["Email"]}}},"c"]]`)
	var code jmap.Verification
	if err := json.Unmarshal([]byte(d.next(t)), &code); err != nil || !strings.Contains(created, `"id":"`+string(code.PushSubscriptionId)+`"`) {
		t.Fatalf("%s %+v %v", created, code, err)
	}
	deliver := func() { h.mailOf("ada@hearth.test").Deliver([]byte("Subject: new\r\n\r\n")) }
	id := string(code.PushSubscriptionId)
	confirm := `[["PushSubscription/set",{"update":{"` + id + `":{"verificationCode":"` + code.VerificationCode + `"}}},"c"]]`
	for _, call := range []string{confirm, `[["PushSubscription/set",{"destroy":["` + id + `"]},"c"]]`, `[["PushSubscription/get",{"ids":["` + id + `"]},"c"]]`} {
		if got := other.call(call); !strings.Contains(got, `"notFound"`) {
			t.Errorf("another device: %s", got)
		}
	}
	if got := b.call(confirm); !strings.Contains(got, `"updated":{"`+id+`":null}`) {
		t.Fatal(got)
	}
	deliver()
	if got := d.next(t); !strings.Contains(got, `"@type":"StateChange"`) || !strings.Contains(got, `"`+string(b.account())+`":{"Email":"`) || strings.Contains(got, "Mailbox") {
		t.Errorf("pushed %s", got)
	}
	b.post("/auth/signout", map[string]any{})
	deliver()
	select {
	case got := <-d.got:
		// What was on its way at the sign-out may still come, but no more than that.
		deliver()
		select {
		case more := <-d.got:
			t.Errorf("signed out, and it is told %s and %s", got, more)
		case <-time.After(3 * time.Second):
		}
	case <-time.After(time.Second):
	}
}

// TestPushWithPassword: a client without a session has its subscriptions by its address.
func TestPushWithPassword(t *testing.T) {
	d := newDevice(t)
	h := newHouse(t, pushing(t, d.Client()))
	call := func(address, calls string) string {
		t.Helper()
		return h.browser().do("POST", "/jmap/api", strings.NewReader(`{"using":["urn:ietf:params:jmap:core"],"methodCalls":`+calls+`}`), func(r *http.Request) {
			r.SetBasicAuth(address, secret)
			r.Header.Set("Content-Type", "application/json")
		}).text
	}
	call("ada@hearth.test", `[["PushSubscription/set",{"create":{"x":{"deviceClientId":"d","url":"`+d.URL+`/p"}}},"c"]]`)
	d.next(t)
	if got := call("ADA@hearth.test", `[["PushSubscription/get",{},"c"]]`); !strings.Contains(got, `"deviceClientId":"d"`) {
		t.Errorf("hers: %s", got)
	}
	if got := call("grace@hearth.test", `[["PushSubscription/get",{},"c"]]`); !strings.Contains(got, `"list":[]`) {
		t.Errorf("another's: %s", got)
	}
}

// TestEventSourceResumes from the id of the last event that came (RFC 8620 §7.3).
func TestEventSourceResumes(t *testing.T) {
	h := newHouse(t)
	b := h.signIn("ada@hearth.test")
	b.newest(b.account())
	listen := func(last string) (id, data string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+"/jmap/eventsource?types=*&closeafter=state&ping=0", nil)
		if last != "" {
			req.Header.Set("Last-Event-ID", last)
		}
		resp, err := b.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if last == "" {
			h.mailOf("ada@hearth.test").Deliver([]byte("Subject: new\r\n\r\n"))
		}
		for scan := bufio.NewScanner(resp.Body); scan.Scan(); {
			name, value, _ := strings.Cut(scan.Text(), ": ")
			switch name {
			case "id":
				id = value
			case "data":
				data = value
			}
		}
		return id, data
	}
	first, _ := listen("") // listens before it has the headers, so nothing is missed
	if first == "" {
		t.Fatal("no id")
	}
	h.mailOf("ada@hearth.test").Deliver([]byte("Subject: while nobody listens\r\n\r\n"))
	if second, data := listen(first); second == first || !strings.Contains(data, `"Email"`) {
		t.Errorf("%s, then %s %s", first, second, data)
	}
	for _, query := range []string{"closeafter=x", "ping=x"} {
		if resp := b.get("/jmap/eventsource?" + query); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", query, resp.Status)
		}
	}
}
