package action

import (
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Send sends the message once, however often it is called. On success the
// composer closes, and what was sent can be taken back for a while; otherwise it stays,
// Status and Err say what happened.
func (x *Actions) Send(c *store.Composer) { x.SendLater(c, time.Time{}) }

// SendLater is Send at a time; the zero time is now.
func (x *Actions) SendLater(c *store.Composer, at time.Time) {
	if c.Status == store.Sending || c.Status == store.Sent {
		return
	}
	err := x.unfit(c)
	if wait := at.Sub(x.now()); err == "" && !at.IsZero() && (wait <= 0 || wait > x.account(c).MaxDelay()) {
		err = textNotThen.String()
	}
	if err != "" {
		c.Status, c.Err = store.SendFail, err
		x.store.ComposerChanged(c)
		return
	}
	c.Status, c.Err, c.Later = store.Sending, "", at
	x.store.ComposerChanged(c)
	switch {
	case c.Saving: // afterSave submits, so that no draft is left behind
	case c.Unsure:
		x.settle(c)
	default:
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
	m := store.Outgoing{Email: x.build(a, c, drafts.Id), IdentityId: c.IdentityId, After: afterSending(a), Replaces: c.DraftId}
	hold := x.hold(a, c)
	report := c.Report && a.Reports()
	if hold != (draft.Hold{}) || report {
		m.Envelope = draft.Envelope(&m.Email, identity(a, c).Email, hold, report)
	}
	x.client.Send(a, m, func(o store.Outcome) {
		if o.Submission.Envelope == nil {
			o.Submission.Envelope = m.Envelope
		}
		o.Submission.IdentityId = m.IdentityId
		x.sent(a, c, hold, o)
	})
}

// hold is how long c is held back: until its time, or for as long as sending can be undone.
func (x *Actions) hold(a *store.Account, c *store.Composer) draft.Hold {
	undo := x.undoTime()
	switch {
	case !c.Later.IsZero():
		return draft.Hold{Until: c.Later}
	case undo > 0 && undo < a.MaxDelay():
		return draft.Hold{For: undo + time.Second} // so long that the notice ends first
	}
	return draft.Hold{}
}

// afterSending is what becomes of a draft that was sent.
func afterSending(a *store.Account) jmap.PatchObject {
	after := jmap.PatchObject{"keywords/" + jmap.KeywordDraft: nil}
	drafts := a.Role(jmap.RoleDrafts)
	if sent := a.Role(jmap.RoleSent); sent != nil && drafts != nil && sent.Id != drafts.Id {
		after["mailboxIds/"+string(drafts.Id)] = nil
		after["mailboxIds/"+string(sent.Id)] = true
	}
	return after
}

func (x *Actions) sent(a *store.Account, c *store.Composer, hold draft.Hold, o store.Outcome) {
	if o.Err != nil {
		x.notSent(c, o)
		return
	}
	c.Status = store.Sent
	x.unkeep(c)
	x.store.RemoveComposer(c)
	x.dropLeft(c)
	x.know(c.Email)
	marked := x.answered(c)
	s := store.Submission{EmailSubmission: o.Submission, Held: hold.For > 0}
	if s.Id != "" && s.State() != jmap.SubmissionSent {
		a.Submitted(s)
	}
	if s.Id == "" || hold == (draft.Hold{}) {
		x.store.Notify(accepted(&s))
		return
	}
	n := store.Notice{Kind: store.Info, Text: textSent.String(), Last: hold.For - time.Second}
	if hold.For == 0 {
		n = store.Notice{Kind: store.Info, Text: words.T("The message goes out {date}, also while this window is closed", words.DateTime(hold.Until.Local()))}
	}
	n.Undo = x.unsend(a, c, s, marked)
	x.last = n.Undo
	x.store.Notify(n)
}

// accepted says what became of a message at the first attempt to send it.
func accepted(s *store.Submission) store.Notice {
	switch s.State() {
	case jmap.SubmissionMaybe:
		return store.Notice{Kind: store.Failure, Text: textMaybe.String()}
	case jmap.SubmissionPending:
		if why := s.Reason(); why != "" {
			return store.Notice{Kind: store.Warning, Text: words.T("Not sent yet, and tried again: {reason}", why)}
		}
	}
	return store.Notice{Kind: store.Info, Text: textSent.String()}
}

func (x *Actions) notSent(c *store.Composer, o store.Outcome) {
	if o.DraftId != "" && !o.Unknown { // what may be sent is not ours to replace
		c.DraftId, c.Saved, c.SavedAt = o.DraftId, c.Edits, x.now()
	}
	c.Later = time.Time{}
	switch c.Status, c.Err = store.SendFail, failed(textNotSent, o.Err); {
	case o.Unknown:
		c.Status, c.Err = store.MaybeSent, textMaybeSent.String()
	case o.Twice: // who sends it nevertheless means it
		c.Err = textTwice.String()
		c.Email.MessageId = []string{newMessageId(identity(x.account(c), c).Email)}
	}
	x.store.ComposerChanged(c)
	x.store.Notify(store.Notice{Kind: store.Failure, Text: c.Err})
}

// answered marks what c answers, and gives those emails that were not marked before.
func (x *Actions) answered(c *store.Composer) (marked []jmap.Id) {
	a := x.answeredIn(c)
	if a == nil {
		return nil
	}
	for _, id := range c.AnsweredIds {
		if e := a.Email(id); e == nil || !e.Has(c.AnsweredKeyword) {
			marked = append(marked, id)
		}
	}
	if len(marked) > 0 {
		x.keyword(a, marked, c.AnsweredKeyword, true)
	}
	return marked
}

// answeredIn is the account of what c answers, nil if it is gone.
func (x *Actions) answeredIn(c *store.Composer) *store.Account {
	if c.AnsweredIn != "" {
		return x.store.Account(c.AnsweredIn)
	}
	return x.account(c)
}

// unsend takes back what was not sent yet: the composer is there again, with all that was
// in it.
func (x *Actions) unsend(a *store.Account, c *store.Composer, s store.Submission, marked []jmap.Id) func() {
	return once(func() {
		x.last = nil
		x.client.CancelSubmission(a, s.Id, x.backToDrafts(a), func(err error) {
			if err != nil {
				x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textTooLate, err)})
				return
			}
			c.Status, c.Later, c.Restored = store.Editing, time.Time{}, true
			c.DraftId, c.Saved, c.SavedAt = s.EmailId, c.Edits, x.now()
			x.store.AddComposer(c)
			if a := x.answeredIn(c); a != nil && len(marked) > 0 {
				x.keyword(a, marked, c.AnsweredKeyword, false)
			}
		})
	})
}
