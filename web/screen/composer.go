package screen

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// composer is one message being written. What is typed lives in the fields; they
// are filled once for each message.
type composer struct {
	app.Compo

	S     *Screen
	C     *store.Composer
	Order int // among the others
	Rev   [2]uint64

	filled  int
	writing writing
	forget  func()
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
	p.writing.leave()
	if p.forget != nil {
		p.forget()
	}
}

func (p *composer) fill() {
	c, s := p.C, p.S
	if p.filled != c.Id {
		p.OnDismount()
		p.filled = c.Id
		if c.Restored {
			c.Restored, s.composing.focus = false, c.Id
		}
		browser.SetValue(p.id("subject"), c.Email.Subject)
		p.forget = browser.OnFiles(p.id("dialog"), p.over, p.dropped)
	}
	browser.SetValue(p.id("from"), senderValue(c.AccountId, c.IdentityId))
	p.writing.show(p)
	if s.composing.chip != "" {
		browser.Focus(s.composing.chip)
		s.composing.chip = ""
	}
	if s.composing.focus != c.Id {
		return
	}
	s.composing.focus = 0
	if len(c.Email.To) == 0 && !s.composing.small[c.Id] && c.Edits == 0 {
		browser.Focus(p.id("to"))
		return
	}
	p.writing.focus(p)
}

// Render draws it.
func (p *composer) Render() app.UI {
	s, c := p.S, p.C
	busy := c.Status == store.Sending
	copies := s.composing.copies[c.Id] || len(c.Email.Cc)+len(c.Email.Bcc) > 0
	small, large := s.composing.small[c.Id], s.composing.large == c.Id
	dialog := app.Div().ID(p.id("dialog")).Class("composer").Attr("role", "dialog").Aria("label", words.T("New message")).Style("order", strconv.Itoa(p.Order)).OnKeyDown(p.key)
	switch {
	case s.composing.over == c.Id:
		dialog = dialog.Class("dropping").DataSet("dropping", words.T("Drop to attach"))
	case small:
		dialog = dialog.Class("small-composer")
	case large:
		dialog = dialog.Class("large-composer")
	}
	return dialog.Body(
		p.head(small, large),
		app.Div().Class("composer-fields").Hidden(small).Body(
			app.Div().Class("composer-line").Body(
				&recipients{S: s, C: c, Field: "to", Name: words.T("To"), Rev: c.Revision(), Tongue: words.Current().Tag},
				app.Button().Type("button").Class("quiet", "small").Hidden(copies).OnClick(p.showCopies).Text(words.T("Cc Bcc")),
			),
			app.Div().Class("composer-line").Hidden(!copies).Body(&recipients{S: s, C: c, Field: "cc", Name: words.T("Cc"), Rev: c.Revision(), Tongue: words.Current().Tag}),
			app.Div().Class("composer-line").Hidden(!copies).Body(&recipients{S: s, C: c, Field: "bcc", Name: words.T("Bcc"), Rev: c.Revision(), Tongue: words.Current().Tag}),
			app.Div().Class("composer-line").Hidden(s.senders() < 2).Body(p.from()),
			app.Div().Class("composer-line").Body(
				app.Input().ID(p.id("subject")).Type("text").Class("composer-subject").Aria("label", words.T("Subject")).Placeholder(words.T("Subject")).
					Dir("auto").AutoComplete(false).Spellcheck(true).ReadOnly(busy).OnInput(p.subject),
			),
		),
		app.Div().Class("composer-body").Hidden(small).Body(append(p.body(busy), p.tools())...),
		app.Ul().Class("composer-files").Aria("label", words.T("Attached files")).Hidden(small || len(listed(c)) == 0).Body(p.files()...),
		app.P().Class("alert").Attr("role", "alert").Hidden(c.Err == "").Text(c.Err),
		app.Div().Class("composer-foot").Hidden(small).Body(
			app.Button().Type("button").Class("primary", "send").Disabled(busy).OnClick(p.send).Body(icon("send"), app.Span().Text(words.T("Send"))),
			p.later(busy),
			iconButton(words.T("Attach files"), "paperclip", p.pick),
			app.Input().ID(p.id("files")).Type("file").Multiple(true).Class("unseen-field").Aria("hidden", "true").TabIndex(-1).OnChange(p.picked),
			p.menu(),
			app.Span().Class("composer-state").Attr("role", "status").Text(composerState(c, s.store.Connection().State == store.Online)),
			iconButton(words.T("Discard draft"), "trash-2", p.discard).Disabled(busy),
		),
	)
}

// head is the bar on top; all that is left of a small composer.
func (p *composer) head(small, large bool) app.UI {
	title := p.C.Email.Subject
	if title == "" {
		title = words.T("New message")
	}
	fold, page := iconButton(words.T("Minimise"), "minus", p.minimise), iconButton(words.T("Full page"), "maximize-2", p.maximise)
	if small {
		fold = iconButton(words.T("Restore"), "chevron-up", p.restore)
	}
	if large {
		page = iconButton(words.T("Leave full page"), "minimize-2", p.maximise)
	}
	return app.Div().Class("composer-head").OnDblClick(p.restore).Body(
		app.Span().Class("composer-title").Dir("auto").Text(title),
		fold.ID(p.id("fold")).Class("composer-fold"),
		page.Class("composer-page"),
		iconButton(words.T("Save and close"), "x", p.close),
	)
}

// menu is what is done more rarely.
func (p *composer) menu() app.UI {
	s, open := p.S, "compose/"+strconv.Itoa(p.C.Id)
	return app.Div().Class("menu-anchor").Body(
		iconButton(words.T("More options"), "ellipsis", func(app.Context, app.Event) { s.toggle(open) }, open).Aria("haspopup", "menu").Aria("expanded", yesNo(s.open == open)),
		app.Div().Class("menu", "composer-menu").Attr("role", "menu").Aria("label", words.T("More options")).Hidden(s.open != open).Body(append(p.choices(), p.templateItems()...)...),
	)
}

// choices are what can be chosen for one message.
func (p *composer) choices() []app.UI {
	return []app.UI{
		app.Button().Type("button").Class("menu-item").Attr("role", "menuitemcheckbox").Aria("checked", yesNo(p.C.Plain)).OnClick(p.togglePlain).
			Body(icon("file-text"), app.Span().Text(words.T("Plain text"))),
		p.wish(words.T("Ask for a read receipt"), "mail-open", p.C.Receipt, func(c *store.Composer) { c.Receipt = !c.Receipt }),
		p.wish(words.T("Ask for a delivery report"), "circle-check", p.C.Report, func(c *store.Composer) { c.Report = !c.Report }).
			Hidden(!p.S.store.Account(p.C.AccountId).Reports()),
	}
}

// wish is something that can be asked for with a message.
func (p *composer) wish(name, picture string, on bool, turn func(c *store.Composer)) app.HTMLButton {
	return app.Button().Type("button").Class("menu-item").Attr("role", "menuitemcheckbox").Aria("checked", yesNo(on)).
		OnClick(func(app.Context, app.Event) { p.S.do.Edit(p.C, turn) }, p.C.Id, name).Body(icon(picture), app.Span().Text(name))
}

func (p *composer) minimise(app.Context, app.Event) {
	p.S.minimise(p.C)
	browser.Focus(p.id("fold"))
}

func (p *composer) restore(app.Context, app.Event)  { p.S.enlarge(p.C) }
func (p *composer) maximise(app.Context, app.Event) { p.S.maximise(p.C) }

// composerState is how safe what was written is.
func composerState(c *store.Composer, online bool) string {
	switch {
	case c.Status == store.Sending && !online:
		return words.T("Sent when you are online again")
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

// senders is how many identities the member has in all accounts.
func (s *Screen) senders() (n int) {
	for _, a := range s.store.Accounts() {
		n += len(a.Identities())
	}
	return n
}

// from chooses the identity; the select is uncontrolled like all fields.
func (p *composer) from() app.UI {
	accounts := p.S.store.Accounts()
	var groups []app.UI
	for _, a := range accounts {
		var options []app.UI
		for _, i := range a.Identities() {
			options = append(options, app.Option().Value(senderValue(a.Id(), i.Id)).Selected(a.Id() == p.C.AccountId && i.Id == p.C.IdentityId).Text(identityName(i)))
		}
		if len(accounts) == 1 {
			groups = options
		} else if len(options) > 0 {
			groups = append(groups, app.OptGroup().Label(a.Name()).Body(options...))
		}
	}
	return app.Select().ID(p.id("from")).Class("composer-from").Aria("label", words.T("From")).OnChange(p.chooseFrom).Body(groups...)
}

// senderValue is the value of an identity among the options: ids have no spaces.
func senderValue(account, identity jmap.Id) string { return string(account) + " " + string(identity) }

func identityName(i jmap.Identity) string {
	if i.Name == "" {
		return i.Email
	}
	return i.Name + " <" + i.Email + ">"
}

func (p *composer) subject(app.Context, app.Event) {
	p.S.do.Edit(p.C, func(c *store.Composer) { c.Email.Subject = browser.Value(p.id("subject")) })
}

func (p *composer) chooseFrom(app.Context, app.Event) {
	account, identity, _ := strings.Cut(browser.Value(p.id("from")), " ")
	if a := p.S.store.Account(jmap.Id(account)); a != nil {
		p.S.do.ChangeFrom(p.C, a, jmap.Id(identity))
	}
	browser.SetValue(p.id("from"), senderValue(p.C.AccountId, p.C.IdentityId)) // it may take a while, or not be
}

func (p *composer) showCopies(ctx app.Context, _ app.Event) {
	p.S.composing.copies[p.C.Id] = true
	p.S.changed()
	ctx.Defer(func(app.Context) { browser.Focus(p.id("cc")) })
}

func (p *composer) send(app.Context, app.Event) {
	p.S.send(p.C)
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
	case key == "Escape" && p.S.open != "": // a menu of its own
		e.PreventDefault()
		p.S.open = ""
		p.S.changed()
	case key == "Escape":
		e.PreventDefault()
		p.close(ctx, e)
	}
}
