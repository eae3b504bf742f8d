package action

import (
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Send sends the message once, however often it is called. On success the
// composer closes; otherwise it stays, Status and Err say what happened.
func (x *Actions) Send(c *store.Composer) {
	if c.Status == store.Sending || c.Status == store.Sent {
		return
	}
	if err := x.unfit(c); err != "" {
		c.Status, c.Err = store.SendFail, err
		x.store.ComposerChanged(c)
		return
	}
	c.Status, c.Err = store.Sending, ""
	x.store.ComposerChanged(c)
	if !c.Saving { // else afterSave submits, so that no draft is left behind
		x.submit(c)
	}
}

// unfit says why c cannot be sent, "" if it can.
func (x *Actions) unfit(c *store.Composer) string {
	a := x.account(c)
	switch {
	case draft.Recipients(&c.Email) == 0:
		return textNoRecipient.String()
	case len(draft.Invalid(&c.Email)) > 0:
		return words.T("Not a valid address: {addresses}", strings.Join(draft.Invalid(&c.Email), ", "))
	case identity(a, c).Id == "":
		return textNoIdentity.String()
	case a.Role(jmap.RoleDrafts) == nil:
		return textNoDrafts.String()
	}
	for _, at := range c.Attachments {
		if !at.Ready() {
			return words.T("Wait until it is attached, or remove it: {file}", at.Name)
		}
	}
	return ""
}

func (x *Actions) submit(c *store.Composer) {
	a := x.account(c)
	drafts := a.Role(jmap.RoleDrafts)
	after := jmap.PatchObject{"keywords/" + jmap.KeywordDraft: nil}
	if sent := a.Role(jmap.RoleSent); sent != nil && sent.Id != drafts.Id {
		after["mailboxIds/"+string(drafts.Id)] = nil
		after["mailboxIds/"+string(sent.Id)] = true
	}
	x.client.Send(a, store.Outgoing{
		Email: x.build(a, c, drafts.Id), IdentityId: c.IdentityId, After: after, Replaces: c.DraftId,
	}, func(o store.Outcome) { x.sent(a, c, o) })
}

func (x *Actions) sent(a *store.Account, c *store.Composer, o store.Outcome) {
	if o.Err != nil {
		if o.DraftId != "" && !o.Unknown { // what may be sent is not ours to replace
			c.DraftId, c.Saved, c.SavedAt = o.DraftId, c.Edits, x.now()
		}
		c.Status, c.Err = store.SendFail, failed(textNotSent, o.Err)
		if o.Unknown {
			c.Status, c.Err = store.MaybeSent, textMaybeSent.String()
		}
		x.store.ComposerChanged(c)
		x.store.Notify(store.Notice{Kind: store.Failure, Text: c.Err})
		return
	}
	c.Status = store.Sent
	x.store.RemoveComposer(c)
	x.store.Notify(store.Notice{Kind: store.Info, Text: textSent.String()})
	if len(c.AnsweredIds) > 0 {
		x.keyword(a, c.AnsweredIds, c.AnsweredKeyword, true)
	}
}
