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
	"syscall"
	"time"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// firstAttempt is how long a submission's first attempt is waited for, so that
	// most refusals reach the person while the message is still before them.
	firstAttempt = 20 * time.Second
	// maxHeader is how much of a message's header is read, in octets.
	maxHeader = 1 << 20
)

// submit creates one submission.
func submit(ctx context.Context, c *call, args *setArgs, creation jmap.Id) (outbox.Submission, error) {
	var s outbox.Submission
	asked, err := readSubmission(args.Create[creation])
	if err != nil {
		return s, err
	}
	identity, err := identityOf(ctx, c, c.real(asked.IdentityId))
	if errors.Is(err, ErrNotFound) {
		err = invalid("there is no such identity", "identityId")
	}
	if err != nil {
		return s, err
	}
	id := c.real(asked.EmailId)
	rows, err := c.account.Rows(ctx, []jmap.Id{id})
	if err != nil {
		return s, err
	}
	row, ok := rows[id]
	if !ok {
		return s, invalid("there is no such email", "emailId")
	}
	raw, err := c.account.Read(ctx, id, []upstream.Section{{Path: "HEADER", Length: maxHeader}})
	if err != nil {
		return s, err
	}
	header := message.ParseHeader(raw[0])
	s = outbox.Submission{ID: jmap.Id("s" + strings.ToLower(rand.Text())), Email: id, Thread: row.Thread, Identity: identity.Id}
	if ids := header.Envelope().MessageID; len(ids) > 0 {
		s.MessageID = ids[0]
	}
	if again := header.All("Resent-Message-ID"); len(again) > 0 { // the latest is first
		s.MessageID = strings.Trim(strings.TrimSpace(again[0]), "<>")
	}
	own := c.account.Address()
	if err := mayUseFrom(own, header); err != nil {
		return s, err
	}
	if s.Envelope, err = envelope(asked.Envelope, own, identity, header); err != nil {
		return s, err
	}
	params, err := outbox.ReadParameters(s.Envelope)
	if err != nil {
		return s, invalid(err.Error(), "envelope")
	}
	now := time.Now()
	s.SendAt = params.SendAt(now)
	s.Once, s.FileWhenSent = c.bridge, c.bridge && s.SendAt.After(now)
	if most := c.account.Outbox().MaxSize(); most > 0 && row.Size > most {
		return s, tooLarge(most)
	}
	if s.After, err = after(c, args, creation, s); err != nil {
		return s, err
	}
	return send(ctx, c, s, !s.SendAt.After(now))
}

// asked is what a client says of a new submission.
type asked struct {
	IdentityId jmap.Id
	EmailId    jmap.Id
	Envelope   *jmap.Envelope
}

func readSubmission(raw json.RawMessage) (asked, error) {
	var a asked
	var properties map[string]json.RawMessage
	if json.Unmarshal(raw, &properties) != nil {
		return a, invalid("a submission is an object")
	}
	for _, property := range slices.Sorted(maps.Keys(properties)) {
		value := properties[property]
		var err error
		switch property {
		case "identityId":
			err = json.Unmarshal(value, &a.IdentityId)
		case "emailId":
			err = json.Unmarshal(value, &a.EmailId)
		case "envelope":
			err = json.Unmarshal(value, &a.Envelope)
		case "undoStatus": // as it begins
			if string(value) != `"`+jmap.UndoPending+`"` {
				return a, invalid("a submission begins as pending", property)
			}
		default:
			return a, invalid("this cannot be set", property)
		}
		if err != nil {
			return a, invalid(plainJSONError(err), property)
		}
	}
	for property, id := range map[string]jmap.Id{"identityId": a.IdentityId, "emailId": a.EmailId} {
		if id == "" {
			return a, invalid(property+" is missing", property)
		}
	}
	return a, nil
}

// emailsAfter is the Email/set that is to follow: the changes of the emails of these
// submissions.
func emailsAfter(c *call, args *setArgs, emails map[jmap.Id]jmap.Id) setArgs {
	follow := setArgs{AccountId: args.AccountId, Update: map[jmap.Id]map[string]json.RawMessage{}}
	for submission, patch := range args.OnSuccessUpdateEmail {
		if email, ok := emails[c.real(submission)]; ok {
			follow.Update[email] = patch
		}
	}
	for _, submission := range args.OnSuccessDestroyEmail {
		email, ok := emails[c.real(submission)]
		if ok && !slices.Contains(follow.Destroy, email) {
			follow.Destroy = append(follow.Destroy, email)
		}
	}
	return follow
}

// after is the part of it for one new submission, as a request that can be made later;
// nil where nothing is to be changed.
func after(c *call, args *setArgs, creation jmap.Id, s outbox.Submission) (json.RawMessage, error) {
	named := *c
	named.created = maps.Clone(c.created)
	named.created[creation] = s.ID
	follow := emailsAfter(&named, args, map[jmap.Id]jmap.Id{s.ID: s.Email})
	if len(follow.Update)+len(follow.Destroy) == 0 {
		return nil, nil
	}
	set, err := jmap.NewInvocation("Email/set", follow, "after")
	if err != nil {
		return nil, err
	}
	return json.Marshal(jmap.Request{
		Using:       []string{jmap.CapabilityCore, jmap.CapabilityMail},
		MethodCalls: []jmap.Invocation{set}, CreatedIds: named.created,
	})
}

// send puts the message into the outbox, without its Bcc, and if it is to be sent now
// waits for what the first attempt brings.
func send(ctx context.Context, c *call, s outbox.Submission, now bool) (outbox.Submission, error) {
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
	if now {
		s, err = box.SubmitAndWait(ctx, s, pr, firstAttempt)
	} else {
		s, err = box.Submit(ctx, s, pr)
	}
	pr.Close() // lets go of the copy when it was given up early
	var taken *outbox.TakenError
	if errors.As(err, &taken) {
		return s, &jmap.SetError{Type: jmap.SetAlreadyExists, Description: "the message was submitted already", ExistingId: taken.ID}
	}
	if errors.Is(err, syscall.ENOSPC) {
		return s, &jmap.SetError{Type: jmap.SetServerFail, Description: "the bridge's disk is full, so the message was not accepted; it is still where it was"}
	}
	if err != nil {
		return s, err
	}
	if s.State == outbox.Failed { // it was not created
		return s, errors.Join(refused(s, box.MaxSize()), box.Remove(context.WithoutCancel(ctx), s.ID))
	}
	return s, nil
}

// refused says why the server did not take a message, in its own words.
func refused(s outbox.Submission, maxSize int64) *jmap.SetError {
	switch s.Step {
	case upstream.StepSize:
		return tooLarge(maxSize)
	case upstream.StepSender:
		return &jmap.SetError{Type: jmap.SetForbiddenMailFrom, Description: s.Problem}
	case upstream.StepRecipients:
		return refusedRecipients(s)
	}
	return &jmap.SetError{Type: jmap.SetForbiddenToSend, Description: s.Problem}
}

// refusedRecipients names every recipient that was refused, with the server's words.
func refusedRecipients(s outbox.Submission) *jmap.SetError {
	e := &jmap.SetError{Type: jmap.SetInvalidRecipients}
	var words []string
	for _, to := range s.Recipients() {
		r := s.Replies[to]
		if r.Code/100 == 5 {
			e.InvalidRecipients = append(e.InvalidRecipients, to)
		}
		if r.Code >= 400 {
			words = append(words, to+": "+smtpReply(r))
		}
	}
	e.Description = strings.Join(words, "\n")
	return e
}

func tooLarge(most int64) *jmap.SetError {
	return &jmap.SetError{
		Type: jmap.SetTooLarge, MaxSize: most,
		Description: fmt.Sprintf("the message is larger than the server takes (%.4g MB)", float64(most)/1e6),
	}
}
