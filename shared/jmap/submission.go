package jmap

import "time"

// Identity is an address the member may send from (RFC 8621 §6).
type Identity struct {
	Id            Id             `json:"id"`
	Name          string         `json:"name"`
	Email         string         `json:"email"`
	ReplyTo       []EmailAddress `json:"replyTo"`
	Bcc           []EmailAddress `json:"bcc"`
	TextSignature string         `json:"textSignature"`
	HtmlSignature string         `json:"htmlSignature"`
	MayDelete     bool           `json:"mayDelete"`
}

// Values of EmailSubmission.UndoStatus.
const (
	UndoPending  = "pending"
	UndoFinal    = "final"
	UndoCanceled = "canceled"
)

// EmailSubmission is one message on its way out (RFC 8621 §7).
type EmailSubmission struct {
	Id             Id                        `json:"id,omitzero"`
	IdentityId     Id                        `json:"identityId,omitzero"`
	EmailId        Id                        `json:"emailId,omitzero"` // or "#" and a creation id
	ThreadId       Id                        `json:"threadId,omitzero"`
	Envelope       *Envelope                 `json:"envelope,omitzero"`
	SendAt         time.Time                 `json:"sendAt,omitzero"`
	UndoStatus     string                    `json:"undoStatus,omitzero"`
	DeliveryStatus map[string]DeliveryStatus `json:"deliveryStatus,omitzero"` // by recipient
	DsnBlobIds     []Id                      `json:"dsnBlobIds,omitzero"`
	MdnBlobIds     []Id                      `json:"mdnBlobIds,omitzero"`
}

// Envelope is what SMTP is told, apart from the message (RFC 8621 §7).
type Envelope struct {
	MailFrom EnvelopeAddress   `json:"mailFrom"`
	RcptTo   []EnvelopeAddress `json:"rcptTo"`
}

// EnvelopeAddress is an address with its SMTP parameters.
type EnvelopeAddress struct {
	Email      string             `json:"email"`
	Parameters map[string]*string `json:"parameters,omitzero"`
}

// DeliveryStatus is how far a message got for one recipient.
type DeliveryStatus struct {
	SMTPReply string `json:"smtpReply"`
	Delivered string `json:"delivered"` // queued, yes, no, unknown
	Displayed string `json:"displayed"` // unknown, yes
}
