package client

import (
	"slices"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/client/clienttest"
	"github.com/hearthmail/hearthmail/web/store"
)

func TestBodiesNearByAreFetchedAhead(t *testing.T) {
	run(t, fill(300), func(x *app) {
		l := x.inbox(100, 110)
		x.server.Requests()
		x.rest()
		x.requests("Email/get", "Email/get", "Email/get")
		x.loop.Do(func() {
			for i := range l.Total() {
				id, ok := l.At(i)
				ready := ok && x.account.Email(id) != nil && x.account.Email(id).Body() == store.BodyReady
				if want := i >= 95 && i <= 115; ready != want {
					x.Errorf("row %d: its body is there: %v", i, ready)
				}
			}
		})
		for _, id := range x.server.Mailbox("inbox") {
			if x.server.Email(id).Keywords[jmap.KeywordSeen] {
				x.Errorf("%s was marked read", id)
			}
		}
		x.rest()
		x.requests()
	})
}

func TestNothingIsFetchedAheadWhileSomethingIsUnderWay(t *testing.T) {
	run(t, fill(300), func(x *app) {
		release := make(chan struct{})
		x.server.After = func(r *jmap.Request) error {
			if r.MethodCalls[0].Name == "Email/set" {
				<-release
			}
			return nil
		}
		l := x.inbox(0, 10)
		id, _ := l.At(0)
		x.begin([]jmap.Id{id}, seen, nil)
		x.server.Requests()
		x.rest()
		x.requests()
		close(release)
		x.settle()
		x.server.Requests()
		x.rest()
		if got := x.server.Requests(); !slices.Equal(got, []string{"Email/get", "Email/get"}) {
			x.Errorf("after the answer: %q", got)
		}
	})
}

func TestWhatIsFetchedAhead(t *testing.T) {
	run(t, fill(0), func(x *app) {
		l := x.inbox(0, 20)
		x.loop.Do(func() {
			var rows []jmap.Email
			var ids []jmap.Id
			for i, size := range []int64{1000, 200_000, 50_000, 60_000, 40_000} {
				id := jmap.Id("e" + string(rune('0'+i)))
				rows, ids = append(rows, jmap.Email{Id: id, Size: size}), append(ids, id)
			}
			x.account.ApplyEmails(rows, x.account.Ask())
			total := len(ids)
			l.Apply(l.Ask(0, 50), &jmap.QueryResponse{QueryState: "other", Ids: ids, Total: &total})
			w := x.client.accounts[clienttest.AccountId]
			if got, want := w.nextAhead(l), []jmap.Id{"e0", "e2", "e3"}; !slices.Equal(got, want) {
				x.Errorf("from the top: %q, want %q", got, want)
			}
			x.account.SetOpened("e4")
			if got, want := w.nextAhead(l), []jmap.Id{"e4", "e3"}; !slices.Equal(got, want) {
				x.Errorf("around the open one: %q, want %q", got, want)
			}
		})
	})
}

// rest lets time pass in which nobody does anything.
func (x *app) rest() {
	time.Sleep(10 * restPause)
	x.settle()
}
