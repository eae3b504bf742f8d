package account_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

func TestMain(m *testing.M) {
	if raw, ok := os.LookupEnv(moveVariable); ok { // see TestMoveKilled
		var j moveJob
		err := json.Unmarshal([]byte(raw), &j)
		if err == nil {
			err = j.run(context.Background())
		}
		if err != nil {
			panic(err)
		}
		return
	}
	// Each of TestManyHands is seconds of disk; `make soak` runs it often.
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// tb is what the helpers need of a test; rapid's tests have no more.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// desk is an account, and another way to the same mail behind its back.
type desk struct {
	t      tb
	ctx    context.Context
	db     *sql.DB
	dir    string
	server *memstore.Account                    // nil where it is a real one
	wrap   func(*memstore.Store) upstream.Store // what the account sees; nil: all of it
	open   func() upstream.Store                // another way to the server; nil: to the one in memory
	other  upstream.Store
	sender upstream.Sender
	*account.Account
	set *account.Set
}

func openDB(t *testing.T) *sql.DB {
	t.Helper()
	db, err := database.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	migrate(t, db)
	return db
}

func migrate(t *testing.T, db *sql.DB) {
	t.Helper()
	for room, steps := range map[string][]string{"account": account.Schema, "outbox": outbox.Schema} {
		if err := database.Migrate(t.Context(), db, room, steps); err != nil {
			t.Fatal(err)
		}
	}
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, ctx: t.Context(), db: openDB(t), dir: t.TempDir(), server: memstore.New()}
	d.other = d.server.Open()
	d.start("a")
	t.Cleanup(func() { d.stop() })
	return d
}

func (d *desk) start(id jmap.Id) {
	d.t.Helper()
	var store upstream.Store
	switch {
	case d.open != nil:
		store = d.open()
	case d.wrap != nil:
		store = d.wrap(d.server.Open())
	default:
		store = d.server.Open()
	}
	a, err := account.Open(d.ctx, account.Config{
		ID: id, Address: "ada@hearth.test", DB: d.db, Dir: d.dir, Store: store, Sender: d.sender, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		d.t.Fatalf("%v", err)
	}
	d.Account, d.set = a, account.NewSet(a)
}

func (d *desk) stop() {
	if err := d.Close(); err != nil {
		d.t.Errorf("%v", err)
	}
}

// call makes one method call and reads its answer into answer; the type of its error
// is given, "" for none.
func (d *desk) call(name string, args, answer any) string {
	d.t.Helper()
	in, err := jmap.NewInvocation(name, args, "c")
	if err != nil {
		d.t.Fatalf("%v", err)
	}
	resp, err := d.set.Call(d.ctx, &jmap.Request{Using: []string{jmap.CapabilityCore, jmap.CapabilityMail, jmap.CapabilitySubmission}, MethodCalls: []jmap.Invocation{in}})
	if err != nil {
		d.t.Fatalf("%v", err)
	}
	out := resp.MethodResponses[0]
	if out.Name == "error" {
		var m jmap.MethodError
		_ = json.Unmarshal(out.Args, &m)
		return m.Type
	}
	if err := json.Unmarshal(out.Args, answer); err != nil {
		d.t.Fatalf("%s: %v", out.Args, err)
	}
	return ""
}

// mailbox is the id of a mailbox by its name.
func (d *desk) mailbox(name string) jmap.Id {
	d.t.Helper()
	var got jmap.GetResponse[jmap.Mailbox]
	d.call("Mailbox/get", jmap.GetRequest{AccountId: d.ID()}, &got)
	for _, m := range got.List {
		if m.Name == name {
			return m.Id
		}
	}
	d.t.Fatalf("no mailbox %s", name)
	return ""
}

// ids lists a mailbox, newest first.
func (d *desk) ids(name string) []jmap.Id {
	d.t.Helper()
	var got jmap.QueryResponse
	d.call("Email/query", jmap.QueryRequest[jmap.EmailFilter]{AccountId: d.ID(), Filter: &jmap.EmailFilter{InMailbox: d.mailbox(name)}}, &got)
	return got.Ids
}

// emails reads emails by id.
func (d *desk) emails(ids ...jmap.Id) jmap.GetResponse[jmap.Email] {
	d.t.Helper()
	var got jmap.GetResponse[jmap.Email]
	if kind := d.call("Email/get", jmap.GetRequest{AccountId: d.ID(), Ids: append([]jmap.Id{}, ids...), Properties: []string{"threadId", "subject", "keywords", "mailboxIds"}}, &got); kind != "" {
		d.t.Fatalf("Email/get: %s", kind)
	}
	return got
}

func (d *desk) set1(update map[jmap.Id]jmap.PatchObject, destroy ...jmap.Id) jmap.SetResponse {
	d.t.Helper()
	var got jmap.SetResponse
	if kind := d.call("Email/set", jmap.SetRequest{AccountId: d.ID(), Update: update, Destroy: destroy}, &got); kind != "" {
		d.t.Fatalf("Email/set: %s", kind)
	}
	return got
}

func (d *desk) changes(since jmap.State, most int) (got jmap.ChangesResponse, kind string) {
	d.t.Helper()
	kind = d.call("Email/changes", jmap.ChangesRequest{AccountId: d.ID(), SinceState: since, MaxChanges: most}, &got)
	return got, kind
}

// deliver puts a message into INBOX, and waits until the account knows.
func (d *desk) deliver(subject string) jmap.Id {
	d.t.Helper()
	had := d.ids("Inbox")
	d.server.Deliver([]byte("Subject: " + subject + "\r\nMessage-ID: <" + subject + "@hearth.test>\r\n\r\nAbout " + subject + "\r\n"))
	for {
		if now := d.ids("Inbox"); len(now) > len(had) {
			return now[0]
		}
		time.Sleep(time.Millisecond) // the watcher is on its way
	}
}

// behind does something with the mail of one mailbox behind the account's back.
func (d *desk) behind(name string, do func(ref upstream.MailboxRef, uids []uint32) error) {
	d.t.Helper()
	snap, err := d.other.Sync(d.ctx, name, upstream.Known{})
	if err == nil {
		err = do(upstream.MailboxRef{Name: name, UIDValidity: snap.UIDValidity}, slices.Collect(values(snap.UIDs)))
	}
	if err != nil {
		d.t.Fatalf("%v", err)
	}
}

func values(set upstream.UIDSet) func(func(uint32) bool) {
	return func(yield func(uint32) bool) {
		for _, uid := range set.All() {
			if !yield(uid) {
				return
			}
		}
	}
}

// eventually waits for what the watcher will bring.
func eventually(t *testing.T, truth func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !truth(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}

// TestIdsStay: through a move by us, back again, and a restart.
func TestIdsStay(t *testing.T) {
	d := newDesk(t)
	id := d.deliver("one")
	archive, inbox := d.mailbox("Archive"), d.mailbox("Inbox")
	d.set1(map[jmap.Id]jmap.PatchObject{id: {"mailboxIds": map[jmap.Id]bool{archive: true}}})
	d.stop()
	d.start("a")
	if got := d.emails(id); len(got.List) != 1 || got.List[0].Subject != "one" || !got.List[0].MailboxIds[archive] {
		t.Fatalf("after a move and a restart: %+v", got)
	}
	if got := d.ids("Archive"); !slices.Equal(got, []jmap.Id{id}) || len(d.ids("Inbox")) != 0 {
		t.Errorf("Archive has %v", got)
	}
	d.set1(map[jmap.Id]jmap.PatchObject{id: {"mailboxIds": map[jmap.Id]bool{inbox: true}}})
	if got := d.emails(id); len(got.List) != 1 || !got.List[0].MailboxIds[inbox] {
		t.Errorf("back again: %+v", got)
	}
	// The place it was in first is another's now, if anybody's; never its own twice.
	if got := d.ids("Inbox"); !slices.Equal(got, []jmap.Id{id}) {
		t.Errorf("Inbox has %v", got)
	}
}

// TestUIDValidity: when UIDs mean other messages, the old ids mean nothing.
func TestUIDValidity(t *testing.T) {
	d := newDesk(t)
	old := d.deliver("before")
	state := d.emails(old).State
	d.server.Renumber("INBOX")
	d.server.Deliver([]byte("Subject: another\r\n\r\n"))
	eventually(t, func() bool { ids := d.ids("Inbox"); return len(ids) == 1 && ids[0] != old })
	if got := d.emails(old); len(got.List) > 0 || !slices.Equal(got.NotFound, []jmap.Id{old}) {
		t.Errorf("the old id: %+v", got)
	}
	set := d.set1(map[jmap.Id]jmap.PatchObject{old: {"keywords/$flagged": true}}, old)
	if set.NotUpdated[old].Type != jmap.SetNotFound || set.NotDestroyed[old].Type != jmap.SetNotFound {
		t.Errorf("acting on the old id: %+v", set)
	}
	if now := d.emails(d.ids("Inbox")...); now.List[0].Subject != "another" || now.List[0].Keywords[jmap.KeywordFlagged] {
		t.Errorf("the other message: %+v", now.List)
	}
	if got, kind := d.changes(state, 0); kind != jmap.CannotCalculateChanges && !slices.Contains(got.Destroyed, old) {
		t.Errorf("changes since then: %+v, %s", got, kind)
	}
}

// TestBehindOurBack: what another client does shows here, and what we do meanwhile
// hits nobody else.
func TestBehindOurBack(t *testing.T) {
	d := newDesk(t)
	one, two := d.deliver("one"), d.deliver("two")
	state := d.emails(one, two).State
	d.behind("INBOX", func(ref upstream.MailboxRef, uids []uint32) error {
		if _, err := d.other.SetKeywords(d.ctx, ref, uids[1:], []string{jmap.KeywordSeen}, nil); err != nil {
			return err
		}
		return d.other.Expunge(d.ctx, ref, uids[:1])
	})
	set := d.set1(nil, one)
	if len(set.Destroyed)+len(set.NotDestroyed) != 1 { // gone either way
		t.Errorf("destroying what is gone: %+v", set)
	}
	eventually(t, func() bool { return slices.Equal(d.ids("Inbox"), []jmap.Id{two}) })
	eventually(t, func() bool { return d.emails(two).List[0].Keywords[jmap.KeywordSeen] })
	got, kind := d.changes(state, 0)
	if kind != "" || !slices.Equal(got.Destroyed, []jmap.Id{one}) || !slices.Equal(got.Updated, []jmap.Id{two}) || len(got.Created) > 0 {
		t.Errorf("%+v, %s", got, kind)
	}
}

// TestMailboxesBehindOurBack: made, and gone again with what was in it.
func TestMailboxesBehindOurBack(t *testing.T) {
	d := newDesk(t)
	d.mailbox("Inbox")
	state := d.State("Mailbox")
	if err := d.other.CreateMailbox(d.ctx, "Travel/Lisbon", ""); err != nil {
		t.Fatal(err)
	}
	var got jmap.ChangesResponse
	eventually(t, func() bool {
		d.call("Mailbox/changes", jmap.ChangesRequest{AccountId: "a", SinceState: state}, &got)
		return len(got.Created) > 0
	})
	if d.mailbox("Travel/Lisbon") == "" {
		t.Error("not listed")
	}
}

// TestChanges: pieces add up to the whole, from every state there was.
func TestChanges(t *testing.T) {
	d := newDesk(t)
	d.ids("Inbox")
	first := d.emails().State
	var all []jmap.Id
	for i := range 5 {
		all = append(all, d.deliver(fmt.Sprintf("m%d", i)))
	}
	d.set1(nil, all[0])
	want := all[1:]
	for _, most := range []int{1, 2, 3, 100} {
		var created []jmap.Id
		since, rounds := first, 0
		for more := true; more; rounds++ {
			got, kind := d.changes(since, most)
			if kind != "" || len(got.Created)+len(got.Updated)+len(got.Destroyed) > most || got.OldState != since {
				t.Fatalf("%+v %s", got, kind)
			}
			created = append(created, got.Created...)
			created = slices.DeleteFunc(created, func(id jmap.Id) bool { return slices.Contains(got.Destroyed, id) })
			since, more = got.NewState, got.HasMoreChanges
			if rounds > 20 {
				t.Fatal("it does not end")
			}
		}
		if !slices.Equal(created, want) || since != d.State("Email") {
			t.Errorf("in pieces of %d: %v up to %s", most, created, since)
		}
	}
	for _, foreign := range []jmap.State{"", "x", ".", "abcdefgh.1", "1", first + "0", jmap.State(strings.Repeat("9", 40))} {
		if _, kind := d.changes(foreign, 0); kind != jmap.CannotCalculateChanges {
			t.Errorf("since %q: %s", foreign, kind)
		}
	}
	// States hold over a restart.
	d.stop()
	d.start("a")
	if got, kind := d.changes(first, 0); kind != "" || !slices.Equal(got.Created, want) {
		t.Errorf("after a restart: %+v %s", got, kind)
	}
}

// TestListen: who listens is told where to look; who is slow holds up nobody.
func TestListen(t *testing.T) {
	d := newDesk(t)
	d.ids("Inbox")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	slow := d.set.Listen(ctx, "") // nobody takes from it for a while
	quick := d.set.Listen(ctx, "")
	for i := range 20 {
		d.deliver(fmt.Sprintf("m%d", i))
	}
	last := d.State("Email")
	for _, ch := range []<-chan jmap.StateChange{quick, slow} {
		var change jmap.StateChange
		for change.Changed["a"]["Email"] != last {
			select {
			case change = <-ch:
			case <-time.After(20 * time.Second):
				t.Fatalf("not told of %s, last of %v", last, change)
			}
		}
	}
	// From where it left off: nothing is told twice, and nothing is missed.
	push := d.set.Listen(ctx, "nonsense")
	d.deliver("later")
	select {
	case change := <-push:
		if change.PushState == "" {
			t.Error("no pushState")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("told nothing")
	}
	cancel()
	for range push { // it is closed
	}
}

// TestBlobs: a message, a part, an upload: all of it and from the middle.
func TestBlobs(t *testing.T) {
	d := newDesk(t)
	d.server.Deliver([]byte("Subject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nMDEyMzQ1Njc4OQ==\r\n--b--\r\n"))
	eventually(t, func() bool { return len(d.ids("Inbox")) == 1 })
	email := d.ids("Inbox")[0]
	up, err := d.set.Upload(t.Context(), "a", "text/plain", strings.NewReader("0123456789"))
	if err != nil || up.Size != 10 {
		t.Fatal(up, err)
	}
	again, err := d.set.Upload(t.Context(), "a", "text/plain", strings.NewReader("0123456789"))
	if err != nil || again.BlobId != up.BlobId {
		t.Errorf("the same again is %v, %v", again, err)
	}
	for blob, want := range map[jmap.Id]string{up.BlobId: "89", "b" + email + "_2": "89", "b" + email: " parts"} {
		_, open, err := d.set.Download(t.Context(), "a", blob)
		if err != nil {
			t.Fatal(err)
		}
		r, err := open(t.Context(), 8)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil || !bytes.HasPrefix(got, []byte(want)) {
			t.Errorf("%s from 8: %q %v", blob, got, err)
		}
	}
	for _, blob := range []jmap.Id{"", "b", "u", "x", "b" + email + "_9", "b" + email + "_", "b" + email + "_0", "be1-1-999", "u" + jmap.Id(strings.Repeat("f", 64)), "u../../x", up.BlobId + "0"} {
		if _, _, err := d.set.Download(t.Context(), "a", blob); err == nil && blob != "b"+email+"_" {
			t.Errorf("there is a blob %q", blob)
		}
	}
	if _, _, err := d.set.Download(t.Context(), "b", up.BlobId); err == nil {
		t.Error("another account has it")
	}
}
