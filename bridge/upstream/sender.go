package upstream

import (
	"context"
	"io"
)

// Sender hands messages to a submission server.
type Sender interface {
	// Send sends one message. Body gives Size octets with CRLF line ends. Before
	// DATA a refusal of any recipient ends the attempt with nothing sent, and Receipt
	// says which. An error whose Kind is KindMaybeSent came after the last octet: the
	// message may or may not be on its way.
	Send(ctx context.Context, msg Outgoing) (Receipt, error)
	// Check signs in and hangs up.
	Check(ctx context.Context) error
}

// Outgoing is one message and its SMTP envelope.
type Outgoing struct {
	From string   // addr-spec; "" for the null sender
	To   []string // addr-specs
	DSN  DSN
	Size int64 // octets
	// EightBit: some octets are over 127. The server must know (RFC 6152).
	EightBit bool
	Body     io.Reader
}

// DSN is what the sender wants to be told about delivery (RFC 3461). The zero value
// leaves it to the server.
type DSN struct {
	Return     string         // RET: FULL, HDRS or ""
	EnvelopeID string         // ENVID, without xtext; "" for none
	To         []RecipientDSN // nil, or one for each of Outgoing.To
}

// RecipientDSN is the same for one recipient.
type RecipientDSN struct {
	Notify   []string // NEVER alone, or some of SUCCESS, FAILURE, DELAY; nil: as the server likes
	Original string   // ORCPT: the rfc822 address the message was first meant for; "" for none
}

// Asked reports whether anything is asked for.
func (d DSN) Asked() bool { return d.Return != "" || d.EnvelopeID != "" || d.To != nil }

// Receipt is the server's words for each recipient, in the order of Outgoing.To.
type Receipt struct {
	Replies []Reply
}

// Reply is one SMTP reply (RFC 5321 §4.2).
type Reply struct {
	Code     int    // 250, 550 …
	Enhanced string // "5.1.1"; "" where there is none (RFC 3463)
	Text     string // the server's words: hostile until shown as text
}

// Steps of a Sender's Error that tell what of a message was refused.
const (
	StepSize       = "asking whether the message fits"
	StepSender     = "naming the sender"
	StepRecipients = "sending the recipients"
)
