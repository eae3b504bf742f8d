package outbox_test

import (
	"context"
	"database/sql"
	"encoding/json"
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

func TestMain(m *testing.M) {
	if raw := os.Getenv(jobVariable); raw != "" {
		var j job
		err := json.Unmarshal([]byte(raw), &j)
		if err = errors.Join(err, j.run(context.Background())); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

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
	sender upstream.Sender // the server, or another
	box    *outbox.Box

	mu     sync.Mutex
	told   []string // guarded by mu
	given  []string // messages given back; guarded by mu
	filed  []string // what was to be done; guarded by mu
	cannot error    // what filing and giving back bring; guarded by mu
	copied bool     // the server filed a copy; guarded by mu
	looked int      // how often one was looked for; guarded by mu
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
	o.sender = o.server
	o.open()
	t.Cleanup(func() { o.box.Close() })
	return o
}

func (o *office) open() {
	o.t.Helper()
	var err error
	o.box, err = outbox.Open(o.t.Context(), outbox.Config{
		DB: o.db, Dir: o.dir, Account: "a", Sender: o.sender, Log: slog.New(slog.DiscardHandler),
		Created: func(id jmap.Id) { o.tell(string(id) + " created") },
		Changed: func(id jmap.Id) { o.tell(string(id) + " changed") },
		Removed: func(id jmap.Id) { o.tell(string(id) + " removed") },
		File: func(_ context.Context, s outbox.Submission) error {
			o.mu.Lock()
			defer o.mu.Unlock()
			if o.cannot == nil {
				o.filed = append(o.filed, string(s.After))
			}
			return o.cannot
		},
		Trace: func(context.Context, outbox.Submission) (bool, error) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.looked++
			return o.copied, nil
		},
		GiveBack: func(_ context.Context, _ outbox.Submission, open func() (io.ReadCloser, error)) error {
			f, err := open()
			if err != nil {
				return err
			}
			defer f.Close()
			raw, err := io.ReadAll(f)
			o.mu.Lock()
			defer o.mu.Unlock()
			if o.cannot == nil {
				o.given = append(o.given, string(raw))
			}
			return errors.Join(err, o.cannot)
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

func submission(id jmap.Id, after string) outbox.Submission {
	s := outbox.Submission{ID: id, Email: "e1", Identity: "i1", MessageID: "m@hearth.test", Envelope: envelope("grace@hearth.test", "alan@hearth.test"), SendAt: time.Now()}
	if after != "" {
		s.After = json.RawMessage(after)
	}
	return s
}

// submit puts a letter into the outbox, to be sent after a while.
func (o *office) submit(id jmap.Id, delay time.Duration, after string) {
	o.t.Helper()
	s := submission(id, after)
	s.SendAt = s.SendAt.Add(delay)
	s, err := o.box.Submit(o.t.Context(), s, strings.NewReader(letter))
	if err != nil || s.State != outbox.Pending || s.Size != int64(len(letter)) {
		o.t.Fatalf("%+v, %v", s, err)
	}
}

// send puts one in and waits for the first attempt.
func (o *office) send(id jmap.Id, after string) outbox.Submission {
	o.t.Helper()
	s, err := o.box.SubmitAndWait(o.t.Context(), submission(id, after), strings.NewReader(letter), 20*time.Second)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

func envelope(to ...string) jmap.Envelope {
	e := jmap.Envelope{MailFrom: jmap.EnvelopeAddress{Email: "ada@hearth.test"}}
	for _, a := range to {
		e.RcptTo = append(e.RcptTo, jmap.EnvelopeAddress{Email: a})
	}
	return e
}

// eventually waits until something is so.
func (o *office) eventually(what string, so func() bool) {
	o.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			o.t.Fatal("not " + what)
		}
	}
}

// again restarts the box with everything due.
func (o *office) again() {
	o.t.Helper()
	o.box.Close()
	o.exec(`UPDATE submission SET next_at = 0, file_at = min(file_at, 1), trace_at = min(trace_at, 1)`)
	o.open()
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
	s := o.send("s1", "")
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
	if want := []string{"s1 created", "s1 changed"}; !slices.Equal(o.told, want) {
		t.Errorf("told %q, want %q", o.told, want)
	}
}

// TestUndo: what waits can be taken back, and only that.
func TestUndo(t *testing.T) {
	o := newOffice(t)
	o.submit("later", time.Hour, "")
	if err := o.box.Remove(t.Context(), "later"); !errors.Is(err, outbox.ErrUnderWay) {
		t.Errorf("removed while it waits: %v", err)
	}
	if err := o.box.Cancel(t.Context(), "later"); err != nil {
		t.Fatal(err)
	}
	if o.state("later") != outbox.Canceled || o.letters() != 0 {
		t.Errorf("%s, %d letters", o.state("later"), o.letters())
	}
	o.send("now", "")
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

// TestOnce: of many that submit one message at the same time, one does; the others are told
// which. What was taken back, or refused, may be submitted again.
func TestOnce(t *testing.T) {
	o := newOffice(t)
	try := func(id jmap.Id) error {
		s := submission(id, "")
		s.Once, s.SendAt = true, s.SendAt.Add(time.Hour)
		_, err := o.box.Submit(t.Context(), s, strings.NewReader(letter))
		return err
	}
	errs := make([]error, 8)
	var tabs sync.WaitGroup
	for i := range errs {
		tabs.Go(func() { errs[i] = try(jmap.Id(fmt.Sprintf("s%d", i))) })
	}
	tabs.Wait()
	all, err := o.box.List(t.Context())
	if err != nil || len(all) != 1 || o.letters() != 1 {
		t.Fatalf("%d submissions, %d letters, %v", len(all), o.letters(), err)
	}
	for i, err := range errs {
		var taken *outbox.TakenError
		if won := all[0].ID == jmap.Id(fmt.Sprintf("s%d", i)); won != (err == nil) || !won && (!errors.As(err, &taken) || taken.ID != all[0].ID) {
			t.Errorf("s%d: %v", i, err)
		}
	}
	if err := errors.Join(o.box.Cancel(t.Context(), all[0].ID), try("again")); err != nil {
		t.Error(err)
	}
	if err := try("once more"); err == nil {
		t.Error("taken twice")
	}
}

// TestFileWhenSent: what is held back is filed when it was sent, without anybody's doing.
func TestFileWhenSent(t *testing.T) {
	o := newOffice(t)
	s := submission("s1", "to Sent")
	s.FileWhenSent, s.SendAt = true, s.SendAt.Add(time.Hour)
	if _, err := o.box.Submit(t.Context(), s, strings.NewReader(letter)); err != nil {
		t.Fatal(err)
	}
	filed := func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return len(o.filed) == 1
	}
	if filed() {
		t.Error("filed before it was sent")
	}
	o.again()
	o.eventually("filed", filed)
	if o.state("s1") != outbox.Sent {
		t.Errorf("it is %s", o.state("s1"))
	}
}

func refusal(kind upstream.Kind, code int) func(int) (upstream.Receipt, error) {
	return func(int) (upstream.Receipt, error) {
		r := upstream.Receipt{Replies: []upstream.Reply{{Code: 250, Text: "OK"}, {Code: code, Enhanced: "5.1.1", Text: "nobody here"}}}
		return r, &upstream.Error{Kind: kind, Server: "smtp.hearth.test:465", Step: upstream.StepRecipients, Text: "nobody here"}
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
			s := o.send("s1", "")
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
	o.send("s1", "")
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
	o.again()
	o.eventually("tried again", func() bool { return o.state("s1") == outbox.Pending && due() == 5*time.Minute })
	o.again()
	o.eventually("sent", func() bool { return o.state("s1") == outbox.Sent })
	if o.server.received() != 1 {
		t.Errorf("sent %d times", o.server.received())
	}

	o.server.reply = refusal(upstream.KindUnavailable, 451)
	o.send("old", "")
	o.exec(`UPDATE submission SET send_at = ? WHERE id = 'old'`, time.Now().Add(-6*24*time.Hour).Unix())
	o.again()
	o.eventually("given up", func() bool { return o.state("old") == outbox.Failed && o.letters() == 0 })
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Equal(o.given, []string{letter}) {
		t.Errorf("given back: %q", o.given)
	}
}

// TestNewPassword: what waits since an attempt failed is tried when the account is opened
// anew, with another password perhaps.
func TestNewPassword(t *testing.T) {
	o := newOffice(t)
	o.server.reply = refusal(upstream.KindAuth, 535)
	if s := o.send("s1", ""); s.State != outbox.Pending || time.Until(s.NextAt) <= 0 {
		t.Errorf("%+v", s)
	}
	o.submit("later", time.Hour, "")
	o.box.Close()
	o.server.reply = nil
	o.open()
	o.eventually("sent", func() bool { return o.state("s1") == outbox.Sent })
	if o.state("later") != outbox.Pending || o.server.received() != 1 {
		t.Errorf("what waits for its time is %s", o.state("later"))
	}
}

// TestGivenBack: a refusal that nobody waits for brings the message back, when that
// can be done; the one who waits is told instead.
func TestGivenBack(t *testing.T) {
	o := newOffice(t)
	o.server.reply = refusal(upstream.KindRefused, 550)
	o.cannot = errors.New("the mailbox is locked")
	o.submit("s1", 0, "")
	o.eventually("refused", func() bool { return o.state("s1") == outbox.Failed })
	o.again()
	if busy, err := o.box.Busy(t.Context()); err != nil || !busy || o.letters() != 1 {
		t.Errorf("busy %v, %v; %d letters", busy, err, o.letters())
	}
	o.mu.Lock()
	o.cannot = nil
	o.mu.Unlock()
	o.again()
	o.eventually("given back", func() bool { return o.letters() == 0 })
	if s := o.send("s2", ""); s.State != outbox.Failed {
		t.Errorf("%+v", s)
	}
	o.again()
	o.submit("s3", time.Hour, "") // takes its turn after what may be due
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Equal(o.given, []string{letter}) {
		t.Errorf("given back: %q", o.given)
	}
}

// TestFiling: what is to be done after sending is done by who submitted the message,
// or else by the box, later and later, for a week; the message counts as sent.
func TestFiling(t *testing.T) {
	o := newOffice(t)
	after := func(id jmap.Id) string {
		s, err := o.box.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return string(s.After)
	}
	o.send("done", `"a"`)
	if err := o.box.Filed(t.Context(), "done", true); err != nil || after("done") != "" {
		t.Errorf("%v, %q is left", err, after("done"))
	}
	o.cannot = errors.New("the mailbox is locked")
	o.send("left", `"b"`)
	if err := o.box.Filed(t.Context(), "left", false); err != nil {
		t.Error(err)
	}
	tries := func() (n int) {
		if err := o.db.QueryRowContext(t.Context(), `SELECT file_tries FROM submission WHERE id = 'left'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	o.again()
	o.eventually("tried", func() bool { return tries() == 2 })
	if after("left") != `"b"` || o.state("left") != outbox.Sent {
		t.Errorf("it is %s, to be done %q", o.state("left"), after("left"))
	}
	o.mu.Lock()
	o.cannot = nil
	o.mu.Unlock()
	o.again()
	o.eventually("filed", func() bool { return after("left") == "" })
	// The bridge dies before anybody does what is to be done.
	o.send("orphan", `"c"`)
	o.again()
	o.eventually("filed", func() bool { return after("orphan") == "" })
	// What is waiting is not filed by the box, and what is canceled never.
	o.submit("later", time.Hour, `"d"`)
	if err := o.box.Cancel(t.Context(), "later"); err != nil || after("later") != "" {
		t.Errorf("%v, %q", err, after("later"))
	}
	o.mu.Lock()
	o.cannot = errors.New("the mailbox is locked")
	if !slices.Equal(o.filed, []string{`"b"`, `"c"`}) {
		t.Errorf("filed %q", o.filed)
	}
	o.mu.Unlock()
	o.send("never", `"e"`)
	o.exec(`UPDATE submission SET send_at = ? WHERE id = 'never'`, time.Now().Add(-8*24*time.Hour).Unix())
	o.again()
	o.eventually("given up", func() bool { return after("never") == "" })
	if s, _ := o.box.Get(t.Context(), "never"); s.State != outbox.Sent || s.Problem == "" {
		t.Errorf("%+v", s)
	}
}

// TestTraces: a copy that the server filed proves that what was maybe sent is sent.
func TestTraces(t *testing.T) {
	o := newOffice(t)
	o.server.drop = func(_ int, body io.Reader) (bool, error) {
		_, _ = io.Copy(io.Discard, body)
		return true, &upstream.Error{Kind: upstream.KindMaybeSent, Server: "smtp.hearth.test:465", Step: "waiting for the receipt"}
	}
	o.send("s1", "")
	looked := func(n int) func() bool {
		return func() bool {
			o.mu.Lock()
			defer o.mu.Unlock()
			return o.looked == n
		}
	}
	for n := range 3 {
		o.again()
		o.eventually("looked for", looked(n+1))
	}
	if o.state("s1") != outbox.MaybeSent || o.letters() != 1 {
		t.Errorf("it is %s, %d letters", o.state("s1"), o.letters())
	}
	o.mu.Lock()
	o.copied = true
	o.mu.Unlock()
	o.again()
	o.eventually("proven", func() bool { return o.state("s1") == outbox.Sent && o.letters() == 0 })
	if busy, err := o.box.Busy(t.Context()); err != nil || busy {
		t.Errorf("busy: %v, %v", busy, err)
	}
	if o.server.received() > 0 {
		t.Error("it was sent again")
	}
}

// TestForgotten: what has long been over is forgotten, and said to be.
func TestForgotten(t *testing.T) {
	o := newOffice(t)
	o.send("s1", "")
	o.exec(`UPDATE submission SET send_at = ?`, time.Now().Add(-31*24*time.Hour).Unix())
	o.again()
	o.eventually("forgotten", func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return slices.Contains(o.told, "s1 removed")
	})
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
			o.submit("s1", time.Hour, "")
			o.box.Close()
			o.exec(`UPDATE submission SET state = ?, next_at = 0`, c.was)
			o.open()
			o.send("after", "") // is sent after whatever was due before
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
	o.submit("s1", 0, "")
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
	o.eventually("sent", func() bool { return o.state("s1") == outbox.Sent })
	if o.server.received() != 1 {
		t.Errorf("sent %d times", o.server.received())
	}
}

// TestNotKept: a message that cannot be kept was not taken.
func TestNotKept(t *testing.T) {
	o := newOffice(t)
	broken := io.MultiReader(strings.NewReader(letter), brokenReader{})
	if _, err := o.box.Submit(t.Context(), outbox.Submission{ID: "s1", Envelope: envelope("a@b.test"), SendAt: time.Now()}, broken); err == nil {
		t.Error("half a message was taken")
	}
	if _, err := o.box.Get(t.Context(), "s1"); !errors.Is(err, outbox.ErrNotFound) || o.letters() != 0 {
		t.Errorf("%v, %d letters", err, o.letters())
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
