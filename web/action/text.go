package action

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
)

// All words for people that come from actions. A catalogue takes over later:
// look nowhere else.

// text is a sentence about a number of messages; %d is the number, %s a mailbox.
type text struct{ one, many string }

var (
	textArchived = text{"Archived", "%d messages archived"}
	textJunked   = text{"Moved to Junk", "%d messages moved to Junk"}
	textDeleted  = text{"Moved to Trash", "%d messages moved to Trash"}
	textMoved    = text{"Moved to %s", "%d messages moved to %s"}

	textDestroyed = text{"Deleted for good", "%d messages deleted for good"}
	textMarked    = text{"Marked", "%d messages marked"}
	textUndone    = text{"Undone", "Undone for %d messages"}
)

const (
	textNotMarked  = "Could not be marked"
	textNotMoved   = "Could not be moved"
	textNotDeleted = "Could not be deleted"
	textNotUndone  = "Could not be undone"
	textNotSet     = "The setting could not be saved"

	textUnsubscribed      = "Unsubscribed. This was accepted by "
	textNotUnsubscribed   = "Not unsubscribed"
	textMaybeUnsubscribed = "The connection was lost. You may be unsubscribed; unsubscribe again to be sure."
	textFormSaved         = "Saved"
	textFormNotSaved      = "Not saved"
	textVacationDates     = "The last day lies before the first one"

	textNotCreated        = "The mailbox could not be created"
	textNotRenamed        = "The mailbox could not be renamed"
	textMailboxNotMoved   = "The mailbox could not be moved"
	textNotSubscribed     = "The mailbox could not be changed"
	textMailboxNotDeleted = "The mailbox could not be deleted"
	textNotEmptied        = "Not everything could be deleted"
	textNameMissing       = "A mailbox needs a name"
	textNameLong          = "The name is too long"
	textNameBad           = "The name has a character that no mailbox may have"
	textNameTaken         = "There is a mailbox of this name already"

	textMoving     = "Moving messages"
	textDestroying = "Deleting messages for good"
	textMarking    = "Marking messages"
	textUndoing    = "Undoing"
	textStopping   = "Stopping…"
	textNotFound   = "The messages could not be listed"

	textSearchRemoved   = "Saved search removed"
	textTooManySearches = "There are too many saved searches. Remove one first."

	textSent        = "Message sent"
	textNotSent     = "Not sent"
	textMaybeSent   = "The connection was lost while sending. The message may have been sent: look into Sent before you send it again."
	textNotSaved    = "The draft could not be saved"
	textDiscarded   = "Draft discarded"
	textNoRecipient = "Add at least one recipient"
	textInvalid     = "Not a valid address"
	textNoIdentity  = "Choose an address to send from"
	textNoDrafts    = "This account has no Drafts mailbox, which sending needs"
	textUploading   = "Wait until it is attached, or remove it"
	textNotUploaded = "Could not be attached"
	textForwarded   = "---------- Forwarded message ----------"
)

var textNoRole = map[string]string{
	jmap.RoleArchive: "This account has no Archive mailbox. Create one, then archive again.",
	jmap.RoleJunk:    "This account has no Junk mailbox.",
	jmap.RoleTrash:   "This account has no Trash mailbox. Nothing was deleted.",
	jmap.RoleDrafts:  "This account has no Drafts mailbox. The draft is kept in this window only.",
	jmap.RoleSent:    "This account has no Sent mailbox.",
	jmap.RoleInbox:   "This account has no Inbox.",
}

// count fills in a sentence.
func (t text) count(n int, mailbox string) string {
	if n == 1 {
		if t == textMoved {
			return fmt.Sprintf(t.one, mailbox)
		}
		return t.one
	}
	if t == textMoved {
		return fmt.Sprintf(t.many, n, mailbox)
	}
	return fmt.Sprintf(t.many, n)
}

// bulkFailure says how many of many were done, and why the others were not.
func bulkFailure(done, of int, why string) string {
	return fmt.Sprintf("%d of %d messages done. %d were not: %s", done, of, of-done, why)
}

func bulkStopped(done, of int) string {
	return fmt.Sprintf("Stopped after %d of %d messages", done, of)
}

// refusalText says what was refused, how often, and why in the server's words.
func refusalText(what string, refused map[jmap.Id]error) string {
	var why error
	for _, err := range refused {
		why = err
		break
	}
	s := what + ": " + Reason(why)
	if len(refused) > 1 {
		s += " (" + strconv.Itoa(len(refused)) + " messages)"
	}
	return s
}

// Reason is why something did not work, in the server's words where it has some.
func Reason(err error) string {
	var set *jmap.SetError
	var method *jmap.MethodError
	var request *jmap.RequestError
	switch {
	case errors.As(err, &set):
		if set.Description != "" {
			return set.Description
		}
		return cmpOr(textSetError[set.Type], set.Type)
	case errors.As(err, &method):
		return cmpOr(method.Description, textMethodError[method.Type], method.Type)
	case errors.As(err, &request):
		return cmpOr(request.Detail, request.Title, request.Type)
	}
	return err.Error()
}

var textSetError = map[string]string{
	jmap.SetForbidden:         "the mail server does not allow it",
	jmap.SetOverQuota:         "the mailbox is full",
	jmap.SetTooLarge:          "the message is too large",
	jmap.SetRateLimit:         "too many at once; try again in a while",
	jmap.SetAlreadyExists:     "there is one of this name already",
	jmap.SetMailboxHasChild:   "there are mailboxes inside it; delete those first",
	jmap.SetMailboxHasEmail:   "there are messages in it",
	jmap.SetNotFound:          "it does not exist any more",
	jmap.SetNoRecipients:      "there is no recipient",
	jmap.SetInvalidRecipients: "a recipient's address is not valid",
	jmap.SetTooManyRecipients: "there are too many recipients",
	jmap.SetForbiddenFrom:     "you may not send from this address",
	jmap.SetForbiddenMailFrom: "you may not send from this address",
	jmap.SetForbiddenToSend:   "this account may not send",
	jmap.SetBlobNotFound:      "an attachment is not on the bridge any more; attach it again",
}

var textMethodError = map[string]string{
	jmap.ServerUnavailable: "the mail server cannot be reached right now",
	jmap.ServerFail:        "something went wrong on the bridge",
	jmap.AccountReadOnly:   "this account can only be read",
	jmap.Forbidden:         "it is not allowed",
}

func cmpOr(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return "for a reason that was not given"
}

// attribution is the line above a quotation.
func attribution(e *jmap.Email) string {
	who := draft.FormatAddresses(e.From)
	if when := sentAt(e); when != "" {
		return fmt.Sprintf("On %s, %s wrote:", when, who)
	}
	return who + " wrote:"
}

// forwardFields are the headers above a message passed on.
func forwardFields(e *jmap.Email) []draft.Field {
	return []draft.Field{
		{Label: "From", Value: draft.FormatAddresses(e.From)},
		{Label: "Date", Value: sentAt(e)},
		{Label: "Subject", Value: e.Subject},
		{Label: "To", Value: draft.FormatAddresses(e.To)},
		{Label: "Cc", Value: draft.FormatAddresses(e.Cc)},
	}
}

// sentAt is when a message was sent, in the person's time zone.
func sentAt(e *jmap.Email) string {
	t := e.SentAt
	if t.IsZero() {
		t = e.ReceivedAt
	}
	if t.IsZero() {
		return ""
	}
	return t.In(time.Local).Format("Mon, 2 Jan 2006 at 15:04")
}
