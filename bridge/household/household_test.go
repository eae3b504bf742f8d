package household

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

const password = "correct horse canary staple"

func newHouse(t *testing.T) (*House, string) {
	t.Helper()
	dir := t.TempDir()
	db, err := database.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := database.Migrate(t.Context(), db, "household", Schema); err != nil {
		t.Fatal(err)
	}
	return New(db), dir
}

func ada() Account {
	return Account{
		ID: "a1", Address: "Ada@example.org", Password: password,
		Incoming: upstream.Server{Host: "imap.example.org", Port: 993, Security: upstream.TLS, User: "ada"},
	}
}

func TestSessionGivesTheAccountBack(t *testing.T) {
	h, _ := newHouse(t)
	_, token, err := h.SignIn(t.Context(), ada(), Client{UserAgent: "browser", Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	s, err := h.Resume(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Accounts) != 1 || s.Accounts[0].Password.Reveal() != password || s.Accounts[0].Incoming.Host != "imap.example.org" {
		t.Errorf("got %+v", s.Accounts)
	}
	again := ada()
	again.Address = "ada@EXAMPLE.org "
	id, err := h.AccountID(t.Context(), again)
	if err != nil || id != "a1" {
		t.Errorf("account id %q, %v", id, err)
	}
}

// TestWhoIsWho: an address alone makes nobody a member. Who brings a server of their own
// that knows them by another's address is somebody else, and changes nothing of theirs.
func TestWhoIsWho(t *testing.T) {
	h, _ := newHouse(t)
	s, token, err := h.SignIn(t.Context(), ada(), Client{})
	if err != nil {
		t.Fatal(err)
	}
	stranger := ada()
	stranger.Incoming.Host, stranger.Password = "imap.example.com", "another"
	stranger.ID, err = h.AccountID(t.Context(), stranger)
	if err != nil || stranger.ID == "a1" {
		t.Fatalf("a stranger has the account %q, %v", stranger.ID, err)
	}
	other, _, err := h.SignIn(t.Context(), stranger, Client{Token: token})
	if err != nil || other.Member == s.Member {
		t.Errorf("a stranger is the member %q, %v", other.Member, err)
	}
	if _, err := h.Resume(t.Context(), token); err != nil {
		t.Errorf("the member's session: %v", err)
	}
	same, err := h.AccountID(t.Context(), stranger)
	grace := ada()
	grace.Address = "grace@example.org"
	hers, err1 := h.AccountID(t.Context(), grace)
	if err := errors.Join(err, err1); err != nil || !hers.Valid() || same != stranger.ID || hers == same {
		t.Errorf("account ids %q, %q, %v", same, hers, err)
	}
}

func TestStolenDatabaseOpensNothing(t *testing.T) {
	h, dir := newHouse(t)
	_, token, err := h.SignIn(t.Context(), ada(), Client{UserAgent: "browser", Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{password, token, "imap.example.org"} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s holds %q", filepath.Base(file), secret)
			}
		}
	}
}

func TestTamperingIsRefused(t *testing.T) {
	h, _ := newHouse(t)
	_, token, err := h.SignIn(t.Context(), ada(), Client{UserAgent: "browser", Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	grace := ada()
	grace.ID, grace.Address = "a2", "grace@example.org"
	_, other, err := h.SignIn(t.Context(), grace, Client{UserAgent: "browser", Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Resume(t.Context(), token[:len(token)-2]+"AA"); !errors.Is(err, ErrNoSession) {
		t.Errorf("a wrong token: %v", err)
	}
	_, err = h.db.Exec(`UPDATE sealed_account SET sealed = (SELECT sealed FROM sealed_account WHERE id = 'a2') WHERE id = 'a1'`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Resume(t.Context(), token); !errors.Is(err, ErrNoSession) {
		t.Errorf("swapped rows: %v", err)
	}
	if _, err := h.db.Exec(`UPDATE sealed_account SET version = version + 1 WHERE id = 'a2'`); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Resume(t.Context(), other); !errors.Is(err, ErrNoSession) {
		t.Errorf("another version: %v", err)
	}
}

func TestSessionsExpireAndSlide(t *testing.T) {
	h, _ := newHouse(t)
	now := time.Unix(1_800_000_000, 0)
	h.now = func() time.Time { return now }
	_, kept, err := h.SignIn(t.Context(), ada(), Client{UserAgent: "browser", Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	_, brief, err := h.SignIn(t.Context(), ada(), Client{UserAgent: "browser", Keep: false})
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(25 * time.Hour)
	if _, err := h.Resume(t.Context(), brief); !errors.Is(err, ErrNoSession) {
		t.Errorf("a browser session after a day: %v", err)
	}
	for range 3 {
		now = now.Add(80 * 24 * time.Hour)
		if _, err := h.Resume(t.Context(), kept); err != nil {
			t.Fatalf("a session in use: %v", err)
		}
	}
	now = now.Add(91 * 24 * time.Hour)
	if _, err := h.Resume(t.Context(), kept); !errors.Is(err, ErrNoSession) {
		t.Errorf("after 91 days: %v", err)
	}
}

func TestRevokedSessionEndsAtOnce(t *testing.T) {
	h, _ := newHouse(t)
	s, token, err := h.SignIn(t.Context(), ada(), Client{UserAgent: "browser", Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	gone := h.Revoked(s.ID)
	if err := h.Revoke(t.Context(), "somebody else", s.ID); !errors.Is(err, ErrNoSession) {
		t.Errorf("another member's session: %v", err)
	}
	if err := h.Revoke(t.Context(), s.Member, s.ID); err != nil {
		t.Fatal(err)
	}
	<-gone
	if _, err := h.Resume(t.Context(), token); !errors.Is(err, ErrNoSession) {
		t.Errorf("after revocation: %v", err)
	}
}

func TestChangedPasswordEndsOtherSessions(t *testing.T) {
	h, _ := newHouse(t)
	s, old, err := h.SignIn(t.Context(), ada(), Client{UserAgent: "browser", Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	gone := h.Revoked(s.ID)
	changed := ada()
	changed.Password = "a new one"
	_, token, err := h.SignIn(t.Context(), changed, Client{UserAgent: "phone", Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	<-gone
	if _, err := h.Resume(t.Context(), old); !errors.Is(err, ErrNoSession) {
		t.Errorf("the old session: %v", err)
	}
	again, err := h.Resume(t.Context(), token)
	if err != nil || again.Accounts[0].Password.Reveal() != "a new one" {
		t.Errorf("the new session: %v", err)
	}
	if devices, err := h.Devices(t.Context(), again.Member); err != nil || len(devices) != 1 {
		t.Errorf("devices: %v, %v", devices, err)
	}
}

func TestLimiter(t *testing.T) {
	l := NewLimiter()
	now := time.Unix(1_800_000_000, 0)
	l.now = func() time.Time { return now }
	here, there := FromNetwork(netip.MustParseAddr("192.0.2.1")), FromNetwork(netip.MustParseAddr("2001:db8::1"))
	for range perMinute {
		if l.Wait("ada@x", here) > 0 {
			t.Fatal("too early")
		}
		l.Failed("ada@x", here)
	}
	for name, wait := range map[string]time.Duration{
		"same address, elsewhere":    l.Wait("ADA@x", there),
		"other address, same client": l.Wait("bob@x", here),
	} {
		if wait <= 0 {
			t.Errorf("%s may go on", name)
		}
	}
	if l.Wait("bob@x", there) > 0 {
		t.Error("strangers wait too")
	}
	now = now.Add(time.Minute)
	if l.Wait("ada@x", here) > 0 {
		t.Error("still waiting after a minute")
	}
	for range perDay {
		l.Failed("ada@x", here)
		now = now.Add(time.Minute)
	}
	if wait := l.Wait("ada@x", here); wait < 20*time.Hour {
		t.Errorf("after %d failures: %v", perDay, wait)
	}
	l.Failed("eve@x", there)
	if there != FromNetwork(netip.MustParseAddr("2001:db8::ffff")) {
		t.Error("one IPv6 network is counted as many")
	}
}

// TestCredentials: what a client signed in with is alive as long as its session is, and
// nobody can tell a password by its name.
func TestCredentials(t *testing.T) {
	h, _ := newHouse(t)
	now := time.Unix(1_800_000_000, 0)
	h.now = func() time.Time { return now }
	s, token, err := h.SignIn(t.Context(), ada(), Client{UserAgent: "browser", Keep: false})
	if err != nil {
		t.Fatal(err)
	}
	alive := func(credential string) bool {
		t.Helper()
		ok, err := h.Alive(t.Context(), credential)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !alive(SessionCredential(s.ID)) || alive(SessionCredential("another")) || !alive(PasswordCredential("Ada@example.org")) || alive("") {
		t.Error("who is alive")
	}
	now = now.Add(browserFor)
	if alive(SessionCredential(s.ID)) {
		t.Error("a session outlives its time")
	}
	now = now.Add(-time.Hour)
	if err := h.SignOut(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if alive(SessionCredential(s.ID)) {
		t.Error("a session outlives its end")
	}
	if PasswordCredential("ada@EXAMPLE.org ") != PasswordCredential("Ada@example.org") {
		t.Error("one address, two credentials")
	}
}
