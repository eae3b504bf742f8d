package downstream_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/downstream"
)

func TestSignIn(t *testing.T) {
	form := func(email, password string) map[string]any {
		return map[string]any{"email": email, "password": password}
	}
	custom := form("ada@hearth.test", secret)
	custom["incoming"] = map[string]any{"host": "down.hearth.test", "port": 993, "security": "tls", "user": "ada"}
	badPort := form("ada@hearth.test", secret)
	badPort["incoming"] = map[string]any{"host": "imap.hearth.test", "port": 0, "security": "tls", "user": "ada"}
	for _, c := range []struct {
		name   string
		form   any
		status int
		field  string
		says   string
	}{
		{"right", form(" ada@hearth.test ", secret), 200, "", ""},
		{"wrong password", form("ada@hearth.test", "guess"), 403, "password", "imap.hearth.test:993 refused the password."},
		{"a password where none is taken", form("ada@tokens.hearth.test", "guess"), 403, "email", "Example takes no passwords. Sign in with another account of yours, and add this one under Settings, Accounts."},
		{"no password", form("ada@hearth.test", ""), 400, "password", "Enter your password."},
		{"no address", form("ada", secret), 400, "email", "Enter your whole mail address, such as ada@example.org."},
		{"line end in the address", form("ada@hearth.test\r\nx", secret), 400, "email", "Enter your whole mail address, such as ada@example.org."},
		{"stranger", form("eve@elsewhere.test", secret), 403, "email", "This address may not sign in here. Ask whoever runs this Hearthmail."},
		{"no servers", form("ada@nowhere.test", secret), 404, "incoming", "The mail servers of nowhere.test could not be found. Enter them under Server settings."},
		{"server down", custom, 502, "incoming", "down.hearth.test:993 does not answer. Check the server's name and port."},
		{"no port", badPort, 400, "incoming", ""},
		{"not JSON", "email=ada", 400, "", "The form could not be read."},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, func(cfg *downstream.Config) {
				cfg.Members = []string{"*@hearth.test", "ada@nowhere.test", "ada@tokens.hearth.test"}
			})
			b := h.browser()
			resp := b.post("/auth/signin", c.form)
			if resp.StatusCode != c.status {
				t.Fatalf("%s %s", resp.Status, resp.text)
			}
			if c.status == http.StatusOK {
				if !strings.Contains(resp.text, `"address":"ada@hearth.test"`) || b.session().Username != "ada@hearth.test" {
					t.Errorf("signed in as %s", resp.text)
				}
				return
			}
			p := resp.problem(t)
			if p.Field != c.field || c.says != "" && p.Title != c.says || len(resp.Cookies()) > 0 || strings.Contains(resp.text, secret) {
				t.Errorf("%s %v", resp.text, resp.Cookies())
			}
		})
	}
}

// TestCookie: what a browser keeps (DESIGN: sessions).
func TestCookie(t *testing.T) {
	for _, c := range []struct {
		secure, keep bool
		name         string
	}{{false, false, "hearthmail"}, {false, true, "hearthmail"}, {true, true, "__Host-hearthmail"}} {
		h := newHouse(t, func(cfg *downstream.Config) { cfg.Secure = c.secure })
		resp := h.browser().post("/auth/signin", map[string]any{"email": "ada@hearth.test", "password": secret, "keep": c.keep})
		if len(resp.Cookies()) != 1 {
			t.Fatalf("%s %v", resp.Status, resp.Cookies())
		}
		k := resp.Cookies()[0]
		ninetyDays := k.MaxAge > 89*24*3600 && k.MaxAge <= 90*24*3600
		if k.Name != c.name || !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.Secure != c.secure || k.Path != "/" || k.Domain != "" || ninetyDays != c.keep || len(k.Value) < 43 {
			t.Errorf("%+v: %+v", c, k)
		}
	}
}

func TestSignOut(t *testing.T) {
	h := newHouse(t)
	b := h.signIn("ada@hearth.test")
	at, _ := url.Parse(h.URL)
	cookie := b.Jar.Cookies(at)[0]
	if resp := b.post("/auth/signout", "{}"); resp.StatusCode != http.StatusOK || !strings.Contains(resp.Header.Get("Clear-Site-Data"), "storage") {
		t.Fatalf("%s %v", resp.Status, resp.Header)
	}
	if left := b.Jar.Cookies(at); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	// A copy of the cookie opens nothing any more.
	if resp := h.browser().do("GET", "/jmap/session", nil, func(r *http.Request) { r.AddCookie(cookie) }); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("signed out, and %s", resp.Status)
	}
	for _, forged := range []string{"", "x", strings.Repeat("A", 43), cookie.Value + "A", strings.ToLower(cookie.Value)} {
		if resp := h.browser().do("GET", "/jmap/session", nil, func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookie.Name, Value: forged}) }); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("with the cookie %q: %s", forged, resp.Status)
		}
	}
}

// TestGuessing is slowed down: for the address from anywhere, for a network with any
// address.
func TestGuessing(t *testing.T) {
	from := func(ip, email string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Forwarded-For", "198.51.100.7, "+ip)
		}
	}
	guess := func(b *browser, ip, email string) answer {
		return b.do("POST", "/auth/signin", strings.NewReader(`{"email":"`+email+`","password":"guess"}`), from(ip, email))
	}
	h := newHouse(t, func(c *downstream.Config) { c.Proxied = true })
	b := h.browser()
	for range 10 {
		if resp := guess(b, "203.0.113.1", "ada@hearth.test"); resp.StatusCode != http.StatusForbidden {
			t.Fatalf("guess: %s %s", resp.Status, resp.text)
		}
	}
	for what, resp := range map[string]answer{
		"the same again":                guess(b, "203.0.113.1", "ada@hearth.test"),
		"her address from elsewhere":    guess(b, "203.0.113.2", "ADA@hearth.test"),
		"another address from the same": guess(b, "203.0.113.1", "grace@hearth.test"),
	} {
		if p := resp.problem(t); resp.StatusCode != http.StatusTooManyRequests || p.RetryAfter <= 0 || p.RetryAfter > 60 {
			t.Errorf("%s: %s %s", what, resp.Status, resp.text)
		}
	}
	if resp := guess(b, "203.0.113.2", "grace@hearth.test"); resp.StatusCode != http.StatusForbidden {
		t.Errorf("somebody else pays for it: %s", resp.Status)
	}
	// The right password waits as well, also where it comes with each request.
	if resp := b.post("/auth/signin", map[string]any{"email": "ada@hearth.test", "password": secret}); resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the right one: %s", resp.Status)
	}
	if resp := b.do("GET", "/jmap/session", nil, func(r *http.Request) { r.SetBasicAuth("ada@hearth.test", secret) }); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("the right one by Basic: %s", resp.Status)
	}
}

// TestOtherSites: a page of another site gets nothing done with our cookie.
func TestOtherSites(t *testing.T) {
	h := newHouse(t)
	b := h.signIn("ada@hearth.test")
	for name, change := range map[string]func(*http.Request){
		"origin":             header("Origin", "https://evil.test"),
		"no origin at all":   header("Origin", "null"),
		"origin of a prefix": header("Origin", h.URL+".evil.test"),
		"site":               header("Sec-Fetch-Site", "cross-site"),
		"same site":          header("Sec-Fetch-Site", "same-site"),
	} {
		for _, path := range []string{"/jmap/api", "/auth/signin", "/auth/signout", "/auth/discover", "/jmap/upload/a"} {
			resp := b.do("POST", path, strings.NewReader("{}"), change)
			if resp.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s: %s", name, path, resp.Status)
			}
		}
	}
	if resp := b.do("POST", "/auth/signout", strings.NewReader("{}"), header("Origin", h.URL)); resp.StatusCode != http.StatusOK {
		t.Errorf("our own page: %s", resp.Status)
	}
}

// TestBasic: JMAP clients that are no browser send the password each time.
func TestBasic(t *testing.T) {
	h := newHouse(t)
	auth := func(user, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	for range 2 { // the second time from memory
		if resp := h.browser().do("GET", "/.well-known/jmap", nil, auth("ada@hearth.test", secret)); resp.StatusCode != http.StatusOK || len(resp.Cookies()) > 0 {
			t.Errorf("%s %v", resp.Status, resp.Cookies())
		}
	}
	for user, password := range map[string]string{"ada@hearth.test": "guess", "grace@hearth.test": "", "": secret, "ada": secret, "ada@nowhere.test": secret} {
		if resp := h.browser().do("GET", "/jmap/session", nil, auth(user, password)); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %s", user, resp.Status)
		}
	}
}

func TestDiscover(t *testing.T) {
	h := newHouse(t, func(c *downstream.Config) { c.Members = []string{"*@hearth.test"} })
	b := h.browser()
	if resp := b.post("/auth/discover", map[string]string{"email": "ada@hearth.test"}); resp.StatusCode != http.StatusOK || !strings.Contains(resp.text, `"host":"imap.hearth.test"`) {
		t.Errorf("%s %s", resp.Status, resp.text)
	}
	for _, email := range []string{"", "ada", "eve@elsewhere.test", "ada@nowhere.test"} {
		if resp := b.post("/auth/discover", map[string]string{"email": email}); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%q: %s %s", email, resp.Status, resp.text)
		}
	}
}

// TestRevoked: what is revoked is over at once, also where it is connected.
func TestRevoked(t *testing.T) {
	h := newHouse(t)
	b := h.signIn("ada@hearth.test")
	socket := b.socket(t, nil)
	at, _ := url.Parse(h.URL)
	session, err := h.house.Resume(t.Context(), b.Jar.Cookies(at)[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	devices, err := h.house.Devices(t.Context(), session.Member)
	if err != nil || len(devices) != 1 || devices[0].ID != session.ID {
		t.Fatalf("%v, %v", devices, err)
	}
	if err := h.house.Revoke(t.Context(), session.Member, session.ID); err != nil {
		t.Fatal(err)
	}
	if status := socket.closed(t, time.Second); status != 4001 {
		t.Errorf("closed with %d", status)
	}
	if resp := b.get("/jmap/session"); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("revoked, and %s", resp.Status)
	}
}
