package action

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// ComposeNew opens a composer.
func (x *Actions) ComposeNew(a *store.Account) *store.Composer { return nil }

// ComposeMailto opens a composer with what a mailto: link asks for.
func (x *Actions) ComposeMailto(a *store.Account, uri string) *store.Composer { return nil }

// Reply opens a composer with an answer to the sender of a message whose body
// is known (store.BodyReady); nil if it is not.
func (x *Actions) Reply(a *store.Account, id jmap.Id) *store.Composer { return nil }

// ReplyAll is Reply to everybody the message went to.
func (x *Actions) ReplyAll(a *store.Account, id jmap.Id) *store.Composer { return nil }

// Forward opens a composer that passes a message on, attachments included.
func (x *Actions) Forward(a *store.Account, id jmap.Id) *store.Composer { return nil }

// EditDraft opens a composer with a saved draft whose body is known.
func (x *Actions) EditDraft(a *store.Account, id jmap.Id) *store.Composer { return nil }

// Edit changes what is written (Email's headers, Text, IdentityId) and has it
// saved after a pause. Does nothing while the message is being sent.
func (x *Actions) Edit(c *store.Composer, change func(c *store.Composer)) {}

// SaveDraft saves the draft now, if there is anything unsaved.
func (x *Actions) SaveDraft(c *store.Composer) {}

// CloseComposer saves the draft and closes the composer.
func (x *Actions) CloseComposer(c *store.Composer) {}

// DiscardDraft closes the composer and destroys the saved draft. The notice can
// take it back: the composer opens again with all that was in it.
func (x *Actions) DiscardDraft(c *store.Composer) {}

// Send sends the message once, however often it is called. On success the
// composer closes; otherwise it stays, Status and Err say what happened.
func (x *Actions) Send(c *store.Composer) {}

// Attach uploads a file and adds it to the message. source is passed on to the
// Uploader.
func (x *Actions) Attach(c *store.Composer, name, mediaType string, size int64, source any) *store.Attachment {
	return nil
}

// Detach takes an attachment away and stops its upload.
func (x *Actions) Detach(c *store.Composer, at *store.Attachment) {}
