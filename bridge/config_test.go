package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

func parse(t *testing.T, toml string, env map[string]string, args ...string) (*config, error) {
	t.Helper()
	if toml != "" {
		file := filepath.Join(t.TempDir(), "hearthmail.toml")
		if err := os.WriteFile(file, []byte(toml), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append([]string{"-config", file}, args...)
	}
	c, err := parseConfig("serve", args, func(name string) string { return env[name] })
	if err == nil {
		err = c.check()
	}
	return c, err
}

const fullConfig = `
listen = "127.0.0.1:8080"
data = "/var/lib/hearthmail"
members = ["*@example.org", "ada@other.example"]
upstream_allow = ["192.168.1.10:993", "127.0.0.1:*"]

[[provider]]
domains = ["example.org"]
user = "localpart"
imap = { server = "imap.example.org:993", security = "tls" }
smtp = { server = "smtp.example.org:587", security = "starttls", auth = "plain" }
pop3 = { server = "pop.example.org:995", security = "tls" }
sieve = { server = "sieve.example.org:4190", security = "starttls" }
oauth = { name = "Example", client_id = "hearthmail", client_secret = "s", auth_url = "https://id.example.org/auth", token_url = "https://id.example.org/token", device_url = "https://id.example.org/device", issuer = "https://id.example.org", scopes = ["mail"] }
`

func TestConfigFile(t *testing.T) {
	c, err := parse(t, fullConfig, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Providers[0].discover()
	if p.IMAP.Addr() != "imap.example.org:993" || p.SMTP.Security != "starttls" || p.UserForm != "localpart" || p.SMTPAuth != "plain" {
		t.Errorf("provider: %+v", p)
	}
	if o := c.oauthProviders(); len(o) != 1 || o[0].Name != "Example" || p.SignInWith != "Example" || o[0].Scopes[0] != "mail" || o[0].DeviceURL == "" {
		t.Errorf("%+v", o)
	}
}

func TestWhereFiltersAre(t *testing.T) {
	c, err := parse(t, fullConfig, nil)
	if err != nil {
		t.Fatal(err)
	}
	filters := c.filters()
	want := upstream.Server{Host: "sieve.example.org", Port: 4190, Security: upstream.STARTTLS}
	if len(filters) != 1 || filters["imap.example.org:993"] != want {
		t.Errorf("%+v", filters)
	}
}

func TestFlagsOverrideVariablesOverrideFile(t *testing.T) {
	env := map[string]string{"HEARTHMAIL_LISTEN": "127.0.0.1:2", "HEARTHMAIL_DATA": "/env", "HEARTHMAIL_MEMBERS": "*@a.example, b@c.example", "HEARTHMAIL_BEHIND_HTTPS": "true", "HEARTHMAIL_UPSTREAM_ALLOW": "10.0.0.1:993"}
	c, err := parse(t, fullConfig, env, "-listen", "127.0.0.1:3")
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen.string != "127.0.0.1:3" || c.Data != "/env" || len(c.Members) != 2 || !c.BehindTLS || len(c.UpstreamAllow) != 1 {
		t.Errorf("got %+v", c)
	}
	for name, value := range map[string]string{
		"HEARTHMAIL_LISTEN": "nowhere", "HEARTHMAIL_MEMBERS": "*", "HEARTHMAIL_BEHIND_HTTPS": "perhaps", "HEARTHMAIL_UPSTREAM_ALLOW": "10.0.0.1",
	} {
		if _, err := parse(t, fullConfig, map[string]string{name: value}); err == nil {
			t.Errorf("%s takes %q", name, value)
		}
	}
}

func TestConfigErrorsSayWhereAndWhy(t *testing.T) {
	for name, tc := range map[string]struct{ toml, want string }{
		"unknown key":     {"data = \"d\"\nlisen = \"x\"\n", `hearthmail.toml:2: there is no setting "lisen"`},
		"unknown nested":  {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\nsmpt = {}\n", `:4: there is no setting "provider.smpt"`},
		"wrong type":      {"data = \"d\"\nmembers = 3\n", "hearthmail.toml:2:"},
		"syntax":          {"data = \n", "hearthmail.toml:1:"},
		"no data":         {"", "data: name the folder"},
		"open to others":  {"data = \"d\"\nlisten = \"0.0.0.0:80\"\n", "hearthmail.toml:2: listen: 0.0.0.0:80 can be reached by others, so members must name who may sign in"},
		"every interface": {"data = \"d\"\nlisten = \":80\"\n", "members must name who may sign in"},
		"bad member":      {"data = \"d\"\nmembers = [\"*\"]\n", `hearthmail.toml:2: "*" is neither`},
		"half a key":      {"data = \"d\"\ntls_cert = \"c\"\n", "hearthmail.toml:2: tls_cert: tls_key is missing"},
		"no certificate":  {"tls_key = \"k\"\ntls_cert = \"c\"\ndata = \"d\"\n", "hearthmail.toml:2: tls_cert: open "},
		"no roots":        {"data = \"d\"\n\nca_file = \"c\"\n", "hearthmail.toml:3: ca_file: open "},
		"bad exception":   {"data = \"d\"\nupstream_allow = [\n\"10.0.0.1:993\",\n\"foo\"]\n", `hearthmail.toml:4: `},
		"no domains":      {"data = \"d\"\n[[provider]]\nuser=\"address\"\n", "hearthmail.toml:2: provider 1: domains is missing"},
		"no security":     {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\n[[provider]]\ndomains=[\"b\"]\nimap={server=\"h:1\"}\n", `hearthmail.toml:6: provider 2.imap: security is ""`},
		"no server":       {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\nimap={security=\"tls\"}\n", "hearthmail.toml:4: provider 1.imap: server is missing"},
		"long form":       {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\n[provider.imap]\nserver=\"h:1\"\n", `hearthmail.toml:4: provider 1.imap: security is ""`},
		"port 0":          {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\nimap={server=\"h:0\",security=\"tls\"}\n", "hearthmail.toml:4: provider 1.imap: port 0"},
		"misplaced auth":  {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\nimap={server=\"h:1\",security=\"tls\",auth=\"plain\"}\n", "hearthmail.toml:4: provider 1.imap: auth is a setting of smtp"},
		"bad security":    {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\nimap={server=\"h:1\",security=\"ssl\"}\n", `hearthmail.toml:4: security is "ssl"`},
		"bad sieve":       {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\nsieve={server=\"h:1\"}\n", "sieve: security is"},
		"bad port":        {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\nimap={server=\"h\",security=\"tls\"}\n", `hearthmail.toml:4: "h" is not host:port`},
		"no client":       {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\noauth={token_url=\"https://a/t\"}\n", "hearthmail.toml:4: provider 1.oauth: client_id is missing"},
		"no page":         {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\noauth={client_id=\"x\", token_url=\"https://a/t\"}\n", "hearthmail.toml:4: provider 1.oauth: auth_url is missing, or device_url"},
		"open tokens":     {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\noauth={client_id=\"x\", auth_url=\"https://a/a\", token_url=\"http://a/t\"}\n", `hearthmail.toml:4: provider 1.oauth.token_url: "http://a/t" does not begin with https://`},
		"long oauth":      {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\n[provider.oauth]\nclient_id=\"x\"\ntoken_url=\"https://a/t\"\nauth_url=\"ftp://a\"\n", `hearthmail.toml:7: provider 1.oauth.auth_url: "ftp://a"`},
		"unknown oauth":   {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\noauth={secret=\"x\"}\n", `hearthmail.toml:4: there is no setting "provider.secret"`},
		"bad user":        {"data = \"d\"\n[[provider]]\ndomains=[\"a\"]\nuser=\"x\"\n", `hearthmail.toml:4: user is "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, tc.toml, nil)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}
