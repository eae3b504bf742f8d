package downstream_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/downstream"
	"github.com/hearthmail/hearthmail/bridge/oauth"
	"github.com/hearthmail/hearthmail/bridge/oauth/oauthtest"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

// TestProviderLeadsBack: who signs in with a provider is told so, and nobody who did not
// begin it here can bring its answer, nor hear what came of it.
func TestProviderLeadsBack(t *testing.T) {
	authority := dialertest.NewAuthority(t)
	server := oauthtest.Start(t, authority, "ada")
	allow, err := dialer.ParseAllowList([]string{"127.0.0.1:*"})
	if err != nil {
		t.Fatal(err)
	}
	flows := oauth.NewFlows(oauth.NewKeeper([]oauth.Provider{{
		Name: "Example", ClientID: oauthtest.ClientID, ClientSecret: oauthtest.ClientSecret, AuthURL: server.Page, TokenURL: server.URL + "/token",
	}}, (&dialer.Dialer{Allow: allow, Roots: authority.Pool()}).HTTPClient()))
	t.Cleanup(flows.Close)
	h := newHouse(t, func(cfg *downstream.Config) { cfg.Flows = flows })
	ada, eve := h.signIn("ada@hearth.test"), h.signIn("eve@hearth.test")
	begin := map[string]string{"provider": "Example", "email": "ada@example.org"}
	if resp := h.browser().post("/auth/oauth/start", begin); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("nobody begins: %s", resp.Status)
	}
	if resp := ada.post("/auth/oauth/start", map[string]string{"provider": "Nobody"}); resp.StatusCode != http.StatusBadGateway {
		t.Errorf("with nobody: %s", resp.Status)
	}
	resp := ada.post("/auth/oauth/start", begin)
	var started struct{ Ticket, URL, Code string }
	if err := json.Unmarshal([]byte(resp.text), &started); err != nil || started.Ticket == "" || started.Code != "" {
		t.Fatalf("%s: %v", resp.text, err)
	}
	cookie := resp.Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/auth/oauth/callback" {
		t.Errorf("%+v", cookie)
	}
	how := func(b *browser) string {
		return b.post("/auth/oauth/how", map[string]string{"ticket": started.Ticket}).text
	}
	answer, err := server.Code(started.URL)
	if err != nil {
		t.Fatal(err)
	}
	// Eve lured Ada's browser to her own answer, or has got hold of Ada's.
	if resp := eve.get("/auth/oauth/callback?" + answer.Encode()); resp.StatusCode != http.StatusForbidden {
		t.Errorf("another browser: %s", resp.Status)
	}
	if got := how(ada); !strings.Contains(got, oauth.Waiting) {
		t.Errorf("after another browser's answer: %s", got)
	}
	back := ada.do("GET", "/auth/oauth/callback?"+answer.Encode(), nil, func(r *http.Request) { r.Header.Set("Accept-Language", "de") })
	if back.StatusCode != http.StatusOK || !strings.Contains(back.text, "angemeldet") || back.Header.Get("Referrer-Policy") != "no-referrer" ||
		!strings.Contains(back.Header.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(back.text, "<script") {
		t.Errorf("%s %s", back.Status, back.text)
	}
	if got := how(ada); !strings.Contains(got, oauth.Agreed) {
		t.Errorf("after it: %s", got)
	}
	if got := how(eve); !strings.Contains(got, oauth.Refused) {
		t.Errorf("to somebody else it is said: %s", got)
	}
	if strings.Contains(h.log.String(), answer.Get("code")) {
		t.Error("the code is in the log")
	}
}
