package screen

import (
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/words"
)

// idHTML is the element of a message's frame.
func idHTML(id jmap.Id) string { return "message-html-" + string(id) }

// htmlBody is the frame of a message with HTML. What is in the frame is not
// go-app's: web/browser cleans it and puts it there.
type htmlBody struct {
	app.Compo

	S      *Screen
	Id     jmap.Id
	Words  string // of the search it was found by
	Tongue string // the language

	shown    browser.Mail
	loaded   bool // the remote pictures were asked for
	quoted   bool // its quote is folded, or was
	quotes   bool // its quote is shown
	original bool // it keeps its own colours in the dark
}

// OnMount shows the message.
func (h *htmlBody) OnMount(ctx app.Context) { h.show(ctx) }

// OnUpdate shows another one.
func (h *htmlBody) OnUpdate(ctx app.Context) { h.show(ctx) }

// OnDismount takes it away.
func (h *htmlBody) OnDismount() {
	if h.shown.Close != nil {
		h.shown.Close()
	}
}

func (h *htmlBody) show(ctx app.Context) {
	h.OnDismount()
	e := h.S.account().Email(h.Id)
	if e == nil {
		return
	}
	m := e.Email()
	pictures := map[string]string{}
	for _, list := range [][]jmap.EmailBodyPart{m.HtmlBody, m.Attachments} {
		for _, part := range list {
			if part.Cid != "" && strings.HasPrefix(part.Type, "image/") {
				pictures[part.Cid] = h.S.download(part.BlobId, part.Type, attachmentName(part))
			}
		}
	}
	h.shown = browser.ShowMail(idHTML(h.Id), words.T("Message body"), draft.HTML(m), pictures, h.S.followed, func(blocked, remote int) {
		ctx.Dispatch(func(app.Context) {
			h.shown.Busy, h.shown.Blocked, h.shown.Remote = false, blocked, remote
			h.quoted = browser.MailQuoted(idHTML(h.Id))
		})
	})
	h.shown.Truncated = h.shown.Truncated || truncated(m)
	browser.MarkWords(idHTML(h.Id), h.S.readWords())
	h.quotes, h.original, h.quoted = false, false, browser.MailQuoted(idHTML(h.Id))
	browser.SetMailView(idHTML(h.Id), false, false)
	browser.SetMailZoom(idHTML(h.Id), h.S.look(h.Id).zoom)
	h.loaded = false
	if h.S.wantsImages(m) {
		h.load()
	}
}

func (h *htmlBody) load() {
	h.loaded = true
	h.shown.Load()
}

// Render draws the card around it.
func (h *htmlBody) Render() app.UI {
	return app.Div().Class("html-card").Body(
		h.imagesNote(),
		app.Div().ID(idHTML(h.Id)).Class("html-host"),
		app.P().Class("body-note").Attr("role", "status").Hidden(!h.shown.Busy).Text(words.T("Loading…")),
		quoteButton(h.quotes, h.toggleQuote).Hidden(!h.quoted),
		h.colours(),
		app.Div().Class("body-note").Hidden(!h.shown.Truncated).Text(words.T("The message is very long: its end is not shown. Download it to see all.")),
	)
}
