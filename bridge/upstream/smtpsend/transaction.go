package smtpsend

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/emersion/go-smtp"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// send is one mail transaction (RFC 5321 §3.3): sender, all recipients, message.
// Only a message that every recipient was accepted for is sent.
func (c *conversation) send(msg upstream.Outgoing) (upstream.Receipt, error) {
	receipt := upstream.Receipt{Replies: make([]upstream.Reply, len(msg.To))}
	if err := c.canTake(msg); err != nil {
		c.quit()
		return receipt, err
	}
	opts := smtp.MailOptions{Size: msg.Size, UTF8: firstNonASCII(msg) != ""}
	if err := c.client.Mail(msg.From, &opts); err != nil {
		return c.giveUp(receipt, stepSender, err)
	}
	if err := c.recipients(msg.To, receipt.Replies); err != nil {
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
	// RFC 1870 §4: 0, or no number, is no limit.
	if most, ok := c.client.MaxMessageSize(); ok && most > 0 && msg.Size > int64(most) {
		return refuse(stepSize, fmt.Sprintf("message is larger than the server takes (%.4g MB)", float64(most)/1e6))
	}
	if address := firstNonASCII(msg); address != "" {
		if ok, _ := c.client.Extension("SMTPUTF8"); !ok { // RFC 6531 §3.2
			return refuse(stepAddresses, fmt.Sprintf("the server takes no addresses with other than plain letters: %s", address))
		}
	}
	return nil
}

// recipients names all recipients, so that each has its reply, and fails if any
// was refused.
func (c *conversation) recipients(to []string, replies []upstream.Reply) error {
	for i, address := range to {
		err := c.client.Rcpt(address, nil)
		var refused *smtp.SMTPError
		if err != nil && !errors.As(err, &refused) {
			return c.failure(stepRecipients, err)
		}
		replies[i] = c.wire.reply()
		if replies[i].Code == 421 { // RFC 5321 §3.8: it is closing the connection
			return c.refusal(stepRecipients, replies[i])
		}
	}
	// A refusal for good is told before one that may pass.
	worst := slices.MaxFunc(replies, func(a, b upstream.Reply) int { return a.Code/100 - b.Code/100 })
	if worst.Code/100 != 2 {
		c.quit() // ends the transaction with nothing sent (RFC 5321 §4.1.1.10)
		return c.refusal(stepRecipients, worst)
	}
	return nil
}

// body writes the message without its final dot.
func (c *conversation) body(data io.Writer, msg upstream.Outgoing) error {
	c.wire.patience = c.patience.block
	body := &reader{r: io.LimitReader(msg.Body, msg.Size+1)}
	_, err := io.Copy(&lineEnds{w: data}, body)
	switch {
	case body.err != nil:
		return fmt.Errorf("reading the message to send: %w", body.err)
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
