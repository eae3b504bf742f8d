package pop3wire

import (
	"context"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/signin"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Open connects, encrypts as chosen, and signs in.
func Open(ctx context.Context, cfg Config) (*Conn, error) {
	if cfg.Silence == 0 {
		cfg.Silence = silence
	}
	return signin.Connect(ctx, cfg.Password, cfg.Tokens, func(secret upstream.Secret) (*Conn, error) {
		cfg := cfg
		cfg.Password = secret
		return openBy(ctx, cfg)
	})
}

func openBy(ctx context.Context, cfg Config) (*Conn, error) {
	raw, err := cfg.Dialer.Dial(ctx, cfg.Server)
	if err != nil {
		return nil, err
	}
	c := newConn(cfg, raw)
	if err := c.hello(ctx); err != nil {
		c.Close()
		return nil, err
	}
	if cfg.Server.Security == upstream.STARTTLS {
		secure, err := cfg.Dialer.StartTLS(ctx, raw, cfg.Server)
		if err != nil {
			return nil, err
		}
		// Nothing said before TLS is believed: there is no second greeting (RFC 2595 §4),
		// so APOP has no timestamp, and what the server offers is asked for anew.
		c = newConn(cfg, secure)
	}
	defer c.during(ctx)()
	err = c.ask(ctx)
	if err == nil {
		err = c.unicode(ctx)
	}
	if err == nil {
		err = c.signIn(ctx)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	upstream.Reached(ctx, jmap.StepSignIn, cfg.Server.User)
	return c, nil
}

// hello reads the greeting and, where chosen, asks for TLS.
func (c *Conn) hello(ctx context.Context) error {
	defer c.during(ctx)()
	patience := c.net.Silence
	c.net.Silence = min(patience, greetingLimit)
	c.r = newReader(c.net)
	a, err := c.answer(ctx, stepGreeting)
	if err != nil {
		return err
	}
	upstream.Reached(ctx, jmap.StepGreet, "POP3")
	if start := strings.IndexByte(a.text, '<'); start >= 0 {
		if length := strings.IndexByte(a.text[start:], '>'); length > 0 {
			c.stamp = a.text[start : start+length+1]
		}
	}
	if c.cfg.Server.Security == upstream.STARTTLS {
		// A server that does not offer it gets nothing: what a person chose to encrypt is
		// never sent in the clear.
		if err := c.command(ctx, stepEncrypt, "STLS"); err != nil {
			return err
		}
	}
	if c.r.r.Buffered() > 0 {
		// What was slipped in before TLS must not count as protected.
		return c.failure(ctx, stepGreeting, errUnasked)
	}
	c.net.Silence = patience
	c.r = newReader(c.net)
	return nil
}

// ask asks what the server offers (RFC 2449 §5). One that does not know the question
// offers what RFC 1939 says.
func (c *Conn) ask(ctx context.Context) error {
	err := c.command(ctx, stepOffers, "CAPA")
	if upstream.KindOf(err) == upstream.KindRefused {
		return nil
	}
	if err == nil {
		c.asked = true
		lines := 0
		err = c.r.list(func(line string) error {
			if lines++; lines > 1000 {
				return errTooMuch
			}
			name, args, _ := strings.Cut(line, " ")
			c.offers[strings.ToUpper(name)] = args
			return nil
		})
		if err != nil {
			err = c.failure(ctx, stepOffers, err)
		}
	}
	return err
}

// unicode asks for messages as they are, in UTF-8 (RFC 6856 §2). A server that offers it
// and then does not give it is taken as it is.
func (c *Conn) unicode(ctx context.Context) error {
	if !c.Has("UTF8") {
		return nil
	}
	err := c.command(ctx, stepOffers, "UTF8")
	if upstream.KindOf(err) == upstream.KindRefused {
		return nil
	}
	return err
}

// Check signs in and hangs up. That another session has the maildrop says that the
// password is right.
func Check(ctx context.Context, cfg Config) error {
	c, err := Open(ctx, cfg)
	if upstream.CodeOf(err) == CodeInUse {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_ = c.Quit(ctx) // what it says to this is of no interest
	return nil
}
