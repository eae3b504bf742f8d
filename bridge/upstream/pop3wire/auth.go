package pop3wire

import (
	"context"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // APOP and CRAM-MD5 are made of it; TLS protects better, and then they are not used
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// The ways of signing in, as Config.Auth names them.
const (
	AuthUser        = "USER" // USER and PASS (RFC 1939 §7)
	AuthAPOP        = "APOP"
	AuthPlain       = "PLAIN"       // RFC 4616
	AuthLogin       = "LOGIN"       // never standardised
	AuthCRAMMD5     = "CRAM-MD5"    // RFC 2195
	AuthXOAUTH2     = "XOAUTH2"     // Google's and Microsoft's
	AuthOAuthBearer = "OAUTHBEARER" // RFC 7628
)

// RFC 2449 §4: a command has at most 255 octets, with its line end.
const maxCommand = 253

// ways are those for a password, best first: on a connection that others may read the
// password itself is said only where there is no other way.
func (c *Conn) ways() []string {
	var all []string
	switch {
	case c.cfg.Auth != "":
		all = []string{strings.ToUpper(c.cfg.Auth)}
	case c.cfg.Server.Security == upstream.None:
		all = []string{AuthCRAMMD5, AuthAPOP, AuthPlain, AuthUser, AuthLogin}
	default:
		all = []string{AuthPlain, AuthUser, AuthLogin, AuthCRAMMD5, AuthAPOP}
	}
	return slices.DeleteFunc(all, func(way string) bool { return !c.offersWay(way) })
}

func (c *Conn) offersWay(way string) bool {
	switch way {
	case AuthUser: // RFC 2449 §6.2; without CAPA there is nothing else to go by
		return c.Has("USER") || !c.asked
	case AuthAPOP:
		return c.stamp != ""
	}
	return slices.Contains(strings.Fields(strings.ToUpper(c.offers["SASL"])), way)
}

// signIn authenticates. APOP is tried besides another way: most servers say a timestamp,
// and few keep passwords so that they can check what is made of it.
func (c *Conn) signIn(ctx context.Context) error {
	fail := func(kind upstream.Kind, text string) error {
		return &upstream.Error{Kind: kind, Server: c.cfg.Server.Addr(), Step: stepSignIn, Text: text}
	}
	ways := c.ways()
	switch {
	case len(ways) == 0:
		return fail(upstream.KindNoAuth, "the server offers no way of signing in that we know")
	case strings.ContainsAny(c.cfg.Server.User+c.cfg.Password.Reveal(), "\r\n\x00"):
		return fail(upstream.KindAuth, "the user name or password has a character that no server takes")
	}
	err := c.signInBy(ctx, ways[0])
	if ways[0] == AuthAPOP && len(ways) > 1 && upstream.KindOf(err) == upstream.KindAuth {
		err = c.signInBy(ctx, ways[1])
	}
	return err
}

func (c *Conn) signInBy(ctx context.Context, way string) error {
	user, password := c.cfg.Server.User, c.cfg.Password.Reveal()
	var err error
	switch way {
	case AuthUser:
		if err = c.command(ctx, stepSignIn, "USER "+user); err == nil {
			err = c.command(ctx, stepSignIn, "PASS "+password)
		}
	case AuthAPOP: // RFC 1939 §7
		digest := md5.Sum([]byte(c.stamp + password)) //nolint:gosec // see the import
		err = c.command(ctx, stepSignIn, "APOP "+user+" "+hex.EncodeToString(digest[:]))
	case AuthPlain:
		err = c.sasl(ctx, way, []string{"\x00" + user + "\x00" + password})
	case AuthLogin:
		err = c.sasl(ctx, way, nil, user, password)
	case AuthCRAMMD5:
		err = c.cramMD5(ctx)
	case AuthXOAUTH2:
		err = c.sasl(ctx, way, []string{"user=" + user + "\x01auth=Bearer " + password + "\x01\x01"}, "")
	case AuthOAuthBearer:
		name := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(user) // RFC 5801 §4
		err = c.sasl(ctx, way, []string{"n,a=" + name + ",\x01auth=Bearer " + password + "\x01\x01"}, "\x01")
	}
	return err
}

// sasl is the exchange of RFC 5034 §4: an initial response, where there is one, and an
// answer to each challenge. What the two OAuth mechanisms say to a challenge, which is
// how they are refused, is nothing (RFC 7628 §3.2.3).
func (c *Conn) sasl(ctx context.Context, way string, initial []string, answers ...string) error {
	line := "AUTH " + way
	if len(initial) > 0 {
		encoded := base64.StdEncoding.EncodeToString([]byte(initial[0]))
		if len(line)+1+len(encoded) <= maxCommand {
			line += " " + encoded
		} else { // then it is the answer to an empty challenge
			answers = append(initial, answers...)
		}
	}
	for {
		if err := c.send(line); err != nil {
			return c.failure(ctx, stepSignIn, err)
		}
		a, err := c.r.reply()
		switch {
		case err != nil:
			return c.failure(ctx, stepSignIn, err)
		case a.status == "+OK":
			return nil
		case a.status == "-ERR":
			return c.refusal(stepSignIn, a)
		case len(answers) == 0:
			return c.failure(ctx, stepSignIn, errSyntax) // it wants more than there is
		}
		line, answers = base64.StdEncoding.EncodeToString([]byte(answers[0])), answers[1:]
	}
}

// cramMD5 answers the server's challenge with a digest of it and the password.
func (c *Conn) cramMD5(ctx context.Context) error {
	if err := c.send("AUTH " + AuthCRAMMD5); err != nil {
		return c.failure(ctx, stepSignIn, err)
	}
	a, err := c.r.reply()
	if err == nil && a.status == "+OK" {
		err = errSyntax
	}
	if err != nil {
		return c.failure(ctx, stepSignIn, err)
	}
	if a.status == "-ERR" {
		return c.refusal(stepSignIn, a)
	}
	challenge, err := base64.StdEncoding.DecodeString(a.text)
	if err != nil {
		return c.failure(ctx, stepSignIn, errSyntax)
	}
	mac := hmac.New(md5.New, []byte(c.cfg.Password.Reveal()))
	mac.Write(challenge)
	answer := c.cfg.Server.User + " " + hex.EncodeToString(mac.Sum(nil))
	err = c.command(ctx, stepSignIn, base64.StdEncoding.EncodeToString([]byte(answer)))
	return err
}
