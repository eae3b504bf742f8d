package smtpsend

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// signIn authenticates as the account wants it (RFC 4954).
func (c *conversation) signIn() error {
	if c.cfg.Auth == "none" || c.cfg.Auth == "" && c.cfg.Password == "" {
		return nil
	}
	fail := func(kind upstream.Kind, text string) error {
		return &upstream.Error{Kind: kind, Server: c.cfg.Server.Addr(), Step: stepSignIn, Text: text}
	}
	mechanism := c.mechanism()
	if mechanism == nil {
		return fail(upstream.KindNoAuth, "the server offers no way of signing in that we know")
	}
	if strings.ContainsRune(c.cfg.Server.User+c.cfg.Password.Reveal(), 0) { // it separates them in PLAIN
		return fail(upstream.KindAuth, "the user name or password has a character that no server takes")
	}
	return c.authenticate(mechanism)
}

// mechanism gives the way of signing in that both sides know, nil for none.
func (c *conversation) mechanism() sasl.Client {
	_, offered := c.client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	can := func(name string) bool {
		return (c.cfg.Auth == "" || strings.EqualFold(c.cfg.Auth, name)) && slices.Contains(mechanisms, name)
	}
	user, password := c.cfg.Server.User, c.cfg.Password.Reveal()
	switch {
	case can(sasl.Plain):
		return sasl.NewPlainClient("", user, password)
	case can(sasl.Login):
		return &loginClient{answers: []string{user, password}}
	}
	return nil
}

// authenticate is the exchange of RFC 4954 §4. go-smtp's sends a stray "*" after
// a refusal, whose reply would take the place of the one that matters.
func (c *conversation) authenticate(mechanism sasl.Client) error {
	name, initial, err := mechanism.Start()
	if err != nil {
		return c.failure(stepSignIn, err)
	}
	line := "AUTH " + name
	if initial != nil {
		line += " " + base64.StdEncoding.EncodeToString(initial)
	}
	for {
		reply, err := c.wire.command(line)
		switch {
		case err != nil:
			return c.failure(stepSignIn, err)
		case reply.Code == 235:
			return nil
		case reply.Code != 334:
			return c.refusal(stepSignIn, reply)
		}
		challenge, err := base64.StdEncoding.DecodeString(reply.Text)
		if err != nil {
			return c.failure(stepSignIn, err)
		}
		answer, err := mechanism.Next(challenge)
		if err != nil {
			return c.failure(stepSignIn, err)
		}
		line = base64.StdEncoding.EncodeToString(answer)
	}
}

// loginClient signs in with LOGIN, which was never standardised: the server asks
// twice, in words of its own ("Username:", "User Name\x00" …), and gets the user
// name, then the password. go-sasl's insists on one spelling.
type loginClient struct{ answers []string }

func (a *loginClient) Start() (mechanism string, initial []byte, err error) {
	return sasl.Login, nil, nil
}

func (a *loginClient) Next([]byte) ([]byte, error) {
	if len(a.answers) == 0 {
		return nil, errors.New("the server asks for more than a user name and a password")
	}
	answer := a.answers[0]
	a.answers = a.answers[1:]
	return []byte(answer), nil
}
