package store

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const inbox, trash = jmap.Id("inbox"), jmap.Id("trash")

// testAccount is an account of a store whose signals go nowhere.
func testAccount() *Account {
	return newAccount(New(func(func()) {}), "a")
}

// epoch is when the email numbered 0 came in.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func emailNumber(n int) jmap.Email {
	return jmap.Email{
		Id:         jmap.Id(fmt.Sprintf("m%d", n)),
		MailboxIds: map[jmap.Id]bool{inbox: true},
		Keywords:   map[string]bool{},
		ReceivedAt: epoch.Add(time.Duration(n) * time.Minute),
	}
}

// world is a mailbox at the bridge, a list of it at the client, answers on their
// way between them, and base: the version of the mailbox the list is of.
type world struct {
	account  *Account
	list     *List
	next     int
	mailbox  []jmap.Id // newest first
	version  int
	base     []jmap.Id
	answers  []answer
	pending  []*Op
	archived []jmap.Id // confirmed out of the list, may come back
}

type answer struct {
	window Window
	resp   *jmap.QueryResponse
	all    []jmap.Id
}

func (w *world) arrive() {
	e := emailNumber(w.next)
	w.next++
	w.account.ApplyEmails([]jmap.Email{e}, w.account.mark)
	w.mailbox = slices.Insert(slices.Clone(w.mailbox), 0, e.Id)
	w.version++
}

func (w *world) answer(win Window) {
	position := win.Position
	if win.Anchor != "" {
		i := slices.Index(w.mailbox, win.Anchor)
		if i < 0 {
			w.list.Fail(nil)
			return
		}
		position = max(0, i+win.Offset)
	}
	position = min(position, len(w.mailbox))
	ids := w.mailbox[position:min(len(w.mailbox), position+win.Limit)]
	total := len(w.mailbox)
	w.answers = append(w.answers, answer{win, &jmap.QueryResponse{
		QueryState: jmap.State(fmt.Sprint("v", w.version)),
		Position:   position, Ids: slices.Clone(ids), Total: &total,
	}, slices.Clone(w.mailbox)})
}

// shown is what the list should show of base.
func (w *world) shown() []jmap.Id {
	out := slices.Clone(w.base)
	verdicts := map[jmap.Id]verdict{}
	for _, op := range w.pending {
		for id, c := range op.changes {
			if v := w.list.query.judge(c, nil); v != unmoved {
				verdicts[id] = v
			}
		}
	}
	return slices.DeleteFunc(out, func(id jmap.Id) bool {
		_, known := w.list.confirmed.find(id)
		return known && verdicts[id] == leaves
	})
}

// TestListIsNeverWrong is a plain slice against the sparse list: whatever comes
// in when and in which order, no position shows an id that is not there, no id
// shows twice, and the length is right.
func TestListIsNeverWrong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{account: testAccount()}
		w.list = w.account.List(Query{Mailbox: inbox})
		for range rapid.IntRange(0, 60).Draw(t, "initial") {
			w.arrive()
		}
		first := rapid.IntRange(0, 70)
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { w.check(t) },
			"scroll": func(t *rapid.T) {
				f := first.Draw(t, "first")
				w.list.SetViewport(f, f+rapid.IntRange(0, 12).Draw(t, "rows"))
			},
			"fetch": func(t *rapid.T) {
				margin := rapid.IntRange(0, 5).Draw(t, "margin")
				if p, n, ok := w.list.Need(w.list.first-margin, w.list.last+margin); ok {
					w.answer(w.list.Ask(p, n))
				}
			},
			"refresh": func(t *rapid.T) { w.answer(w.list.Around(rapid.IntRange(0, 5).Draw(t, "margin"))) },
			"answer": func(t *rapid.T) {
				if len(w.answers) == 0 {
					t.Skip()
				}
				i := rapid.IntRange(0, len(w.answers)-1).Draw(t, "which")
				a := w.answers[i]
				w.answers = slices.Delete(w.answers, i, i+1)
				if w.list.Apply(a.window, a.resp) {
					w.base = a.all
				}
			},
			"lose": func(t *rapid.T) {
				if len(w.answers) == 0 {
					t.Skip()
				}
				w.answers = w.answers[1:]
				w.list.Fail(nil)
			},
			"arrive": func(*rapid.T) { w.arrive() },
			"other client": func(t *rapid.T) {
				if len(w.mailbox) == 0 {
					t.Skip()
				}
				i := rapid.IntRange(0, len(w.mailbox)-1).Draw(t, "which")
				w.mailbox = slices.Delete(slices.Clone(w.mailbox), i, i+1)
				w.version++
			},
			"archive": func(t *rapid.T) {
				changes := map[jmap.Id]Change{}
				for range rapid.IntRange(1, 3).Draw(t, "n") {
					if id, ok := w.list.At(first.Draw(t, "row")); ok {
						changes[id] = Change{Mailboxes: map[jmap.Id]bool{inbox: false, trash: true}}
					}
				}
				if op := w.account.Begin(changes); !op.Empty() {
					w.pending = append(w.pending, op)
				}
			},
			"settle": func(t *rapid.T) { w.settle(t) },
			"undo":   func(t *rapid.T) { w.undo(t) },
			"destroyed": func(t *rapid.T) {
				if len(w.mailbox) == 0 {
					t.Skip()
				}
				id := rapid.SampledFrom(w.mailbox).Draw(t, "which")
				w.mailbox = slices.DeleteFunc(slices.Clone(w.mailbox), func(o jmap.Id) bool { return o == id })
				w.version++
				if _, ok := w.list.confirmed.find(id); ok {
					w.base = slices.DeleteFunc(slices.Clone(w.base), func(o jmap.Id) bool { return o == id })
				}
				w.account.EmailsGone([]jmap.Id{id})
			},
		})
	})
}

func (w *world) settle(t *rapid.T) {
	if len(w.pending) == 0 {
		t.Skip()
	}
	i := rapid.IntRange(0, len(w.pending)-1).Draw(t, "which")
	op := w.pending[i]
	w.pending = slices.Delete(w.pending, i, i+1)
	if rapid.Bool().Draw(t, "refused") {
		w.account.Settle(op, func(jmap.Id) bool { return true })
		return
	}
	w.base = slices.Clone(w.base)
	for _, id := range slices.Sorted(maps.Keys(op.changes)) {
		c := op.changes[id]
		switch w.list.query.judge(c, nil) {
		case leaves:
			w.mailbox = slices.DeleteFunc(slices.Clone(w.mailbox), func(o jmap.Id) bool { return o == id })
			w.version++
			w.archived = append(w.archived, id)
			if _, ok := w.list.confirmed.find(id); ok {
				w.base = slices.DeleteFunc(w.base, func(o jmap.Id) bool { return o == id })
			}
		case enters:
			w.archived = slices.DeleteFunc(w.archived, func(o jmap.Id) bool { return o == id })
			if !slices.Contains(w.mailbox, id) {
				w.mailbox = w.byDate(w.mailbox, id)
				w.version++
			}
		}
	}
	w.account.Settle(op, nil)
	// what came back is part of base only if the list could tell where
	for id, c := range op.changes {
		if w.list.query.judge(c, nil) == enters && !slices.Contains(w.base, id) {
			if p, ok := w.list.confirmed.find(id); ok {
				w.base = slices.Insert(w.base, p, id)
			}
		}
	}
}

func (w *world) byDate(list []jmap.Id, id jmap.Id) []jmap.Id {
	var n int
	fmt.Sscanf(string(id), "m%d", &n)
	for i, o := range list {
		var m int
		fmt.Sscanf(string(o), "m%d", &m)
		if m < n {
			return slices.Insert(slices.Clone(list), i, id)
		}
	}
	return append(slices.Clone(list), id)
}

func (w *world) undo(t *rapid.T) {
	if len(w.archived) == 0 {
		t.Skip()
	}
	id := rapid.SampledFrom(w.archived).Draw(t, "which")
	if op := w.account.Begin(map[jmap.Id]Change{id: {Mailboxes: map[jmap.Id]bool{inbox: true, trash: false}}}); !op.Empty() {
		w.pending = append(w.pending, op)
	}
}

func (w *world) check(t *rapid.T) {
	if !w.list.Known() {
		return
	}
	want := w.shown()
	inserted := map[jmap.Id]bool{}
	for _, e := range w.list.edits {
		if e.insert {
			inserted[e.id] = true
		}
	}
	if got := w.list.Total(); got != len(want)+len(inserted) {
		t.Fatalf("total %d, want %d and %d inserted", got, len(want), len(inserted))
	}
	seen := map[jmap.Id]bool{}
	skipped := 0
	for i := range w.list.Total() {
		id, ok := w.list.At(i)
		if ok && inserted[id] {
			skipped++
			continue
		}
		if !ok {
			continue
		}
		if seen[id] {
			t.Fatalf("%s shows twice", id)
		}
		seen[id] = true
		if id != want[i-skipped] {
			t.Fatalf("row %d shows %s, want %s", i, id, want[i-skipped])
		}
		if at, ok := w.list.IndexOf(id); !ok || at != i {
			t.Fatalf("IndexOf(%s) = %d, %v; shown at %d", id, at, ok, i)
		}
	}
	if len(w.answers) != w.list.inflight {
		t.Fatalf("%d requests on their way, the list counts %d", len(w.answers), w.list.inflight)
	}
}
