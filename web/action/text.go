package action

import (
	"errors"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/words"
)

// What actions say to people.

// text is a sentence about a number of messages and perhaps a mailbox.
type text func(n int, mailbox string) string

func textArchived(n int, _ string) string { return words.N(n, "Archived", "{n} messages archived") }

func textJunked(n int, _ string) string {
	return words.N(n, "Moved to Junk", "{n} messages moved to Junk")
}

func textDeleted(n int, _ string) string {
	return words.N(n, "Moved to Trash", "{n} messages moved to Trash")
}

func textMoved(n int, mailbox string) string {
	return words.N(n, "Moved to {mailbox}", "{n} messages moved to {mailbox}", mailbox)
}

func textDestroyed(n int, _ string) string {
	return words.N(n, "Deleted for good", "{n} messages deleted for good")
}

func textMarked(n int, _ string) string { return words.N(n, "Marked", "{n} messages marked") }

func textUndone(n int, _ string) string { return words.N(n, "Undone", "Undone for {n} messages") }

func textRestored(n int, _ string) string {
	return words.N(n, "The message that you were writing is back", "{n} messages that you were writing are back")
}

var (
	textNotMarked  = words.Mark("Could not be marked")
	textNotMoved   = words.Mark("Could not be moved")
	textNotDeleted = words.Mark("Could not be deleted")
	textNotUndone  = words.Mark("Could not be undone")
	textNotSet     = words.Mark("The setting could not be saved")

	textNotUnsubscribed   = words.Mark("Not unsubscribed")
	textMaybeUnsubscribed = words.Mark("The connection was lost. You may be unsubscribed; unsubscribe again to be sure.")
	textFormSaved         = words.Mark("Saved")
	textFormNotSaved      = words.Mark("Not saved")
	textAccountAdded      = words.Mark("Account added")
	textAccountRemoved    = words.Mark("Account removed")
	textAccountNotRemoved = words.Mark("The account was not removed")
	textVacationDates     = words.Mark("The last day lies before the first one")

	textNotCreated        = words.Mark("The mailbox could not be created")
	textNotRenamed        = words.Mark("The mailbox could not be renamed")
	textMailboxNotMoved   = words.Mark("The mailbox could not be moved")
	textNotSubscribed     = words.Mark("The mailbox could not be changed")
	textMailboxNotDeleted = words.Mark("The mailbox could not be deleted")
	textNotEmptied        = words.Mark("Not everything could be deleted")
	textNameMissing       = words.Mark("A mailbox needs a name")
	textNameLong          = words.Mark("The name is too long")
	textNameBad           = words.Mark("The name has a character that no mailbox may have")
	textNameTaken         = words.Mark("There is a mailbox of this name already")

	textMoving     = words.Mark("Moving messages")
	textDestroying = words.Mark("Deleting messages for good")
	textMarking    = words.Mark("Marking messages")
	textUndoing    = words.Mark("Undoing")
	textStopping   = words.Mark("Stopping…")
	textNotFound   = words.Mark("The messages could not be listed")

	textSearchRemoved   = words.Mark("Saved search removed")
	textTooManySearches = words.Mark("There are too many saved searches. Remove one first.")

	textSent            = words.Mark("Message sent")
	textNotSent         = words.Mark("Not sent")
	textMaybeSent       = words.Mark("The connection was lost while sending. The message may have been sent: look into Sent before you send it again.")
	textMaybe           = words.Mark("A message may have been sent: the mail server took it, and the connection broke before it said so. Look into the Outbox.")
	textTwice           = words.Mark("This message was sent already, from another window or device. Send it again only if it is to arrive twice.")
	textStillUploading  = words.Mark("Wait until everything is attached, then change the sender")
	textNotMovedOver    = words.Mark("The sender was not changed")
	textTemplateName    = words.Mark("A template needs a name")
	textTemplateRemoved = words.Mark("Template removed")
	textNotForwarded    = words.Mark("Could not be forwarded")
	textReceiptSent     = words.Mark("Read receipt sent")
	textNotGoing        = words.Mark("It will not be sent")
	textNotThen         = words.Mark("Choose a time that is to come, within a year")
	textTooLate         = words.Mark("Too late to take back")
	textNotNow          = words.Mark("Nothing was changed")
	textKept            = words.Mark("Not sent. The message is in Drafts.")
	textNotSaved        = words.Mark("The draft could not be saved")
	textBoth            = words.Mark("This message was changed elsewhere as well. Both are kept as drafts.")
	textNoPeople        = words.Mark("No mail addresses were found in this file")
	textNotSignedOut    = words.Mark("A message could not be saved yet, so you are still signed in")
	textDiscarded       = words.Mark("Draft discarded")
	textNoRecipient     = words.Mark("Add at least one recipient")
	textNoIdentity      = words.Mark("Choose an address to send from")
	textNoDrafts        = words.Mark("This account has no Drafts mailbox, which sending needs")
	textNotUploaded     = words.Mark("Could not be attached")
	textForwarded       = words.Mark("---------- Forwarded message ----------")
)

var textNoRole = map[string]words.Text{
	jmap.RoleArchive: words.Mark("This account has no Archive mailbox. Create one, then archive again."),
	jmap.RoleJunk:    words.Mark("This account has no Junk mailbox."),
	jmap.RoleTrash:   words.Mark("This account has no Trash mailbox. Nothing was deleted."),
	jmap.RoleDrafts:  words.Mark("This account has no Drafts mailbox. The draft is kept in this window only."),
	jmap.RoleSent:    words.Mark("This account has no Sent mailbox."),
	jmap.RoleInbox:   words.Mark("This account has no Inbox."),
}

// failed says what could not be done, and why.
func failed(what words.Text, err error) string {
	return words.T("{what}: {reason}", what.String(), Reason(err))
}

// bulkFailure says how many of many were done, and why the others were not.
func bulkFailure(done, of int, why string) string {
	return words.N(of, "{done} of {n} messages done. {left} were not: {reason}", "{done} of {n} messages done. {left} were not: {reason}",
		words.Number(done), words.Number(of-done), why)
}

func bulkStopped(done, of int) string {
	return words.N(of, "Stopped after {done} of {n} messages", "Stopped after {done} of {n} messages", words.Number(done))
}

// refusalText says what was refused, how often, and why in the server's words.
func refusalText(what string, refused map[jmap.Id]error) string {
	var why error
	for _, err := range refused {
		why = err
		break
	}
	return words.N(len(refused), "{what}: {reason}", "{what}: {reason} ({n} messages)", what, Reason(why))
}

// told is a reason of the bridge, which is in English: in other languages it stands behind
// our own words, as what a server said may be in it.
func told(ours, theirs string) string {
	switch {
	case theirs == "" || ours == "":
		return ours + theirs
	case words.Current().Tag == "en":
		return theirs
	}
	return words.T("{reason} ({detail})", ours, theirs)
}

// Reason is why something did not work, in the server's words where it has some.
func Reason(err error) string {
	var set *jmap.SetError
	var method *jmap.MethodError
	var request *jmap.RequestError
	switch {
	case errors.As(err, &set):
		return cmpOr(told(textSetError[set.Type].String(), set.Description), set.Type)
	case errors.As(err, &method):
		return cmpOr(told(textMethodError[method.Type].String(), method.Description), method.Type)
	case errors.As(err, &request):
		return cmpOr(request.Detail, request.Title, request.Type)
	}
	return cmpOr(textOfError[err.Error()].String(), err.Error())
}

// textOfError are errors of our own rooms, by what they say in English.
var textOfError = map[string]words.Text{
	"the connection was lost":                            words.Mark("the connection was lost"),
	"the connection was lost before the bridge answered": words.Mark("the connection was lost before the bridge answered"),
	"the bridge did not answer this call":                words.Mark("the bridge did not answer"),
	"no answer in time":                                  words.Mark("no answer in time"),
	"not a file":                                         words.Mark("this is not a file"),
}

var textSetError = map[string]words.Text{
	jmap.SetForbidden:         words.Mark("the mail server does not allow it"),
	jmap.SetOverQuota:         words.Mark("the mailbox is full"),
	jmap.SetTooLarge:          words.Mark("the message is too large"),
	jmap.SetRateLimit:         words.Mark("too many at once; try again in a while"),
	jmap.SetAlreadyExists:     words.Mark("there is one of this name already"),
	jmap.SetMailboxHasChild:   words.Mark("there are mailboxes inside it; delete those first"),
	jmap.SetMailboxHasEmail:   words.Mark("there are messages in it"),
	jmap.SetNotFound:          words.Mark("it does not exist any more"),
	jmap.SetNoRecipients:      words.Mark("there is no recipient"),
	jmap.SetInvalidRecipients: words.Mark("a recipient's address is not valid"),
	jmap.SetTooManyRecipients: words.Mark("there are too many recipients"),
	jmap.SetForbiddenFrom:     words.Mark("you may not send from this address"),
	jmap.SetForbiddenMailFrom: words.Mark("you may not send from this address"),
	jmap.SetForbiddenToSend:   words.Mark("this account may not send"),
	jmap.SetBlobNotFound:      words.Mark("an attachment is not on the bridge any more; attach it again"),
}

var textMethodError = map[string]words.Text{
	jmap.ServerUnavailable: words.Mark("the mail server cannot be reached right now"),
	jmap.ServerFail:        words.Mark("something went wrong on the bridge"),
	jmap.AccountReadOnly:   words.Mark("this account can only be read"),
	jmap.Forbidden:         words.Mark("it is not allowed"),
}

func cmpOr(list ...string) string {
	for _, w := range list {
		if w != "" {
			return w
		}
	}
	return words.T("for a reason that was not given")
}

// attribution is the line above a quotation.
func attribution(e *jmap.Email) string {
	who := draft.FormatAddresses(e.From)
	if when := sentAt(e); when != "" {
		return words.T("On {date}, {person} wrote:", when, who)
	}
	return words.T("{person} wrote:", who)
}

// forwardFields are the headers above a message passed on.
func forwardFields(e *jmap.Email) []draft.Field {
	return []draft.Field{
		{Label: words.T("From"), Value: draft.FormatAddresses(e.From)},
		{Label: words.T("Date"), Value: sentAt(e)},
		{Label: words.T("Subject"), Value: e.Subject},
		{Label: words.T("To"), Value: draft.FormatAddresses(e.To)},
		{Label: words.T("Cc"), Value: draft.FormatAddresses(e.Cc)},
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
	return words.DateTime(t)
}
