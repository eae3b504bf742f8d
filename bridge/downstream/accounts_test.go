package downstream_test

import (
	"net/http"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// token is what the browser's cookie holds.
func (b *browser) token() string {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.URL, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.Jar.Cookies(r.URL) {
		return c.Value
	}
	b.t.Fatal("no cookie")
	return ""
}

// TestAccountsChangeUnderASocket: an account that was added is told to the devices that are
// signed in, and can be used, without their coming again; so is that it was removed. Clients
// that send the password have it as well.
func TestAccountsChangeUnderASocket(t *testing.T) {
	h := newHouse(t)
	b := h.signIn("ada@hearth.test")
	own := b.account()
	k := b.socket(t, nil)
	k.say(t, `{"@type":"WebSocketPushEnable","dataTypes":["Mailbox"]}`)
	s, err := h.house.Resume(t.Context(), b.token())
	if err != nil {
		t.Fatal(err)
	}
	added, err := h.house.AddAccount(t.Context(), s, household.Account{
		Name: "Grace", Address: "grace@hearth.test", Password: secret,
		Incoming: upstream.Server{Host: "imap.hearth.test", Port: 993, Security: upstream.TLS, User: "grace@hearth.test"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for { // until it is told of
		f := k.hear(t)
		if f.StateChange != nil && f.StateChange.Changed[added.ID] != nil {
			break
		}
	}
	asks := `{"@type":"Request","id":"r","using":["urn:ietf:params:jmap:core","urn:ietf:params:jmap:mail"],"methodCalls":[["Mailbox/get",{"accountId":"` + string(added.ID) + `"},"0"]]}`
	answered := func() string {
		k.say(t, asks)
		for {
			if f := k.hear(t); f.RequestID == "r" {
				return f.Response.MethodResponses[0].Name
			}
		}
	}
	if name := answered(); name != "Mailbox/get" {
		t.Errorf("the socket answers %s", name)
	}
	client := h.browser()
	request := client.do("GET", "/jmap/session", nil, func(r *http.Request) { r.SetBasicAuth("ada@hearth.test", secret) })
	if request.StatusCode != http.StatusOK {
		t.Errorf("by password: %s", request.Status)
	}
	session := b.session()
	for uri, id := range session.PrimaryAccounts {
		if id != own {
			t.Errorf("%s: primary is %s, not the member's own", uri, id)
		}
	}
	if len(session.Accounts) != 2 || session.Accounts[added.ID].Name != "Grace" || session.Username != "ada@hearth.test" {
		t.Errorf("the session is %+v", session)
	}
	if err := h.house.RemoveAccount(t.Context(), s, added.ID); err != nil {
		t.Fatal(err)
	}
	if name := answered(); name != "error" {
		t.Errorf("after removal the socket answers %s", name)
	}
	if left := b.session(); len(left.Accounts) != 1 || left.State == session.State {
		t.Errorf("after removal the session is %+v", left)
	}
	if other := h.signIn("grace@hearth.test").account(); other == added.ID {
		t.Error("somebody else has the account that was added")
	}
}
