package household

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestGrant: tokens lie sealed as passwords do, and are renewed for all devices; one that
// has lost the key knows the provider and nothing else.
func TestGrant(t *testing.T) {
	h, dir := newHouse(t)
	s, token := signIn(t, h, password, Client{})
	a := work()
	a.Password = ""
	a.Grant = &Grant{ID: "g1", Provider: "Example", Refresh: "refresh-one", Access: "access-one", Expires: time.Now().Add(time.Hour).Truncate(time.Second)}
	a, err := h.AddAccount(t.Context(), s, a)
	if err != nil {
		t.Fatal(err)
	}
	next := *a.Grant
	next.Refresh, next.Access = "refresh-two", "access-two"
	if err := h.Renew(t.Context(), s, a.ID, next); err != nil {
		t.Fatal(err)
	}
	again, err := h.Resume(t.Context(), token)
	if err != nil || len(again.Accounts) != 2 || again.Accounts[1].Grant.Refresh != "refresh-two" || !again.Accounts[1].Grant.Expires.Equal(next.Expires) {
		t.Fatalf("%+v, %v", again, err)
	}
	for what, err := range map[string]error{
		"another grant":   h.Renew(t.Context(), s, a.ID, Grant{ID: "g2", Refresh: "x"}),
		"no grant":        h.Renew(t.Context(), s, s.Own, next),
		"another account": h.Renew(t.Context(), s, "none", next),
	} {
		if !errors.Is(err, ErrNoAccount) {
			t.Errorf("%s: %v", what, err)
		}
	}
	locked, _ := signIn(t, h, "changed elsewhere", Client{})
	if got := locked.Accounts[1]; !got.Locked || got.Grant == nil || got.Grant.Provider != "Example" || got.Grant.Refresh != "" || got.Grant.Access != "" {
		t.Errorf("locked: %+v", got)
	}
	if err := h.Renew(t.Context(), locked, a.ID, next); !errors.Is(err, ErrNoAccount) {
		t.Errorf("locked: %v", err)
	}
	if _, err := h.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "hearthmail.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"refresh-one", "access-one", "refresh-two", "access-two"} {
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("the database holds %q", secret)
		}
	}
}
