package main

import (
	"cmp"
	"errors"
	"net"
	"strconv"

	"github.com/hearthmail/hearthmail/bridge/discover"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// provider is the servers of some domains.
type provider struct {
	Domains []string     `toml:"domains"`
	User    userForm     `toml:"user"`
	IMAP    *server      `toml:"imap"`
	SMTP    *server      `toml:"smtp"`
	POP3    *server      `toml:"pop3"`
	Sieve   *server      `toml:"sieve"`
	OAuth   *oauthClient `toml:"oauth"`
}

type server struct {
	Server   hostPort `toml:"server"`
	Security security `toml:"security"`
	Auth     auth     `toml:"auth"`
}

// check says which setting of a provider is wrong, and what is wrong with it.
func (p provider) check() (setting string, err error) {
	if len(p.Domains) == 0 {
		return "", errors.New("domains is missing")
	}
	for _, s := range []struct {
		name   string
		server *server
	}{{"imap", p.IMAP}, {"pop3", p.POP3}, {"smtp", p.SMTP}, {"sieve", p.Sieve}} {
		if s.server == nil {
			continue
		}
		if s.server.Server.string == "" {
			return s.name, errors.New("server is missing")
		}
		if err := s.server.upstream().Validate(); err != nil {
			return s.name, err
		}
		if s.server.Auth.string != "" && s.name != "smtp" {
			return s.name, errors.New("auth is a setting of smtp alone")
		}
	}
	if at, err := p.OAuth.check(); err != nil {
		return "oauth" + at, err
	}
	return "", nil
}

// discover is the provider as the rooms know it; it has been checked.
func (p provider) discover() discover.Provider {
	out := discover.Provider{
		Domains: p.Domains, UserForm: cmp.Or(p.User.string, "address"),
		IMAP: p.IMAP.upstream(), POP3: p.POP3.upstream(), SMTP: p.SMTP.upstream(), SignInWith: p.signInWith(),
	}
	if p.SMTP != nil {
		out.SMTPAuth = p.SMTP.Auth.string
	}
	return out
}

func (s *server) upstream() *upstream.Server {
	if s == nil {
		return nil
	}
	host, port, _ := net.SplitHostPort(s.Server.string) // checked when it was read
	number, _ := strconv.Atoi(port)
	return &upstream.Server{Host: host, Port: number, Security: upstream.Security(s.Security.string)}
}
