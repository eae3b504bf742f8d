package method

import (
	"context"
	"fmt"

	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// emailSubmissionGet answers EmailSubmission/get (RFC 8621 §7.1).
func emailSubmissionGet(ctx context.Context, c *call) (any, error) {
	state := c.account.State("EmailSubmission")
	all, err := c.account.Outbox().List(ctx)
	if err != nil {
		return nil, err
	}
	records := make([]record, len(all))
	for i, s := range all {
		records[i] = submissionRecord(s)
	}
	return getAnswer(c, state, records)
}

func submissionRecord(s outbox.Submission) record {
	rcpt := make([]jmap.EnvelopeAddress, len(s.To))
	status := map[string]jmap.DeliveryStatus{}
	for i, to := range s.To {
		rcpt[i].Email = to
		status[to] = deliveryStatus(s, to)
	}
	return record{
		"id":             s.ID,
		"identityId":     s.Identity,
		"emailId":        s.Email,
		"threadId":       s.Thread,
		"envelope":       jmap.Envelope{MailFrom: jmap.EnvelopeAddress{Email: s.From}, RcptTo: rcpt},
		"sendAt":         s.SendAt,
		"undoStatus":     undoStatus(s),
		"deliveryStatus": status,
		"dsnBlobIds":     []jmap.Id{},
		"mdnBlobIds":     []jmap.Id{},
	}
}

// undoStatus is a submission's state in JMAP's words (RFC 8621 §7).
func undoStatus(s outbox.Submission) string {
	switch s.State {
	case outbox.Pending:
		return jmap.UndoPending
	case outbox.Canceled:
		return jmap.UndoCanceled
	}
	return jmap.UndoFinal
}

func deliveryStatus(s outbox.Submission, to string) jmap.DeliveryStatus {
	status := jmap.DeliveryStatus{Delivered: "queued", Displayed: "unknown"}
	if r, ok := s.Replies[to]; ok {
		status.SMTPReply = fmt.Sprintf("%d %s", r.Code, r.Text)
		if r.Enhanced != "" {
			status.SMTPReply = fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, r.Text)
		}
	}
	switch s.State {
	case outbox.Sent, outbox.MaybeSent:
		status.Delivered = "unknown"
	case outbox.Failed:
		status.Delivered = "no"
	}
	if status.SMTPReply == "" && s.Problem != "" {
		status.SMTPReply = "451 4.4.1 " + s.Problem
	}
	return status
}
