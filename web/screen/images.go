package screen

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/words"
)

// Settings about pictures that lie elsewhere.
const (
	settingImages       = "images"         // imagesAsk, imagesAlways or imagesNever
	settingImageSenders = "images.senders" // addresses whose pictures are loaded without asking

	imagesAsk    = "ask"
	imagesAlways = "always"
	imagesNever  = "never"

	// maxImageSenders is how many are remembered, the latest.
	maxImageSenders = 300
)

// consents is what the person agreed to since the app started, by message.
type consents struct {
	images map[jmap.Id]bool // remote pictures
	left   map[jmap.Id]bool // its mailing list was left
}

func (c *consents) give(to *map[jmap.Id]bool, id jmap.Id) {
	if *to == nil {
		*to = map[jmap.Id]bool{}
	}
	(*to)[id] = true
}

// sender is who a message says it is from, in lower case.
func sender(m *jmap.Email) string {
	if len(m.From) == 0 {
		return ""
	}
	return strings.ToLower(m.From[0].Email)
}

// wantsImages reports whether remote pictures of a message are loaded without another
// question. Whoever only claims to be a sender does not have that sender's consent.
func (s *Screen) wantsImages(m *jmap.Email) bool {
	settings := s.store.Settings()
	switch {
	case s.consents.images[m.Id]:
		return true
	case s.verdict(m).DMARC == "fail" || s.inJunk(m):
		return false
	case settings.String(settingImages, imagesAsk) == imagesAsk:
		return slices.Contains(settings.Strings(settingImageSenders), sender(m))
	}
	return settings.String(settingImages, imagesAsk) == imagesAlways
}

// inJunk reports whether a message lies in Junk.
func (s *Screen) inJunk(m *jmap.Email) bool {
	junk := s.account().Role(jmap.RoleJunk)
	return junk != nil && m.MailboxIds[junk.Id]
}

// imagesNote says that pictures were left out, and offers to load them.
func (h *htmlBody) imagesNote() app.UI {
	note := app.Div().Class("body-note", "images-note").Attr("role", "note").Aria("label", words.T("Remote images"))
	e := h.S.account().Email(h.Id)
	if e == nil || h.shown.Blocked == 0 || h.loaded {
		return note.Hidden(true)
	}
	m := e.Email()
	may := h.shown.Remote > 0
	text := words.T("Remote images are not loaded, so the sender does not learn that you read this.")
	if !may {
		text = words.T("What would tell the sender that you read this was left out.")
	}
	always := may && sender(m) != "" && h.S.verdict(m).DMARC != "fail" && !h.S.inJunk(m)
	return note.Hidden(false).Body(
		icon("image-off"), app.Span().Class("note-text").Text(text),
		app.Span().Class("note-buttons").Body(
			app.Button().Type("button").Class("note-button").Hidden(!may).OnClick(h.loadNow).Text(words.T("Load images")),
			app.Button().Type("button").Class("note-button").Hidden(!always).OnClick(h.loadAlways).Text(words.T("Always load from {address}", sender(m))),
		),
	)
}

func (h *htmlBody) loadNow(app.Context, app.Event) {
	h.S.consents.give(&h.S.consents.images, h.Id)
	h.load()
}

func (h *htmlBody) loadAlways(ctx app.Context, ev app.Event) {
	h.loadNow(ctx, ev)
	e := h.S.account().Email(h.Id)
	if e == nil {
		return
	}
	list := append(slices.Clone(h.S.store.Settings().Strings(settingImageSenders)), sender(e.Email()))
	h.S.do.Set(settingImageSenders, list[max(0, len(list)-maxImageSenders):])
}
