package pop3wire

import (
	"context"
	"crypto/md5" //nolint:gosec // APOP is made of it; where TLS protects better, it comes last
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/signin"
)

// RFC 2449 §4: a command has at most 255 octets, with its line end.
const maxCommand = 253

func (c *Conn) offersWay(way string) bool {
	switch way {
	case signin.Commands: // RFC 2449 §6.2; without CAPA there is nothing else to go by
		return c.Has("USER") || !c.asked
	case signin.APOP:
		return c.stamp != ""
	}
	return slices.Contains(strings.Fields(strings.ToUpper(c.offers["SASL"])), way)
}

// signIn authenticates.
func (c *Conn) signIn(ctx context.Context) error {
	fail := func(kind upstream.Kind, text string) error {
		return &upstream.Error{Kind: kind, Server: c.cfg.Server.Addr(), Step: stepSignIn, Text: text}
	}
	who := signin.Credentials{User: c.cfg.Server.User, Secret: c.cfg.Password, Token: c.cfg.Tokens != nil, Insist: c.cfg.Auth}
	ways := who.Ways(c.cfg.Server.Security, c.offersWay)
	if len(ways) == 0 {
		return fail(upstream.KindNoAuth, "the server offers no way of signing in that we know")
	}
	if !who.Speakable() {
		return fail(upstream.KindAuth, "the user name or password has a character that no server takes")
	}
	return signin.Try(ways, func(way string) error {
		switch way {
		case signin.Commands: // RFC 1939 §7
			if err := c.command(ctx, stepSignIn, "USER "+who.User); err != nil {
				return err
			}
			return c.command(ctx, stepSignIn, "PASS "+who.Secret.Reveal())
		case signin.APOP:
			digest := md5.Sum([]byte(c.stamp + who.Secret.Reveal())) //nolint:gosec // see the import
			return c.command(ctx, stepSignIn, "APOP "+who.User+" "+hex.EncodeToString(digest[:]))
		}
		return c.authenticate(ctx, who.Mechanism(way))
	})
}

// authenticate is the exchange of RFC 5034 §4.
func (c *Conn) authenticate(ctx context.Context, mechanism signin.Exchange) error {
	name, initial, err := mechanism.Start()
	if err != nil {
		return c.failure(ctx, stepSignIn, err)
	}
	line := "AUTH " + name
	encoded := base64.StdEncoding.EncodeToString(initial)
	if early := len(line)+1+len(encoded) <= maxCommand; early && initial != nil {
		line, initial = line+" "+encoded, nil
	}
	for {
		if err := c.send(line); err != nil {
			return c.failure(ctx, stepSignIn, err)
		}
		a, err := c.r.reply()
		switch {
		case err != nil:
			return c.failure(ctx, stepSignIn, err)
		case a.status == "+OK" && !mechanism.Done():
			return c.failure(ctx, stepSignIn, errSyntax)
		case a.status == "+OK":
			return nil
		case a.status == "-ERR":
			return c.refusal(stepSignIn, a)
		}
		challenge, err := base64.StdEncoding.DecodeString(a.text)
		if err != nil {
			return c.failure(ctx, stepSignIn, errSyntax)
		}
		answer := initial // it was too long for the first line
		if initial == nil {
			if answer, err = mechanism.Next(challenge); err != nil {
				return c.failure(ctx, stepSignIn, err)
			}
		}
		initial = nil
		line = base64.StdEncoding.EncodeToString(answer)
	}
}
