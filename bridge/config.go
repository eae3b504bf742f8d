package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// config is the bridge's settings: the TOML file, over it HEARTHMAIL_* variables,
// over them the flags.
type config struct {
	Listen        hostPort   `toml:"listen"`
	Data          string     `toml:"data"`
	Members       []member   `toml:"members"`
	UpstreamAllow []allowed  `toml:"upstream_allow"`
	CAFile        string     `toml:"ca_file"`
	TLSCert       string     `toml:"tls_cert"`
	TLSKey        string     `toml:"tls_key"`
	BehindTLS     bool       `toml:"behind_https"` // a proxy before us speaks HTTPS with browsers
	Providers     []provider `toml:"provider"`

	lines lines  // of the file
	app   string // folder to serve the app's files from, instead of the built-in ones
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
	if value := getenv("HEARTHMAIL_BEHIND_HTTPS"); value != "" {
		on, err := strconv.ParseBool(value)
		if err != nil {
			return nil, fmt.Errorf("HEARTHMAIL_BEHIND_HTTPS: %q is neither true nor false", value)
		}
		c.BehindTLS = on
	}
	if value := getenv("HEARTHMAIL_UPSTREAM_ALLOW"); value != "" {
		c.UpstreamAllow = make([]allowed, len(words(value)))
		for i, w := range words(value) {
			if err := c.UpstreamAllow[i].UnmarshalText([]byte(w)); err != nil {
				return nil, fmt.Errorf("HEARTHMAIL_UPSTREAM_ALLOW: %w", err)
			}
		}
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
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return err
	}
	err = toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(c)
	c.lines = newLines(file, text)
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
	if err := c.checkTLS(); err != nil {
		return err
	}
	if len(c.Members) == 0 && !loopback(host) {
		return c.lines.wrap("listen", fmt.Errorf("%s can be reached by others, so members must name who may sign in, such as [\"*@example.org\"]", c.Listen.string))
	}
	if _, err := c.roots(); err != nil {
		return err
	}
	for i, p := range c.Providers {
		if setting, err := p.check(); err != nil {
			name := "provider " + strconv.Itoa(i+1)
			if setting != "" {
				name += "." + setting
			}
			return c.lines.wrap(name, err)
		}
	}
	return nil
}

// checkTLS: the certificate and its key are there and belong together.
func (c *config) checkTLS() error {
	switch {
	case c.TLSCert == "" && c.TLSKey == "":
		return nil
	case c.TLSKey == "":
		return c.lines.wrap("tls_cert", errors.New("tls_key is missing: the two go together"))
	case c.TLSCert == "":
		return c.lines.wrap("tls_key", errors.New("tls_cert is missing: the two go together"))
	}
	if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
		return c.lines.wrap("tls_cert", err)
	}
	return nil
}

// allowList is the upstream_allow setting, as the dialer takes it.
func (c *config) allowList() []string {
	out := make([]string, len(c.UpstreamAllow))
	for i, a := range c.UpstreamAllow {
		out[i] = a.string
	}
	return out
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
		return nil, c.lines.wrap("ca_file", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, c.lines.wrap("ca_file", fmt.Errorf("no certificate in %s", c.CAFile))
	}
	return pool, nil
}
