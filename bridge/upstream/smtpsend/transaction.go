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
	opts := smtp.MailOptions{
		Size: msg.Size, UTF8: firstNonASCII(msg) != "", Return: smtp.DSNReturn(msg.DSN.Return), EnvelopeID: msg.DSN.EnvelopeID,
	}
	if err := c.client.Mail(msg.From, &opts); err != nil {
		return c.giveUp(receipt, stepSender, err)
	}
	if err := c.recipients(msg, receipt.Replies); err != nil {
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
	offers := func(extension string) bool {
		ok, _ := c.client.Extension(extension)
		return ok
	}
	if most := c.maxSize(); most > 0 && msg.Size > most {
		return refuse(stepSize, fmt.Sprintf("message is larger than the server takes (%.4g MB)", float64(most)/1e6))
	}
	if address := firstNonASCII(msg); address != "" && !offers("SMTPUTF8") { // RFC 6531 §3.2
		return refuse(stepAddresses, fmt.Sprintf("the server takes no addresses with other than plain letters: %s", address))
	}
	if msg.EightBit && !offers("8BITMIME") { // RFC 6152 §3
		// Writing it anew would break what is signed in it.
		return refuse(stepOptions, "the server takes plain letters only (no 8BITMIME), and the message has others that are not encoded")
	}
	if msg.DSN.Asked() && !offers("DSN") { // RFC 3461 §4
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

// recipients names all recipients, so that each has its reply, and fails if any
// was refused.
func (c *conversation) recipients(msg upstream.Outgoing, replies []upstream.Reply) error {
	for i, address := range msg.To {
		err := c.client.Rcpt(address, recipientOptions(msg.DSN, i))
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

// recipientOptions is what is asked for the ith recipient.
func recipientOptions(dsn upstream.DSN, i int) *smtp.RcptOptions {
	if i >= len(dsn.To) {
		return nil
	}
	opts := new(smtp.RcptOptions)
	for _, n := range dsn.To[i].Notify {
		opts.Notify = append(opts.Notify, smtp.DSNNotify(n))
	}
	if original := dsn.To[i].Original; original != "" {
		opts.OriginalRecipientType, opts.OriginalRecipient = smtp.DSNAddressTypeRFC822, original
	}
	return opts
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
