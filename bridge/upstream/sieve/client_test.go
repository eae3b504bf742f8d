package sieve

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
)

func open(t *testing.T, s *dovecot.Server, user string, security upstream.Security) *Client {
	t.Helper()
	c := New(Config{Server: s.ManageSieve(user, security), Password: dovecot.Password, Dialer: s.Dialer})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestScriptsOfARealServer(t *testing.T) {
	s := dovecot.Start(t, dovecot.Options{Sieve: true, Config: "plugin {\n sieve_max_script_size = 10K\n sieve_quota_max_scripts = 4\n}\n"})
	for _, security := range []upstream.Security{upstream.STARTTLS, upstream.None} {
		t.Run(string(security), func(t *testing.T) {
			ctx := t.Context()
			c := open(t, s, "ada-"+string(security), security)
			offers, err := c.Offers(ctx)
			if err != nil || !offers.Has("vacation", "include", "date", "relational") || offers.Has("vacation", "nonsense") {
				t.Fatalf("offers %v (%v)", offers, err)
			}
			if list, err := c.List(ctx); err != nil || len(list) != 0 {
				t.Errorf("list %v (%v)", list, err)
			}
			text := "# \"quotes\" {12+} Grüße\r\nkeep;\r\n"
			for _, name := range []string{"main", `Ünï "code" \ x`, "empty"} {
				if err := c.Put(ctx, name, text); err != nil {
					t.Fatal(err)
				}
				if got, err := c.Get(ctx, name); err != nil || got != text {
					t.Errorf("%s: %q (%v)", name, got, err)
				}
			}
			if err := c.SetActive(ctx, "main"); err != nil {
				t.Fatal(err)
			}
			list, err := c.List(ctx)
			if err != nil || len(list) != 3 || !slices.Contains(list, upstream.Script{Name: "main", Active: true}) {
				t.Errorf("list %v (%v)", list, err)
			}
			refusals(t, c)
			if err := c.SetActive(ctx, ""); err != nil {
				t.Error(err)
			}
			if err := c.Delete(ctx, "main"); err != nil {
				t.Error(err)
			}
			if list, err := c.List(ctx); err != nil || len(list) != 2 || list[0].Active || list[1].Active {
				t.Errorf("list %v (%v)", list, err)
			}
		})
	}
}

// refusals: what the server refuses says why, and leaves the connection in order.
func refusals(t *testing.T, c *Client) {
	t.Helper()
	ctx := t.Context()
	_, err := c.Get(ctx, "nothing")
	if !errors.Is(err, upstream.ErrNoScript) || upstream.CodeOf(err) != "NONEXISTENT" {
		t.Errorf("a script that is not there: %v", err)
	}
	if err := c.SetActive(ctx, "nothing"); !errors.Is(err, upstream.ErrNoScript) {
		t.Errorf("a script that is not there is active: %v", err)
	}
	if err := c.Delete(ctx, "main"); upstream.KindOf(err) != upstream.KindRefused || upstream.CodeOf(err) != "ACTIVE" {
		t.Errorf("the active script is removed: %v", err)
	}
	var e *upstream.Error
	err = c.Put(ctx, "wrong", "require \"nonsense\";\r\n")
	if !errors.As(err, &e) || e.Kind != upstream.KindRefused || !strings.Contains(e.Text, "nonsense") {
		t.Errorf("a wrong script: %v", err)
	}
	if err := c.Put(ctx, "big", "#"+strings.Repeat("x", 11<<10)+"\r\n"); upstream.KindOf(err) != upstream.KindOverQuota {
		t.Errorf("a big script: %v", err)
	}
	if list, err := c.List(ctx); err != nil || len(list) != 3 {
		t.Errorf("list %v (%v)", list, err)
	}
}

func TestWrongPassword(t *testing.T) {
	s := dovecot.Start(t, dovecot.Options{Sieve: true})
	c := New(Config{Server: s.ManageSieve("ada", upstream.STARTTLS), Password: "wrong", Dialer: s.Dialer})
	defer func() { _ = c.Close() }()
	if _, err := c.Offers(t.Context()); upstream.KindOf(err) != upstream.KindAuth {
		t.Errorf("error %v", err)
	}
}

func TestConnectionIsClosedWhenNobodyUsesIt(t *testing.T) {
	s := dovecot.Start(t, dovecot.Options{Sieve: true})
	c := open(t, s, "ada", upstream.None)
	c.keptFor = 50 * time.Millisecond
	if _, err := c.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		slot := <-c.turn
		open := slot.conn != nil
		c.turn <- slot
		if !open {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("it stays open")
}

func TestManyHands(t *testing.T) {
	s := dovecot.Start(t, dovecot.Options{Sieve: true})
	c := open(t, s, "ada", upstream.None)
	done := make(chan error)
	for i := range 8 {
		go func() {
			name := string(rune('a' + i))
			err := c.Put(t.Context(), name, "# "+name+"\r\n")
			got, err2 := c.Get(t.Context(), name)
			if err2 == nil && got != "# "+name+"\r\n" {
				err2 = errors.New(name + " is " + got)
			}
			done <- errors.Join(err, err2)
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
