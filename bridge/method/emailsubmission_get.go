package method

import (
	"context"
	"fmt"

	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// emailSubmissionGet answers EmailSubmission/get (RFC 8621 §7.1). Submissions are
// remembered for 30 days after they were sent.
func emailSubmissionGet(ctx context.Context, c *call) (any, error) {
	state := c.account.State("EmailSubmission")
	all, err := c.account.Outbox().List(ctx)
	if err != nil {
		return nil, err
	}
	records := make([]record, len(all))
	for i, s := range all {
		records[i] = submissionRecord(c, s)
	}
	return getAnswer(c, state, records)
}

func submissionRecord(c *call, s outbox.Submission) record {
	rcpt := make([]record, len(s.Envelope.RcptTo))
	status := map[string]jmap.DeliveryStatus{}
	for i, to := range s.Envelope.RcptTo {
		rcpt[i] = addressRecord(to)
		status[to.Email] = deliveryStatus(s, to.Email)
	}
	r := record{
		"id":             s.ID,
		"identityId":     s.Identity,
		"emailId":        s.Email,
		"threadId":       s.Thread,
		"envelope":       record{"mailFrom": addressRecord(s.Envelope.MailFrom), "rcptTo": rcpt},
		"sendAt":         s.SendAt,
		"undoStatus":     undoStatus(s),
		"deliveryStatus": status,
		"dsnBlobIds":     []jmap.Id{},
		"mdnBlobIds":     []jmap.Id{},
	}
	if c.bridge {
		r["progress"] = progress(s)
	}
	return r
}

func addressRecord(a jmap.EnvelopeAddress) record {
	if a.Parameters == nil {
		return record{"email": a.Email, "parameters": nil}
	}
	return record{"email": a.Email, "parameters": a.Parameters}
}

// undoStatus is a submission's state in JMAP's words (RFC 8621 §7). While an attempt
// is under way it may still come back to waiting.
func undoStatus(s outbox.Submission) string {
	switch s.State {
	case outbox.Pending, outbox.Sending:
		return jmap.UndoPending
	case outbox.Canceled:
		return jmap.UndoCanceled
	}
	return jmap.UndoFinal
}

func deliveryStatus(s outbox.Submission, to string) jmap.DeliveryStatus {
	status := jmap.DeliveryStatus{Delivered: "queued", Displayed: "unknown"}
	if r, ok := s.Replies[to]; ok && r.Code != 0 {
		status.SMTPReply = smtpReply(r)
	}
	switch s.State {
	case outbox.Sent, outbox.MaybeSent:
		status.Delivered = "unknown"
	case outbox.Failed, outbox.Canceled:
		status.Delivered = "no"
	}
	if status.SMTPReply == "" && s.Problem != "" {
		status.SMTPReply = "451 4.4.1 " + s.Problem
	}
	return status
}

// smtpReply is a reply as the server said it.
func smtpReply(r upstream.Reply) string {
	if r.Enhanced == "" {
		return fmt.Sprintf("%d %s", r.Code, r.Text)
	}
	return fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, r.Text)
}

// progress is what the bridge tells of its outbox to clients that use
// jmap.CapabilityBridge.
func progress(s outbox.Submission) jmap.SubmissionProgress {
	p := jmap.SubmissionProgress{State: string(s.State), Attempts: s.Attempts, Reason: s.Problem, Filed: s.After == nil}
	if s.State == outbox.Pending {
		p.NextAttempt = &s.NextAt
	}
	return p
}
