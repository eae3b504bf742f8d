package clienttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// submission is a message that was submitted while Server.Holds.
type submission struct {
	jmap.EmailSubmission
	messageId []string
	after     jmap.PatchObject
}

// Release sends what is held back.
func (s *Server) Release() {
	s.mu.Lock()
	for _, sub := range s.outbox {
		if sub.UndoStatus == jmap.UndoPending {
			s.leave(sub)
		}
	}
	s.mu.Unlock()
	s.push()
}

func (s *Server) leave(sub *submission) {
	if e := s.emails[sub.EmailId]; e != nil {
		s.sent = append(s.sent, *e)
		s.update(sub.EmailId, sub.after)
	}
	sub.UndoStatus, sub.Progress = jmap.UndoFinal, &jmap.SubmissionProgress{State: jmap.SubmissionSent}
}

// hold takes a message as a bridge does: once, and not to be sent before Release if the
// envelope says so.
func (s *Server) hold(e *jmap.Email, sub jmap.EmailSubmission, after jmap.PatchObject) (*submission, *jmap.SetError) {
	for _, other := range s.outbox {
		if other.UndoStatus != jmap.UndoCanceled && slices.Equal(other.messageId, e.MessageId) {
			return nil, &jmap.SetError{Type: jmap.SetAlreadyExists, ExistingId: other.Id}
		}
	}
	sub.Id, sub.EmailId, sub.UndoStatus = jmap.Id(fmt.Sprintf("s%d", len(s.outbox)+1)), e.Id, jmap.UndoPending
	sub.Progress = &jmap.SubmissionProgress{State: jmap.SubmissionPending}
	taken := &submission{sub, e.MessageId, after}
	s.outbox = append(s.outbox, taken)
	if sub.Envelope == nil || sub.Envelope.MailFrom.Parameters["HOLDFOR"] == nil {
		s.leave(taken)
	}
	return taken, nil
}

// cancel takes back what is held.
func (s *Server) cancel(id jmap.Id) *jmap.SetError {
	for _, sub := range s.outbox {
		if sub.Id != id {
			continue
		}
		if sub.UndoStatus == jmap.UndoFinal {
			return &jmap.SetError{Type: jmap.SetCannotUnsend}
		}
		sub.UndoStatus, sub.Progress = jmap.UndoCanceled, &jmap.SubmissionProgress{State: jmap.SubmissionCanceled}
		return nil
	}
	return &jmap.SetError{Type: jmap.SetNotFound}
}

// outboxCall answers EmailSubmission/query and /get.
func (s *Server) outboxCall(name string, args json.RawMessage) any {
	asked := read[struct {
		Filter struct {
			States     []string
			UndoStatus string
		}
		Ids []jmap.Id
	}](args)
	ids, list := []jmap.Id{}, []jmap.EmailSubmission{}
	for _, sub := range s.outbox {
		if slices.Contains(asked.Filter.States, sub.Progress.State) || asked.Filter.UndoStatus == sub.UndoStatus {
			ids = append(ids, sub.Id)
		}
		if slices.Contains(asked.Ids, sub.Id) {
			list = append(list, sub.EmailSubmission)
		}
	}
	if strings.HasSuffix(name, "/query") {
		return jmap.QueryResponse{AccountId: AccountId, Ids: ids}
	}
	return jmap.GetResponse[jmap.EmailSubmission]{AccountId: AccountId, State: s.state(), List: list, NotFound: []jmap.Id{}}
}
