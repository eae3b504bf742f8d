package method

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// filingTime bounds the changes of emails that follow a submission. They are made also
// when the client has hung up meanwhile: the message is on its way.
const filingTime = time.Minute

// emailSubmissionSet answers EmailSubmission/set (RFC 8621 §7.5). A submission is
// in the outbox, on disk, before it is said to be created. What the server refuses
// at the first attempt is not created, and the draft stays where it is.
//
// For clients that use jmap.CapabilityBridge, what is held back is filed when it is sent:
// until then the email is as it was. And a message, known by its Message-ID, that was or
// is to be sent is not sent again: the answer is alreadyExists, with the submission's id. So
// such a client may repeat a request whose answer was lost.
func emailSubmissionSet(ctx context.Context, c *call) (any, error) {
	args, answer, err := beginSet(c, "EmailSubmission")
	if err != nil {
		return nil, err
	}
	succeeded := map[jmap.Id]jmap.Id{} // submission to email
	var filing []jmap.Id               // new submissions whose emails are to be changed
	for _, creation := range slices.Sorted(maps.Keys(args.Create)) {
		s, err := submit(ctx, c, args, creation)
		if err != nil {
			put(&answer.NotCreated, creation, setError(c, err))
			continue
		}
		c.created[creation] = s.ID
		if !s.FileWhenSent {
			succeeded[s.ID] = s.Email
		}
		if s.After != nil && !s.FileWhenSent {
			filing = append(filing, s.ID)
		}
		r := submissionRecord(c, s)
		for _, said := range []string{"identityId", "emailId"} {
			delete(r, said)
		}
		put(&answer.Created, creation, r)
	}
	updateSubmissions(ctx, c, args, answer, succeeded)
	removeSubmissions(ctx, c, args, answer, succeeded)
	answer.NewState = c.account.State("EmailSubmission")
	return answer, onSuccess(ctx, c, args, succeeded, filing)
}

// onSuccess makes the changes of emails that were asked for when their submission
// succeeded: an Email/set whose answer follows (RFC 8621 §7.5). What fails for now of
// those for new submissions is left to the outbox.
func onSuccess(ctx context.Context, c *call, args *setArgs, succeeded map[jmap.Id]jmap.Id, filing []jmap.Id) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), filingTime)
	defer cancel()
	follow := emailsAfter(c, args, succeeded)
	if len(follow.Update)+len(follow.Destroy) == 0 {
		return nil
	}
	err := c.follow(ctx, c.account, follow)
	failed := map[jmap.Id]bool{}
	if err == nil {
		failed, err = FailedForNow(c.extra[len(c.extra)-1])
	}
	for _, id := range filing {
		done := err == nil && !failed[succeeded[id]] && !failed[""]
		err = errors.Join(err, c.account.Outbox().Filed(context.WithoutCancel(ctx), id, done))
	}
	return err
}

// FailedForNow lists the emails that an Email/set could not change or destroy, as its
// answer says, and that another may: "" among them stands for all.
func FailedForNow(answer jmap.Invocation) (map[jmap.Id]bool, error) {
	var said struct {
		Type         string                    `json:"type"`
		NotUpdated   map[jmap.Id]jmap.SetError `json:"notUpdated"`
		NotDestroyed map[jmap.Id]jmap.SetError `json:"notDestroyed"`
	}
	if err := json.Unmarshal(answer.Args, &said); err != nil {
		return nil, err
	}
	failed := map[jmap.Id]bool{}
	if answer.Name == "error" {
		failed[""] = true
	}
	for _, not := range []map[jmap.Id]jmap.SetError{said.NotUpdated, said.NotDestroyed} {
		for id, e := range not {
			switch e.Type {
			case jmap.SetServerFail, jmap.SetOverQuota, jmap.SetRateLimit:
				failed[id] = true
			}
		}
	}
	return failed, nil
}

func updateSubmissions(ctx context.Context, c *call, args *setArgs, answer *setAnswer, succeeded map[jmap.Id]jmap.Id) {
	for _, id := range slices.Sorted(maps.Keys(args.Update)) {
		if slices.Contains(args.Destroy, id) {
			put(&answer.NotUpdated, id, jmap.SetError{Type: jmap.SetWillDestroy})
			continue
		}
		s, err := updateSubmission(ctx, c, c.real(id), args.Update[id])
		if err != nil {
			put(&answer.NotUpdated, id, setError(c, err))
			continue
		}
		succeeded[s.ID] = s.Email
		put(&answer.Updated, id, nil)
	}
}

// updateSubmission cancels: the only change there is (RFC 8621 §7.5).
func updateSubmission(ctx context.Context, c *call, id jmap.Id, patch map[string]json.RawMessage) (outbox.Submission, error) {
	box := c.account.Outbox()
	s, err := box.Get(ctx, id)
	if err != nil {
		return s, notFound(err)
	}
	for property, raw := range patch {
		if property != "undoStatus" || string(raw) != `"`+jmap.UndoCanceled+`"` && string(raw) != `"`+undoStatus(s)+`"` {
			return s, invalid("only undoStatus can be changed, to canceled", property)
		}
	}
	if string(patch["undoStatus"]) != `"`+jmap.UndoCanceled+`"` || s.State == outbox.Canceled {
		return s, nil // as it is
	}
	err = box.Cancel(ctx, id)
	if errors.Is(err, outbox.ErrTooLate) {
		return s, &jmap.SetError{Type: jmap.SetCannotUnsend, Description: "the message is already on its way"}
	}
	return s, notFound(err)
}

// removeSubmissions forgets submissions; one that is still to be sent stays.
func removeSubmissions(ctx context.Context, c *call, args *setArgs, answer *setAnswer, succeeded map[jmap.Id]jmap.Id) {
	box := c.account.Outbox()
	for _, asked := range args.Destroy {
		id := c.real(asked)
		s, err := box.Get(ctx, id)
		if err == nil {
			err = box.Remove(ctx, id)
		}
		if errors.Is(err, outbox.ErrUnderWay) {
			err = &jmap.SetError{Type: jmap.SetForbidden, Description: "the message is still to be sent: cancel it first"}
		}
		if err != nil {
			put(&answer.NotDestroyed, asked, setError(c, notFound(err)))
			continue
		}
		succeeded[id] = s.Email
		answer.Destroyed = append(answer.Destroyed, asked)
	}
}

// notFound is ErrNotFound for the outbox's.
func notFound(err error) error {
	if errors.Is(err, outbox.ErrNotFound) {
		return ErrNotFound
	}
	return err
}
