// Package discover finds the mail servers of an address: in the administrator's
// table of providers, in that of the large ones, else by asking the domain itself, all ways at once, within
// five seconds. Sign-in and the settings of accounts use it.
//
// Whatever is found by asking was tried before it is offered: TLS with the
// server's own name, and the greeting of its protocol. So a password never goes
// to a server that was guessed, or named by somebody on the way, and cannot prove
// who it is. The password itself has no part in finding.
package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

const (
	// limit is for all of a search.
	limit = 5 * time.Second
	// share is how long better sources may keep an answer of lesser ones waiting.
	share = 2 * time.Second
)

// What a server takes for a user name.
const (
	UserAddress   = "address"   // ada@example.org
	UserLocalpart = "localpart" // ada
)

// Provider is the servers of some domains, as the administrator gives them. The
// servers' User is not looked at.
type Provider struct {
	Domains  []string
	UserForm string // UserAddress (also ""), or UserLocalpart
	IMAP     *upstream.Server
	POP3     *upstream.Server
	SMTP     *upstream.Server
	SMTPAuth string // for smtpsend.Config.Auth
	// SignInWith names who is signed in with instead of a password (OAuth 2); "": a password it is.
	SignInWith string
}

// Result is what was found; a server that was not is nil. There is always one to
// read from: IMAP, or else POP3. User is filled in.
type Result struct {
	IMAP, POP3, SMTP *upstream.Server
	// UserForm is which form User has: UserAddress, UserLocalpart, or "" when the
	// domain says something else.
	UserForm string
	SMTPAuth string // for smtpsend.Config.Auth
	// SignInWith is as in Provider.
	SignInWith string
	// Source is where the server to read from was found: "provider" (a table), "autoconfig",
	// "srv" or "wellknown". After the last two User is a guess: most servers want
	// the whole address, some the part before the @ (RFC 6186 §4).
	Source string
}

// NotFound is the error for a domain whose servers could not be found.
type NotFound struct {
	Domain string
	Err    error // what was tried, for the log
}

func (e *NotFound) Error() string { return "no mail servers found for " + e.Domain }

func (e *NotFound) Unwrap() error { return e.Err }

// Finder finds servers. It is safe to use from any goroutine; its fields must not
// change once it is in use.
type Finder struct {
	Providers []Provider
	Dialer    Dialer
	Resolver  Resolver // nil: net.DefaultResolver
}

// Dialer opens connections; *dialer.Dialer is one.
type Dialer interface {
	Dial(ctx context.Context, s upstream.Server) (net.Conn, error)
	StartTLS(ctx context.Context, conn net.Conn, s upstream.Server) (net.Conn, error)
	HTTPClient() *http.Client
}

// Resolver looks up SRV records; *net.Resolver is one.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
}

var _ Resolver = (*net.Resolver)(nil)

// Find gives the servers for an address. The error is *NotFound, or that of ctx.
func (f *Finder) Find(ctx context.Context, address string) (*Result, error) {
	local, domain, err := split(address)
	if err != nil {
		return nil, &NotFound{Domain: domain, Err: err}
	}
	for _, p := range slices.Concat(f.Providers, known) {
		for _, d := range p.Domains {
			if provided, err := ascii(d); err == nil && provided == domain {
				return p.result(local, address), nil
			}
		}
	}
	r, err := f.search(ctx, local, domain, address)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, &NotFound{Domain: domain, Err: err}
	}
	return r, nil
}

func (p *Provider) result(local, address string) *Result {
	user, form := address, UserAddress
	if p.UserForm == UserLocalpart {
		user, form = local, UserLocalpart
	}
	as := func(s *upstream.Server) *upstream.Server {
		if s == nil {
			return nil
		}
		server := *s
		server.User = user
		return &server
	}
	return &Result{
		IMAP: as(p.IMAP), POP3: as(p.POP3), SMTP: as(p.SMTP),
		UserForm: form, SMTPAuth: p.SMTPAuth, SignInWith: p.SignInWith, Source: "provider",
	}
}

// split takes an address apart; the domain is as it is asked for in the DNS.
func split(address string) (local, domain string, err error) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || len(address) > 254 || strings.ContainsFunc(address, unicode.IsControl) {
		return "", address[at+1:], errors.New("not a mail address")
	}
	local, domain = address[:at], address[at+1:]
	if domain, err = ascii(domain); err != nil {
		return "", address[at+1:], fmt.Errorf("not a domain: %w", err)
	}
	return local, domain, nil
}

func ascii(domain string) (string, error) {
	domain, err := idna.Lookup.ToASCII(strings.ToLower(domain))
	if err == nil && domain == "" {
		err = errors.New("it is empty")
	}
	return domain, err
}
