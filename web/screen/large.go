package screen

import (
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/words"
)

// What is larger than anybody reads is not shown unasked. Once it is, it comes a piece at a
// time (static/script/pour.js and longtext.js), and the app can be used meanwhile.
const (
	heavyOctets = 1 << 20
	heavyTags   = 40_000 // an element has two as a rule
	heavyText   = 150_000
	// firstText is how much of a longer text is shown before it is asked for.
	firstText = 50_000
)

func heavyHTML(html string) bool {
	return len(html) > heavyOctets || strings.Count(html, "<") > heavyTags
}

// tooLarge asks whether to show it all the same.
func (r *message) tooLarge(m *jmap.Email) app.UI {
	return app.Div().Class("note", "large-note").Attr("role", "note").Body(
		icon("triangle-alert"), app.H2().Text(words.T("This message is very large")),
		app.P().Text(words.T("Showing its {size} could take a while.", words.Size(m.Size))),
		app.Div().Class("dialog-buttons").Body(
			app.Button().Type("button").Class("secondary").OnClick(r.showHeavy).Text(words.T("Show all")),
			app.Button().Type("button").Class("secondary").OnClick(r.onDownload).Text(words.T("Download")),
		),
	)
}

func (r *message) showHeavy(app.Context, app.Event) {
	r.S.lookAt(r.Id, func(b *beside) { b.heavy = true })
}

// beginning is the first lines of a long text.
func beginning(text string) string {
	if len(text) <= firstText {
		return text
	}
	if end := strings.LastIndexByte(text[:firstText], '\n'); end > firstText/2 {
		return text[:end]
	}
	return strings.ToValidUTF8(text[:firstText], "")
}

// longText is a text of which the beginning is shown, and all of it when somebody asks: then
// it does not pass through Go, but from where it is downloaded into the page.
type longText struct {
	app.Compo

	S      *Screen
	Id     jmap.Id
	Words  string // of the search it was found by
	Zoom   string
	Tongue string // the language

	of      jmap.Id // the message of which all is shown, or about to be
	done    bool
	problem string
	end     func()
}

// OnUpdate takes away what was of another message.
func (l *longText) OnUpdate(app.Context) {
	if l.of != "" && l.of != l.Id {
		l.OnDismount()
		l.of, l.done, l.problem = "", false, ""
	}
}

// OnDismount takes it away.
func (l *longText) OnDismount() {
	if l.end != nil {
		l.end()
		l.end = nil
	}
}

func (l *longText) show(ctx app.Context, _ app.Event) {
	m := l.S.emailOf(l.Id)
	if m == nil {
		return
	}
	var parts []browser.TextPart
	for _, p := range m.TextBody {
		if strings.HasPrefix(p.Type, "text/") {
			parts = append(parts, browser.TextPart{URL: l.S.download(p.BlobId, p.Type, "text"), Charset: p.Charset})
		}
	}
	l.OnDismount()
	l.of, l.done, l.problem = l.Id, false, ""
	l.end = browser.ShowText(idLong(l.Id), parts, func(problem string) {
		ctx.Dispatch(func(app.Context) { l.done, l.problem = problem == "", problem })
	})
}

// Render draws it.
func (l *longText) Render() app.UI {
	m := l.S.emailOf(l.Id)
	if m == nil {
		return app.Div().Class("text-body")
	}
	all := l.of == l.Id
	var first []app.UI
	if !all {
		wanted := l.S.readWords()
		for _, b := range quoteBlocks(beginning(draft.Text(m))) {
			first = append(first, quoted(b, wanted))
		}
	}
	say := words.T("The message is very long: its end is not shown.")
	show := words.T("Show all")
	if l.problem != "" {
		say, show = words.T("The message could not be loaded"), words.T("Retry")
	}
	return app.Div().Class("text-body").Style("--zoom", l.Zoom).Body(
		app.Div().Hidden(all).Body(first...),
		app.Div().ID(idLong(l.Id)).Class("long-text"),
		app.P().Class("body-note").Attr("role", "status").Hidden(!all || l.done || l.problem != "").Text(words.T("Loading…")),
		app.Div().Class("body-note").Attr("role", "note").Hidden(all && l.problem == "").Body(
			icon("triangle-alert"), app.Span().Class("note-text").Text(say),
			app.Span().Class("note-buttons").Body(
				app.Button().Type("button").Class("note-button").OnClick(l.show).Text(show),
				app.Button().Type("button").Class("note-button").OnClick(l.save).Text(words.T("Download")),
			),
		),
	)
}

func (l *longText) save(app.Context, app.Event) { l.S.saveEmail(l.Id) }

// idLong is the element of a message's whole text.
func idLong(id jmap.Id) string { return "message-text-" + string(id) }
