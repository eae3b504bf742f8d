package smtpsend

import (
	"errors"
	"strconv"

	"github.com/emersion/go-smtp"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// The steps of Error.Step.
const (
	stepAddresses  = "checking the addresses"
	stepHello      = "saying hello"
	stepEncrypt    = "encrypting the connection"
	stepSignIn     = "signing in"
	stepOptions    = "asking what the server can do"
	stepSize       = upstream.StepSize
	stepSender     = upstream.StepSender
	stepRecipients = upstream.StepRecipients
	stepMessage    = "sending the message"
	stepReceipt    = "waiting for the receipt"
)

// failure says what an error of the client, the wire or the connection means.
// It is for everything before the message's last octet; see unsure for after.
func (c *conversation) failure(step string, err error) error {
	var refused *smtp.SMTPError
	if errors.As(err, &refused) {
		return c.refusal(step, c.wire.reply())
	}
	e := &upstream.Error{Kind: upstream.LinkKind(c.ctx, err), Server: c.cfg.Server.Addr(), Step: step, Err: err}
	switch {
	case e.Kind == "":
		e.Kind, e.Text = upstream.KindProtocol, "the server does not speak SMTP as it should"
		e.Err = errors.New(c.cfg.Password.Strike(c.cfg.Server.User, err.Error()))
	case c.ctx.Err() != nil && e.Kind == upstream.KindLost:
		e.Err = c.ctx.Err()
	}
	return e
}

// refusal is the error for a reply that says no.
func (c *conversation) refusal(step string, reply upstream.Reply) error {
	text := c.cfg.Password.Strike(c.cfg.Server.User, reply.Text)
	return &upstream.Error{
		Kind: kindOf(step, reply.Code), Server: c.cfg.Server.Addr(), Step: step,
		Code: strconv.Itoa(reply.Code), Text: text, Err: errors.New(text),
	}
}

func kindOf(step string, code int) upstream.Kind {
	switch {
	case code/100 == 4:
		return upstream.KindUnavailable
	case code/100 != 5:
		return upstream.KindProtocol
	case code == 530: // RFC 4954 §6: signing in is required
		return upstream.KindNoAuth
	case step != stepSignIn:
		return upstream.KindRefused
	}
	switch code {
	case 500, 502, 503, 504, 538: // the command or mechanism was refused, not the password
		return upstream.KindNoAuth
	}
	return upstream.KindAuth
}

// unsure is the error for a message whose last octet was written and whose
// receipt did not come (RFC 1047): it must never be sent again by itself.
func (c *conversation) unsure(err error) error {
	if c.ctx.Err() != nil {
		err = c.ctx.Err()
	}
	return &upstream.Error{Kind: upstream.KindMaybeSent, Server: c.cfg.Server.Addr(), Step: stepReceipt, Err: err}
}
