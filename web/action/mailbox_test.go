package action_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/client/clienttest"
	"github.com/hearthmail/hearthmail/web/store"
)

// names are the mailboxes without a role as shown, with what they lie in.
func (x *app) names() []string {
	var out []string
	x.do(func() {
		for _, row := range x.account.Mailboxes() {
			if row.Mailbox.Role == nil {
				out = append(out, strings.Repeat(" ", row.Depth)+row.Mailbox.Name)
			}
		}
	})
	return out
}

func (x *app) shows(want ...string) {
	x.Helper()
	if got := x.names(); !slices.Equal(got, want) {
		x.Errorf("the tree shows %q, not %q", got, want)
	}
}

// create makes a mailbox and gives its id.
func (x *app) create(parent jmap.Id, name string) (id jmap.Id) {
	x.Helper()
	x.do(func() { x.CreateMailbox(x.account, parent, name, func(made jmap.Id) { id = made }) })
	if id == "" {
		x.Fatalf("%s was not made", name)
	}
	return id
}

func TestMailboxIsShownAtOnceAndMade(t *testing.T) {
	run(t, func(x *app) {
		x.do(func() {
			x.CreateMailbox(x.account, "", "House", nil)
			for _, row := range x.account.Mailboxes() {
				if row.Mailbox.Name == "House" && x.account.New(row.Mailbox.Id) {
					return
				}
			}
			x.Error("not shown at once")
		})
		x.shows("House")
		house := x.server.Named("House").Id
		x.create(house, "Kitchen")
		x.shows("House", " Kitchen")
		x.do(func() { x.RenameMailbox(x.account, house, "Home") })
		kitchen := x.server.Named("Kitchen").Id
		x.do(func() { x.MoveMailbox(x.account, kitchen, "") })
		x.shows("Home", "Kitchen")
		x.do(func() {
			x.MoveMailbox(x.account, house, kitchen)
			x.SubscribeMailbox(x.account, house, false)
		})
		x.shows("Kitchen", " Home")
		if m := x.server.Named("Home"); m.IsSubscribed || m.ParentId == nil || *m.ParentId != kitchen {
			x.Errorf("on the server: %+v", m)
		}
		x.do(func() {
			if !x.account.Below(house, kitchen) || x.account.Below(kitchen, house) {
				x.Error("what lies in what")
			}
			x.DeleteMailbox(x.account, house)
		})
		x.shows("Kitchen")
		if n := x.notice(); n.Text != "" {
			x.Errorf("notice: %+v", n)
		}
	})
}

func TestRefusedMailboxIsTakenBack(t *testing.T) {
	run(t, func(x *app) {
		house := x.create("", "House")
		x.create(house, "Kitchen")
		x.do(func() { x.DeleteMailbox(x.account, house) })
		x.shows("House", " Kitchen")
		if n := x.notice(); n.Kind != store.Failure || !strings.Contains(n.Text, "inside it") {
			x.Errorf("notice: %+v", n)
		}
		x.do(func() { x.CreateMailbox(x.account, "", "Kitchen", nil) })
		x.shows("House", " Kitchen")
		if n := x.notice(); n.Kind != store.Failure || !strings.Contains(n.Text, "already") {
			x.Errorf("notice: %+v", n)
		}
	})
}

// What the bridge did though its answer got lost is not done a second time.
func TestMailboxIsMadeOnce(t *testing.T) {
	run(t, func(x *app) {
		lost := 0
		x.server.After = func(r *jmap.Request) error {
			if r.MethodCalls[0].Name == "Mailbox/set" && lost == 0 {
				lost++
				return errors.New("gone")
			}
			return nil
		}
		x.do(func() { x.CreateMailbox(x.account, "", "House", nil) })
		x.wait(60e9)
		x.shows("House")
		if n := x.notice(); lost != 1 || n.Text != "" {
			x.Errorf("lost %d, notice %+v", lost, n)
		}
	})
}

func TestMailboxNames(t *testing.T) {
	run(t, func(x *app) {
		house := x.create("", "House")
		x.do(func() {
			for name, ok := range map[string]bool{
				"Garden": true, "": false, "house": false, "a\x00b": false, strings.Repeat("é", 128): false,
			} {
				if err := action.CheckMailboxName(x.account, "", "", name); (err == "") != ok {
					x.Errorf("%q: %v", name, err)
				}
			}
			if err := action.CheckMailboxName(x.account, "", house, "House"); err != "" {
				x.Errorf("inside: %v", err)
			}
			if err := action.CheckMailboxName(x.account, house, "", "HOUSE"); err != "" {
				x.Errorf("itself: %v", err)
			}
		})
	})
}

func TestEmptyTrashTellsHowFarItIs(t *testing.T) {
	run(t, func(x *app) {
		x.server.Fill("trash", 600)
		var steps []int
		x.do(func() {
			x.store.Subscribe(func() {
				for _, s := range x.account.Sweeps() {
					if n := len(steps); s.Total == 600 && (n == 0 || steps[n-1] != s.Done) {
						steps = append(steps, s.Done)
					}
				}
			})
			x.EmptyMailbox(x.account, "trash")
			x.EmptyMailbox(x.account, "trash") // once is enough
		})
		if left := x.server.Mailbox("trash"); len(left) != 0 || !slices.Equal(steps, []int{0, 250, 500, 600}) {
			x.Errorf("%d left, steps %v", len(left), steps)
		}
		x.do(func() {
			if len(x.account.Sweeps()) != 0 {
				x.Error("it goes on")
			}
		})
	})
}

func TestEmptyingStops(t *testing.T) {
	run(t, func(x *app) {
		x.server.Fill("trash", 600)
		x.do(func() {
			x.EmptyMailbox(x.account, "trash")
			x.StopSweep(x.account, x.account.Sweeps()[0])
		})
		if left := x.server.Mailbox("trash"); len(left) < 350 {
			x.Errorf("%d left", len(left))
		}
		x.server.RefuseSet = func(jmap.Id) *jmap.SetError { return &jmap.SetError{Type: jmap.SetForbidden} }
		before := len(x.server.Mailbox("trash"))
		x.do(func() { x.EmptyMailbox(x.account, "trash") })
		if n := x.notice(); n.Kind != store.Failure || len(x.server.Mailbox("trash")) != before {
			x.Errorf("notice: %+v", n)
		}
	})
}

func TestMarkMailboxRead(t *testing.T) {
	run(t, func(x *app) {
		x.server.Fill("archive", 300)
		x.do(func() {
			x.MarkMailboxRead(x.account, "archive")
			x.MarkMailboxRead(x.account, "inbox")
		})
		for _, box := range []jmap.Id{"archive", "inbox"} {
			for _, id := range x.server.Mailbox(box) {
				if !x.server.Email(id).Keywords[jmap.KeywordSeen] {
					x.Fatalf("%s in %s is unread", id, box)
				}
			}
			x.do(func() {
				if n := x.account.Mailbox(box).UnreadEmails; n != 0 {
					x.Errorf("%s: %d unread", box, n)
				}
			})
		}
	})
}

func TestQuota(t *testing.T) {
	run(t, func(x *app) {
		x.server.Quotas = []jmap.Quota{
			{Id: "n", ResourceType: jmap.QuotaCount, Used: 9, HardLimit: 10},
			{Id: "o", ResourceType: jmap.QuotaOctets, Used: 3, HardLimit: 10, Types: []string{"Email"}},
		}
		x.do(func() { x.client.Start(x.server.Session()) })
		x.client.StateChanged(jmap.StateChange{Changed: map[jmap.Id]map[string]jmap.State{clienttest.AccountId: {"Quota": "2"}}})
		x.wait(0)
		x.do(func() {
			if q := x.account.Quota(); q == nil || q.Used != 3 {
				x.Errorf("quota: %+v", q)
			}
		})
	})
}
