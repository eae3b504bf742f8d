package screen

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/words"
)

// settingReceipts is whether senders who want to know that a message was read are heard.
const (
	settingReceipts = "readReceipts"
	receiptsAsk     = "ask"
	receiptsNever   = "never"
)

// receiptBanner asks whether the sender, who wants to know, may know that a message was read;
// nil where nobody asks. Who sends junk learns nothing.
func (r *message) receiptBanner(m *jmap.Email) app.UI {
	s, a, id := r.S, r.S.account(), r.Id
	if len(m.ReceiptTo) == 0 || s.store.Settings().String(settingReceipts, receiptsAsk) == receiptsNever || m.Keywords[jmap.KeywordReceipt] || m.Keywords[jmap.KeywordDraft] || a.ReadOnly() || s.inJunk(m) || r.own(m) {
		return nil
	}
	return app.Div().Class("reader-banner").Attr("role", "note").Aria("label", words.T("Read receipt")).Body(
		icon("mail-open"), app.Bdi().Class("banner-text").Text(words.T("{people} asks to know that you read this.", names(m.ReceiptTo, ""))),
		app.Button().Type("button").Class("secondary", "banner-button").OnClick(func(app.Context, app.Event) { s.do.SendReceipt(a, id) }, a.Id(), id, "send").Text(words.T("Send receipt")),
		app.Button().Type("button").Class("secondary", "banner-button").OnClick(func(app.Context, app.Event) { s.do.RefuseReceipt(a, id) }, a.Id(), id, "never").Text(words.T("receipt|Never")),
	)
}

// own reports whether the member wrote a message.
func (r *message) own(m *jmap.Email) bool {
	return len(m.From) > 0 && ownAddresses(r.S.account())[strings.ToLower(m.From[0].Email)]
}

// askReport fetches what became of a message that the member sent.
func (r *message) askReport() {
	s, a, id := r.S, r.S.account(), r.Id
	if e := a.Email(id); e == nil || !r.own(e.Email()) || !a.Has(jmap.CapabilitySubmission) {
		return
	}
	s.do.Report(a, id, func(all map[string]jmap.DeliveryStatus) {
		if all == nil {
			return
		}
		if s.reports == nil {
			s.reports = map[jmap.Id]map[string]jmap.DeliveryStatus{}
		}
		s.reports[id] = all
		s.reported++
		s.changed()
	})
}

// reportLines say what became of a message for each recipient.
func (r *message) reportLines() (lines []string) {
	for address, status := range r.S.reports[r.Id] {
		what := words.T("on its way")
		switch {
		case status.Displayed == "yes":
			what = words.T("read")
		case status.Delivered == "yes":
			what = words.T("delivered")
		case status.Delivered == "no":
			what = words.T("not delivered")
		case strings.HasPrefix(status.SMTPReply, "2"):
			what = words.T("taken by the mail server")
		}
		if status.SMTPReply != "" {
			what = words.T("{reason} ({detail})", what, status.SMTPReply)
		}
		lines = append(lines, address+": "+what)
	}
	slices.Sort(lines)
	return lines
}
