package outbox_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const letter = "From: ada@hearth.test\r\nSubject: hello\r\n\r\nHello.\r\n"

// server is a submission server that answers what it is told to.
type server struct {
	mu    sync.Mutex
	got   []string                                  // whole messages; guarded by mu
	reply func(n int) (upstream.Receipt, error)     // for the nth attempt, from 1; nil: 250
	drop  func(n int, body io.Reader) (bool, error) // true: instead of taking the message
	tries int                                       // guarded by mu
}

func (s *server) Check(context.Context) error { return nil }

func (s *server) Send(_ context.Context, m upstream.Outgoing) (upstream.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries++
	if s.drop != nil {
		if dropped, err := s.drop(s.tries, m.Body); dropped {
			return upstream.Receipt{}, err
		}
	}
	if s.reply != nil {
		if r, err := s.reply(s.tries); err != nil {
			return r, err
		}
	}
	raw, err := io.ReadAll(m.Body)
	if err != nil {
		return upstream.Receipt{}, err
	}
	s.got = append(s.got, string(raw))
	r := upstream.Receipt{}
	for range m.To {
		r.Replies = append(r.Replies, upstream.Reply{Code: 250, Text: "OK"})
	}
	return r, nil
}

func (s *server) received() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.got)
}

// office is an outbox and what surrounds it; it outlives a restart of the box.
type office struct {
	t      *testing.T
	db     *sql.DB
	dir    string
	server *server
	box    *outbox.Box

	mu     sync.Mutex
	told   []string // "id state"; guarded by mu
	gaveUp []jmap.Id
}

func newOffice(t *testing.T) *office {
	t.Helper()
	db, err := database.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := database.Migrate(t.Context(), db, "outbox", outbox.Schema); err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, db: db, dir: filepath.Join(t.TempDir(), "outbox"), server: &server{}}
	o.open()
	t.Cleanup(func() { o.box.Close() })
	return o
}

func (o *office) open() {
	o.t.Helper()
	var err error
	o.box, err = outbox.Open(o.t.Context(), outbox.Config{
		DB: o.db, Dir: o.dir, Account: "a", Sender: o.server, Log: slog.New(slog.DiscardHandler),
		Changed: func(s outbox.Submission) { o.tell(fmt.Sprintf("%s %s", s.ID, s.State)) },
		Removed: func(id jmap.Id) { o.tell(string(id) + " removed") },
		GaveUp: func(_ context.Context, s outbox.Submission) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.gaveUp = append(o.gaveUp, s.ID)
		},
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) tell(what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told = append(o.told, what)
}

// submit puts a letter into the outbox, to be sent after a while.
func (o *office) submit(id jmap.Id, after time.Duration) {
	o.t.Helper()
	s := outbox.Submission{ID: id, Email: "e1", Identity: "i1", From: "ada@hearth.test", To: []string{"grace@hearth.test", "alan@hearth.test"}, SendAt: time.Now().Add(after)}
	s, err := o.box.Submit(o.t.Context(), s, strings.NewReader(letter))
	if err != nil || s.State != outbox.Pending || s.Size != int64(len(letter)) {
		o.t.Fatalf("%+v, %v", s, err)
	}
}

// wait waits for the first attempt.
func (o *office) wait(id jmap.Id) outbox.Submission {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 20*time.Second)
	defer cancel()
	s, err := o.box.Wait(ctx, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

// state is where a submission stands in the database.
func (o *office) state(id jmap.Id) outbox.State {
	o.t.Helper()
	s, err := o.box.Get(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return s.State
}

func (o *office) exec(query string, args ...any) {
	o.t.Helper()
	if _, err := o.db.ExecContext(o.t.Context(), query, args...); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) letters() int {
	files, err := os.ReadDir(o.dir)
	if err != nil {
		o.t.Fatal(err)
	}
	return len(files)
}

func TestSent(t *testing.T) {
	o := newOffice(t)
	o.submit("s1", 0)
	s := o.wait("s1")
	if s.State != outbox.Sent || s.Replies["alan@hearth.test"].Code != 250 || s.Attempts != 1 {
		t.Errorf("%+v", s)
	}
	if o.server.received() != 1 || o.server.got[0] != letter {
		t.Errorf("the server got %q", o.server.got)
	}
	if o.letters() != 0 {
		t.Error("the letter is still kept")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if want := []string{"s1 pending", "s1 sent"}; !slices.Equal(o.told, want) {
		t.Errorf("told %q, want %q", o.told, want)
	}
}

// TestUndo: what waits can be taken back, and only that.
func TestUndo(t *testing.T) {
	o := newOffice(t)
	o.submit("later", time.Hour)
	if err := o.box.Remove(t.Context(), "later"); !errors.Is(err, outbox.ErrUnderWay) {
		t.Errorf("removed while it waits: %v", err)
	}
	if err := o.box.Cancel(t.Context(), "later"); err != nil {
		t.Fatal(err)
	}
	if o.state("later") != outbox.Canceled || o.letters() != 0 {
		t.Errorf("%s, %d letters", o.state("later"), o.letters())
	}
	o.submit("now", 0)
	o.wait("now")
	for _, id := range []jmap.Id{"later", "now"} {
		if err := o.box.Cancel(t.Context(), id); !errors.Is(err, outbox.ErrTooLate) {
			t.Errorf("%s canceled: %v", id, err)
		}
		if err := o.box.Remove(t.Context(), id); err != nil {
			t.Errorf("%s removed: %v", id, err)
		}
		if _, err := o.box.Get(t.Context(), id); !errors.Is(err, outbox.ErrNotFound) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := o.box.Cancel(t.Context(), "nothing"); !errors.Is(err, outbox.ErrNotFound) {
		t.Errorf("nothing: %v", err)
	}
	if o.server.received() != 1 {
		t.Errorf("the server got %d", o.server.received())
	}
}

func refusal(kind upstream.Kind, code int) func(int) (upstream.Receipt, error) {
	return func(int) (upstream.Receipt, error) {
		r := upstream.Receipt{Replies: []upstream.Reply{{Code: 250, Text: "OK"}, {Code: code, Enhanced: "5.1.1", Text: "nobody here"}}}
		return r, &upstream.Error{Kind: kind, Server: "smtp.hearth.test:465", Step: "naming the recipients", Text: "nobody here"}
	}
}

// TestRefused: how an attempt ends decides what becomes of the message.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		reply func(int) (upstream.Receipt, error)
		drop  func(int, io.Reader) (bool, error)
		state outbox.State
		kept  int
	}{
		{"for good", refusal(upstream.KindRefused, 550), nil, outbox.Failed, 0},
		{"for now", refusal(upstream.KindUnavailable, 451), nil, outbox.Pending, 1},
		{"the password", refusal(upstream.KindAuth, 535), nil, outbox.Pending, 1},
		{"nobody answers", refusal(upstream.KindConnect, 0), nil, outbox.Pending, 1},
		{"too many connections", refusal(upstream.KindLimit, 421), nil, outbox.Pending, 1},
		{"hung up before the message", nil, func(int, io.Reader) (bool, error) {
			return true, &upstream.Error{Kind: upstream.KindLost, Server: "smtp.hearth.test:465", Step: "sending"}
		}, outbox.Pending, 1},
		{"hung up in the middle of the message", nil, func(_ int, body io.Reader) (bool, error) {
			_, _ = io.ReadFull(body, make([]byte, 10))
			return true, &upstream.Error{Kind: upstream.KindLost, Server: "smtp.hearth.test:465", Step: "sending"}
		}, outbox.Pending, 1},
		{"hung up after the last dot", nil, func(_ int, body io.Reader) (bool, error) {
			_, _ = io.Copy(io.Discard, body)
			return true, &upstream.Error{Kind: upstream.KindMaybeSent, Server: "smtp.hearth.test:465", Step: "ending the message"}
		}, outbox.MaybeSent, 1},
		{"an error of our own after the last octet", nil, func(_ int, body io.Reader) (bool, error) {
			_, _ = io.Copy(io.Discard, body)
			return true, errors.New("the roof fell in")
		}, outbox.MaybeSent, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			o.server.reply, o.server.drop = c.reply, c.drop
			o.submit("s1", 0)
			s := o.wait("s1")
			if s.State != c.state || o.letters() != c.kept || s.Attempts != 1 || s.Problem == "" {
				t.Errorf("%+v, %d letters", s, o.letters())
			}
			if c.reply != nil && s.Replies["alan@hearth.test"].Text != "nobody here" {
				t.Errorf("replies %v", s.Replies)
			}
			if o.server.received() > 0 {
				t.Error("it was sent all the same")
			}
		})
	}
}

// TestPatience: what was refused for now is tried again, later and later, for five
// days.
func TestPatience(t *testing.T) {
	o := newOffice(t)
	o.server.reply = func(n int) (upstream.Receipt, error) {
		if n < 3 {
			return refusal(upstream.KindUnavailable, 451)(n)
		}
		return upstream.Receipt{}, nil
	}
	o.submit("s1", 0)
	o.wait("s1")
	due := func() time.Duration {
		var at int64
		if err := o.db.QueryRowContext(t.Context(), `SELECT next_at FROM submission`).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return time.Until(time.Unix(at, 0)).Round(time.Minute)
	}
	if due() != time.Minute {
		t.Errorf("the second attempt is due in %v", due())
	}
	again := func() {
		o.box.Close()
		o.exec(`UPDATE submission SET next_at = 0`)
		o.open()
	}
	again()
	for o.state("s1") != outbox.Pending || due() != 5*time.Minute {
		time.Sleep(5 * time.Millisecond)
	}
	again()
	for o.state("s1") != outbox.Sent {
		time.Sleep(5 * time.Millisecond)
	}
	if o.server.received() != 1 {
		t.Errorf("sent %d times", o.server.received())
	}

	o.server.reply = refusal(upstream.KindUnavailable, 451)
	o.submit("old", 0)
	o.wait("old")
	o.box.Close()
	o.exec(`UPDATE submission SET next_at = 0, send_at = ? WHERE id = 'old'`, time.Now().Add(-6*24*time.Hour).Unix())
	o.open()
	for o.state("old") != outbox.Failed {
		time.Sleep(5 * time.Millisecond)
	}
	o.box.Close()
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Equal(o.gaveUp, []jmap.Id{"old"}) {
		t.Errorf("gave up %v", o.gaveUp)
	}
}

// TestRestart: what the bridge was doing when it died.
func TestRestart(t *testing.T) {
	for _, c := range []struct{ was, becomes outbox.State }{
		{outbox.Pending, outbox.Sent},
		{outbox.Sending, outbox.Sent},
		{outbox.Finishing, outbox.MaybeSent},
		{outbox.MaybeSent, outbox.MaybeSent},
		{outbox.Canceled, outbox.Canceled},
		{outbox.Failed, outbox.Failed},
	} {
		t.Run(string(c.was), func(t *testing.T) {
			o := newOffice(t)
			o.submit("s1", time.Hour)
			o.box.Close()
			o.exec(`UPDATE submission SET state = ?, next_at = 0`, c.was)
			o.open()
			o.submit("after", 0) // is sent after whatever was due before
			o.wait("after")
			want := 1
			if c.becomes == outbox.Sent {
				want = 2
			}
			if o.state("s1") != c.becomes || o.server.received() != want {
				t.Errorf("it is %s, and the server got %d", o.state("s1"), o.server.received())
			}
		})
	}
}

// TestClosing breaks an attempt off, and the next start takes it up again.
func TestClosing(t *testing.T) {
	o := newOffice(t)
	began := make(chan struct{})
	release := make(chan struct{})
	o.server.drop = func(n int, _ io.Reader) (bool, error) {
		if n > 1 {
			return false, nil
		}
		close(began)
		<-release
		return true, &upstream.Error{Kind: upstream.KindLost, Server: "smtp.hearth.test:465", Step: "sending"}
	}
	o.submit("s1", 0)
	<-began
	closed := make(chan struct{})
	go func() { o.box.Close(); close(closed) }()
	// The attempt ends because its context did; the fake needs to be told.
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	<-closed
	if s := o.state("s1"); s != outbox.Sending {
		t.Errorf("after closing it is %s", s)
	}
	o.open()
	if s := o.wait("s1"); s.State != outbox.Sent || o.server.received() != 1 {
		t.Errorf("%+v, sent %d times", s, o.server.received())
	}
}

// TestNotKept: a message that cannot be kept was not taken.
func TestNotKept(t *testing.T) {
	o := newOffice(t)
	broken := io.MultiReader(strings.NewReader(letter), brokenReader{})
	if _, err := o.box.Submit(t.Context(), outbox.Submission{ID: "s1", To: []string{"a@b.test"}, SendAt: time.Now()}, broken); err == nil {
		t.Error("half a message was taken")
	}
	if _, err := o.box.Get(t.Context(), "s1"); !errors.Is(err, outbox.ErrNotFound) || o.letters() != 0 {
		t.Errorf("%v, %d letters", err, o.letters())
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
