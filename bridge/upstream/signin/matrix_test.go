package signin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapstore"
	"github.com/hearthmail/hearthmail/bridge/upstream/pop3wire"
	"github.com/hearthmail/hearthmail/bridge/upstream/postfix"
	"github.com/hearthmail/hearthmail/bridge/upstream/signin"
	"github.com/hearthmail/hearthmail/bridge/upstream/smtpsend"
)

const goodToken = upstream.Secret("ya29.good~token")

// tokens gives what it has, one after the other.
type tokens []upstream.Secret

func (all tokens) Token(_ context.Context, refused upstream.Secret) (upstream.Secret, error) {
	return all[min(slices.Index(all, refused)+1, len(all)-1)], nil
}

// servers is a Dovecot for IMAP and POP3, which also says to a Postfix who somebody is, and
// asks an authorization server what a token is good for (RFC 7662).
func servers(t *testing.T) (*dovecot.Server, *postfix.Server) {
	t.Helper()
	introspection := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		active := r.FormValue("token") == goodToken.Reveal()
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"active": active, "username": "ada"})
	}))
	t.Cleanup(introspection.Close)
	dir, err := os.MkdirTemp("", "sa") //nolint:usetesting // a socket's path is at most 108 octets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil { // Dovecot makes its socket there, and Postfix finds it
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "auth")
	d := dovecot.Start(t, dovecot.Options{Config: dovecot.OAuth(t, introspection.URL) + fmt.Sprintf(`
auth_mechanisms = plain login cram-md5 scram-sha-256 apop xoauth2 oauthbearer
mail_max_userip_connections = 100
service auth {
  unix_listener %s {
    mode = 0666
  }
}`, socket)})
	p := postfix.Start(t, postfix.Options{Config: "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = " + socket +
		"\nsmtpd_sasl_security_options = noanonymous\nsmtpd_error_sleep_time = 0\nsmtpd_delay_reject = no\nsmtpd_recipient_restrictions = permit_sasl_authenticated, reject"})
	return d, p
}

// TestMatrix: each protocol, on each kind of connection, by each way of signing in, with the
// right secret and with a wrong one.
func TestMatrix(t *testing.T) {
	d, p := servers(t)
	type attempt struct {
		security upstream.Security
		way      string
		password upstream.Secret
		tokens   upstream.Tokens
	}
	passwords := []string{"", signin.ScramSHA256, signin.Plain, signin.Login, signin.CRAMMD5}
	protocols := []struct {
		name string
		ways []string
		try  func(a attempt) error
	}{
		{"IMAP", append(passwords, signin.Commands), func(a attempt) error {
			s, err := imapstore.Open(t.Context(), imapstore.Config{Server: d.IMAP("ada", a.security), Password: a.password, Tokens: a.tokens, Auth: a.way, Dialer: d.Dialer})
			_ = s.Close()
			return err
		}},
		{"POP3", append(passwords, signin.Commands, signin.APOP), func(a attempt) error {
			return pop3wire.Check(t.Context(), pop3wire.Config{Server: d.POP3("ada", a.security), Password: a.password, Tokens: a.tokens, Auth: a.way, Dialer: d.Dialer})
		}},
		{"SMTP", passwords, func(a attempt) error {
			server := p.SMTP(a.security)
			server.User = "ada"
			s := smtpsend.New(smtpsend.Config{Server: server, Password: a.password, Tokens: a.tokens, Auth: a.way, Dialer: p.Dialer})
			if a.password == "wrong" || a.tokens != nil && a.tokens.(tokens)[len(a.tokens.(tokens))-1] != goodToken {
				return s.Check(t.Context())
			}
			body := "Subject: hi\r\n\r\nhello\r\n"
			_, err := s.Send(t.Context(), upstream.Outgoing{From: "ada@hearth.test", To: []string{"grace@hearth.test"}, Size: int64(len(body)), Body: strings.NewReader(body)})
			return err
		}},
	}
	var all sync.WaitGroup // Dovecot takes a second to refuse anything
	defer all.Wait()
	for _, protocol := range protocols {
		for _, security := range []upstream.Security{upstream.TLS, upstream.STARTTLS, upstream.None} {
			one := func(what string, a attempt, want upstream.Kind) {
				err := protocol.try(a)
				if upstream.KindOf(err) != want || want == "" && err != nil {
					t.Errorf("%s, %s, %s: %v, want %q", protocol.name, security, what, err, want)
				}
				if err != nil && (strings.Contains(err.Error(), a.password.Reveal()) && a.password != "" || strings.Contains(err.Error(), "bad")) {
					t.Errorf("%s, %s, %s: the secret is told: %v", protocol.name, security, what, err)
				}
			}
			check := func(what string, a attempt, want upstream.Kind) {
				all.Go(func() { one(what, a, want) })
			}
			for _, way := range protocol.ways {
				if way == signin.APOP && security == upstream.STARTTLS { // there is no greeting to take a timestamp from
					check(way, attempt{security, way, dovecot.Password, nil}, upstream.KindNoAuth)
					continue
				}
				check(way, attempt{security, way, dovecot.Password, nil}, "")
				check(way+" with a wrong password", attempt{security, way, "wrong", nil}, upstream.KindAuth)
			}
			for _, way := range []string{"", signin.XOAuth2, signin.OAuthBearer} {
				check(way+" by a token", attempt{security, way, "", tokens{goodToken}}, "")
				check(way+" by the second token", attempt{security, way, "", tokens{"bad", goodToken}}, "")
				check(way+" by a bad token", attempt{security, way, "", tokens{"bad", "bad too"}}, upstream.KindAuth)
			}
		}
	}
}
