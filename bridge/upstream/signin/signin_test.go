package signin_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/xdg-go/scram"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/signin"
)

func TestWays(t *testing.T) {
	all := func(string) bool { return true }
	for _, c := range []struct {
		who      signin.Credentials
		security upstream.Security
		want     string
	}{
		{signin.Credentials{}, upstream.TLS, "SCRAM-SHA-256 PLAIN COMMANDS LOGIN CRAM-MD5 APOP"},
		{signin.Credentials{}, upstream.None, "SCRAM-SHA-256 CRAM-MD5 APOP PLAIN COMMANDS LOGIN"},
		{signin.Credentials{Token: true}, upstream.TLS, "OAUTHBEARER XOAUTH2"},
		{signin.Credentials{Insist: "login"}, upstream.TLS, "LOGIN"},
	} {
		if got := strings.Join(c.who.Ways(c.security, all), " "); got != c.want {
			t.Errorf("%+v, %s: %s, want %s", c.who, c.security, got, c.want)
		}
	}
	if got := (signin.Credentials{}).Ways(upstream.TLS, func(way string) bool { return way == signin.Login }); !slices.Equal(got, []string{signin.Login}) {
		t.Errorf("of LOGIN alone: %v", got)
	}
}

// TestTry: a digest that is refused is followed by one other way, everything else by none.
func TestTry(t *testing.T) {
	refused := &upstream.Error{Kind: upstream.KindAuth}
	for _, c := range []struct {
		ways []string
		err  error
		want string
	}{
		{[]string{signin.ScramSHA256, signin.Plain, signin.Login}, refused, "SCRAM-SHA-256 PLAIN"},
		{[]string{signin.Plain, signin.Login}, refused, "PLAIN"},
		{[]string{signin.CRAMMD5, signin.Plain}, &upstream.Error{Kind: upstream.KindLost}, "CRAM-MD5"},
		{[]string{signin.CRAMMD5, signin.Plain}, nil, "CRAM-MD5"},
		{[]string{signin.APOP}, refused, "APOP"},
	} {
		var tried []string
		err := signin.Try(c.ways, func(way string) error {
			tried = append(tried, way)
			return c.err
		})
		if strings.Join(tried, " ") != c.want || !errors.Is(err, c.err) {
			t.Errorf("of %v tried %v: %v", c.ways, tried, err)
		}
	}
}

// TestScramServers: a server that asks for hours of work gets none, and one that does not
// know the password has not signed anybody in.
func TestScramServers(t *testing.T) {
	begin := func() signin.Exchange {
		e := signin.Credentials{User: "ada", Secret: "open sesame"}.Mechanism(signin.ScramSHA256)
		if _, _, err := e.Start(); err != nil || e.Done() {
			t.Fatalf("%v, done %v", err, e.Done())
		}
		return e
	}
	for _, challenge := range []string{"r=x,s=AAAA,i=2000000000", "r=x,s=AAAA,i=99999999999999999999", "r=x,s=AAAA,i=4096", "", "i"} {
		if answer, err := begin().Next([]byte(challenge)); err == nil {
			t.Errorf("to %q it says %q", challenge, answer)
		}
	}
	other, err := scram.SHA256.NewClient("ada", "another", "")
	if err != nil {
		t.Fatal(err)
	}
	stored := other.GetStoredCredentials(scram.KeyFactors{Salt: "salty", Iters: 4096})
	server, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) { return stored, nil })
	if err != nil {
		t.Fatal(err)
	}
	e := signin.Credentials{User: "ada", Secret: "open sesame"}.Mechanism(signin.ScramSHA256)
	_, first, err := e.Start()
	if err != nil {
		t.Fatal(err)
	}
	challenge, err := server.NewConversation().Step(string(first))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Next([]byte(challenge)); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Next([]byte("v=AAAA")); err == nil || e.Done() {
		t.Errorf("a server that proved nothing: %v, done %v", err, e.Done())
	}
}

func TestConnect(t *testing.T) {
	gone := &upstream.Error{Kind: upstream.KindAuth, Step: "asking for a token"}
	var said []upstream.Secret
	refuse := func(secret upstream.Secret) (int, error) {
		said = append(said, secret)
		return 0, &upstream.Error{Kind: upstream.KindAuth}
	}
	_, err := signin.Connect(t.Context(), "password", nil, refuse)
	if upstream.KindOf(err) != upstream.KindAuth || len(said) != 1 {
		t.Errorf("a password is said %d times: %v", len(said), err)
	}
	said = nil
	_, err = signin.Connect(t.Context(), "", tokens{"one", "two", "three"}, refuse)
	if upstream.KindOf(err) != upstream.KindAuth || !slices.Equal(said, []upstream.Secret{"one", "two"}) {
		t.Errorf("tokens said: %d, %v", len(said), err)
	}
	said = nil
	_, err = signin.Connect(t.Context(), "", noTokens{gone}, refuse)
	if !errors.Is(err, gone) || said != nil {
		t.Errorf("without a token: %v, %d said", err, len(said))
	}
}

type noTokens struct{ err error }

func (n noTokens) Token(context.Context, upstream.Secret) (upstream.Secret, error) { return "", n.err }
