package screen

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/words"
)

// mostLabels is how many labels a row has room for.
const mostLabels = 3

// programWords are keywords that mail programs set for themselves, beside those with a $.
var programWords = []string{"junk", "nonjunk", "notjunk", "forwarded", "redirected", "mdnsent", "hasattachment", "hasnoattachment"}

// labels are the keywords of messages that a person gave them, in order.
func labels(list ...*jmap.Email) []string {
	var out []string
	for _, e := range list {
		for word, set := range e.Keywords {
			if set && !strings.HasPrefix(word, "$") && !slices.Contains(programWords, strings.ToLower(word)) && !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	slices.Sort(out)
	return out
}

// chips write the labels of a row.
func chips(keywords []string) app.UI {
	var out []app.UI
	for _, word := range keywords[:min(len(keywords), mostLabels)] {
		out = append(out, app.Span().Class("chip", "hue-"+hue(word)).Dir("auto").Text(word))
	}
	if more := len(keywords) - mostLabels; more > 0 {
		out = append(out, app.Span().Class("chip").Title(strings.Join(keywords[mostLabels:], ", ")).Text("+"+words.Number(more)))
	}
	return app.Span().Class("chips").Hidden(len(keywords) == 0).Body(out...)
}

// together are the messages that the row stands for, as far as they are known.
func (r *row) together() []*jmap.Email {
	a := r.S.accountOf(r.Id)
	ids := []jmap.Id{r.Id}
	if r.S.inThreads() && r.Line.sub == 0 {
		ids = a.Conversation(r.Id)
	}
	var out []*jmap.Email
	for _, id := range ids {
		if e := a.Email(id); e != nil {
			out = append(out, e.Email())
		}
	}
	return out
}

func attached(list []*jmap.Email) bool {
	return slices.ContainsFunc(list, func(e *jmap.Email) bool { return e.HasAttachment })
}
