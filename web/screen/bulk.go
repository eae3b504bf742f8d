package screen

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Selecting all, first what is loaded, then everything the list has, and how far the work
// on it is.

const idSelectAll = "select-all"

// selectAll is the box in the head of the list. It is ticked while all that is loaded is
// selected, and half so while some of it is.
func (m *messages) selectAll() app.UI {
	return app.Label().Class("select-all-room").Body(app.Input().ID(idSelectAll).Type("checkbox").Class("select-all").Aria("label", words.T("Select all")).Title(words.T("Select all")).
		Disabled(m.S.list == nil || m.S.list.Total() == 0).Checked(m.S.allLoaded()).OnChange(m.flipAll))
}

func (m *messages) flipAll(app.Context, app.Event) {
	s := m.S
	if s.list == nil || s.allLoaded() {
		s.selection = selection{}
	} else {
		s.selection.ids = nil
		s.selection.set(s.loaded(), true)
	}
	s.changed()
	s.showSelectAll()
}

// showSelectAll has the box say what is selected: the browser turns it around by itself.
func (s *Screen) showSelectAll() {
	all := s.allLoaded()
	browser.SetProperty(idSelectAll, "checked", all)
	browser.SetProperty(idSelectAll, "indeterminate", len(s.selection.ids) > 0 && !all)
}

// allLoaded reports whether all that is loaded of the list is selected.
func (s *Screen) allLoaded() bool {
	if s.list == nil || len(s.selection.ids) == 0 {
		return false
	}
	return s.selection.all(s.loaded())
}

// loaded is all that is loaded of the list; what is unfolded, message by message.
func (s *Screen) loaded() []jmap.Id {
	ids := s.list.Loaded()
	for _, u := range s.lines().spans {
		if id, known := s.list.At(u.row); known {
			ids = append(ids, s.meant(line{id: id, below: len(u.ids)})...)
		}
	}
	return ids
}

// everything is how many messages "all" are.
func (s *Screen) everything() int {
	if s.across() && s.route.Search == "" && s.route.Only == (store.Only{}) {
		n := 0
		for _, a := range s.store.Accounts() {
			if inbox := a.Role(jmap.RoleInbox); inbox != nil {
				n += inbox.TotalEmails
			}
		}
		return n
	}
	box := s.account().Mailbox(s.route.Mailbox)
	if box != nil && s.route.Only == (store.Only{}) {
		return box.TotalEmails // where conversations are shown once, the list has fewer rows
	}
	return s.list.Total()
}

// offerAll stands below the head while all that is loaded is selected, but not everything.
func (m *messages) offerAll() app.UI {
	s := m.S
	bar := app.Div().Class("select-bar")
	if !s.allLoaded() || !s.selection.whole && s.list.Total() <= len(s.list.Loaded()) {
		return bar.Hidden(true)
	}
	loaded, all := len(s.selection.ids), s.everything()
	text := words.N(loaded, "All {n} loaded rows are selected.", "All {n} loaded rows are selected.")
	name := words.N(all, "Select all {n} in this mailbox", "Select all {n} in this mailbox")
	switch {
	case s.route.Search != "":
		name = words.N(all, "Select all {n} results", "Select all {n} results")
	case s.across():
		name = words.N(all, "Select all {n} in all inboxes", "Select all {n} in all inboxes")
	}
	if s.selection.whole {
		text, name = words.N(all, "All {n} messages are selected.", "All {n} messages are selected."), words.T("Clear selection")
	}
	return bar.Hidden(false).Body(app.Span().Text(text), app.Button().Type("button").Class("quiet").OnClick(m.flipWhole).Text(name))
}

func (m *messages) flipWhole(app.Context, app.Event) {
	s := m.S
	if s.selection.whole {
		s.selection = selection{}
	} else {
		s.selection.whole = true
	}
	s.changed()
	s.showSelectAll()
}

// bulk does something to everything the list has, if that is what is selected and ids are
// the selection: it reports whether it did.
func (s *Screen) bulk(ids []jmap.Id, do func(l *store.List)) bool {
	if !s.selection.whole || s.list == nil || len(ids) != len(s.selection.ids) {
		return false
	}
	do(s.list)
	s.selection = selection{}
	s.open = ""
	s.closeEmail()
	s.changed()
	return true
}

// deleteAll is delete for everything the list has: for good where it is in the trash.
func (s *Screen) deleteAll(l *store.List) {
	if box := l.Account().Mailbox(l.Query().Mailbox); box == nil || !box.HasRole(jmap.RoleTrash) {
		s.do.DeleteAll(l)
		return
	}
	n := s.everything()
	s.post(func() {
		s.ask(confirmation{
			Title: wordsDeleteForever(n), Text: words.T("This cannot be undone."), Button: words.T("Delete for good"),
			do: func() { s.do.DestroyAll(l) },
		})
	})
}

// bulks are the toasts of work on many messages.
func (n *notices) bulks() []app.UI {
	var out []app.UI
	for _, b := range n.S.store.Bulks() {
		if b.Over {
			out = append(out, app.Div().Class("toast", "failure").Attr("role", "alert").Aria("label", b.Text).Body(
				icon("circle-alert"), app.Span().Class("toast-text").Dir("auto").Text(b.Text),
				bulkButton(words.T("Retry"), b.Id, b.Retry), bulkButton(words.T("Undo"), b.Id, b.Undo),
				iconButton(words.T("Dismiss"), "x", func(app.Context, app.Event) { n.S.store.DropBulk(b) }, b.Id, "drop"),
			))
			continue
		}
		out = append(out, app.Div().Class("toast", "bulk").Attr("role", "group").Aria("label", b.Text).Aria("live", "off").Body(
			app.Div().Class("toast-text").Body(app.Span().Text(b.Text), app.Span().Class("bulk-count").Text(bulkCount(b)), bulkBar(b)),
			bulkButton(words.T("Cancel"), b.Id, b.Cancel),
		))
	}
	return out
}

func bulkButton(name string, id int, do func()) app.UI {
	return app.Button().Type("button").Class("quiet", "small").Hidden(do == nil).
		OnClick(func(app.Context, app.Event) { do() }, id, name, do != nil).Text(name)
}

// bulkCount is how far it is, "" while the messages are being listed.
func bulkCount(b *store.Bulk) string {
	if b.Total == 0 {
		return ""
	}
	return words.T("{done} of {all}", words.Number(b.Done+b.Failed), words.Number(b.Total))
}

func bulkBar(b *store.Bulk) app.UI {
	percent := 0
	if b.Total > 0 {
		percent = 100 * (b.Done + b.Failed) / b.Total
	}
	now := strconv.Itoa(percent)
	return app.Div().Class("bar").Attr("role", "progressbar").Aria("label", b.Text).Aria("valuemin", "0").Aria("valuemax", "100").
		Aria("valuenow", now).Aria("valuetext", bulkCount(b)).Body(app.Span().Style("width", now+"%"))
}
