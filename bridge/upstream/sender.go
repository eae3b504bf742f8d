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
	Size int64    // octets
	Body io.Reader
}

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
