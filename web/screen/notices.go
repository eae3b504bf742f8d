package screen

import (
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// notices are the toasts.
type notices struct {
	app.Compo

	S   *Screen
	Rev [2]uint64
}

// Render draws them, those about failures as alerts.
func (n *notices) Render() app.UI {
	list := n.S.store.Notices()
	out := make([]app.UI, 0, len(list))
	for _, notice := range list {
		id := notice.Id
		role, picture, class := "status", "circle-check", "info"
		switch notice.Kind {
		case store.Warning:
			picture, class = "triangle-alert", "warning"
		case store.Failure:
			role, picture, class = "alert", "circle-alert", "failure"
		}
		var more []app.UI
		for i, b := range notice.More {
			more = append(more, app.Button().Type("button").Class("quiet", "small").OnClick(func(app.Context, app.Event) { n.more(id, i) }, id, i).Text(b.Name))
		}
		out = append(out, app.Div().Class("toast", class).Attr("role", role).Aria("label", notice.Text).Body(
			icon(picture),
			app.Span().Class("toast-text").Dir("auto").Text(notice.Text),
			app.Button().Type("button").Class("quiet", "small").Hidden(notice.Undo == nil).
				OnClick(func(app.Context, app.Event) { n.undo(id) }, id).Text(words.T("Undo")),
			app.Span().Class("toast-more").Hidden(len(more) == 0).Body(more...),
			iconButton(words.T("Dismiss"), "x", func(app.Context, app.Event) { n.S.store.Dismiss(id) }, id),
		))
	}
	out = append(out, n.bulks()...)
	return app.Div().Class("toasts").Aria("live", "polite").Body(out...)
}

func (n *notices) undo(id int) {
	for _, notice := range n.S.store.Notices() {
		if notice.Id == id && notice.Undo != nil {
			notice.Undo()
		}
	}
	n.S.store.Dismiss(id)
}

// more does what a button of a notice is for.
func (n *notices) more(id, button int) {
	for _, notice := range n.S.store.Notices() {
		if notice.Id == id && button < len(notice.More) {
			notice.More[button].Do()
		}
	}
	n.S.store.Dismiss(id)
}

// keepToasts gives each notice its time: one that tells of a failure stays until it
// is dismissed.
func (s *Screen) keepToasts() {
	for _, n := range s.store.Notices() {
		if s.toasts[n.Id] || n.Kind == store.Failure {
			continue
		}
		s.toasts[n.Id] = true
		last := 6 * time.Second
		if n.Undo != nil {
			last = 10 * time.Second
		}
		if n.Last > 0 {
			last = n.Last
		}
		st := s.store
		time.AfterFunc(last, func() { s.post(func() { st.Dismiss(n.Id) }) })
	}
}
