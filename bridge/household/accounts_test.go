package household

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

func TestMain(m *testing.M) {
	argonMemory = 1 << 10
	os.Exit(m.Run())
}

const workPassword = "battery canary staple"

func work() Account {
	return Account{
		Name: "Work", Address: "ada@work.example", Colour: "#1d4ed8", Password: workPassword,
		Incoming: upstream.Server{Host: "mail.work.example", Port: 993, Security: upstream.TLS, User: "ada"},
	}
}

// passwords is what the accounts of a session can be opened with, the member's own first.
func passwords(s *Session) []string {
	var out []string
	for _, a := range s.Accounts {
		shown := a.Password.Reveal()
		if a.Locked {
			shown = "locked " + a.Incoming.Host
		}
		out = append(out, shown)
	}
	return out
}

func expect(t *testing.T, what string, s *Session, err error, want ...string) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	got := passwords(s)
	if len(got) != len(want) {
		t.Fatalf("%s: accounts with %q, want %q", what, got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: accounts with %q, want %q", what, got, want)
		}
	}
}

func signIn(t *testing.T, h *House, password string, c Client) (*Session, string) {
	t.Helper()
	own := ada()
	own.Password = upstream.Secret(password)
	s, token, err := h.SignIn(t.Context(), own, c)
	if err != nil {
		t.Fatal(err)
	}
	return s, token
}

// addWork adds another account, and looks whether everybody hears of it.
func addWork(t *testing.T, h *House, s *Session) Account {
	t.Helper()
	now, err := h.Again(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	added, err := h.AddAccount(t.Context(), s, work())
	if err != nil {
		t.Fatal(err)
	}
	<-now.Changed
	return added
}

func TestAccountsComeAndGo(t *testing.T) {
	h, dir := newHouse(t)
	s, token := signIn(t, h, password, Client{})
	added := addWork(t, h, s)
	_, phone := signIn(t, h, password, Client{UserAgent: "phone"})
	for _, device := range []string{token, phone} {
		now, err := h.Resume(t.Context(), device)
		expect(t, "after adding", now, err, password, workPassword)
	}
	again, err := h.Again(t.Context(), s)
	expect(t, "the same session", again, err, password, workPassword)

	added.Name, added.Password = "Office", "changed"
	if err := h.ChangeAccount(t.Context(), s, added); err != nil {
		t.Fatal(err)
	}
	again, err = h.Again(t.Context(), s)
	expect(t, "after a change", again, err, password, "changed")
	if again.Accounts[1].Name != "Office" || again.Accounts[1].SortOrder != 1 {
		t.Errorf("it is %+v", again.Accounts[1])
	}
	for _, id := range []jmap.Id{s.Own, "none"} {
		if err := h.RemoveAccount(t.Context(), s, id); !errors.Is(err, ErrNoAccount) {
			t.Errorf("removing %s: %v", id, err)
		}
	}
	if err := h.RemoveAccount(t.Context(), s, added.ID); err != nil {
		t.Fatal(err)
	}
	again, err = h.Again(t.Context(), s)
	expect(t, "after removing", again, err, password)
	if left, err := h.Removed(t.Context()); err != nil || len(left) != 1 || left[0] != added.ID {
		t.Errorf("to be wiped: %v, %v", left, err)
	}
	if err := h.Forget(t.Context(), added.ID); err != nil {
		t.Fatal(err)
	}
	if left, err := h.Removed(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("to be wiped: %v, %v", left, err)
	}
	if _, err := h.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "hearthmail.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, rest := range []string{workPassword, "mail.work.example"} {
		if bytes.Contains(data, []byte(rest)) {
			t.Errorf("the database still holds %q", rest)
		}
	}
}

// TestPasswordClientsHaveTheOthersToo: the password opens the vault; a new one that the
// vault does not know opens the one account.
func TestPasswordClientsHaveTheOthersToo(t *testing.T) {
	h, _ := newHouse(t)
	alone, err := h.ByPassword(t.Context(), ada())
	expect(t, "nobody known", alone, err, password)
	if _, err := h.AddAccount(t.Context(), alone, work()); !errors.Is(err, ErrNoSession) {
		t.Errorf("adding where nothing is kept: %v", err)
	}
	s, _ := signIn(t, h, password, Client{})
	addWork(t, h, s)
	both, err := h.ByPassword(t.Context(), ada())
	expect(t, "the right password", both, err, password, workPassword)
	changed := ada()
	changed.Password = "a new one"
	one, err := h.ByPassword(t.Context(), changed)
	expect(t, "another password", one, err, "a new one")
}

// TestChangedPasswordOnAKnownDevice: whoever has the vault key keeps everything, on all
// devices, whether they tell the new password in the settings or by signing in again.
func TestChangedPasswordOnAKnownDevice(t *testing.T) {
	h, _ := newHouse(t)
	s, laptop := signIn(t, h, password, Client{})
	_, phone := signIn(t, h, password, Client{})
	addWork(t, h, s)

	_, signedInAgain := signIn(t, h, "second", Client{Token: laptop})
	for _, device := range []string{laptop, phone, signedInAgain} {
		now, err := h.Resume(t.Context(), device)
		expect(t, "signed in again", now, err, "second", workPassword)
	}
	own := ada()
	own.Password = "third"
	if err := h.ChangeAccount(t.Context(), s, own); err != nil {
		t.Fatal(err)
	}
	now, err := h.Resume(t.Context(), phone)
	expect(t, "told in the settings", now, err, "third", workPassword)
	fresh, _ := signIn(t, h, "third", Client{})
	expect(t, "a new device", fresh, nil, "third", workPassword)
}

// TestChangedPasswordOnANewDevice: it cannot know the other accounts' passwords, but says
// which they are; the others must sign in again, and the first one that does brings them.
func TestChangedPasswordOnANewDevice(t *testing.T) {
	h, _ := newHouse(t)
	s, laptop := signIn(t, h, password, Client{})
	added := addWork(t, h, s)
	ended := h.Revoked(s.ID)
	s2, tablet := signIn(t, h, "second", Client{})
	expect(t, "a new device", s2, nil, "second", "locked mail.work.example")
	<-ended
	if _, err := h.Resume(t.Context(), laptop); !errors.Is(err, ErrNoSession) {
		t.Errorf("the old device: %v", err)
	}
	if _, err := h.AddAccount(t.Context(), s, work()); !errors.Is(err, ErrNoSession) {
		t.Errorf("the old device adds: %v", err)
	}
	if alive, err := h.Alive(t.Context(), SessionCredential(s.ID)); err != nil || alive {
		t.Errorf("the old device is alive: %v", err)
	}
	_, back := signIn(t, h, "second", Client{Token: laptop})
	for _, device := range []string{tablet, back} {
		now, err := h.Resume(t.Context(), device)
		expect(t, "the old device is back", now, err, "second", workPassword)
	}

	s3, _ := signIn(t, h, "third", Client{})
	expect(t, "no device is left", s3, nil, "third", "locked mail.work.example")
	added.Password = workPassword
	if err := h.ChangeAccount(t.Context(), s3, added); err != nil {
		t.Fatal(err)
	}
	now, err := h.Again(t.Context(), s3)
	expect(t, "told its password", now, err, "third", workPassword)
}
