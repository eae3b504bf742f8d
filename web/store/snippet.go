package store

import "github.com/hearthmail/hearthmail/shared/jmap"

// maxSnippets is how many snippets of a list are kept.
const maxSnippets = 500

// Snippet is where an email of a search has the words, "" where that is not known.
func (l *List) Snippet(id jmap.Id) jmap.SearchSnippet { return l.snippets[id] }

// LackingSnippets gives those of ids whose snippet was not asked for. A mailbox has
// none.
func (l *List) LackingSnippets(ids []jmap.Id) []jmap.Id {
	if !l.query.IsSearch() {
		return nil
	}
	var lacking []jmap.Id
	for _, id := range ids {
		if _, ok := l.snippets[id]; !ok {
			lacking = append(lacking, id)
		}
	}
	return lacking
}

// ApplySnippets takes over the snippets that were asked for: of ids not in list there
// are none.
func (l *List) ApplySnippets(ids []jmap.Id, list []jmap.SearchSnippet) {
	if l.snippets == nil || len(l.snippets)+len(ids) > maxSnippets {
		l.snippets = make(map[jmap.Id]jmap.SearchSnippet)
	}
	for _, id := range ids {
		l.snippets[id] = jmap.SearchSnippet{EmailId: id}
	}
	for _, s := range list {
		if _, asked := l.snippets[s.EmailId]; asked {
			l.snippets[s.EmailId] = s
		}
	}
	l.changed()
}
