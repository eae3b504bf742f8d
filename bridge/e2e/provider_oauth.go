package e2e

import (
	"fmt"
	"os"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/oauth/oauthtest"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
)

// TokenDomain is that of addresses whose mail is opened by tokens of "Example".
const TokenDomain = "tokens.test"

// StartTokenProvider starts a provider that knows users by passwords at Domain, and one
// user also by tokens, at TokenDomain.
func StartTokenProvider(t testing.TB, user string) (*Provider, *oauthtest.Server) {
	t.Helper()
	authority := dialertest.NewAuthority(t)
	tokens := oauthtest.Start(t, authority, user)
	p := startProvider(t, dovecot.Options{Authority: authority, Config: dovecot.OAuth(t, tokens.Introspection)})
	p.GoodToken = tokens.Good
	return p, tokens
}

// TokenBridge starts a bridge that knows both.
func (p *Provider) TokenBridge(t testing.TB, tokens *oauthtest.Server) *Bridge {
	t.Helper()
	file := p.Config(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = fmt.Appendf(text, `[[provider]]
domains = [%q]
user = "localpart"
imap = { server = "127.0.0.1:%d", security = "tls" }
smtp = { server = "127.0.0.1:%d", security = "tls" }
%s`, TokenDomain, p.IMAP("", upstream.TLS).Port, p.SMTP, tokens.Settings("Example"))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return StartBridge(t, "serve", "-listen", "127.0.0.1:0", "-data", t.TempDir(), "-config", file)
}
