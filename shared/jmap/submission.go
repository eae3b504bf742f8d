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
	// Progress is there for clients that use CapabilityBridge.
	Progress *SubmissionProgress `json:"progress,omitzero"`
}

// Values of SubmissionProgress.State.
const (
	SubmissionPending   = "pending"
	SubmissionSending   = "sending"
	SubmissionFinishing = "finishing"
	SubmissionSent      = "sent"
	SubmissionMaybe     = "maybe"
	SubmissionFailed    = "failed"
	SubmissionCanceled  = "canceled"
)

// SubmissionProgress is how far the bridge got with a message.
type SubmissionProgress struct {
	// State is pending, sending, finishing, sent, failed, canceled, or maybe: the
	// connection broke when all had been said but the server's answer. Such a message is
	// not sent again by itself; it becomes sent when the server shows its own copy.
	State       string     `json:"state"`
	Attempts    int        `json:"attempts"`
	NextAttempt *time.Time `json:"nextAttempt"` // null: none
	Reason      string     `json:"reason"`      // what the last attempt failed of; hostile until shown as text
	Filed       bool       `json:"filed"`       // false: the email is still to be changed as onSuccess… says
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
