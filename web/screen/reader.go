package screen

import (
	"net/url"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/search"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

const idReader = "reader"

// reader is the right pane: the open conversation.
type reader struct {
	app.Compo

	S   *Screen
	Rev [6]uint64
}

// Render draws it.
func (r *reader) Render() app.UI {
	s := r.S
	e := s.opened()
	pane := app.Section().Class("reader").Aria("label", words.T("Reading pane"))
	if e == nil {
		text := words.T("Choose a message to read it here.")
		return pane.Body(
			app.Div().Class("reader-bar").Hidden(true),
			app.Div().ID(idReader).Class("reader-scroll").Body(note("mail-open", words.T("Nothing open"), text)),
			app.Div().ID(idLinkStatus).Class("link-status").Aria("hidden", "true"),
		)
	}
	bar := app.Div().Class("reader-bar").Hidden(false)
	tools := app.UI(app.Div())
	if len(s.selection.ids) == 0 {
		tools = s.toolbar()
	}
	return pane.Body(
		bar.Body(iconButton(words.T("Back"), "arrow-left", r.back).Class("back-button"), tools),
		app.Div().ID(idReader).Class("reader-scroll").TabIndex(-1).OnScroll(r.scrolled).Body(r.article(e)),
		app.Div().ID(idLinkStatus).Class("link-status").Aria("hidden", "true"),
	)
}

func (r *reader) scrolled(app.Context, app.Event) { r.S.skim() }

func (r *reader) back(app.Context, app.Event) { r.S.closeEmail() }

func (r *reader) article(e *store.Email) app.UI {
	s := r.S
	a := s.account()
	subject := e.Email().Subject
	if subject == "" {
		subject = words.T("(no subject)")
	}
	return app.Article().Class("article").Aria("label", subject).Body(
		heading().Class("subject").Dir("auto").Body(marked(subject, search.Wanted(s.route.Search, "subject"))...),
		app.Div().Class("talk").Body(s.drawTalk(a)...),
	)
}

// heading is that of a message: where it stands alone, that of the page.
func heading() app.HTMLH2 {
	if narrow() {
		return app.H2().Attr("role", "heading").Aria("level", "1")
	}
	return app.H2()
}

func attachmentName(part jmap.EmailBodyPart) string {
	switch {
	case part.Name != "":
		return part.Name
	case part.Type == "message/rfc822":
		return "message.eml"
	case part.Type == "text/calendar":
		return "invitation.ics"
	}
	_, sub, _ := strings.Cut(part.Type, "/")
	return "attachment." + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, sub)
}

// download is where a blob is fetched from (RFC 8620 §6.2), in this site's terms.
func (s *Screen) download(blob jmap.Id, mediaType, name string) string {
	return s.downloadOf(s.account().Id(), blob, mediaType, name)
}

// downloadOf is download of another account than that on screen.
func (s *Screen) downloadOf(account, blob jmap.Id, mediaType, name string) string {
	return strings.NewReplacer(
		"{accountId}", url.PathEscape(string(account)),
		"{blobId}", url.PathEscape(string(blob)),
		"{type}", url.QueryEscape(mediaType),
		"{name}", url.PathEscape(name),
	).Replace(s.session.DownloadURL)
}

func truncated(m *jmap.Email) bool {
	for _, v := range m.BodyValues {
		if v.IsTruncated {
			return true
		}
	}
	return false
}
