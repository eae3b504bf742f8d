package main

import (
	"cmp"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/hearthmail/hearthmail/bridge/discover"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// config is the bridge's settings: the TOML file, over it HEARTHMAIL_* variables,
// over them the flags.
type config struct {
	Listen        hostPort   `toml:"listen"`
	Data          string     `toml:"data"`
	Members       []member   `toml:"members"`
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
	User    userForm `toml:"user"`
	IMAP    *server  `toml:"imap"`
	SMTP    *server  `toml:"smtp"`
	POP3    *server  `toml:"pop3"`
}

type server struct {
	Server   hostPort `toml:"server"`
	Security security `toml:"security"`
	Auth     auth     `toml:"auth"`
}

// Values that are checked as they are read, so that what is wrong is reported with
// its line. They are structs because the TOML library asks no string type how it
// wants to be read.
type (
	hostPort struct{ string } // "host:port"
	member   struct{ string } // an address, or "*@domain"
	userForm struct{ string } // "address" or "localpart"
	security struct{ string } // "tls", "starttls" or "none"
	auth     struct{ string } // "plain", "login" or "none"
)

func (h *hostPort) UnmarshalText(text []byte) error {
	h.string = string(text)
	_, port, err := net.SplitHostPort(string(text))
	if err != nil {
		return fmt.Errorf("%q is not host:port", text)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("port %q is not a number from 0 to 65535 (%d)", port, n)
	}
	return nil
}

func (m *member) UnmarshalText(text []byte) error {
	m.string = string(text)
	if local, domain, ok := strings.Cut(string(text), "@"); !ok || local == "" || domain == "" || strings.ContainsAny(domain, "*@ ") {
		return fmt.Errorf("%q is neither an address nor *@domain", text)
	}
	return nil
}

func (u *userForm) UnmarshalText(text []byte) error {
	u.string = string(text)
	return oneOf(text, "user", "address", "localpart")
}

func (v *security) UnmarshalText(text []byte) error {
	v.string = string(text)
	return oneOf(text, "security", "tls", "starttls", "none")
}

func (v *auth) UnmarshalText(text []byte) error {
	v.string = string(text)
	return oneOf(text, "auth", "plain", "login", "none")
}

func oneOf(text []byte, name string, allowed ...string) error {
	if !slices.Contains(allowed, string(text)) {
		return fmt.Errorf("%s is %q; it can be %s", name, text, strings.Join(allowed, " or "))
	}
	return nil
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
	c := &config{Listen: hostPort{defaultListen}, app: *app}
	if *file != "" {
		if err := c.read(*file); err != nil {
			return nil, err
		}
	}
	for _, override := range []struct {
		value string
		into  *string
	}{
		{*data, &c.Data},
		{getenv("HEARTHMAIL_CA_FILE"), &c.CAFile},
		{getenv("HEARTHMAIL_TLS_CERT"), &c.TLSCert},
		{getenv("HEARTHMAIL_TLS_KEY"), &c.TLSKey},
	} {
		if override.value != "" {
			*override.into = override.value
		}
	}
	if *listen != "" {
		if err := c.Listen.UnmarshalText([]byte(*listen)); err != nil {
			return nil, fmt.Errorf("listen: %w", err)
		}
	}
	if value := getenv("HEARTHMAIL_UPSTREAM_ALLOW"); value != "" {
		c.UpstreamAllow = words(value)
	}
	if value := getenv("HEARTHMAIL_MEMBERS"); value != "" {
		c.Members = make([]member, len(words(value)))
		for i, w := range words(value) {
			if err := c.Members[i].UnmarshalText([]byte(w)); err != nil {
				return nil, fmt.Errorf("HEARTHMAIL_MEMBERS: %w", err)
			}
		}
	}
	return c, nil
}

// words are what stands between spaces and commas.
func words(value string) []string { return strings.Fields(strings.ReplaceAll(value, ",", " ")) }

// read reads the TOML file; unknown keys are errors.
func (c *config) read(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	err = toml.NewDecoder(f).DisallowUnknownFields().Decode(c)
	for _, path := range []*string{&c.Data, &c.CAFile, &c.TLSCert, &c.TLSKey} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(filepath.Dir(file), *path)
		}
	}
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
	host, _, err := net.SplitHostPort(c.Listen.string)
	if err != nil {
		return err // checked when it was read
	}
	if c.Data == "" {
		return errors.New("data: name the folder for the bridge's data (flag -data, HEARTHMAIL_DATA or data in the config file)")
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("tls_cert and tls_key go together")
	}
	if len(c.Members) == 0 && !loopback(host) {
		return fmt.Errorf("listen: %s can be reached by others, so members must name who may sign in, such as [\"*@example.org\"]", c.Listen.string)
	}
	for i, p := range c.Providers {
		if _, err := p.discover(); err != nil {
			return fmt.Errorf("provider %d (%s): %w", i+1, strings.Join(p.Domains, ", "), err)
		}
	}
	return nil
}

// members are who may sign in, as downstream takes them.
func (c *config) members() []string {
	out := make([]string, len(c.Members))
	for i, m := range c.Members {
		out[i] = m.string
	}
	return out
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
	out := discover.Provider{Domains: p.Domains, UserForm: cmp.Or(p.User.string, "address")}
	if len(p.Domains) == 0 {
		return out, errors.New("domains is missing")
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
		out.SMTPAuth = p.SMTP.Auth.string
	}
	return out, nil
}

func (s *server) upstream(name string) (*upstream.Server, error) {
	if s == nil {
		return nil, nil
	}
	host, port, err := net.SplitHostPort(s.Server.string)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is not host:port", name, s.Server)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("%s: port %q is not a number", name, port)
	}
	out := &upstream.Server{Host: host, Port: number, Security: upstream.Security(s.Security.string)}
	if err := out.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}
