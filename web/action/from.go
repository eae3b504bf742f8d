package action

import (
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
)

// askAgain is when it is looked again whether a save has ended.
const askAgain = 100 * time.Millisecond

// ChangeFrom has a message sent from another identity, of the same account or of another one
// of the member's. Its signature takes the place of that of the one before, and what was
// saved and attached moves along.
func (x *Actions) ChangeFrom(c *store.Composer, to *store.Account, id jmap.Id) {
	if c.Status == store.Sending || c.Status == store.Sent {
		return
	}
	was := x.account(c)
	if to == was {
		x.writeAs(c, to, id, nil)
		return
	}
	var blobs []jmap.Id
	for _, at := range c.Attachments {
		switch {
		case at.Ready():
			blobs = append(blobs, at.BlobId)
		case at.Err == "":
			x.fail(textStillUploading.String())
			x.store.ComposerChanged(c)
			return
		}
	}
	if c.Saving {
		time.AfterFunc(askAgain, func() { x.post(func() { x.ChangeFrom(c, to, id) }) })
		return
	}
	if len(blobs) == 0 {
		x.writeAs(c, to, id, nil)
		return
	}
	x.client.CopyBlobs(was, to, blobs, func(copied map[jmap.Id]jmap.Id, err error) {
		switch {
		case err != nil:
			x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textNotMovedOver, err)})
			x.store.ComposerChanged(c)
		case c.Saving || x.account(c) != was: // meanwhile
			x.ChangeFrom(c, to, id)
		default:
			x.writeAs(c, to, id, copied)
		}
	})
}

// writeAs makes c a message of an identity of an account; copied are its files there.
func (x *Actions) writeAs(c *store.Composer, to *store.Account, id jmap.Id, copied map[jmap.Id]jmap.Id) {
	was := x.account(c)
	before := identity(was, c)
	x.Edit(c, func(c *store.Composer) {
		c.Pull()
		if was != to {
			if c.AnsweredIn == "" {
				c.AnsweredIn = was.Id()
			}
			if c.DraftId != "" {
				c.Left = append(c.Left, store.LeftDraft{Account: was.Id(), Id: c.DraftId})
			}
			c.AccountId, c.DraftId = to.Id(), ""
			for _, at := range c.Attachments {
				if blob, ok := copied[at.BlobId]; ok {
					at.BlobId = blob
				}
			}
		}
		c.IdentityId = id
		body := draft.Resign(draft.Body{Text: c.Text, HTML: c.HTML}, before, identity(to, c))
		if body.Text != c.Text || body.HTML != c.HTML {
			c.Text, c.HTML = body.Text, body.HTML
			c.Rewritten++
		}
	})
}

// dropLeft destroys the drafts that c left in other accounts, now that it is saved in this one.
func (x *Actions) dropLeft(c *store.Composer) {
	for _, left := range c.Left {
		if a := x.store.Account(left.Account); a != nil {
			x.change(a, each([]jmap.Id{left.Id}, store.Change{Destroy: true}), textNotDeleted.String())
		}
	}
	c.Left = nil
}
