package store

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

func box(id, parent, name, role string) jmap.Mailbox {
	m := jmap.Mailbox{Id: jmap.Id(id), Name: name}
	if parent != "" {
		p := jmap.Id(parent)
		m.ParentId = &p
	}
	if role != "" {
		m.Role = &role
	}
	return m
}

func tree(a *Account) string {
	var lines []string
	for _, r := range a.Mailboxes() {
		lines = append(lines, strings.Repeat(">", r.Depth)+r.Mailbox.Name)
	}
	return strings.Join(lines, " ")
}

func TestMailboxTree(t *testing.T) {
	a := testAccount()
	a.SetMailboxes([]jmap.Mailbox{
		box("1", "", "zoo", ""), box("2", "", "Box 10", ""), box("3", "", "box 2", ""), box("4", "3", "b", ""), box("5", "3", "A", ""),
		box("6", "", "Papierkorb", "trash"), box("7", "", "INBOX", "inbox"), box("8", "7", "Gesendet", "sent"), box("9", "7", "Work", ""),
		box("10", "nowhere", "Lost", ""), box("11", "12", "Ring", ""), box("12", "11", "Rang", ""),
	}, "1")
	want := "INBOX >Work Gesendet Papierkorb box 2 >A >b Box 10 Lost zoo Ring >Rang"
	if got := tree(a); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if m := a.Role(jmap.RoleSent); m == nil || m.Id != "8" {
		t.Errorf("sent: %v", m)
	}
	a.UpdateMailboxes([]jmap.Mailbox{box("3", "", "Aal", "")}, []jmap.Id{"7", "11", "12"}, "2")
	if got, want := tree(a), "Gesendet Papierkorb Aal >A >b Box 10 Lost Work zoo"; got != want {
		t.Errorf("after an update\ngot  %s\nwant %s", got, want)
	}
}

// TestApplyFlags: of a known email all that can change is taken over; of others nothing.
func TestApplyFlags(t *testing.T) {
	a := testAccount()
	a.ApplyEmails([]jmap.Email{{Id: "m1", ThreadId: "t1", Subject: "Bread", MailboxIds: map[jmap.Id]bool{inbox: true}}}, a.mark)
	a.ApplyFlags([]jmap.Email{
		{Id: "m1", ThreadId: "t7", Keywords: map[string]bool{"$seen": true}, MailboxIds: map[jmap.Id]bool{"archive": true}},
		{Id: "m2", ThreadId: "t7"},
	}, a.mark)
	e := a.Email("m1").Email()
	if e.ThreadId != "t7" || !e.Keywords["$seen"] || !e.MailboxIds["archive"] || e.MailboxIds[inbox] || e.Subject != "Bread" {
		t.Errorf("%+v", e)
	}
	if a.Email("m2") != nil {
		t.Error("an email of which only flags are known")
	}
}

func TestPatchEscapesPointers(t *testing.T) {
	p := Change{Keywords: map[string]bool{"a/b~c": true, "$seen": false}, Mailboxes: map[jmap.Id]bool{"x": false}}.Patch()
	want := jmap.PatchObject{"keywords/a~1b~0c": true, "keywords/$seen": nil, "mailboxIds/x": nil}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("%v", p)
	}
}

// TestMemoryIsBounded scrolls through a long mailbox and opens large messages.
func TestMemoryIsBounded(t *testing.T) {
	a := testAccount()
	l := a.List(Query{Mailbox: inbox})
	total := 100_000
	var kept *Op
	for first := 0; first < 30_000; first += 50 {
		l.SetViewport(first, first+49)
		w := l.Ask(first, 50)
		var ids []jmap.Id
		var rows []jmap.Email
		for i := range 50 {
			e := emailNumber(total - first - i)
			ids, rows = append(ids, e.Id), append(rows, e)
		}
		a.ApplyEmails(rows, a.mark)
		l.Apply(w, &jmap.QueryResponse{QueryState: "1", Position: first, Ids: ids, Total: &total})
		if first == 0 {
			kept = a.Begin(map[jmap.Id]Change{ids[0]: {Keywords: map[string]bool{"$seen": true}}})
		}
		if n := len(a.emails.byId); n > maxEmails {
			t.Fatalf("%d rows", n)
		}
		if n := l.confirmed.known(); n > maxIds {
			t.Fatalf("%d ids", n)
		}
		if got, ok := l.At(first + 7); !ok || got != ids[7] || a.Email(got) == nil {
			t.Fatalf("row %d shows %s", first+7, got)
		}
	}
	if a.Email(slices.Collect(maps.Keys(kept.changes))[0]) == nil {
		t.Error("a row with a pending change was forgotten")
	}
	a.SetOpened("m1")
	for i := range 20 {
		e := emailNumber(i)
		e.BodyValues = map[string]jmap.EmailBodyValue{"1": {Value: strings.Repeat("x", 1<<20)}}
		a.ApplyBody(e, a.mark)
	}
	octets := 0
	for _, e := range a.emails.byId {
		octets += e.octets
	}
	if octets > maxBodyOctets || a.Email("m1").Body() != BodyReady || a.Email("m2").Body() != BodyUnknown {
		t.Errorf("%d octets of bodies, open one: %v", octets, a.Email("m1").Body())
	}
	for i := range 3 * maxLists {
		a.List(Query{Text: fmt.Sprint(i), Filter: &jmap.EmailFilter{}})
	}
	if len(a.lists) > maxLists {
		t.Errorf("%d lists", len(a.lists))
	}
}

func TestSignalIsCoalesced(t *testing.T) {
	var posted []func()
	s := New(func(f func()) { posted = append(posted, f) })
	n := 0
	cancel := s.Subscribe(func() { n++ })
	s.Notify(Notice{Text: "a"})
	s.Notify(Notice{Text: "b"})
	before := s.Revision(PartMailboxes)
	if len(posted) != 1 {
		t.Fatalf("%d signals on their way", len(posted))
	}
	posted[0]()
	s.SetConnection(Connection{State: Online})
	if len(posted) != 2 || n != 1 || s.Revision(PartMailboxes) != before {
		t.Errorf("%d posted, %d signalled", len(posted), n)
	}
	cancel()
	posted[1]()
	if n != 1 {
		t.Error("signalled after cancel")
	}
}

// TestShownIsConfirmedAndPending: whatever comes in which order, an email shows
// what the bridge said with the pending changes on top, and counts follow.
func TestShownIsConfirmedAndPending(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := testAccount()
		a.SetMailboxes([]jmap.Mailbox{box("inbox", "", "Inbox", "inbox"), box("trash", "", "Trash", "trash")}, "1")
		e := emailNumber(1)
		a.ApplyEmails([]jmap.Email{e}, a.mark)
		truth := map[string]bool{} // at the bridge
		type asked struct {
			mark Mark
			data map[string]bool
		}
		var ops []*Op
		var gets []asked
		keyword := rapid.SampledFrom([]string{"$seen", "$flagged"})
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				if len(gets) > 0 || len(ops) > 0 {
					return // in between, the app may know less than the bridge
				}
				if got := a.Email("m1").Email().Keywords; len(truth) != len(got) || !maps.Equal(truth, got) {
					t.Fatalf("shown %v, true %v", got, truth)
				}
				if len(a.settled) != 0 || len(a.asked) != 0 {
					t.Fatalf("%d settled, %d asked are kept", len(a.settled), len(a.asked))
				}
				if m := a.Mailbox("inbox"); m.TotalEmails != 0 {
					t.Fatalf("total %d", m.TotalEmails)
				}
			},
			"begin": func(t *rapid.T) {
				k, on := keyword.Draw(t, "keyword"), rapid.Bool().Draw(t, "on")
				op := a.Begin(map[jmap.Id]Change{"m1": {Keywords: map[string]bool{k: on}}})
				if a.Email("m1").Has(k) != on {
					t.Fatal("does not show at once")
				}
				if !op.Empty() {
					ops = append(ops, op)
				}
			},
			"settle": func(t *rapid.T) { // in order: sets of an account travel one after the other
				if len(ops) == 0 {
					t.Skip()
				}
				op := ops[0]
				ops = ops[1:]
				refused := rapid.Bool().Draw(t, "refused")
				if !refused {
					for k, on := range op.changes["m1"].Keywords {
						delete(truth, k)
						if on {
							truth[k] = true
						}
					}
				}
				a.Settle(op, func(jmap.Id) bool { return refused })
			},
			"ask": func(*rapid.T) { gets = append(gets, asked{a.Ask(), maps.Clone(truth)}) },
			"answer": func(t *rapid.T) {
				if len(gets) == 0 {
					t.Skip()
				}
				i := rapid.IntRange(0, len(gets)-1).Draw(t, "which")
				g := gets[i]
				gets = slices.Delete(gets, i, i+1)
				row := emailNumber(1)
				row.Keywords = maps.Clone(g.data)
				a.ApplyEmails([]jmap.Email{row}, g.mark)
				a.Answered(g.mark)
			},
		})
	})
}
