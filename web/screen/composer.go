package screen

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// composing is what the screen knows of the composers besides what they hold.
type composing struct {
	focus  int          // the composer that wants the focus, 0 for none
	copies map[int]bool // those that show Cc and Bcc
	over   int          // the one files are held above
}

// composerOpened shows a composer and puts the focus where writing goes on.
func (s *Screen) composerOpened(c *store.Composer) {
	if s.composing.copies == nil {
		s.composing.copies = map[int]bool{}
	}
	if len(c.Email.Cc)+len(c.Email.Bcc) > 0 {
		s.composing.copies[c.Id] = true
	}
	s.composing.focus = c.Id
	s.changed()
}

// saveAll saves what is being written: the page may be about to end.
func (s *Screen) saveAll() {
	if s.store == nil {
		return
	}
	for _, c := range s.store.Composers() {
		s.commitRecipients(c)
		s.do.SaveDraft(c)
	}
}

// composers is the dock with the messages being written.
type composers struct {
	app.Compo

	S   *Screen
	Rev [3]uint64
}

// Render draws them, the latest first.
func (d *composers) Render() app.UI {
	s := d.S
	list := s.store.Composers()
	out := make([]app.UI, 0, len(list))
	for _, c := range list {
		out = append(out, &composer{S: s, C: c, Rev: [2]uint64{s.rev, c.Revision()}})
	}
	return app.Div().Class("dock").DataSet("count", strconv.Itoa(len(list))).Body(out...)
}

// composer is one message being written. What is typed lives in the fields; they
// are filled once for each message.
type composer struct {
	app.Compo

	S   *Screen
	C   *store.Composer
	Rev [2]uint64

	filled int
	forget func()
}

func (p *composer) id(field string) string { return composerField(p.C, field) }

func composerField(c *store.Composer, field string) string {
	return "compose-" + strconv.Itoa(c.Id) + "-" + field
}

// OnMount fills the fields.
func (p *composer) OnMount(app.Context) { p.fill() }

// OnUpdate fills them again when the place in the dock went to another message.
func (p *composer) OnUpdate(app.Context) { p.fill() }

// OnDismount lets go of the page.
func (p *composer) OnDismount() {
	if p.forget != nil {
		p.forget()
	}
}

func (p *composer) fill() {
	c, s := p.C, p.S
	if p.filled != c.Id {
		p.OnDismount()
		p.filled = c.Id
		browser.SetValue(p.id("subject"), c.Email.Subject)
		browser.SetValue(p.id("text"), c.Text)
		p.forget = browser.OnFiles(p.id("dialog"), p.over, p.dropped)
	}
	if s.composing.focus != c.Id {
		return
	}
	s.composing.focus = 0
	if len(c.Email.To) == 0 {
		browser.Focus(p.id("to"))
		return
	}
	browser.Focus(p.id("text"))
	browser.SetCaret(p.id("text"), 0)
}

func (p *composer) over(on bool) {
	id := 0
	if on {
		id = p.C.Id
	}
	if p.S.composing.over != id {
		p.S.composing.over = id
		p.S.post(p.S.changed)
	}
}

func (p *composer) dropped(files []browser.File) { p.S.post(func() { p.attach(files) }) }

func (p *composer) attach(files []browser.File) {
	for _, f := range files {
		p.S.do.Attach(p.C, f.Name, f.Type, f.Size, f.Source)
	}
}

// Render draws it.
func (p *composer) Render() app.UI {
	s, c := p.S, p.C
	a := s.store.Account(c.AccountId)
	busy := c.Status == store.Sending
	copies := s.composing.copies[c.Id]
	dialog := app.Div().ID(p.id("dialog")).Class("composer").Attr("role", "dialog").Aria("label", words.T("New message")).OnKeyDown(p.key)
	if s.composing.over == c.Id {
		dialog = dialog.Class("dropping").DataSet("dropping", words.T("Drop to attach"))
	}
	title := c.Email.Subject
	if title == "" {
		title = words.T("New message")
	}
	return dialog.Body(
		app.Div().Class("composer-head").Body(
			app.Span().Class("composer-title").Dir("auto").Text(title),
			iconButton(words.T("Save and close"), "x", p.close),
		),
		app.Div().Class("composer-fields").Body(
			app.Div().Class("composer-line").Body(
				&recipients{S: s, C: c, Field: "to", Name: words.T("To"), Rev: c.Revision(), Tongue: words.Current().Tag},
				app.Button().Type("button").Class("quiet", "small").Hidden(copies).OnClick(p.showCopies).Text(words.T("Cc Bcc")),
			),
			app.Div().Class("composer-line").Hidden(!copies).Body(&recipients{S: s, C: c, Field: "cc", Name: words.T("Cc"), Rev: c.Revision(), Tongue: words.Current().Tag}),
			app.Div().Class("composer-line").Hidden(!copies).Body(&recipients{S: s, C: c, Field: "bcc", Name: words.T("Bcc"), Rev: c.Revision(), Tongue: words.Current().Tag}),
			app.Div().Class("composer-line").Hidden(len(a.Identities()) < 2).Body(p.from(a)),
			app.Div().Class("composer-line").Body(
				app.Input().ID(p.id("subject")).Type("text").Class("composer-subject").Aria("label", words.T("Subject")).Placeholder(words.T("Subject")).
					Dir("auto").AutoComplete(false).ReadOnly(busy).OnInput(p.subject),
			),
		),
		app.Textarea().ID(p.id("text")).Class("composer-text").Aria("label", words.T("Message body")).Dir("auto").ReadOnly(busy).OnInput(p.text),
		app.Ul().Class("composer-files").Aria("label", words.T("Attached files")).Hidden(len(c.Attachments) == 0).Body(p.files()...),
		app.P().Class("alert").Attr("role", "alert").Hidden(c.Err == "").Text(c.Err),
		app.Div().Class("composer-foot").Body(
			app.Button().Type("button").Class("primary", "send").Disabled(busy).OnClick(p.send).Body(icon("send"), app.Span().Text(words.T("Send"))),
			iconButton(words.T("Attach files"), "paperclip", p.pick),
			app.Input().ID(p.id("files")).Type("file").Multiple(true).Class("unseen-field").Aria("hidden", "true").TabIndex(-1).OnChange(p.picked),
			app.Span().Class("composer-state").Attr("role", "status").Text(composerState(c)),
			iconButton(words.T("Discard draft"), "trash-2", p.discard).Disabled(busy),
		),
	)
}

// composerState is how safe what was written is.
func composerState(c *store.Composer) string {
	switch {
	case c.Status == store.Sending:
		return words.T("Sending…")
	case c.Saving:
		return words.T("Saving…")
	case c.Dirty():
		return ""
	case !c.SavedAt.IsZero():
		return words.T("Saved {time}", browser.Format(browser.FormatTime, c.SavedAt))
	}
	return ""
}

// from chooses the identity; the select is uncontrolled like all fields.
func (p *composer) from(a *store.Account) app.UI {
	var options []app.UI
	for _, i := range a.Identities() {
		options = append(options, app.Option().Value(string(i.Id)).Selected(i.Id == p.C.IdentityId).Text(identityName(i)))
	}
	return app.Select().ID(p.id("from")).Class("composer-from").Aria("label", words.T("From")).OnChange(p.chooseFrom).Body(options...)
}

func identityName(i jmap.Identity) string {
	if i.Name == "" {
		return i.Email
	}
	return i.Name + " <" + i.Email + ">"
}

func (p *composer) files() []app.UI {
	out := make([]app.UI, 0, len(p.C.Attachments))
	for n, at := range p.C.Attachments {
		state := words.Size(at.Size)
		bar := app.Span().Class("bar").Hidden(true)
		switch {
		case at.Err != "":
			state = at.Err
		case !at.Ready():
			percent := 0
			if at.Size > 0 {
				percent = int(at.Sent * 100 / at.Size)
			}
			state = words.T("{n} %", words.Number(percent))
			bar = app.Span().Class("bar").Hidden(false).Attr("role", "progressbar").Aria("label", words.T("Uploading {file}", at.Name)).
				Aria("valuenow", strconv.Itoa(percent)).Body(app.Span().Style("width", strconv.Itoa(percent)+"%"))
		}
		item := app.Li().Class("composer-file")
		if at.Err != "" {
			item = item.Class("failed")
		}
		out = append(out, item.Body(
			icon("paperclip"), app.Bdi().Class("attachment-name").Text(at.Name), app.Span().Class("attachment-size").Text(state), bar,
			iconButton(words.T("Remove {file}", at.Name), "x", func(app.Context, app.Event) { p.S.do.Detach(p.C, at) }, n, at.Name, p.C.Id),
		))
	}
	return out
}

func (p *composer) subject(app.Context, app.Event) {
	p.S.do.Edit(p.C, func(c *store.Composer) { c.Email.Subject = browser.Value(p.id("subject")) })
}

func (p *composer) text(app.Context, app.Event) {
	p.S.do.Edit(p.C, func(c *store.Composer) { c.Text = browser.Value(p.id("text")) })
}

func (p *composer) chooseFrom(app.Context, app.Event) {
	p.S.do.Edit(p.C, func(c *store.Composer) { c.IdentityId = jmap.Id(browser.Value(p.id("from"))) })
}

func (p *composer) showCopies(ctx app.Context, _ app.Event) {
	p.S.composing.copies[p.C.Id] = true
	p.S.changed()
	ctx.Defer(func(app.Context) { browser.Focus(p.id("cc")) })
}

func (p *composer) pick(app.Context, app.Event)   { browser.Click(p.id("files")) }
func (p *composer) picked(app.Context, app.Event) { p.attach(browser.Picked(p.id("files"))) }

func (p *composer) send(app.Context, app.Event) {
	p.S.commitRecipients(p.C)
	p.S.do.Send(p.C)
}

func (p *composer) close(app.Context, app.Event) {
	p.S.commitRecipients(p.C)
	p.S.do.CloseComposer(p.C)
	browser.Focus(idGrid)
}

func (p *composer) discard(app.Context, app.Event) {
	p.S.do.DiscardDraft(p.C)
	browser.Focus(idGrid)
}

// key: Ctrl+Enter sends, Escape saves and closes.
func (p *composer) key(ctx app.Context, e app.Event) {
	switch key := e.Get("key").String(); {
	case key == "Enter" && (e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool()):
		e.PreventDefault()
		p.send(ctx, e)
	case key == "Escape":
		e.PreventDefault()
		p.close(ctx, e)
	}
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
		st := s.store
		time.AfterFunc(last, func() { s.post(func() { st.Dismiss(n.Id) }) })
	}
}
