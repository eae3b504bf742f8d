package screen

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

func TestRoutes(t *testing.T) {
	for path, want := range map[string]route{
		"/":                     {},
		"/mail":                 {},
		"/mail/a":               {Account: "a"},
		"/mail/a/m1":            {Account: "a", Mailbox: "m1"},
		"/mail/a/m1/e7":         {Account: "a", Mailbox: "m1", Email: "e7"},
		"/search/a?q=from:x+y":  {Account: "a", Search: "from:x y"},
		"/search/a/e7?q=%C3%A9": {Account: "a", Email: "e7", Search: "é"},
		"/search/a":             {},
		"/mail/a/b/c/d":         {},
		"/nowhere/else":         {},
		"/mail/%zz":             {},
		"/mail/a/m1/e7?sort=oldest&only=unread,starred": {
			Account: "a", Mailbox: "m1", Email: "e7", Sort: store.Oldest, Only: store.Only{Unread: true, Starred: true},
		},
		"/compose": {Compose: "mailto:?body=&subject="},
		"/compose?mailto=mailto%3Aada%40x.org%3Fsubject%3DHi": {Compose: "mailto:ada@x.org?subject=Hi"},
		"/compose?subject=A%26b&body=c+d&link=https://x.org/": {Compose: "mailto:?body=c%20d%0Ahttps%3A%2F%2Fx.org%2F&subject=A%26b"},
		"/compose/x":                     {},
		"/mail/a/m1?sort=nonsense&only=": {Account: "a", Mailbox: "m1"},
		"/mail/a?sort=oldest":            {Account: "a"},
	} {
		if got := parseRoute(path); got != want {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

// TestRoutesComeBack: what is written is read again, whatever a bridge calls things.
func TestRoutesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`[A-Za-z0-9_-]{1,20}`)
		r := route{Account: jmap.Id(id.Draw(t, "account"))}
		if rapid.Bool().Draw(t, "search") {
			r.Search = rapid.StringN(1, 40, -1).Draw(t, "words")
		} else {
			r.Mailbox = jmap.Id(id.Draw(t, "mailbox"))
			r.Sort = rapid.SampledFrom(store.Sorts).Draw(t, "sort")
			r.Only = store.Only{Unread: rapid.Bool().Draw(t, "unread"), Attachments: rapid.Bool().Draw(t, "attachments")}
		}
		if rapid.Bool().Draw(t, "open") {
			r.Email = jmap.Id(id.Draw(t, "email"))
		}
		if got := parseRoute(r.path()); got != r {
			t.Fatalf("%s became %+v", r.path(), got)
		}
	})
}
