package action_test

import (
	"encoding/json"
	"testing"

	"github.com/hearthmail/hearthmail/web/store"
)

// TestSavedSearches: each text once, each name once, and what was removed comes back.
func TestSavedSearches(t *testing.T) {
	run(t, func(x *app) {
		for _, s := range [][2]string{{"Lights", "lighthouse"}, {"", "is:unread"}, {" lights\n", "lamp"}, {"Lamps", "lamp"}} {
			x.do(func() { x.SaveSearch(s[0], s[1]) })
		}
		show := func(want string) {
			x.Helper()
			got, _ := json.Marshal(x.store.Settings().SavedSearches())
			if string(got) != want {
				x.Errorf("saved are %s, want %s", got, want)
			}
		}
		show(`[{"name":"is:unread","text":"is:unread"},{"name":"Lamps","text":"lamp"}]`)
		x.do(func() { x.RemoveSearch("lamp"); x.RemoveSearch("nothing") })
		show(`[{"name":"is:unread","text":"is:unread"}]`)
		var undo store.Notice
		for _, n := range x.store.Notices() {
			if n.Undo != nil {
				undo = n
			}
		}
		x.do(undo.Undo)
		show(`[{"name":"is:unread","text":"is:unread"},{"name":"Lamps","text":"lamp"}]`)
	})
}
