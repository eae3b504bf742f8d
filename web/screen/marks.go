package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/search"
	"github.com/hearthmail/hearthmail/web/words"
)

// The words of a search are marked where they stand: in rows and in what is read. All
// of it reaches the page as text nodes.

// marked is a text with words marked in it.
func marked(text string, wanted []string) []app.UI { return spans(search.Mark(text, wanted)) }

func spans(list []search.Span) []app.UI {
	out := make([]app.UI, 0, len(list))
	for _, s := range list {
		if s.Mark {
			out = append(out, app.Mark().Text(s.Text))
		} else {
			out = append(out, app.Text(s.Text))
		}
	}
	return out
}

// markedPreview is the piece of the message that has the words, where the bridge found
// one, else its beginning.
func markedPreview(m *jmap.Email, snippet jmap.SearchSnippet, query string) []app.UI {
	if snippet.Preview != "" {
		return spans(search.Snippet(snippet.Preview))
	}
	return marked(m.Preview, search.Wanted(query, "body"))
}

// readWords are the words to mark in the message that is read.
func (s *Screen) readWords() []string { return search.Wanted(s.route.Search, "subject", "body") }

// rowBox names the mailbox of a result, and of a message of a conversation that lies elsewhere.
func (r *row) rowBox(m *jmap.Email) app.UI {
	name := ""
	if elsewhere := r.Line.sub > 0 && !m.MailboxIds[r.S.boxOf(r.S.accountOf(r.Id))]; r.Words != "" || elsewhere {
		name = r.S.mailboxOf(m)
	}
	if name == "" {
		return app.Span().Class("row-box").Hidden(true)
	}
	return app.Span().Class("row-box").Hidden(false).Body(app.Span().Class("unseen").Text(words.T("in {mailbox},", name)+" "), app.Bdi().Aria("hidden", "true").Text(name))
}

// mailboxOf is the name of a mailbox that an email lies in: of several, the first of
// the tree.
func (s *Screen) mailboxOf(m *jmap.Email) string {
	a := s.accountOf(m.Id)
	if len(m.MailboxIds) == 1 {
		for id := range m.MailboxIds {
			if box := a.Mailbox(id); box != nil {
				return mailboxName(box)
			}
		}
	}
	for _, line := range a.Mailboxes() {
		if m.MailboxIds[line.Mailbox.Id] {
			return mailboxName(line.Mailbox)
		}
	}
	return ""
}
