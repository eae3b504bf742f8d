package store

import "github.com/hearthmail/hearthmail/shared/jmap"

// Outgoing is a message about to be sent.
type Outgoing struct {
	Email      jmap.Email // to create
	IdentityId jmap.Id
	Envelope   *jmap.Envelope   // nil: as the headers say
	After      jmap.PatchObject // what becomes of the email once it is accepted
	Replaces   jmap.Id          // saved draft to destroy then, "" for none
}

// Outcome is what became of an Outgoing.
type Outcome struct {
	DraftId jmap.Id // the email, when it was created but not accepted for sending
	Err     error   // nil: accepted
	Unknown bool    // the answer was lost, and asking did not tell: Err is set
	Twice   bool    // it was on its way already, by somebody else's doing: Err is set

	Submission jmap.EmailSubmission // when it was accepted, as far as it is known
}
