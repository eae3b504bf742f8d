package sieve

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
	"github.com/hearthmail/hearthmail/bridge/upstream/signin"
)

// conn is one connection to the server, used by one goroutine at a time.
type conn struct {
	cfg      *Config
	patience time.Duration // with silence
	net      dialer.Patient
	r        *reader
	offers   map[string]string // capabilities as last announced, names in capitals
}

func newConn(cfg *Config, patience time.Duration, c net.Conn) *conn {
	p := dialer.Patient{Conn: c, Silence: patience}
	return &conn{cfg: cfg, patience: patience, net: p, r: newReader(p)}
}

// argument is one argument of a command, written as a string.
type argument string

// String writes a quoted string, or a literal where that cannot be: the octets are
// counted, so that nothing in them can end it (RFC 5804 §4).
func (a argument) String() string {
	if len(a) > 1024 || strings.ContainsAny(string(a), "\x00\r\n\"\\") {
		return fmt.Sprintf("{%d+}\r\n%s", len(a), string(a))
	}
	return `"` + string(a) + `"`
}

// command sends one command and reads its answer. An answer other than OK is an error.
func (c *conn) command(ctx context.Context, step, name string, args ...string) (answer, error) {
	var b strings.Builder
	b.WriteString(name)
	for _, a := range args {
		b.WriteString(" " + argument(a).String())
	}
	return c.exchange(ctx, step, b.String(), false)
}

// exchange sends a line and reads what answers it.
func (c *conn) exchange(ctx context.Context, step, line string, challenges bool) (answer, error) {
	// Nothing is said before it is asked for; but a server that hangs up may say BYE.
	if _, err := c.net.Write([]byte(line + "\r\n")); err != nil {
		return answer{}, c.failure(ctx, step, err)
	}
	return c.read(ctx, step, challenges)
}

func (c *conn) read(ctx context.Context, step string, challenges bool) (answer, error) {
	a, err := c.r.answer(challenges)
	switch {
	case err != nil:
		return a, c.failure(ctx, step, err)
	case a.status != "OK" && a.status != "":
		return a, c.refusal(step, a)
	}
	return a, nil
}

// capabilities takes over what the server announces (RFC 5804 §1.7).
func (c *conn) capabilities(a answer) {
	c.offers = map[string]string{}
	for _, line := range a.lines {
		if len(line) == 0 {
			continue
		}
		value := ""
		if len(line) > 1 {
			value = line[1].text
		}
		c.offers[strings.ToUpper(line[0].text)] = value
	}
}

// signIn authenticates with PLAIN, the mechanism every server has, or by a token.
func (c *conn) signIn(ctx context.Context) error {
	fail := func(kind upstream.Kind, text string) error {
		return &upstream.Error{Kind: kind, Server: c.cfg.Server.Addr(), Step: stepSignIn, Text: text}
	}
	offered := strings.Fields(strings.ToUpper(c.offers["SASL"]))
	who := signin.Credentials{User: c.cfg.Server.User, Secret: c.cfg.Password, Token: c.cfg.Tokens != nil}
	ways := who.Ways(c.cfg.Server.Security, func(way string) bool {
		return slices.Contains(offered, way) && slices.Contains([]string{signin.Plain, signin.XOAuth2, signin.OAuthBearer}, way)
	})
	switch {
	case len(ways) == 0:
		return fail(upstream.KindNoAuth, "the server offers no way of signing in that we know")
	case strings.ContainsRune(who.User+who.Secret.Reveal(), 0): // it separates them
		return fail(upstream.KindAuth, "the user name or password has a character that no server takes")
	}
	mechanism := who.Mechanism(ways[0])
	name, initial, err := mechanism.Start()
	if err != nil {
		return err
	}
	line := "AUTHENTICATE " + argument(name).String() + " " + argument(base64.StdEncoding.EncodeToString(initial)).String()
	for {
		a, err := c.exchange(ctx, stepSignIn, line, true)
		if err != nil || a.status != "" {
			return err
		}
		// It wants more. PLAIN has nothing more to say, and gives up.
		answer, err := mechanism.Next(nil)
		if err != nil {
			if _, err = c.exchange(ctx, stepSignIn, argument("*").String(), false); err == nil {
				err = c.failure(ctx, stepSignIn, errSyntax)
			}
			return err
		}
		line = argument(base64.StdEncoding.EncodeToString(answer)).String()
	}
}
