package method

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// firstAttempt is how long a submission's first attempt is waited for, so that
	// most refusals reach the person while the message is still before them.
	firstAttempt = 20 * time.Second
	// maxRecipients of one message; servers take at least 100 (RFC 5321 §4.5.3.1.8).
	maxRecipients = 500
)

// emailSubmissionSet answers EmailSubmission/set (RFC 8621 §7.5). A submission is
// in the outbox, on disk, before it is said to be created. What the server refuses
// at the first attempt is not created, and the draft stays where it is.
func emailSubmissionSet(ctx context.Context, c *call) (any, error) {
	args, answer, err := beginSet(c, "EmailSubmission")
	if err != nil {
		return nil, err
	}
	sent := map[jmap.Id]jmap.Id{} // submission to email
	for _, creation := range slices.Sorted(maps.Keys(args.Create)) {
		s, err := submit(ctx, c, args.Create[creation])
		if err != nil {
			put(&answer.NotCreated, creation, setError(c, err))
			continue
		}
		c.created[creation] = s.ID
		sent[s.ID] = s.Email
		put(&answer.Created, creation, record{"id": s.ID, "sendAt": s.SendAt, "undoStatus": undoStatus(s), "threadId": s.Thread})
	}
	for id, patch := range args.Update {
		if err := updateSubmission(ctx, c, id, patch); err != nil {
			put(&answer.NotUpdated, id, setError(c, err))
			continue
		}
		put(&answer.Updated, id, nil)
	}
	for _, id := range args.Destroy {
		if err := removeSubmission(ctx, c, id); err != nil {
			put(&answer.NotDestroyed, id, setError(c, err))
			continue
		}
		answer.Destroyed = append(answer.Destroyed, id)
	}
	answer.NewState = c.account.State("EmailSubmission")
	return answer, onSuccess(ctx, c, args, sent)
}

// onSuccess makes the changes of emails that were asked for when their
// submission succeeded: an Email/set whose answer follows (RFC 8621 §7.5).
func onSuccess(ctx context.Context, c *call, args *setArgs, sent map[jmap.Id]jmap.Id) error {
	follow := setArgs{AccountId: args.AccountId, Update: map[jmap.Id]map[string]json.RawMessage{}}
	for submission, patch := range args.OnSuccessUpdateEmail {
		if email, ok := sent[c.real(submission)]; ok {
			follow.Update[email] = patch
		}
	}
	for _, submission := range args.OnSuccessDestroyEmail {
		if email, ok := sent[c.real(submission)]; ok {
			follow.Destroy = append(follow.Destroy, email)
		}
	}
	if len(follow.Update)+len(follow.Destroy) == 0 {
		return nil
	}
	return c.follow(ctx, c.account, follow)
}

func submit(ctx context.Context, c *call, raw json.RawMessage) (outbox.Submission, error) {
	var asked struct {
		IdentityId jmap.Id        `json:"identityId"`
		EmailId    jmap.Id        `json:"emailId"`
		Envelope   *jmap.Envelope `json:"envelope"`
	}
	if err := json.Unmarshal(raw, &asked); err != nil {
		return outbox.Submission{}, invalid(plainJSONError(err))
	}
	identity, err := identityOf(ctx, c, c.real(asked.IdentityId))
	if errors.Is(err, ErrNotFound) {
		return outbox.Submission{}, invalid("there is no such identity", "identityId")
	}
	if err != nil {
		return outbox.Submission{}, err
	}
	id := c.real(asked.EmailId)
	rows, err := c.account.Rows(ctx, []jmap.Id{id})
	if err != nil {
		return outbox.Submission{}, err
	}
	row, ok := rows[id]
	if !ok {
		return outbox.Submission{}, invalid("there is no such email", "emailId")
	}
	s := outbox.Submission{
		ID:       jmap.Id("s" + strings.ToLower(rand.Text())),
		Email:    id,
		Thread:   row.Thread,
		Identity: identity.Id,
		SendAt:   time.Now().UTC().Truncate(time.Second),
	}
	if s.From, s.To, err = envelope(asked.Envelope, identity, &row); err != nil {
		return s, err
	}
	if err := mayUseFrom(identity, &row); err != nil {
		return s, err
	}
	return send(ctx, c, s, row.Size)
}

// send puts the message into the outbox, without its Bcc, and waits for what the
// first attempt brings.
func send(ctx context.Context, c *call, s outbox.Submission, size int64) (outbox.Submission, error) {
	blob, err := c.account.OpenBlob(ctx, BlobID(s.Email, ""))
	if err != nil {
		return s, err
	}
	raw, err := blob.Open(ctx, 0)
	if err != nil {
		return s, err
	}
	defer raw.Close()
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(message.StripBcc(pw, raw)) }()
	box := c.account.Outbox()
	s, err = box.Submit(ctx, s, pr)
	pr.Close() // lets go of the copy when Submit gave up early
	if err != nil {
		return s, fmt.Errorf("a message of %d octets could not be put into the outbox: %w", size, err)
	}
	wait, cancel := context.WithTimeout(ctx, firstAttempt)
	defer cancel()
	s, err = box.Wait(wait, s.ID)
	if err != nil {
		return s, err
	}
	if s.State == outbox.Failed { // it was not created
		return s, errors.Join(refused(s), box.Remove(context.WithoutCancel(ctx), s.ID))
	}
	return s, nil
}

// refused says why the server did not take a message, in its own words.
func refused(s outbox.Submission) *jmap.SetError {
	e := &jmap.SetError{Type: jmap.SetForbiddenToSend, Description: s.Problem}
	for _, to := range s.To {
		if r, ok := s.Replies[to]; ok && r.Code >= 400 {
			e.Type = jmap.SetInvalidRecipients
			e.InvalidRecipients = append(e.InvalidRecipients, to)
		}
	}
	return e
}

// envelope is what the client gave, or what the message's header says (RFC 8621
// §7).
func envelope(given *jmap.Envelope, identity jmap.Identity, row *Row) (from string, to []string, err error) {
	from = identity.Email
	var all []string
	if given != nil {
		if given.MailFrom.Email != "" && !strings.EqualFold(given.MailFrom.Email, identity.Email) {
			return "", nil, &jmap.SetError{Type: jmap.SetForbiddenMailFrom, Description: "the sender must be " + identity.Email}
		}
		for _, r := range given.RcptTo {
			all = append(all, r.Email)
		}
	} else {
		for _, list := range [][]jmap.EmailAddress{row.Envelope.To, row.Envelope.Cc, row.Envelope.Bcc} {
			for _, a := range list {
				all = append(all, a.Email)
			}
		}
	}
	var bad []string
	for _, a := range all {
		if message.ValidAddress(a) != nil {
			bad = append(bad, a)
		} else if !slices.ContainsFunc(to, func(have string) bool { return strings.EqualFold(have, a) }) {
			to = append(to, a)
		}
	}
	switch {
	case len(bad) > 0:
		return "", nil, &jmap.SetError{Type: jmap.SetInvalidRecipients, Description: "not a mail address: " + strings.Join(bad, ", "), InvalidRecipients: bad}
	case len(to) == 0:
		return "", nil, &jmap.SetError{Type: jmap.SetNoRecipients, Description: "nobody to send to"}
	case len(to) > maxRecipients:
		return "", nil, &jmap.SetError{Type: jmap.SetTooManyRecipients, Description: fmt.Sprintf("at most %d recipients", maxRecipients)}
	}
	return from, to, nil
}

// mayUseFrom: who signs in sends as themselves (RFC 8621 §7.5 forbiddenFrom).
func mayUseFrom(identity jmap.Identity, row *Row) error {
	for _, a := range row.Envelope.From {
		if !strings.EqualFold(a.Email, identity.Email) {
			return &jmap.SetError{Type: jmap.SetForbiddenFrom, Description: "From must be " + identity.Email}
		}
	}
	if len(row.Envelope.From) == 0 {
		return &jmap.SetError{Type: jmap.SetInvalidEmail, Description: "the message has no From", Properties: []string{"from"}}
	}
	return nil
}

// updateSubmission cancels: the only change there is (RFC 8621 §7.5).
func updateSubmission(ctx context.Context, c *call, id jmap.Id, patch map[string]json.RawMessage) error {
	for property, raw := range patch {
		if property != "undoStatus" || string(raw) != `"`+jmap.UndoCanceled+`"` {
			return invalid("only undoStatus can be changed, to canceled", property)
		}
	}
	err := c.account.Outbox().Cancel(ctx, c.real(id))
	switch {
	case errors.Is(err, outbox.ErrNotFound):
		return &jmap.SetError{Type: jmap.SetNotFound}
	case errors.Is(err, outbox.ErrTooLate):
		return &jmap.SetError{Type: jmap.SetCannotUnsend, Description: "the message is already on its way"}
	}
	return err
}

// removeSubmission forgets a submission; one that is still to be sent stays.
func removeSubmission(ctx context.Context, c *call, id jmap.Id) error {
	err := c.account.Outbox().Remove(ctx, c.real(id))
	switch {
	case errors.Is(err, outbox.ErrNotFound):
		return &jmap.SetError{Type: jmap.SetNotFound}
	case errors.Is(err, outbox.ErrUnderWay):
		return &jmap.SetError{Type: jmap.SetForbidden, Description: "the message is still to be sent: cancel it first"}
	}
	return err
}
