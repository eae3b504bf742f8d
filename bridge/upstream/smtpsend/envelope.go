package smtpsend

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// window is how many commands are on their way at once (RFC 2920): so few octets that
// writing them never waits for the server to read.
const window = 50

// offers reports whether the server has an extension.
func (c *conversation) offers(extension string) bool {
	ok, _ := c.client.Extension(extension)
	return ok
}

// mailCommand names the sender, and what the server should know of the message. The
// addresses have been checked, and so has what the server offers.
func (c *conversation) mailCommand(msg upstream.Outgoing) string {
	var line strings.Builder
	fmt.Fprintf(&line, "MAIL FROM:<%s>", msg.From)
	if c.offers("8BITMIME") {
		line.WriteString(" BODY=8BITMIME")
	}
	if c.offers("SIZE") && !c.rewrites(msg) {
		fmt.Fprintf(&line, " SIZE=%d", msg.Size)
	}
	if firstNonASCII(msg) != "" {
		line.WriteString(" SMTPUTF8")
	}
	if msg.DSN.Return != "" {
		line.WriteString(" RET=" + xtext(msg.DSN.Return))
	}
	if msg.DSN.EnvelopeID != "" {
		line.WriteString(" ENVID=" + xtext(msg.DSN.EnvelopeID))
	}
	return line.String()
}

// recipientCommand names the ith recipient, and what is to be told of them.
func recipientCommand(msg upstream.Outgoing, i int) string {
	var line strings.Builder
	fmt.Fprintf(&line, "RCPT TO:<%s>", msg.To[i])
	if i < len(msg.DSN.To) {
		dsn := msg.DSN.To[i]
		if len(dsn.Notify) > 0 {
			line.WriteString(" NOTIFY=" + xtext(strings.Join(dsn.Notify, ",")))
		}
		if dsn.Original != "" {
			line.WriteString(" ORCPT=RFC822;" + xtext(dsn.Original))
		}
	}
	return line.String()
}

// xtext writes what could end a parameter as hexadecimal (RFC 3461 §4). In what is a word
// by itself there is nothing of that.
func xtext(s string) string {
	var out strings.Builder
	for _, c := range []byte(s) {
		if c < '!' || c > '~' || c == '+' || c == '=' {
			fmt.Fprintf(&out, "+%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// envelope names sender and recipients. Every recipient is named, so that each has its
// reply, and then it fails if any was refused: the message itself waits for that. Where the
// server likes it, many commands are on their way at once.
func (c *conversation) envelope(msg upstream.Outgoing, receipt upstream.Receipt) error {
	lines := []string{c.mailCommand(msg)}
	for i := range msg.To {
		lines = append(lines, recipientCommand(msg, i))
	}
	together := 1
	if c.offers("PIPELINING") {
		together = window
	}
	step, asked := stepSender, 0
	for i := range lines {
		if i == 1 {
			step = stepRecipients
		}
		if i == asked {
			asked = min(i+together, len(lines))
			if err := c.wire.say(lines[i:asked]...); err != nil {
				return c.failure(step, err)
			}
		}
		reply, err := c.wire.hear()
		switch {
		case err != nil:
			return c.failure(step, err)
		case i == 0 && reply.Code/100 != 2: // nothing of what follows was heeded
			return c.refusedForAll(step, receipt, reply, asked-1)
		case i > 0:
			receipt.Replies[i-1] = reply
		}
		if reply.Code == 421 { // RFC 5321 §3.8: it is closing the connection
			return c.refusal(step, reply)
		}
	}
	// A refusal for good is told before one that may pass.
	worst := slices.MaxFunc(receipt.Replies, func(a, b upstream.Reply) int { return a.Code/100 - b.Code/100 })
	if worst.Code/100 != 2 {
		c.quit() // ends the transaction with nothing sent (RFC 5321 §4.1.1.10)
		return c.refusal(stepRecipients, worst)
	}
	return nil
}

// refusedForAll ends a transaction in which nothing was sent: the reply that did it counts
// for every recipient. Others are still to come, to what was said meanwhile.
func (c *conversation) refusedForAll(step string, receipt upstream.Receipt, reply upstream.Reply, others int) error {
	for i := range receipt.Replies {
		receipt.Replies[i] = reply
	}
	for range others {
		if _, err := c.wire.hear(); err != nil {
			return c.refusal(step, reply)
		}
	}
	if reply.Code != 421 {
		c.quit()
	}
	return c.refusal(step, reply)
}
