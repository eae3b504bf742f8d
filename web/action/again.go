package action

import (
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Messages that are sent without a composer: one that is passed on as it is, and the receipt
// that a reader grants.

// Redirect passes a message on as it is, to the people in a text; wrong says why it cannot.
func (x *Actions) Redirect(a *store.Account, id jmap.Id, to string) (wrong string) {
	list, rest := draft.ParseAddresses(to)
	for _, r := range list {
		if !draft.ValidAddress(r.Email) {
			rest = append(rest, r.Email)
		}
	}
	e, drafts := a.Email(id), a.Role(jmap.RoleDrafts)
	if e == nil || e.Email().BlobId == "" {
		return textNotForwarded.String()
	}
	from, ok := draft.FromIdentity(e.Email(), a.Identities())
	switch {
	case len(rest) > 0:
		return words.T("Not a valid address: {addresses}", strings.Join(rest, ", "))
	case len(list) == 0:
		return textNoRecipient.String()
	case !ok:
		return textNoIdentity.String()
	case drafts == nil:
		return textNoDrafts.String()
	}
	var hold draft.Hold
	if undo := x.undoTime(); undo > 0 && undo < a.MaxDelay() {
		hold.For = undo + time.Second
	}
	x.client.SendRaw(a, store.Raw{
		Pieces:     []store.Piece{{Text: draft.Resent(from, list, newMessageId(from.Email), x.now())}, {BlobId: e.Email().BlobId}},
		IdentityId: from.Id, Envelope: draft.Envelope(&jmap.Email{To: list}, from.Email, hold, false),
		Drafts: drafts.Id, After: afterSending(a),
	}, func(o store.Outcome) { x.redirected(a, id, hold, o) })
	return ""
}

func (x *Actions) redirected(a *store.Account, id jmap.Id, hold draft.Hold, o store.Outcome) {
	s := store.Submission{EmailSubmission: o.Submission, Held: true}
	if o.Err != nil {
		x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textNotSent, o.Err)})
		return
	}
	x.keyword(a, []jmap.Id{id}, jmap.KeywordForwarded, true)
	if hold.For == 0 || s.Id == "" || s.EmailId == "" {
		x.store.Notify(accepted(&s))
		return
	}
	a.Submitted(s)
	undo := once(func() {
		x.last = nil
		x.client.CancelSubmission(a, s.Id, nil, func(err error) {
			if err != nil {
				x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textTooLate, err)})
				return
			}
			x.change(a, each([]jmap.Id{s.EmailId}, store.Change{Destroy: true}), textNotDeleted.String())
		})
	})
	x.last = undo
	x.store.Notify(store.Notice{Kind: store.Info, Text: textSent.String(), Undo: undo, Last: hold.For - time.Second})
}

// SendReceipt tells the sender of a message, who asked for it, that it was read.
func (x *Actions) SendReceipt(a *store.Account, id jmap.Id) {
	e, drafts := opened(a, id), a.Role(jmap.RoleDrafts)
	if e == nil || len(e.ReceiptTo) == 0 {
		return
	}
	from, ok := draft.FromIdentity(e, a.Identities())
	if !ok || drafts == nil {
		x.fail(textNoDrafts.String())
		return
	}
	text := words.T("Your message “{subject}” to {address} of {date} was opened. This does not say that it was understood.", e.Subject, from.Email, sentAt(e))
	x.client.SendRaw(a, store.Raw{
		Pieces:     []store.Piece{{Text: draft.Receipt(e, from, newMessageId(from.Email), words.T("Read: {subject}", e.Subject), text, x.now())}},
		IdentityId: from.Id, Envelope: draft.Envelope(&jmap.Email{To: e.ReceiptTo}, "", draft.Hold{}, false), // RFC 8098 §3: nobody answers it
		Drafts: drafts.Id,
	}, func(o store.Outcome) {
		if o.Err != nil && !o.Unknown {
			x.store.Notify(store.Notice{Kind: store.Failure, Text: failed(textNotSent, o.Err)})
			return
		}
		x.RefuseReceipt(a, id) // it was answered
		x.store.Notify(store.Notice{Kind: store.Info, Text: textReceiptSent.String()})
	})
}

// RefuseReceipt has a message that asks for a receipt not ask again, here or elsewhere.
func (x *Actions) RefuseReceipt(a *store.Account, id jmap.Id) {
	x.keyword(a, []jmap.Id{id}, jmap.KeywordReceipt, true)
}

// Report fetches what became of a message that was sent, for each recipient, and counts in the
// reports that came; nil if nothing is known.
func (x *Actions) Report(a *store.Account, id jmap.Id, done func(map[string]jmap.DeliveryStatus)) {
	e := opened(a, id)
	if e == nil {
		return
	}
	x.client.Report(a, e, func(all map[string]jmap.DeliveryStatus, reports []string) {
		for _, text := range reports {
			for address, s := range draft.ReadReport(text) {
				if all == nil {
					all = map[string]jmap.DeliveryStatus{}
				}
				if all[address].Displayed != "yes" { // that says most
					all[address] = s
				}
			}
		}
		done(all)
	})
}
