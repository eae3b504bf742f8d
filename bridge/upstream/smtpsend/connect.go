package smtpsend

import (
	"context"
	"net"

	"github.com/emersion/go-smtp"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/signin"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// conversation is one connection to the server, used by one goroutine.
type conversation struct {
	ctx      context.Context // of the one Send or Check that the connection is for
	cfg      *Config
	patience patience
	wire     *wire
	client   *smtp.Client
	conn     net.Conn    // below TLS
	release  func() bool // the connection no longer ends with ctx
	plain    bool        // addresses were written otherwise for this server
}

// open connects, encrypts as chosen, says hello and signs in.
func (s *Sender) open(ctx context.Context) (*conversation, error) {
	return signin.Connect(ctx, s.cfg.Password, s.cfg.Tokens, func(secret upstream.Secret) (*conversation, error) {
		cfg := s.cfg
		cfg.Password = secret
		return s.openBy(ctx, &cfg)
	})
}

func (s *Sender) openBy(ctx context.Context, cfg *Config) (*conversation, error) {
	conn, err := cfg.Dialer.Dial(ctx, cfg.Server)
	if err != nil {
		return nil, err
	}
	c := s.converse(ctx, cfg, conn, "")
	if cfg.Server.Security == upstream.STARTTLS {
		if conn, err = c.startTLS(cfg.Dialer, conn); err != nil {
			c.hangUp()
			return nil, err
		}
		c.release()
		// Nothing said before TLS is believed: a new client says hello again. It
		// waits for a greeting, which servers do not repeat (RFC 3207 §4.2).
		c = s.converse(ctx, cfg, conn, "220 encrypted\r\n")
	}
	if err := c.hello(); err != nil {
		c.hangUp()
		return nil, err
	}
	if cfg.Server.Security != upstream.STARTTLS {
		upstream.Reached(ctx, jmap.StepGreet, "SMTP")
	}
	if err := c.signIn(); err != nil {
		c.quit()
		c.hangUp()
		return nil, err
	}
	upstream.Reached(ctx, jmap.StepSignIn, cfg.Server.User)
	s.remember(c)
	return c, nil
}

// converse puts a client on conn; greeting is read before what comes from conn.
func (s *Sender) converse(ctx context.Context, cfg *Config, conn net.Conn, greeting string) *conversation {
	w := newWire(conn, greeting, s.patience.command)
	// Closing a *tls.Conn may wait for the other side; what is below it does not.
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	return &conversation{
		ctx: ctx, cfg: cfg, patience: s.patience, wire: w, client: smtp.NewClient(w), conn: conn,
		release: context.AfterFunc(ctx, func() { _ = conn.Close() }),
	}
}

// hangUp closes the connection at once, without a word.
func (c *conversation) hangUp() {
	c.release()
	_ = c.conn.Close()
}

func (c *conversation) hello() error {
	if err := c.client.Hello(c.cfg.HelloName); err != nil {
		return c.failure(stepHello, err)
	}
	return nil
}

// startTLS asks for TLS and shakes hands (RFC 3207). A server that does not offer
// it gets nothing: what a person chose to encrypt is never sent in the clear.
func (c *conversation) startTLS(d Dialer, conn net.Conn) (net.Conn, error) {
	if err := c.hello(); err != nil {
		return nil, err
	}
	upstream.Reached(c.ctx, jmap.StepGreet, "SMTP")
	if ok, _ := c.client.Extension("STARTTLS"); !ok {
		return nil, &upstream.Error{
			Kind: upstream.KindNoSTARTTLS, Server: c.cfg.Server.Addr(), Step: stepEncrypt,
			Text: "the server does not offer encryption",
		}
	}
	reply, err := c.wire.command("STARTTLS")
	switch {
	case err != nil:
		return nil, c.failure(stepEncrypt, err)
	case reply.Code != 220:
		return nil, c.refusal(stepEncrypt, reply)
	case c.wire.unread():
		// RFC 3207 §6: commands and replies slipped in before TLS must not count
		// as protected. Nobody sends them by mistake.
		return nil, c.failure(stepEncrypt, errUnasked)
	}
	return d.StartTLS(c.ctx, conn, c.cfg.Server)
}

// quit says goodbye. Its answer changes nothing.
func (c *conversation) quit() {
	c.wire.patience = c.patience.bye
	_ = c.client.Quit()
}
