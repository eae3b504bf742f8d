package action

import (
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/web/store"
)

// maxSavedSearches is how many searches may be saved, and maxSearchName how long a name
// may be: they stand in the tree.
const (
	maxSavedSearches = 100
	maxSearchName    = 80
)

// SaveSearch keeps a search under a name, in place of one with the same words or the same
// name. Without a name the words are the name.
func (x *Actions) SaveSearch(name, text string) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" {
		name = text
	}
	if runes := []rune(name); len(runes) > maxSearchName {
		name = string(runes[:maxSearchName])
	}
	list := slices.Clone(x.store.Settings().SavedSearches())
	saved := store.SavedSearch{Name: name, Text: text}
	list = slices.DeleteFunc(list, func(s store.SavedSearch) bool { return s.Text != text && strings.EqualFold(s.Name, name) })
	switch i := slices.IndexFunc(list, func(s store.SavedSearch) bool { return s.Text == text }); {
	case i >= 0:
		list[i] = saved
	case len(list) >= maxSavedSearches:
		x.store.Notify(store.Notice{Kind: store.Warning, Text: textTooManySearches.String()})
		return
	default:
		list = append(list, saved)
	}
	x.Set(store.KeySavedSearches, list)
}

// RemoveSearch forgets a saved search; Undo brings it back.
func (x *Actions) RemoveSearch(text string) {
	before := x.store.Settings().SavedSearches()
	left := slices.DeleteFunc(slices.Clone(before), func(s store.SavedSearch) bool { return s.Text == text })
	if len(left) == len(before) {
		return
	}
	x.Set(store.KeySavedSearches, left)
	x.store.Notify(store.Notice{Kind: store.Info, Text: textSearchRemoved.String(), Undo: func() { x.Set(store.KeySavedSearches, before) }})
}
