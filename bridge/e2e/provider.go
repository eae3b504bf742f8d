package e2e

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
)

// Domain is that of a Provider's addresses. Every local part is an account.
const Domain = "hearth.test"

// Password opens every account of a Provider.
var Password = dovecot.Password.Reveal()

// Provider is a mail provider on loopback: a real Dovecot, and an SMTP server that
// delivers into it, both with TLS and certificates of one authority.
type Provider struct {
	*dovecot.Server
	Authority *dialertest.Authority
	// SMTP is the port of mail submission.
	SMTP int
	// Closed has mail submission refuse every recipient for good.
	Closed atomic.Bool
	// Notify is what a client last asked to be told of a recipient (RFC 3461), a string.
	Notify atomic.Value
	// GoodToken says of which access tokens SMTP thinks so; nil: of none.
	GoodToken func(token string) bool
}

// StartProvider starts a provider that stops when the test ends.
func StartProvider(t testing.TB) *Provider {
	t.Helper()
	return startProvider(t, dovecot.Options{Authority: dialertest.NewAuthority(t)})
}

// StartBulkProvider starts a provider for accounts of very many messages: see
// dovecot.Bulk.
func StartBulkProvider(t testing.TB) *Provider {
	t.Helper()
	return startProvider(t, dovecot.Options{Authority: dialertest.NewAuthority(t), Config: dovecot.Bulk})
}

// startProvider starts one with what else its Dovecot is to have.
func startProvider(t testing.TB, o dovecot.Options) *Provider {
	t.Helper()
	authority := o.Authority
	o.Sieve = true
	p := &Provider{Server: dovecot.Start(t, o), Authority: authority}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &submission{t: t, to: p}, nil }))
	srv.EnableDSN = true
	srv.Domain, srv.EnableSMTPUTF8, srv.AllowInsecureAuth = "127.0.0.1", true, false
	srv.MaxMessageBytes = 128 << 20
	l, err := tls.Listen("tcp", "127.0.0.1:0", authority.Config(t, "127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	p.SMTP = l.Addr().(*net.TCPAddr).Port
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		_ = srv.Close()
		<-done
	})
	return p
}

// Bridge starts a bridge that knows the provider, with more arguments.
func (p *Provider) Bridge(t testing.TB, args ...string) *Bridge {
	t.Helper()
	return StartBridge(t, append([]string{"serve", "-listen", "127.0.0.1:0", "-data", t.TempDir(), "-config", p.Config(t)}, args...)...)
}

// Config writes a configuration that knows the provider, and gives its file.
func (p *Provider) Config(t testing.TB) string {
	t.Helper()
	return p.ConfigFor(t, p.IMAP("", upstream.TLS).Port, upstream.TLS)
}

// ConfigFor is Config with another way to the same mail.
func (p *Provider) ConfigFor(t testing.TB, port int, security upstream.Security) string {
	t.Helper()
	dir := t.TempDir()
	roots := filepath.Join(dir, "roots.pem")
	if err := os.WriteFile(roots, p.Authority.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`upstream_allow = ["127.0.0.1:*"]
ca_file = %q
[[provider]]
domains = [%q]
user = "localpart"
imap = { server = "127.0.0.1:%d", security = %q }
smtp = { server = "127.0.0.1:%d", security = "tls", auth = "plain" }
sieve = { server = "127.0.0.1:%d", security = "starttls" }
`, roots, Domain, port, security, p.SMTP, p.ManageSieve("", upstream.STARTTLS).Port)
	file := filepath.Join(dir, "hearthmail.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// submission is one SMTP session.
type submission struct {
	t  testing.TB
	to *Provider

	signedIn   bool
	recipients []string
}

func (s *submission) AuthMechanisms() []string {
	if s.to.GoodToken != nil {
		return []string{sasl.Plain, sasl.OAuthBearer}
	}
	return []string{sasl.Plain}
}

func (s *submission) Auth(mechanism string) (sasl.Server, error) {
	if mechanism == sasl.OAuthBearer {
		return sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if s.signedIn = s.to.GoodToken(o.Token); !s.signedIn {
				return &sasl.OAuthBearerError{Status: "invalid_token"}
			}
			return nil
		}), nil
	}
	return sasl.NewPlainServer(func(_, _, password string) error {
		if password != Password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}

func (s *submission) Mail(string, *smtp.MailOptions) error {
	if !s.signedIn {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *submission) Rcpt(to string, asked *smtp.RcptOptions) error {
	s.to.Notify.Store(fmt.Sprint(asked.Notify))
	if s.to.Closed.Load() || !strings.HasSuffix(to, "@"+Domain) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody here is called " + to}
	}
	s.recipients = append(s.recipients, strings.TrimSuffix(to, "@"+Domain))
	return nil
}

func (s *submission) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if len(s.recipients) == 0 {
		return errors.New("nobody to deliver to")
	}
	for _, name := range s.recipients {
		s.to.Deliver(s.t, name, "INBOX", raw)
	}
	return nil
}

func (s *submission) Reset()        { s.recipients = nil }
func (s *submission) Logout() error { return nil }
