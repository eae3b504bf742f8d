package store

// SavedSearch is a search with a name, kept with the member's settings.
type SavedSearch struct {
	Name string `json:"name"`
	Text string `json:"text"` // the words, as typed
}

// KeySavedSearches is the setting that holds the saved searches.
const KeySavedSearches = "savedSearches"

// SavedSearches are the searches that the member saved, in order.
func (s *Settings) SavedSearches() []SavedSearch {
	return setting[[]SavedSearch](s, KeySavedSearches, nil)
}
