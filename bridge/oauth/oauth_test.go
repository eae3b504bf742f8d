package oauth_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/oauth"
	"github.com/hearthmail/hearthmail/bridge/oauth/oauthtest"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

const back = "https://mail.example.org/auth/oauth/callback"

// begin starts a server and what signs in with it.
func begin(t *testing.T, change func(*oauth.Provider)) (*oauthtest.Server, *oauth.Keeper, *oauth.Flows) {
	t.Helper()
	authority := dialertest.NewAuthority(t)
	server := oauthtest.Start(t, authority, "ada")
	p := oauth.Provider{
		Name: "Example", ClientID: oauthtest.ClientID, ClientSecret: oauthtest.ClientSecret, Issuer: server.URL, Scopes: []string{"mail"},
		AuthURL: server.URL + "/authorize", TokenURL: server.URL + "/token", DeviceURL: server.URL + "/device",
	}
	if change != nil {
		change(&p)
	}
	allow, err := dialer.ParseAllowList([]string{"127.0.0.1:*"})
	if err != nil {
		t.Fatal(err)
	}
	k := oauth.NewKeeper([]oauth.Provider{p}, (&dialer.Dialer{Allow: allow, Roots: authority.Pool()}).HTTPClient())
	f := oauth.NewFlows(k)
	t.Cleanup(f.Close)
	return server, k, f
}

// agree goes the whole way.
func agree(t *testing.T, server *oauthtest.Server, f *oauth.Flows) household.Grant {
	t.Helper()
	started, err := f.Begin(t.Context(), "m1", "Example", "ada@example.org", back)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := server.Code(started.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(t.Context(), started.Binding, answer); err != nil {
		t.Fatal(err)
	}
	g, ok := f.Grant("m1", started.Ticket)
	if !ok {
		t.Fatal("there is no grant")
	}
	return g
}

func TestAgreeing(t *testing.T) {
	server, _, f := begin(t, nil)
	started, err := f.Begin(t.Context(), "m1", "Example", "ada@example.org", back)
	if err != nil || f.How("m1", started.Ticket) != oauth.Waiting {
		t.Fatalf("%v, %s", err, f.How("m1", started.Ticket))
	}
	page, err := url.Parse(started.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"redirect_uri": back, "login_hint": "ada@example.org", "code_challenge_method": "S256", "response_type": "code", "scope": "mail"} {
		if got := page.Query().Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	answer, err := server.Code(started.URL)
	if err != nil {
		t.Fatal(err)
	}
	with := func(name, value string) url.Values {
		changed := maps.Clone(answer)
		changed.Set(name, value)
		return changed
	}
	// What is not from the one who asked is refused, and ends nothing.
	for what, err := range map[string]error{
		"another state":   f.Finish(t.Context(), started.Binding, with("state", "another")),
		"no state":        f.Finish(t.Context(), started.Binding, with("state", "")),
		"another browser": f.Finish(t.Context(), "another", answer),
		"no cookie":       f.Finish(t.Context(), "", answer),
	} {
		if !errors.Is(err, oauth.ErrForeign) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, ok := f.Grant("m1", started.Ticket); ok || f.How("m1", started.Ticket) != oauth.Waiting {
		t.Error("something came of that")
	}
	if err := f.Finish(t.Context(), started.Binding, answer); err != nil {
		t.Fatal(err)
	}
	if f.How("m2", started.Ticket) != oauth.Refused {
		t.Error("another member is told")
	}
	if _, ok := f.Grant("m2", started.Ticket); ok {
		t.Error("another member has the grant")
	}
	g, ok := f.Grant("m1", started.Ticket)
	if !ok || !server.Good(g.Access.Reveal()) || g.Refresh == "" || g.Provider != "Example" || g.ID == "" {
		t.Errorf("%v, %+v", ok, g)
	}
	if err := f.Finish(t.Context(), started.Binding, answer); !errors.Is(err, oauth.ErrForeign) {
		t.Errorf("the same answer again: %v", err)
	}
}

func TestRefused(t *testing.T) {
	server, _, f := begin(t, nil)
	for what, change := range map[string]func(url.Values){
		"another issuer":     func(v url.Values) { v.Set("iss", "https://evil.example") },
		"a made up code":     func(v url.Values) { v.Set("code", "made up") },
		"the person says no": func(v url.Values) { v.Del("code"); v.Set("error", "access_denied") },
	} {
		started, err := f.Begin(t.Context(), "m1", "Example", "", back)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.Code(started.URL)
		if err != nil {
			t.Fatal(err)
		}
		change(answer)
		if err := f.Finish(t.Context(), started.Binding, answer); err == nil || strings.Contains(err.Error(), "made up") {
			t.Errorf("%s: %v", what, err)
		}
		if how := f.How("m1", started.Ticket); how != oauth.Refused {
			t.Errorf("%s: %s", what, how)
		}
	}
	if _, err := f.Begin(t.Context(), "m1", "Nobody", "", back); !errors.Is(err, oauth.ErrNoProvider) {
		t.Errorf("no provider: %v", err)
	}
}

func TestDeviceFlow(t *testing.T) {
	server, _, f := begin(t, func(p *oauth.Provider) { p.AuthURL = "" })
	started, err := f.Begin(t.Context(), "m1", "Example", "", back)
	if err != nil || started.Code != "ABCD-EFGH" || started.URL != server.URL+"/enter" || started.Binding != "" {
		t.Fatalf("%+v, %v", started, err)
	}
	if how := f.How("m1", started.Ticket); how != oauth.Waiting {
		t.Errorf("before: %s", how)
	}
	server.Agree()
	for deadline := time.Now().Add(30 * time.Second); f.How("m1", started.Ticket) != oauth.Agreed; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(f.How("m1", started.Ticket))
		}
	}
}

// TestRenewing: tokens that end are renewed once for all who wait, and kept before they are
// used.
func TestRenewing(t *testing.T) {
	server, k, f := begin(t, nil)
	server.SetSeconds(30) // less than what is held to be good
	g := agree(t, server, f)
	var mu sync.Mutex
	var kept []household.Grant
	broken := errors.New("the disk is full")
	failing := true
	source := k.Tokens(g, func(_ context.Context, g household.Grant) error {
		mu.Lock()
		defer mu.Unlock()
		if failing {
			return broken
		}
		kept = append(kept, g)
		return nil
	})
	server.SetSeconds(3600)
	if _, err := source.Token(t.Context(), ""); upstream.KindOf(err) != upstream.KindUnavailable || !errors.Is(err, broken) {
		t.Errorf("what is not kept is used: %v", err)
	}
	failing = false
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			token, err := k.Tokens(g, nil).Token(t.Context(), "")
			if err != nil || !server.Good(token.Reveal()) {
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
	if n := server.Refreshed(); n != 1 || len(kept) != 1 || kept[0].Refresh == g.Refresh || kept[0].ID != g.ID {
		t.Errorf("renewed %d times, kept %d times", n, len(kept))
	}

	// One that a server refuses before its time is renewed too.
	token, err := source.Token(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	server.EndAccess()
	if other, err := source.Token(t.Context(), token); err != nil || other == token || !server.Good(other.Reveal()) {
		t.Errorf("after a refusal: %v", err)
	}

	// While the server is down it is a matter of time, and once taken back a matter of the person.
	token, err = source.Token(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	server.SetDown(true)
	if _, err := source.Token(t.Context(), token); upstream.KindOf(err) != upstream.KindUnavailable {
		t.Errorf("down: %v", err)
	}
	server.SetDown(false)
	server.TakeBack()
	for range 2 {
		_, err := source.Token(t.Context(), token)
		if upstream.KindOf(err) != upstream.KindAuth || strings.Contains(err.Error(), "refresh-") {
			t.Errorf("taken back: %v", err)
		}
	}
}

// TestNoRedirects: secrets go to the server of the configuration and to no other.
func TestNoRedirects(t *testing.T) {
	asked := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	k := oauth.NewKeeper([]oauth.Provider{{Name: "Example", ClientID: "x", TokenURL: server.URL}}, server.Client())
	_, err := k.Tokens(household.Grant{ID: "1", Provider: "Example", Refresh: "secret"}, nil).Token(t.Context(), "")
	if upstream.KindOf(err) != upstream.KindUnavailable || asked > 2 { // it may try two ways of saying who it is
		t.Errorf("%v, asked %d times", err, asked)
	}
}
