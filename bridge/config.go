package main

import (
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/discover"
	"github.com/hearthmail/hearthmail/bridge/upstream"

	"github.com/pelletier/go-toml/v2"
)

// config is the bridge's settings: the TOML file, over it HEARTHMAIL_* variables,
// over them the flags.
type config struct {
	Listen        string     `toml:"listen"`
	Data          string     `toml:"data"`
	Members       []string   `toml:"members"`
	UpstreamAllow []string   `toml:"upstream_allow"`
	CAFile        string     `toml:"ca_file"`
	TLSCert       string     `toml:"tls_cert"`
	TLSKey        string     `toml:"tls_key"`
	BehindTLS     bool       `toml:"behind_https"` // a proxy before us speaks HTTPS with browsers
	Providers     []provider `toml:"provider"`

	app string // folder to serve the app's files from, instead of the built-in ones
}

// provider is the servers of some domains.
type provider struct {
	Domains []string `toml:"domains"`
	User    string   `toml:"user"`
	IMAP    *server  `toml:"imap"`
	SMTP    *server  `toml:"smtp"`
	POP3    *server  `toml:"pop3"`
}

type server struct {
	Server   string `toml:"server"`
	Security string `toml:"security"`
	Auth     string `toml:"auth"`
}

const defaultListen = "127.0.0.1:8080"

// parseConfig reads the settings of serve and demo. Errors name what is wrong and
// where.
func parseConfig(command string, args []string, getenv func(string) string) (*config, error) {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	file := flags.String("config", getenv("HEARTHMAIL_CONFIG"), "TOML `file` with settings")
	listen := flags.String("listen", getenv("HEARTHMAIL_LISTEN"), "`address` to listen on (default "+defaultListen+")")
	data := flags.String("data", getenv("HEARTHMAIL_DATA"), "`folder` for the bridge's data")
	app := flags.String("app", "", "`folder` to serve the app from, for development")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("%s takes no argument %q", command, flags.Arg(0))
	}
	c := &config{Listen: defaultListen, app: *app}
	if *file != "" {
		if err := c.read(*file); err != nil {
			return nil, err
		}
	}
	for _, override := range []struct {
		value string
		into  *string
	}{
		{*listen, &c.Listen}, {*data, &c.Data},
		{getenv("HEARTHMAIL_CA_FILE"), &c.CAFile},
		{getenv("HEARTHMAIL_TLS_CERT"), &c.TLSCert}, {getenv("HEARTHMAIL_TLS_KEY"), &c.TLSKey},
	} {
		if override.value != "" {
			*override.into = override.value
		}
	}
	for name, into := range map[string]*[]string{"HEARTHMAIL_MEMBERS": &c.Members, "HEARTHMAIL_UPSTREAM_ALLOW": &c.UpstreamAllow} {
		if value := getenv(name); value != "" {
			*into = strings.Fields(strings.ReplaceAll(value, ",", " "))
		}
	}
	return c, nil
}

// read reads the TOML file; unknown keys are errors.
func (c *config) read(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	err = toml.NewDecoder(f).DisallowUnknownFields().Decode(c)
	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case errors.As(err, &unknown):
		first := unknown.Errors[0]
		line, _ := first.Position()
		return fmt.Errorf("%s:%d: there is no setting %q", file, line, strings.Join(first.Key(), "."))
	case errors.As(err, &wrong):
		line, _ := wrong.Position()
		return fmt.Errorf("%s:%d: %s", file, line, strings.TrimPrefix(wrong.Error(), "toml: "))
	}
	return err
}

// check says what is wrong with the settings taken together.
func (c *config) check() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %q is not host:port", c.Listen)
	}
	if c.Data == "" {
		return errors.New("data: name the folder for the bridge's data (flag -data, HEARTHMAIL_DATA or data in the config file)")
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("tls_cert and tls_key go together")
	}
	if len(c.Members) == 0 && !loopback(host) {
		return fmt.Errorf("listen: %s can be reached by others, so members must name who may sign in, such as [\"*@example.org\"]", c.Listen)
	}
	for _, m := range c.Members {
		if local, domain, ok := strings.Cut(m, "@"); !ok || local == "" || domain == "" || strings.ContainsAny(domain, "*@ ") {
			return fmt.Errorf("members: %q is neither an address nor *@domain", m)
		}
	}
	for i, p := range c.Providers {
		if _, err := p.discover(); err != nil {
			return fmt.Errorf("provider %d (%s): %w", i+1, strings.Join(p.Domains, ", "), err)
		}
	}
	return nil
}

// url is where browsers find what listens at an address.
func (c *config) url(addr net.Addr) string {
	if c.TLSCert != "" {
		return "https://" + addr.String()
	}
	return "http://" + addr.String()
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// roots is the certificate authorities that mail servers are believed by: the
// system's and those of ca_file. nil: the system's alone.
func (c *config) roots() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(filepath.Clean(c.CAFile))
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca_file: no certificate in %s", c.CAFile)
	}
	return pool, nil
}

func (p provider) discover() (discover.Provider, error) {
	out := discover.Provider{Domains: p.Domains, UserForm: p.User}
	if len(p.Domains) == 0 {
		return out, errors.New("domains is missing")
	}
	if p.User == "" {
		out.UserForm = "address"
	} else if p.User != "address" && p.User != "localpart" {
		return out, fmt.Errorf("user is %q; it can be address or localpart", p.User)
	}
	var err error
	if out.IMAP, err = p.IMAP.upstream("imap"); err != nil {
		return out, err
	}
	if out.POP3, err = p.POP3.upstream("pop3"); err != nil {
		return out, err
	}
	if out.SMTP, err = p.SMTP.upstream("smtp"); err != nil {
		return out, err
	}
	if p.SMTP != nil {
		out.SMTPAuth = p.SMTP.Auth
		if a := p.SMTP.Auth; a != "" && a != "plain" && a != "login" && a != "none" {
			return out, fmt.Errorf("smtp: auth is %q; it can be plain, login or none", a)
		}
	}
	return out, nil
}

func (s *server) upstream(name string) (*upstream.Server, error) {
	if s == nil {
		return nil, nil
	}
	host, port, err := net.SplitHostPort(s.Server)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is not host:port", name, s.Server)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("%s: port %q is not a number", name, port)
	}
	out := &upstream.Server{Host: host, Port: number, Security: upstream.Security(s.Security)}
	if err := out.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}
