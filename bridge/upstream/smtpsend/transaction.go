package smtpsend

import (
	"errors"
	"fmt"
	"io"

	"github.com/emersion/go-smtp"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// send is one mail transaction (RFC 5321 §3.3): sender, all recipients, message.
// Only a message that every recipient was accepted for is sent.
func (c *conversation) send(msg upstream.Outgoing) (upstream.Receipt, error) {
	receipt := upstream.Receipt{Replies: make([]upstream.Reply, len(msg.To))}
	if !c.offers("SMTPUTF8") {
		msg, c.plain = plainly(msg)
	}
	if err := c.canTake(msg); err != nil {
		c.quit()
		return receipt, err
	}
	if err := c.envelope(msg, receipt); err != nil {
		return receipt, err
	}
	data, err := c.client.Data()
	if err != nil {
		return c.giveUp(receipt, stepMessage, err)
	}
	if err := c.body(data, msg); err != nil {
		// No command may follow, not even QUIT: the client would end the message
		// with a dot before it, and the server take half a message for a whole one.
		c.hangUp()
		return receipt, err
	}
	return c.finish(data, receipt)
}

// canTake asks the server's extensions whether it could take the message at all.
func (c *conversation) canTake(msg upstream.Outgoing) error {
	refuse := func(step, text string) error {
		return &upstream.Error{Kind: upstream.KindRefused, Server: c.cfg.Server.Addr(), Step: step, Text: text}
	}
	if most := c.maxSize(); most > 0 && msg.Size > most {
		return refuse(stepSize, fmt.Sprintf("message is larger than the server takes (%.4g MB)", float64(most)/1e6))
	}
	if address := firstNonASCII(msg); address != "" && !c.offers("SMTPUTF8") { // RFC 6531 §3.2
		return refuse(stepAddresses, fmt.Sprintf("the server takes no addresses with other than plain letters: %s", address))
	}
	if msg.DSN.Asked() && !c.offers("DSN") { // RFC 3461 §4
		return refuse(stepOptions, "the server does not tell what becomes of messages (no DSN)")
	}
	return nil
}

// maxSize is the largest message the server takes, 0 for no limit.
func (c *conversation) maxSize() int64 {
	most, ok := c.client.MaxMessageSize()
	if !ok || most < 0 { // RFC 1870 §4: 0, or no number, is no limit
		return 0
	}
	return int64(most)
}

// rewrites reports whether the message must be encoded for this server (RFC 6152 §3): also
// where addresses must, which stand in its header, too.
func (c *conversation) rewrites(msg upstream.Outgoing) bool {
	return msg.EightBit && (c.plain || !c.offers("8BITMIME"))
}

// body writes the message without its final dot.
func (c *conversation) body(data io.Writer, msg upstream.Outgoing) error {
	c.wire.patience = c.patience.block
	body := &reader{r: io.LimitReader(msg.Body, msg.Size+1)}
	var err error
	if c.rewrites(msg) {
		err = message.SevenBit(&lineEnds{w: data}, body)
	} else {
		_, err = io.Copy(&lineEnds{w: data}, body)
	}
	switch {
	case body.err != nil:
		return fmt.Errorf("reading the message to send: %w", body.err)
	case err != nil && c.rewrites(msg) && c.wire.writeErr == nil && c.ctx.Err() == nil:
		return &upstream.Error{
			Kind: upstream.KindRefused, Server: c.cfg.Server.Addr(), Step: stepOptions, Err: err,
			Text: "the server takes plain letters only, and " + err.Error(),
		}
	case err != nil:
		return c.failure(stepMessage, err)
	case body.n != msg.Size:
		return fmt.Errorf("the message to send has not %d octets as it should: %d were read", msg.Size, body.n)
	}
	return nil
}

// finish writes the final dot and judges what became of the message.
func (c *conversation) finish(data *smtp.DataCommand, receipt upstream.Receipt) (upstream.Receipt, error) {
	c.wire.patience = c.patience.receipt
	_, err := data.CloseWithResponse()
	if c.wire.writeErr != nil { // the dot did not get out whole
		return receipt, c.failure(stepMessage, c.wire.writeErr)
	}
	var refused *smtp.SMTPError
	if err != nil && !errors.As(err, &refused) {
		return receipt, c.unsure(err)
	}
	switch reply := c.wire.reply(); reply.Code / 100 {
	case 2:
		c.quit()
		return receipt, nil
	case 4, 5:
		return c.giveUp(receipt, stepReceipt, err)
	default:
		return receipt, c.unsure(err)
	}
}

// giveUp ends a transaction in which nothing was sent. A reply that did it counts
// for every recipient.
func (c *conversation) giveUp(receipt upstream.Receipt, step string, err error) (upstream.Receipt, error) {
	var refused *smtp.SMTPError
	if errors.As(err, &refused) {
		for i := range receipt.Replies {
			receipt.Replies[i] = c.wire.reply()
		}
	}
	failure := c.failure(step, err) // before quit, whose reply would take the place of the one that matters
	if refused != nil {
		c.quit()
	}
	return receipt, failure
}
