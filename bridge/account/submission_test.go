package account_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// post is a submission server.
type post struct {
	mu    sync.Mutex
	err   error          // what comes of sending; guarded by mu
	files upstream.Store // where it files a copy of what it was sent; nil: nowhere
	sent  int            // guarded by mu
}

func (p *post) Check(context.Context) error { return nil }

func (p *post) Send(ctx context.Context, msg upstream.Outgoing) (upstream.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if upstream.KindOf(p.err) == upstream.KindUnavailable || upstream.KindOf(p.err) == upstream.KindRefused {
		return upstream.Receipt{Replies: []upstream.Reply{{Code: 451, Text: "later"}}}, p.err
	}
	raw, err := io.ReadAll(msg.Body)
	if err != nil {
		return upstream.Receipt{}, err
	}
	p.sent++
	if p.files != nil {
		if _, _, err := p.files.Append(ctx, "Sent", upstream.NewMessage{Body: bytes.NewReader(raw), Size: int64(len(raw)), ReceivedAt: time.Now()}); err != nil {
			return upstream.Receipt{}, err
		}
	}
	return upstream.Receipt{Replies: []upstream.Reply{{Code: 250, Text: "OK"}}}, p.err
}

func (p *post) will(kind upstream.Kind) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err = nil; kind != "" {
		p.err = &upstream.Error{Kind: kind, Server: "smtp.hearth.test:465", Step: "sending", Text: "because"}
	}
}

// office is a desk that sends.
type office struct {
	*desk
	post  *post
	draft jmap.Id
}

func newOffice(t *testing.T, headers ...string) *office {
	t.Helper()
	o := &office{post: &post{}}
	o.desk = &desk{t: t, ctx: t.Context(), db: openDB(t), dir: t.TempDir(), server: memstore.New(), sender: o.post}
	o.other = o.server.Open()
	t.Cleanup(func() { _ = o.other.Close() })
	raw := strings.Join(headers, "") + "From: ada@hearth.test\r\nTo: grace@hearth.test\r\nMessage-ID: <once@hearth.test>\r\nSubject: once\r\n\r\nOnce.\r\n"
	_, _, err := o.other.Append(t.Context(), "Drafts", upstream.NewMessage{
		Body: strings.NewReader(raw), Size: int64(len(raw)), Keywords: map[string]bool{"$draft": true, "$seen": true}, ReceivedAt: time.Now().Add(-time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	o.start("a")
	t.Cleanup(func() { o.stop() })
	o.draft = o.ids("Drafts")[0]
	return o
}

// submit sends the draft, and files it in Sent if it may.
func (o *office) submit(more map[string]any) jmap.SetResponse {
	o.t.Helper()
	args := map[string]any{
		"accountId": "a", "create": map[string]any{"k": map[string]any{"identityId": "i1", "emailId": o.draft}},
		"onSuccessUpdateEmail": map[string]any{"#k": map[string]any{"mailboxIds": map[jmap.Id]bool{o.mailbox("Sent"): true}, "keywords/$draft": nil}},
	}
	maps.Copy(args, more)
	var got jmap.SetResponse
	if kind := o.call("EmailSubmission/set", args, &got); kind != "" {
		o.t.Fatalf("EmailSubmission/set: %s", kind)
	}
	return got
}

// again closes the account and opens it, with all that waits due.
func (o *office) again() {
	o.t.Helper()
	o.stop()
	if _, err := o.db.Exec(`UPDATE submission SET next_at = 0, file_at = min(file_at, 1), trace_at = min(trace_at, 1)`); err != nil {
		o.t.Fatalf("%v", err)
	}
	o.start("a")
}

func (o *office) eventually(what string, so func() bool) {
	o.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			o.t.Fatalf("not %s: %v in Sent, %v in Drafts", what, o.ids("Sent"), o.ids("Drafts"))
		}
	}
}

// lies is how many messages the mail server has in Sent and Drafts.
func (o *office) lies() (sent, drafts int) {
	o.t.Helper()
	for name, n := range map[string]*int{"Sent": &sent, "Drafts": &drafts} {
		snap, err := o.other.Sync(o.ctx, name, upstream.Known{})
		if err != nil {
			o.t.Fatalf("%v", err)
		}
		*n = snap.UIDs.Len()
	}
	return sent, drafts
}

// state is where the one submission stands.
func (o *office) state() (state string) {
	o.t.Helper()
	if err := o.db.QueryRow(`SELECT state FROM submission`).Scan(&state); err != nil {
		o.t.Fatalf("%v", err)
	}
	return state
}

// TestOneCopy: the draft becomes the sent message, but where the server files what it
// sends, its copy is the one that stays.
func TestOneCopy(t *testing.T) {
	o := newOffice(t)
	o.submit(nil)
	o.again()
	o.again()
	if sent, drafts := o.lies(); sent != 1 || drafts != 0 || !slices.Equal(o.ids("Sent"), []jmap.Id{o.draft}) {
		t.Errorf("%d in Sent, %d in Drafts", sent, drafts)
	}

	o = newOffice(t)
	o.post.files = o.other
	o.submit(nil)
	o.again()
	o.eventually("one copy", func() bool { sent, _ := o.lies(); return sent == 1 })
	if ids := o.ids("Sent"); len(ids) != 1 || ids[0] == o.draft {
		t.Errorf("Sent has %v", ids)
	}

	o = newOffice(t, "Bcc: alan@hearth.test\r\n") // which the server was not told
	o.post.files = o.other
	o.submit(nil)
	o.again()
	o.eventually("one copy", func() bool { sent, _ := o.lies(); return sent == 1 })
	if ids := o.ids("Sent"); !slices.Equal(ids, []jmap.Id{o.draft}) {
		t.Errorf("Sent has %v", ids)
	}
}

// TestEvidence: what was maybe sent is sent when the server's own copy turns up; ours
// alone proves nothing.
func TestEvidence(t *testing.T) {
	o := newOffice(t)
	o.post.will(upstream.KindMaybeSent)
	if got := o.submit(nil); got.Created["k"] == nil {
		t.Fatalf("%+v", got.NotCreated)
	}
	for range 2 {
		o.again()
		o.eventually("looked for", func() bool {
			var n int
			err := o.db.QueryRow(`SELECT traces FROM submission`).Scan(&n)
			return err == nil && n > 0
		})
	}
	if o.state() != "maybe" {
		t.Errorf("it is %s", o.state())
	}
	raw := []byte("Message-ID: <once@hearth.test>\r\n\r\nOnce.\r\n")
	if _, _, err := o.other.Append(t.Context(), "Sent", upstream.NewMessage{Body: bytes.NewReader(raw), Size: int64(len(raw))}); err != nil {
		t.Fatal(err)
	}
	o.again()
	o.eventually("proven", func() bool { return o.state() == "sent" })
	if sent, drafts := o.lies(); sent != 1 || drafts != 0 || o.post.sent != 1 {
		t.Errorf("%d in Sent, %d in Drafts, sent %d times", sent, drafts, o.post.sent)
	}
}

// TestGivenBack: what is refused for good after it was taken comes back to Drafts: the
// email, or a new one when the client had it destroyed.
func TestGivenBack(t *testing.T) {
	for name, more := range map[string]map[string]any{
		"filed":     nil,
		"destroyed": {"onSuccessUpdateEmail": nil, "onSuccessDestroyEmail": []string{"#k"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.post.will(upstream.KindUnavailable)
			if got := o.submit(more); got.Created["k"] == nil {
				t.Fatalf("%+v", got.NotCreated)
			}
			if _, drafts := o.lies(); drafts != 0 {
				t.Errorf("%d in Drafts", drafts)
			}
			o.post.will(upstream.KindRefused)
			o.again()
			o.eventually("back", func() bool { sent, drafts := o.lies(); return sent == 0 && drafts == 1 && o.state() == "failed" })
			back := o.emails(o.ids("Drafts")...).List[0]
			if back.Subject != "once" || !back.Keywords["$draft"] || name == "filed" && back.Id != o.draft {
				t.Errorf("%+v", back)
			}
			o.again()
			if sent, drafts := o.lies(); sent != 0 || drafts != 1 {
				t.Errorf("%d in Sent, %d in Drafts", sent, drafts)
			}
		})
	}
}

// locked is a store that does not let messages be moved, until it does.
type locked struct {
	upstream.Store
	mu   sync.Mutex
	open bool // guarded by mu
}

func (l *locked) Move(ctx context.Context, ref upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.open {
		return upstream.Moved{}, &upstream.Error{Kind: upstream.KindLost, Server: "imap.hearth.test:993", Step: "moving", Err: errors.New("gone")}
	}
	return l.Store.Move(ctx, ref, uids, to)
}

// TestFiledLater: a message that was sent and could not be filed counts as sent, and is
// filed later.
func TestFiledLater(t *testing.T) {
	o := newOffice(t)
	l := &locked{}
	o.wrap = func(s *memstore.Store) upstream.Store { l.Store = s; return l }
	o.again()
	got := o.submit(nil)
	var made struct{ UndoStatus string }
	if err := json.Unmarshal(got.Created["k"], &made); err != nil || made.UndoStatus != jmap.UndoFinal {
		t.Errorf("%s, %v", got.Created["k"], err)
	}
	if sent, drafts := o.lies(); sent != 0 || drafts != 1 || o.state() != "sent" {
		t.Errorf("%d in Sent, %d in Drafts, it is %s", sent, drafts, o.state())
	}
	l.mu.Lock()
	l.open = true
	l.mu.Unlock()
	o.again()
	o.eventually("filed", func() bool { sent, drafts := o.lies(); return sent == 1 && drafts == 0 })
	if mail := o.emails(o.draft).List; len(mail) != 1 || mail[0].Keywords["$draft"] {
		t.Errorf("%+v", mail)
	}
	if o.post.sent != 1 {
		t.Errorf("sent %d times", o.post.sent)
	}
}

// TestIdentities: identities are there after a restart, listeners are told of changes,
// and a number is not given twice.
func TestIdentities(t *testing.T) {
	d := newDesk(t)
	told := d.set.Listen(t.Context(), "")
	made := func(email string) jmap.Id {
		t.Helper()
		var got jmap.SetResponse
		d.call("Identity/set", map[string]any{"accountId": "a", "create": map[string]any{"k": map[string]any{"email": email}}}, &got)
		var i jmap.Identity
		if err := json.Unmarshal(got.Created["k"], &i); err != nil {
			t.Fatalf("%v: %+v", err, got.NotCreated)
		}
		return i.Id
	}
	first := made("ada+one@hearth.test")
	for change := range told {
		if change.Changed["a"]["Identity"] != "" {
			break
		}
	}
	var got jmap.SetResponse
	d.call("Identity/set", map[string]any{"accountId": "a", "update": map[string]any{"i1": map[string]any{"name": "Ada"}}, "destroy": []jmap.Id{first}}, &got)
	d.stop()
	d.start("a")
	if second := made("ada+two@hearth.test"); second == first {
		t.Errorf("%s again", second)
	}
	all, err := d.Identities(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != "Ada" || all[0].MayDelete || all[1].Email != "ada+two@hearth.test" || !all[1].MayDelete {
		t.Errorf("%+v, %v", all, err)
	}
}
