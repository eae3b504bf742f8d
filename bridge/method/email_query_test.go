package method_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapstore"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// plain is a store that neither sorts nor finds attachments, as many servers.
type plain struct{ *memstore.Store }

func (plain) Sort(context.Context, upstream.MailboxRef, *jmap.EmailFilter, []jmap.Comparator) ([]uint32, error) {
	return nil, upstream.ErrUnsupported
}

// asker makes calls to one account and reads what is answered.
type asker struct {
	account *account.Account
	set     *account.Set
	boxes   []jmap.Id
	serial  int // of the last letter
}

func newAsker(t *testing.T, store upstream.Store) *asker {
	t.Helper()
	db, err := database.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for room, steps := range map[string][]string{"account": account.Schema, "outbox": outbox.Schema} {
		if err := database.Migrate(t.Context(), db, room, steps); err != nil {
			t.Fatal(err)
		}
	}
	a := &asker{}
	a.account, err = account.Open(t.Context(), account.Config{
		ID: "a", Address: "ada@hearth.test", DB: db, Dir: t.TempDir(),
		Store: store, Sender: sender{}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.account.Close() })
	a.set = account.NewSet(a.account)
	var got jmap.QueryResponse
	a.must(t, "Mailbox/query", map[string]any{}, &got)
	a.boxes = got.Ids
	slices.Sort(a.boxes)
	return a
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// must makes one call that has to be answered.
func (a *asker) must(t failer, name string, args map[string]any, answer any) {
	t.Helper()
	if kind := a.ask(t, name, args, answer); kind != "" {
		t.Fatalf("%s %v: %s", name, args, kind)
	}
}

// ask makes one call. It gives the type of the error, or "" and fills answer.
func (a *asker) ask(t failer, name string, args map[string]any, answer any) string {
	t.Helper()
	args["accountId"] = "a"
	in, err := jmap.NewInvocation(name, args, "c")
	if err != nil {
		t.Fatalf("%v", err)
	}
	using := []string{jmap.CapabilityCore, jmap.CapabilityMail}
	resp, err := a.set.Call(context.Background(), &jmap.Request{Using: using, MethodCalls: []jmap.Invocation{in}})
	if err != nil {
		t.Fatalf("%v", err)
	}
	got := resp.MethodResponses[0]
	if got.Name == "error" {
		var e jmap.MethodError
		if err := json.Unmarshal(got.Args, &e); err != nil {
			t.Fatalf("%v", err)
		}
		return e.Type
	}
	if err := json.Unmarshal(got.Args, answer); err != nil {
		t.Fatalf("%v in %s", err, got.Args)
	}
	return ""
}

// truth is an email as Email/get tells, and its text.
type truth struct {
	jmap.Email
	text string
}

// world is all emails there are.
type world struct {
	emails  []truth
	boxes   []jmap.Id
	threads map[jmap.Id][]truth
}

func (a *asker) world(t failer) *world {
	t.Helper()
	w := &world{boxes: a.boxes, threads: map[jmap.Id][]truth{}}
	for _, box := range a.boxes {
		var found jmap.QueryResponse
		a.must(t, "Email/query", map[string]any{"filter": map[string]any{"inMailbox": box}}, &found)
		var got jmap.GetResponse[jmap.Email]
		a.must(t, "Email/get", map[string]any{
			"ids": found.Ids, "fetchTextBodyValues": true,
			"properties": []string{"mailboxIds", "threadId", "keywords", "size", "receivedAt", "sentAt", "from", "to", "subject", "hasAttachment", "bodyValues", "header:X-Mood"},
		}, &got)
		for _, e := range got.List {
			text := []string{e.Subject}
			for _, list := range [][]jmap.EmailAddress{e.From, e.To} {
				for _, addr := range list {
					text = append(text, addr.DisplayName(), addr.Email)
				}
			}
			for _, v := range e.BodyValues {
				text = append(text, v.Value)
			}
			w.emails = append(w.emails, truth{e, strings.ToLower(strings.Join(text, "\n"))})
		}
	}
	for _, e := range w.emails {
		w.threads[e.ThreadId] = append(w.threads[e.ThreadId], e)
	}
	return w
}

// holds evaluates a filter in the plainest way.
func (w *world) holds(f jmap.EmailFilter, e truth) bool {
	holds := func(b jmap.EmailFilter) bool { return w.holds(b, e) }
	switch f.Operator {
	case "AND":
		return !slices.ContainsFunc(f.Conditions, func(b jmap.EmailFilter) bool { return !holds(b) })
	case "OR":
		return slices.ContainsFunc(f.Conditions, holds)
	case "NOT":
		return !slices.ContainsFunc(f.Conditions, holds)
	}
	other := func(id jmap.Id) bool { return !slices.Contains(f.InMailboxOtherThan, id) }
	with := func(k string) func(truth) bool { return func(e truth) bool { return e.Keywords[k] } }
	lacks := func(k string) func(truth) bool { return func(e truth) bool { return !e.Keywords[k] } }
	thread := w.threads[e.ThreadId]
	return (f.InMailbox == "" || e.MailboxIds[f.InMailbox]) &&
		(f.InMailboxOtherThan == nil || slices.ContainsFunc(slices.Collect(maps.Keys(e.MailboxIds)), other)) &&
		(f.Before.IsZero() || e.ReceivedAt.Before(f.Before)) && (f.After.IsZero() || !e.ReceivedAt.Before(f.After)) &&
		(f.MinSize == 0 || e.Size >= f.MinSize) && (f.MaxSize == 0 || e.Size < f.MaxSize) &&
		(f.HasKeyword == "" || e.Keywords[f.HasKeyword]) && (f.NotKeyword == "" || !e.Keywords[f.NotKeyword]) &&
		(f.AllInThreadHaveKeyword == "" || !slices.ContainsFunc(thread, lacks(f.AllInThreadHaveKeyword))) &&
		(f.SomeInThreadHaveKeyword == "" || slices.ContainsFunc(thread, with(f.SomeInThreadHaveKeyword))) &&
		(f.NoneInThreadHaveKeyword == "" || !slices.ContainsFunc(thread, with(f.NoneInThreadHaveKeyword))) &&
		(f.HasAttachment == nil || *f.HasAttachment == e.HasAttachment) &&
		containsAll(e.text, f.Text) && containsAll(strings.ToLower(e.Subject), f.Subject)
}

func containsAll(text, words string) bool {
	return !slices.ContainsFunc(strings.Fields(words), func(word string) bool { return !strings.Contains(text, strings.ToLower(word)) })
}

// compare orders two emails by one comparator, in the plainest way.
func (w *world) compare(by jmap.Comparator, a, b truth) int {
	text := func(f func(truth) string) int {
		return collate.New(language.Und).CompareString(f(a), f(b))
	}
	mark := func(f func(truth) bool) int {
		n := map[bool]int{true: 1}
		return n[f(a)] - n[f(b)]
	}
	first := func(list []jmap.EmailAddress) string {
		if len(list) == 0 {
			return ""
		}
		return list[0].DisplayName()
	}
	order := 0
	switch by.Property {
	case "receivedAt":
		order = a.ReceivedAt.Compare(b.ReceivedAt)
	case "sentAt":
		order = cmp.Or(a.SentAt, a.ReceivedAt).Compare(cmp.Or(b.SentAt, b.ReceivedAt))
	case "size":
		order = cmp.Compare(a.Size, b.Size)
	case "from":
		order = text(func(e truth) string { return first(e.From) })
	case "to":
		order = text(func(e truth) string { return first(e.To) })
	case "subject":
		order = text(func(e truth) string { return strings.TrimPrefix(e.Subject, "Re: ") })
	case "hasKeyword":
		order = mark(func(e truth) bool { return e.Keywords[by.Keyword] })
	case "allInThreadHaveKeyword":
		order = mark(func(e truth) bool { return w.holds(jmap.EmailFilter{AllInThreadHaveKeyword: by.Keyword}, e) })
	case "someInThreadHaveKeyword":
		order = mark(func(e truth) bool { return w.holds(jmap.EmailFilter{SomeInThreadHaveKeyword: by.Keyword}, e) })
	}
	if !by.Ascending() {
		return -order
	}
	return order
}

// find evaluates a whole query. single is a query of one mailbox, whose order without a
// sort is that of the UIDs.
func (w *world) find(f jmap.EmailFilter, sort []jmap.Comparator, collapse, single bool) []jmap.Id {
	var found []truth
	for _, box := range w.boxes { // in each, newest UID first
		for _, e := range w.emails {
			if e.MailboxIds[box] && w.holds(f, e) {
				found = append(found, e)
			}
		}
	}
	if !single {
		slices.SortStableFunc(found, func(a, b truth) int { return b.ReceivedAt.Compare(a.ReceivedAt) })
	}
	slices.SortStableFunc(found, func(a, b truth) int {
		order := 0
		for _, by := range sort {
			order = cmp.Or(order, w.compare(by, a, b))
		}
		return order
	})
	ids := []jmap.Id{}
	seen := map[jmap.Id]bool{}
	for _, e := range found {
		if !collapse || !seen[e.ThreadId] {
			ids = append(ids, e.Id)
		}
		seen[e.ThreadId] = true
	}
	return ids
}

var (
	words    = []string{"tea", "coffee", "Lisbon", "gate", "über"}
	keywords = []string{"$seen", "$flagged", "project"}
)

// letterOf draws a message.
func letterOf(t *rapid.T, serial int) upstream.NewMessage {
	draw := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	var b strings.Builder
	fmt.Fprintf(&b, "Message-ID: <m%d@hearth.test>\r\n", serial)
	fmt.Fprintf(&b, "Subject: %s%s %s\r\n", draw("re", "", "Re: "), draw("subject", words[:4]...), draw("more", words[:4]...))
	fmt.Fprintf(&b, "From: %s\r\n", draw("from", "Ada <zoe@hearth.test>", "ada@hearth.test", "Éric <a@hearth.test>", "\"bob\" <b@hearth.test>", "Zoe <ada@hearth.test>"))
	if to := draw("to", "", "Ada <zoe@hearth.test>", "testuser@hearth.test", "testuser2@hearth.test"); to != "" {
		fmt.Fprintf(&b, "To: %s\r\n", to)
	}
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if day := rapid.IntRange(0, 5).Draw(t, "sent"); day > 0 {
		fmt.Fprintf(&b, "Date: %s\r\n", at.AddDate(0, 0, day).Format(time.RFC1123Z))
	}
	if n := rapid.IntRange(-4, serial).Draw(t, "answers"); n > 0 && n < serial {
		fmt.Fprintf(&b, "In-Reply-To: <m%d@hearth.test>\r\nReferences: <m%d@hearth.test>\r\n", n, n)
	}
	body := draw("body", words...) + strings.Repeat(" ", rapid.IntRange(0, 30).Draw(t, "length"))
	if rapid.Bool().Draw(t, "attachment") {
		b.WriteString("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
			body + "\r\n--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nx\r\n--x--\r\n")
	} else {
		b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body + "\r\n")
	}
	set := map[string]bool{}
	for _, k := range keywords {
		set[k] = rapid.Bool().Draw(t, k)
	}
	return upstream.NewMessage{
		Body: strings.NewReader(b.String()), Size: int64(b.Len()), Keywords: set,
		ReceivedAt: at.Add(time.Duration(rapid.IntRange(0, 8).Draw(t, "received")) * 9 * time.Hour),
	}
}

func drawFilter(t *rapid.T, boxes []jmap.Id, depth int) jmap.EmailFilter {
	if depth > 0 && rapid.IntRange(0, 2).Draw(t, "operator?") == 0 {
		f := jmap.EmailFilter{Operator: rapid.SampledFrom([]string{"AND", "OR", "NOT"}).Draw(t, "operator"), Conditions: []jmap.EmailFilter{}}
		for range rapid.IntRange(0, 3).Draw(t, "conditions") {
			f.Conditions = append(f.Conditions, drawFilter(t, boxes, depth-1))
		}
		return f
	}
	var f jmap.EmailFilter
	box := rapid.SampledFrom(boxes)
	keyword := rapid.SampledFrom(keywords)
	at := func(label string) time.Time {
		return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 16).Draw(t, label)) * 4 * time.Hour).Add(time.Millisecond * time.Duration(rapid.IntRange(0, 1).Draw(t, "ms")))
	}
	for range rapid.IntRange(0, 2).Draw(t, "properties") {
		switch rapid.SampledFrom([]string{"in", "in", "other", "before", "after", "min", "max", "has", "not", "all", "some", "none", "attachment", "text", "subject"}).Draw(t, "property") {
		case "in":
			f.InMailbox = box.Draw(t, "box")
		case "other":
			f.InMailboxOtherThan = []jmap.Id{box.Draw(t, "box"), "m99"}
		case "before":
			f.Before = at("before")
		case "after":
			f.After = at("after")
		case "min":
			f.MinSize = int64(rapid.IntRange(180, 400).Draw(t, "min"))
		case "max":
			f.MaxSize = int64(rapid.IntRange(180, 400).Draw(t, "max"))
		case "has":
			f.HasKeyword = keyword.Draw(t, "keyword")
		case "not":
			f.NotKeyword = keyword.Draw(t, "keyword")
		case "all":
			f.AllInThreadHaveKeyword = keyword.Draw(t, "keyword")
		case "some":
			f.SomeInThreadHaveKeyword = keyword.Draw(t, "keyword")
		case "none":
			f.NoneInThreadHaveKeyword = keyword.Draw(t, "keyword")
		case "attachment":
			want := rapid.Bool().Draw(t, "attachment")
			f.HasAttachment = &want
		case "text":
			f.Text = rapid.SampledFrom(words).Draw(t, "word") + rapid.SampledFrom([]string{"", " tea"}).Draw(t, "and")
		case "subject":
			f.Subject = rapid.SampledFrom(words).Draw(t, "word")
		}
	}
	return f
}

func drawSort(t *rapid.T) []jmap.Comparator {
	var sort []jmap.Comparator
	for range rapid.IntRange(0, 3).Draw(t, "comparators") {
		by := jmap.Comparator{Property: rapid.SampledFrom([]string{
			"receivedAt", "receivedAt", "sentAt", "size", "from", "to", "subject", "hasKeyword", "allInThreadHaveKeyword", "someInThreadHaveKeyword",
		}).Draw(t, "sort")}
		if up := rapid.IntRange(0, 2).Draw(t, "up"); up > 0 {
			ascending := up == 1
			by.IsAscending = &ascending
		}
		if strings.HasSuffix(by.Property, "Keyword") {
			by.Keyword = rapid.SampledFrom(keywords).Draw(t, "keyword")
		}
		sort = append(sort, by)
	}
	return sort
}

// TestQueriesAgainstAllRows: whatever is asked, the answer is what looking at every email
// would give, in every window of it; and after changes, /queryChanges makes the new list
// of the old one.
func TestQueriesAgainstAllRows(t *testing.T) {
	for name, open := range map[string]func(*memstore.Account) upstream.Store{
		"a server that sorts": func(a *memstore.Account) upstream.Store { return still{a.Open()} },
		"a plain server":      func(a *memstore.Account) upstream.Store { return plain{a.Open()} },
	} {
		t.Run(name, func(t *testing.T) {
			a := newAsker(t, open(memstore.New()))
			rapid.Check(t, func(rt *rapid.T) {
				a.empty(rt)
				a.deliver(rt, rapid.IntRange(0, 12).Draw(rt, "letters"))
				w := a.world(rt)
				var asked []*asking
				for range 4 {
					asked = append(asked, a.check(rt, w))
				}
				for range rapid.IntRange(0, 2).Draw(rt, "rounds") {
					a.change(rt, w)
					w = a.world(rt)
					for _, q := range asked {
						a.follow(rt, w, q)
					}
				}
			})
		})
	}
}

// TestQueriesOnDovecot asks a real server, one that sorts and one that does not.
func TestQueriesOnDovecot(t *testing.T) {
	for name, o := range map[string]dovecot.Options{
		"with SORT":    {},
		"without SORT": {Config: "imap_capability = IMAP4rev1 SASL-IR ENABLE IDLE LITERAL+ NAMESPACE UIDPLUS MOVE LIST-EXTENDED LIST-STATUS ESEARCH CONDSTORE SPECIAL-USE"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := dovecot.Start(t, o)
			a := newAsker(t, imapstore.New(imapstore.Config{
				Server: srv.IMAP("ada", upstream.TLS), Password: dovecot.Password, Dialer: srv.Dialer, Poll: time.Minute,
			}))
			var w *world
			rapid.Check(t, func(rt *rapid.T) {
				if w == nil {
					a.deliver(rt, 20)
					a.settle(t)
					w = a.world(rt)
				}
				q := &asking{filter: drawFilter(rt, a.boxes, 2), sort: drawSort(rt), collapse: rapid.Bool().Draw(rt, "collapse")}
				a.find(rt, w, q)
			})
		})
	}
}

// settle waits until the index has every message.
func (a *asker) settle(t *testing.T) {
	t.Helper()
	known := func(box jmap.Id) bool {
		s, err := a.account.Spine(t.Context(), box)
		if err != nil {
			t.Fatal(err)
		}
		return !slices.ContainsFunc(s.UIDs.All(), func(uid uint32) bool { _, ok := s.Thread(uid); return !ok })
	}
	for _, box := range a.boxes {
		for tries := 0; !known(box); tries++ {
			if tries > 1000 {
				t.Fatalf("%s is not indexed", box)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// empty destroys all emails.
func (a *asker) empty(t *rapid.T) {
	var all jmap.QueryResponse
	a.must(t, "Email/query", map[string]any{}, &all)
	a.must(t, "Email/set", map[string]any{"destroy": all.Ids}, &struct{}{})
}

func (a *asker) deliver(t *rapid.T, n int) {
	for range n {
		a.serial++
		if _, err := a.account.Append(context.Background(), rapid.SampledFrom(a.boxes).Draw(t, "to"), letterOf(t, a.serial)); err != nil {
			t.Fatalf("%v", err)
		}
	}
}

// change flags, moves and destroys some emails, and delivers new ones.
func (a *asker) change(t *rapid.T, w *world) {
	update := map[jmap.Id]any{}
	destroy := []jmap.Id{}
	for _, e := range w.emails {
		switch rapid.IntRange(0, 7).Draw(t, "fate") {
		case 0:
			destroy = append(destroy, e.Id)
		case 1:
			update[e.Id] = map[string]any{"mailboxIds": map[jmap.Id]bool{rapid.SampledFrom(a.boxes).Draw(t, "to"): true}}
		case 2:
			update[e.Id] = map[string]any{"keywords/" + rapid.SampledFrom(keywords).Draw(t, "keyword"): rapid.SampledFrom([]any{true, nil}).Draw(t, "on")}
		}
	}
	a.must(t, "Email/set", map[string]any{"update": update, "destroy": destroy}, &struct{}{})
	a.deliver(t, rapid.IntRange(0, 2).Draw(t, "letters"))
}

// asking is a query, and what it gave last.
type asking struct {
	filter   jmap.EmailFilter
	sort     []jmap.Comparator
	collapse bool
	last     jmap.QueryResponse
}

func (q *asking) args() map[string]any {
	return map[string]any{"filter": q.filter, "sort": q.sort, "collapseThreads": q.collapse, "calculateTotal": true}
}

// check asks something, in windows too.
func (a *asker) check(t *rapid.T, w *world) *asking {
	q := &asking{filter: drawFilter(t, a.boxes, 3), sort: drawSort(t), collapse: rapid.Bool().Draw(t, "collapse")}
	q.last = a.find(t, w, q)
	a.checkWindow(t, q.args(), &q.last)
	a.follow(t, w, q)
	return q
}

// find asks for all, and compares it with what looking at every email gives.
func (a *asker) find(t *rapid.T, w *world, q *asking) jmap.QueryResponse {
	var all jmap.QueryResponse
	a.must(t, "Email/query", q.args(), &all)
	// Where a filter comes to one mailbox its order is that of UIDs; whether it does is
	// not for this test to say, but for the plainest.
	want := w.find(q.filter, q.sort, q.collapse, q.filter.InMailbox != "")
	if !slices.Equal(all.Ids, want) && q.filter.Operator != "" {
		want = w.find(q.filter, q.sort, q.collapse, true)
	}
	if !slices.Equal(all.Ids, want) {
		raw, _ := json.Marshal(q.args())
		t.Fatalf("%s\ngave %v\nnot  %v", raw, all.Ids, want)
	}
	if all.Total == nil || *all.Total != len(want) || !all.CanCalculateChanges {
		t.Fatalf("total %v of %d, %v", all.Total, len(want), all.CanCalculateChanges)
	}
	return all
}

// follow makes the new result of the last one and its changes.
func (a *asker) follow(t *rapid.T, w *world, q *asking) {
	var changes struct {
		OldQueryState, NewQueryState jmap.State
		Total                        int
		Removed                      []jmap.Id
		Added                        []struct {
			Id    jmap.Id
			Index int
		}
	}
	args := q.args()
	args["sinceQueryState"] = q.last.QueryState
	a.must(t, "Email/queryChanges", args, &changes)
	if changes.Removed == nil || changes.Added == nil || changes.OldQueryState != q.last.QueryState {
		t.Fatalf("%+v", changes)
	}
	ids := slices.DeleteFunc(slices.Clone(q.last.Ids), func(id jmap.Id) bool { return slices.Contains(changes.Removed, id) })
	for _, add := range changes.Added {
		if add.Index > len(ids) {
			t.Fatalf("%v cannot be put into %v", changes.Added, ids)
		}
		ids = slices.Insert(ids, add.Index, add.Id)
	}
	now := a.find(t, w, q)
	if !slices.Equal(ids, now.Ids) || changes.NewQueryState != now.QueryState || changes.Total != len(now.Ids) {
		t.Fatalf("%v and %+v is not %+v", q.last, changes, now)
	}
	q.last = now
}

func (a *asker) checkWindow(t *rapid.T, args map[string]any, all *jmap.QueryResponse) {
	n := len(all.Ids)
	start := rapid.IntRange(-n-2, n+2).Draw(t, "position")
	limit := rapid.IntRange(0, n+2).Draw(t, "limit")
	args["limit"] = limit
	args["position"] = start
	if start < 0 {
		start = max(n+start, 0)
	}
	if n > 0 && rapid.Bool().Draw(t, "anchor?") {
		at := rapid.IntRange(0, n-1).Draw(t, "anchor")
		offset := rapid.IntRange(-n-2, n+2).Draw(t, "offset")
		args["anchor"], args["anchorOffset"] = all.Ids[at], offset
		start = max(at+offset, 0)
	}
	want := []jmap.Id{}
	if start < n {
		want = all.Ids[start:min(start+limit, n)]
	}
	var got jmap.QueryResponse
	if kind := a.ask(t, "Email/query", args, &got); kind != "" || !slices.Equal(got.Ids, want) || got.Position != start || got.QueryState != all.QueryState {
		t.Fatalf("%v: %s %+v, not %v at %d", args, kind, got, want, start)
	}
}
