package action

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// SettingUndo is for how many seconds sending can be undone.
const SettingUndo = "undoSeconds"

// Bounds of SettingUndo.
const (
	DefaultUndo = 10
	MaxUndo     = 60
)

func (x *Actions) undoTime() time.Duration {
	return time.Duration(min(max(x.store.Settings().Int(SettingUndo, DefaultUndo), 0), MaxUndo)) * time.Second
}

// SetUndo sets it from what a person typed.
func (x *Actions) SetUndo(typed string) {
	if n, err := strconv.Atoi(typed); err == nil {
		x.Set(SettingUndo, min(max(n, 0), MaxUndo))
	}
}

// SendNow has what waits, or was not sent, sent now.
func (x *Actions) SendNow(a *store.Account, s *store.Submission) {
	envelope := *s.Envelope
	envelope.MailFrom.Parameters = maps.Clone(envelope.MailFrom.Parameters)
	delete(envelope.MailFrom.Parameters, "HOLDFOR")
	delete(envelope.MailFrom.Parameters, "HOLDUNTIL")
	m := store.Outgoing{IdentityId: s.IdentityId, Envelope: &envelope, After: afterSending(a)}
	old := *s
	shown := old
	shown.Progress = &jmap.SubmissionProgress{State: jmap.SubmissionSending}
	a.Submitted(shown)
	x.client.Resubmit(a, &old, m, func(o store.Outcome) {
		switch failed := old.State() == jmap.SubmissionFailed; {
		case o.Err != nil && failed: // it is told of here, and not once more
			x.store.Dismiss(x.told[old.Id].notice)
			x.told[old.Id] = tale{jmap.SubmissionFailed, x.sayNotSent(a, &old, Reason(o.Err))}
			return
		case o.Err != nil:
			x.store.Notify(store.Notice{Kind: store.Failure, Text: words.T("{what}: {reason}", textNotSent.String(), Reason(o.Err))})
			return
		case failed:
			x.client.ForgetSubmission(a, old.Id, func(error) {}) // it stays listed then, and can be dismissed
		}
		x.store.Notify(accepted(&store.Submission{EmailSubmission: o.Submission}))
	})
}

// StopSending keeps a message from being sent, or takes one that was not sent out of the
// outbox; done is told when that is so. The message stays where it is: in Drafts, unless it
// may have been sent.
func (x *Actions) StopSending(a *store.Account, s *store.Submission, done func()) {
	answer := func(err error) {
		if err != nil {
			x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textNotNow, err)})
			return
		}
		done()
	}
	if s.UndoStatus == jmap.UndoPending {
		x.client.CancelSubmission(a, s.Id, x.backToDrafts(a), answer)
		return
	}
	x.client.ForgetSubmission(a, s.Id, answer)
}

// SayKept says where a message is that is not sent after all.
func (x *Actions) SayKept() {
	x.store.Notify(store.Notice{Kind: store.Info, Text: textKept.String()})
}

// backToDrafts makes a draft of what a server filed as sent when it took it to be sent later.
// A bridge leaves it where it is until it is sent: nil.
func (x *Actions) backToDrafts(a *store.Account) jmap.PatchObject {
	drafts, sent := a.Role(jmap.RoleDrafts), a.Role(jmap.RoleSent)
	if a.Has(jmap.CapabilityBridge) || drafts == nil {
		return nil
	}
	back := jmap.PatchObject{"keywords/" + jmap.KeywordDraft: true, "mailboxIds/" + string(drafts.Id): true}
	if sent != nil && sent.Id != drafts.Id {
		back["mailboxIds/"+string(sent.Id)] = nil
	}
	return back
}

// Replies is what servers said about recipients who will not get a message, or not yet, a
// line each; "" for nothing.
func Replies(s *store.Submission) string {
	var lines []string
	if s.Envelope != nil {
		for _, to := range s.Envelope.RcptTo {
			if reply := s.DeliveryStatus[to.Email].SMTPReply; reply != "" && reply[0] > '3' {
				lines = append(lines, to.Email+": "+Reply(reply))
			}
		}
	}
	if len(lines) == 0 {
		return s.Reason()
	}
	return strings.Join(lines, "\n")
}

// tale is what was said of a message on its way.
type tale struct {
	state  string
	notice int // 0: none
}

// TellOutbox says what became of messages on their way since it was last asked. edit opens
// one that was not sent.
func (x *Actions) TellOutbox(edit func(a *store.Account, s *store.Submission)) {
	x.edit = edit
	told := map[jmap.Id]tale{}
	for _, a := range x.store.Accounts() {
		for _, s := range a.Outbox() {
			state := s.State()
			if state == jmap.SubmissionPending && s.Reason() != "" {
				state = "again"
			}
			was, known := x.told[s.Id]
			if known && was.state != state {
				x.store.Dismiss(was.notice)
				was.notice = x.tell(a, s, state)
			}
			told[s.Id] = tale{state, was.notice}
		}
	}
	for id, was := range x.told {
		if _, there := told[id]; !there {
			x.store.Dismiss(was.notice) // it is about nothing any more
		}
	}
	x.told = told
}

// tell says how far a message got, where that is worth a word, and gives the notice.
func (x *Actions) tell(a *store.Account, s *store.Submission, state string) int {
	switch state {
	case jmap.SubmissionFailed:
		return x.sayNotSent(a, s, Replies(s))
	case jmap.SubmissionMaybe, "again":
		return x.store.Notify(accepted(s))
	}
	return 0
}

// sayNotSent says why a message was not sent, and offers what can be done about it.
func (x *Actions) sayNotSent(a *store.Account, s *store.Submission, why string) int {
	with := func(do func(a *store.Account, s *store.Submission)) func() {
		return func() {
			if now := a.Submission(s.Id); now != nil {
				do(a, now)
			}
		}
	}
	return x.store.Notify(store.Notice{Kind: store.Failure, Text: words.T("{what}: {reason}", textNotSent.String(), why), More: []store.NoticeButton{
		{Name: words.T("Retry"), Do: with(x.SendNow)},
		{Name: words.T("Edit"), Do: with(x.edit)},
	}})
}
