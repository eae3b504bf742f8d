package screen

import (
	"regexp"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/words"
)

// quoteButton stands where quoted text is folded.
func quoteButton(shown bool, h app.EventHandler, scope ...any) app.HTMLButton {
	name := words.T("Show quoted text")
	if shown {
		name = words.T("Hide quoted text")
	}
	return app.Button().Type("button").Class("quote-button").Aria("label", name).Title(name).Aria("expanded", yesNo(shown)).OnClick(h, scope...).Body(icon("ellipsis"))
}

// content is what a message says, in the form that is looked at.
func (r *message) content(m *jmap.Email) app.UI {
	look := r.S.look(m.Id)
	if draft.IsHTML(m) && !look.plain {
		if heavyHTML(draft.HTML(m)) && !look.heavy {
			return r.tooLarge(m)
		}
		return &htmlBody{S: r.S, Id: m.Id, Words: r.Words, Tongue: r.Tongue}
	}
	wanted := r.S.readWords()
	text := draft.Text(m)
	switch {
	case len(text) > heavyText && !slices.ContainsFunc(m.TextBody, func(p jmap.EmailBodyPart) bool { return p.Type == "text/html" }):
		return &longText{S: r.S, Id: m.Id, Words: r.Words, Zoom: r.S.textScale(m.Id), Tongue: r.Tongue}
	case len(text) > heavyText && !look.heavy:
		return r.tooLarge(m)
	}
	said, quote := foldQuote(quoteBlocks(text))
	shown := make([]app.UI, 0, len(said)+1)
	for _, b := range said {
		shown = append(shown, quoted(b, wanted))
	}
	folded := make([]app.UI, 0, len(quote))
	if look.quotes {
		for _, b := range quote {
			folded = append(folded, quoted(b, wanted))
		}
	}
	return app.Div().Class("text-body").Style("--zoom", r.S.textScale(m.Id)).Body(
		app.Div().Body(shown...),
		quoteButton(look.quotes, r.toggleQuote).Hidden(len(quote) == 0),
		app.Div().Hidden(!look.quotes).Body(folded...),
		app.P().Class("body-note").Hidden(!truncated(m)).Text(words.T("The message is very long: its end is not shown. Download it to see all.")),
	)
}

func (r *message) toggleQuote(app.Context, app.Event) {
	r.S.lookAt(r.Id, func(b *beside) { b.quotes = !b.quotes })
}

// originals begin what some programs put below an answer instead of quoting it.
var originals = regexp.MustCompile(`(?i)^[\s_-]*-{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine|mensaje original)\s*-{2,}\s*$`)

// foldQuote cuts blocks where nothing but a quote follows, with the line that says who is
// quoted. What is below a quote and no quote itself keeps it in sight; so does a message
// that is nothing but a quote.
func foldQuote(blocks []block) (said, quote []block) {
	at := len(blocks)
	for at > 0 && (blocks[at-1].depth > 0 || strings.TrimSpace(blocks[at-1].text) == "") {
		at--
	}
	if !hasQuote(blocks[at:]) {
		return foldOriginal(blocks)
	}
	if at == 0 {
		return blocks, nil
	}
	head, attribution := cutAttribution(blocks[at-1].text)
	said = append(said, blocks[:at-1]...)
	if strings.TrimSpace(head) != "" {
		said = append(said, block{0, head})
	}
	if len(said) == 0 {
		return blocks, nil
	}
	if attribution != "" {
		quote = append(quote, block{0, attribution})
	}
	return said, append(quote, blocks[at:]...)
}

func hasQuote(blocks []block) bool {
	for _, b := range blocks {
		if b.depth > 0 {
			return true
		}
	}
	return false
}

// attributions are how a line says that somebody wrote what follows.
var attributions = regexp.MustCompile(`(?i)\d|@|\b(?:wrote|writes|schrieb|schreibt|a écrit|escribió)\b`)

// openings begin such a line where it goes over several.
var openings = regexp.MustCompile(`^\s*(?:On|Am|Le|El|Op|Il|Em|Den) `)

// cutAttribution cuts "On Monday, Ada wrote:", which may go over three lines, from the
// end of a text.
func cutAttribution(text string) (head, attribution string) {
	const most = 3
	lines := strings.Split(strings.TrimRight(text, "\n \t"), "\n")
	last := len(lines) - 1
	if !strings.HasSuffix(strings.TrimSpace(lines[last]), ":") {
		return text, ""
	}
	from := last
	for i := last; i >= 0 && last-i < most && strings.TrimSpace(lines[i]) != ""; i-- {
		if openings.MatchString(lines[i]) {
			from = i
			break
		}
	}
	attribution = strings.Join(lines[from:], "\n")
	if !attributions.MatchString(attribution) {
		return text, ""
	}
	return strings.TrimRight(strings.Join(lines[:from], "\n"), "\n \t"), attribution
}

// foldOriginal cuts where "-----Original Message-----" stands below something.
func foldOriginal(blocks []block) (said, quote []block) {
	for i, b := range blocks {
		if b.depth > 0 {
			continue
		}
		lines := strings.Split(b.text, "\n")
		for n, line := range lines {
			if !originals.MatchString(line) {
				continue
			}
			head := strings.TrimRight(strings.Join(lines[:n], "\n"), "\n \t")
			said = append(said, blocks[:i]...)
			if head != "" {
				said = append(said, block{0, head})
			}
			if len(said) == 0 {
				return blocks, nil
			}
			quote = append(quote, block{0, strings.Join(lines[n:], "\n")})
			return said, append(quote, blocks[i+1:]...)
		}
	}
	return blocks, nil
}
