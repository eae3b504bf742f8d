package screen

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// foot is what stands below the tree: ways to more mailboxes, work under way, and how
// full the account is.
func (m *mailboxes) foot() app.UI {
	s := m.S
	all := words.T("Show all")
	if s.showAll {
		all = words.T("Show fewer")
	}
	var more []app.UI
	for _, a := range s.store.Accounts() {
		for _, w := range a.Sweeps() {
			more = append(more, m.sweep(a, w))
		}
		for _, t := range a.Tasks() {
			more = append(more, m.task(a, t))
		}
	}
	if a := s.account(); a != nil && a.Quota() != nil {
		more = append(more, quotaBar(a.Quota()))
	}
	return app.Div().Class("tree-foot").Body(
		app.Div().Class("tree-more").Body(
			app.Button().Type("button").Class("quiet", "small").OnClick(m.newMailbox).Hidden(s.account() == nil || s.account().ReadOnly()).Text(words.T("New mailbox")),
			app.Button().Type("button").Class("quiet", "small").OnClick(m.toggleAll).Hidden(!s.hides()).Aria("pressed", yesNo(s.showAll)).Text(all),
		),
		app.Div().Class("tree-state").Body(more...),
	)
}

func (m *mailboxes) newMailbox(app.Context, app.Event) {
	if a := m.S.account(); a != nil {
		m.S.nameNew(a, "")
	}
}

func (m *mailboxes) toggleAll(app.Context, app.Event) {
	m.S.showAll = !m.S.showAll
	m.S.changed()
}

// sweep shows how far a sweep is, and can stop it.
func (m *mailboxes) sweep(a *store.Account, w *store.Sweep) app.UI {
	name := words.T("Mailbox")
	if box := a.Mailbox(w.Mailbox); box != nil {
		name = mailboxName(box)
	}
	what := words.T("Emptying {mailbox}", name)
	if !w.Change.Destroy {
		what = words.T("Marking {mailbox} read", name)
	}
	text := words.T("{work}…", what)
	if w.Total > 0 {
		text = words.T("{work}: {done} of {all}", what, words.Number(w.Done), words.Number(w.Total))
	}
	done := 0
	if w.Total > 0 {
		done = 100 * w.Done / w.Total
	}
	return app.Div().Class("sweep").Body(
		app.Span().Dir("auto").Text(text),
		iconButton(words.T("Stop"), "x", func(app.Context, app.Event) { m.S.do.StopSweep(a, w) }, a.Id(), w.Mailbox).Disabled(w.Cancelled),
		bar("progressbar", what, done, text),
	)
}

// task shows how far a download is, and can stop it; or why it does not go on.
func (m *mailboxes) task(a *store.Account, t jmap.BridgeTask) app.UI {
	if t.Error != nil {
		return app.Div().Class("sweep", "stuck").Attr("role", "note").Aria("label", words.T("Mail is not downloaded")).Body(
			app.Span().Body(app.Strong().Text(words.T("No new mail of {account}:", a.Name())+" "), app.Bdi().Text(*t.Error)),
			iconButton(words.T("Try again"), "refresh-cw", func(app.Context, app.Event) { m.S.do.Refresh(a) }, a.Id(), t.Id),
		)
	}
	what := words.T("Downloading mail")
	text := words.T("Downloading mail: {n} of {total}", words.Number(t.Done), words.Number(t.Total))
	return app.Div().Class("sweep").Body(
		app.Span().Text(text),
		iconButton(words.T("Stop"), "x", func(app.Context, app.Event) { m.S.do.StopTask(a, t.Id) }, a.Id(), t.Id),
		bar("progressbar", what, 100*t.Done/max(t.Total, 1), text),
	)
}

// bar is a bar that is full to a percentage.
func bar(role, name string, percent int, text string) app.UI {
	percent = min(max(percent, 0), 100)
	return app.Div().Class("bar").Attr("role", role).Aria("label", name).Aria("valuemin", "0").Aria("valuemax", "100").
		Aria("valuenow", strconv.Itoa(percent)).Aria("valuetext", text).
		Body(app.Span().Style("width", strconv.Itoa(percent)+"%"))
}

// quotaWarning is from how many percent on it is said that there is little room left.
const quotaWarning = 90

// quotaBar shows how full an account is, in words too.
func quotaBar(q *jmap.Quota) app.UI {
	percent := int(100 * float64(q.Used) / float64(q.HardLimit))
	text := words.T("{used} of {all} used", words.Size(q.Used), words.Size(q.HardLimit))
	class, warning := "quota", ""
	switch {
	case percent >= 100:
		class, warning = "quota full", words.T("The mailbox is full.")+" "
	case percent >= quotaWarning:
		class, warning = "quota low", words.T("Almost full.")+" "
	}
	return app.Div().Class(class).Body(
		bar("meter", words.T("Storage"), percent, warning+text),
		app.Span().Body(app.Strong().Text(warning), app.Text(text)),
	)
}
