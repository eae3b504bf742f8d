package smtpsend

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/signin"
)

// maxCommand is what a line with an initial response may have (RFC 4954 §4), without its end.
const maxCommand = 510

// signIn authenticates as the account wants it (RFC 4954).
func (c *conversation) signIn() error {
	if c.cfg.Auth == "none" || c.cfg.Auth == "" && c.cfg.Password == "" {
		return nil
	}
	fail := func(kind upstream.Kind, text string) error {
		return &upstream.Error{Kind: kind, Server: c.cfg.Server.Addr(), Step: stepSignIn, Text: text}
	}
	who := signin.Credentials{User: c.cfg.Server.User, Secret: c.cfg.Password, Token: c.cfg.Tokens != nil, Insist: c.cfg.Auth}
	_, offered := c.client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	ways := who.Ways(c.cfg.Server.Security, func(way string) bool {
		return who.Mechanism(way) != nil && slices.Contains(mechanisms, way)
	})
	if len(ways) == 0 {
		return fail(upstream.KindNoAuth, "the server offers no way of signing in that we know")
	}
	if !who.Speakable() {
		return fail(upstream.KindAuth, "the user name or password has a character that no server takes")
	}
	return signin.Try(ways, func(way string) error { return c.authenticate(who.Mechanism(way)) })
}

var errUnproven = errors.New("the server did not prove that it knows the password")

// authenticate is the exchange of RFC 4954 §4. go-smtp's sends a stray "*" after
// a refusal, whose reply would take the place of the one that matters.
func (c *conversation) authenticate(mechanism signin.Exchange) error {
	name, initial, err := mechanism.Start()
	if err != nil {
		return c.failure(stepSignIn, err)
	}
	line := "AUTH " + name
	encoded := base64.StdEncoding.EncodeToString(initial)
	if early := len(line)+1+len(encoded) <= maxCommand; early && initial != nil {
		line, initial = line+" "+encoded, nil
	}
	for {
		reply, err := c.wire.command(line)
		switch {
		case err != nil:
			return c.failure(stepSignIn, err)
		case reply.Code == 235 && !mechanism.Done():
			return c.failure(stepSignIn, errUnproven)
		case reply.Code == 235:
			return nil
		case reply.Code != 334:
			return c.refusal(stepSignIn, reply)
		}
		challenge, err := base64.StdEncoding.DecodeString(reply.Text)
		if err != nil {
			return c.failure(stepSignIn, err)
		}
		answer := initial // it was too long for the first line
		if initial == nil {
			if answer, err = mechanism.Next(challenge); err != nil {
				return c.failure(stepSignIn, err)
			}
		}
		initial = nil
		line = base64.StdEncoding.EncodeToString(answer)
	}
}
