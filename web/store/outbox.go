package store

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Submission is a message on its way out of which there is something to tell.
type Submission struct {
	jmap.EmailSubmission
	// Held says that it waits only so that sending can be undone, and that this window tells
	// so already.
	Held bool
}

// State is how far it got: see jmap.SubmissionProgress. Of a server that does not tell, what
// has not gone is pending.
func (s *Submission) State() string {
	switch {
	case s.Progress != nil:
		return s.Progress.State
	case s.UndoStatus == jmap.UndoPending:
		return jmap.SubmissionPending
	case s.UndoStatus == jmap.UndoCanceled:
		return jmap.SubmissionCanceled
	}
	return jmap.SubmissionSent
}

// Reason is what the last attempt failed of, in the server's words; "" if none did.
func (s *Submission) Reason() string {
	if s.Progress == nil {
		return ""
	}
	return s.Progress.Reason
}

// Quiet reports whether it is too early to speak of it: it is held, or was until just now,
// and nothing went wrong.
func (s *Submission) Quiet(now time.Time) bool {
	const takes = 15 * time.Second // as long as sending may take and still be no news
	state := s.State()
	return s.Held && state != jmap.SubmissionFailed && state != jmap.SubmissionMaybe && s.Reason() == "" && now.Before(s.SendAt.Add(takes))
}

// Outbox is what is on its way, or was not sent, or maybe not; what is due first comes first.
func (a *Account) Outbox() []*Submission { return a.outbox }

// Submission is the one with an id, nil for none.
func (a *Account) Submission(id jmap.Id) *Submission {
	i := slices.IndexFunc(a.outbox, func(s *Submission) bool { return s.Id == id })
	if i < 0 {
		return nil
	}
	return a.outbox[i]
}

// Leaving is the submission that an email waits to be sent by, nil for none.
func (a *Account) Leaving(email jmap.Id) *Submission {
	for _, s := range a.outbox {
		if s.EmailId == email && s.UndoStatus == jmap.UndoPending {
			return s
		}
	}
	return nil
}

// SetOutbox replaces the outbox by what the bridge says.
func (a *Account) SetOutbox(list []jmap.EmailSubmission) {
	was := a.outbox
	a.outbox = nil
	for _, s := range list {
		i := slices.IndexFunc(was, func(o *Submission) bool { return o.Id == s.Id })
		a.outbox = append(a.outbox, &Submission{EmailSubmission: s, Held: i >= 0 && was[i].Held})
	}
	a.outboxChanged()
}

// Submitted puts a message into the outbox, or in the place of what was known of it.
func (a *Account) Submitted(s Submission) {
	a.outbox = slices.DeleteFunc(a.outbox, func(o *Submission) bool { return o.Id == s.Id })
	a.outbox = append(a.outbox, &s)
	a.outboxChanged()
}

// SubmissionGone takes a message out of the outbox.
func (a *Account) SubmissionGone(id jmap.Id) {
	a.outbox = slices.DeleteFunc(a.outbox, func(o *Submission) bool { return o.Id == id })
	a.outboxChanged()
}

func (a *Account) outboxChanged() {
	slices.SortStableFunc(a.outbox, func(x, y *Submission) int { return x.SendAt.Compare(y.SendAt) })
	a.store.changed(PartOutbox)
}

// MaxDelay is how long the server can hold a message back, 0: it cannot.
func (a *Account) MaxDelay() time.Duration {
	var can struct{ MaxDelayedSend int64 }
	_ = json.Unmarshal(a.capabilities[jmap.CapabilitySubmission], &can) // a bad one can nothing
	return time.Duration(can.MaxDelayedSend) * time.Second
}

// Reports reports whether the server tells what becomes of messages (RFC 3461).
func (a *Account) Reports() bool {
	var can struct {
		SubmissionExtensions map[string]json.RawMessage
	}
	_ = json.Unmarshal(a.capabilities[jmap.CapabilitySubmission], &can) // a bad one tells nothing
	_, ok := can.SubmissionExtensions["DSN"]
	return ok
}
