package outbox_test

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
)

// TestKilled: an account at work, in a process of its own, is killed (SIGKILL) at each
// step of sending one message, and started again. The message is not lost and not sent
// twice, there is one copy of it afterwards, and only where nobody can know, between the
// last octet and the record of the answer, is it maybe sent.
func TestKilled(t *testing.T) {
	mail := dovecot.Start(t, dovecot.Options{})
	for i, c := range []struct {
		point string
		smtp  string       // where the submission server stalls
		imap  string       // where the mail server does
		state outbox.State // of the row at which the process is killed; "": at the stall
		large bool
		files bool // the submission server files a copy of its own
		held  bool // for a second, and filed when it is sent
		ends  outbox.State
	}{
		{point: "the row is written", smtp: "connection", state: outbox.Sending, ends: outbox.Sent},
		{point: "the connection is open", smtp: "connection", ends: outbox.Sent},
		{point: "MAIL", smtp: "MAIL", ends: outbox.Sent},
		{point: "the first RCPT", smtp: "RCPT1", ends: outbox.Sent},
		{point: "the second RCPT", smtp: "RCPT2", ends: outbox.Sent},
		{point: "DATA", smtp: "DATA", ends: outbox.Sent},
		{point: "354", smtp: "354", large: true, ends: outbox.Sent},
		{point: "in the middle of the message", smtp: "body", large: true, ends: outbox.Sent},
		{point: "the last dot is sent", smtp: "dot", ends: outbox.MaybeSent},
		{point: "the last dot is sent, and there is evidence", smtp: "dot", files: true, ends: outbox.Sent},
		{point: "250 is read", smtp: "QUIT", ends: outbox.MaybeSent},
		{point: "250 is recorded", imap: "UID STORE", state: outbox.Sent, ends: outbox.Sent},
		{point: "the keywords are on their way", imap: "UID STORE", ends: outbox.Sent},
		{point: "the keywords are changed", imap: "UID STORE done", ends: outbox.Sent},
		{point: "the move is on its way", imap: "UID MOVE", ends: outbox.Sent},
		{point: "the message is moved", imap: "UID MOVE done", ends: outbox.Sent},
		{point: "it is held", state: outbox.Pending, held: true, ends: outbox.Sent},
		{point: "it was held, the connection is open", smtp: "connection", held: true, ends: outbox.Sent},
		{point: "it was held, the last dot is sent", smtp: "dot", held: true, ends: outbox.MaybeSent},
		{point: "it was held, the move is on its way", imap: "UID MOVE", held: true, ends: outbox.Sent},
		{point: "it was held, the message is moved", imap: "UID MOVE done", held: true, ends: outbox.Sent},
	} {
		t.Run(c.point, func(t *testing.T) {
			user := fmt.Sprintf("ada%d", i)
			w := newWorkplace(t, mail, user, c.large, c.files)
			w.job.Held = c.held
			w.sink.set(c.smtp)
			w.proxy.set(c.imap)
			kill := w.start(true)
			if c.state != "" {
				w.eventually("at "+string(c.state), func() bool { s, _ := w.row(); return s == c.state })
			} else {
				select {
				case <-w.sink.sprung:
				case <-w.proxy.sprung:
				case <-time.After(30 * time.Second):
					t.Error("it did not get there")
				}
			}
			kill()
			w.sink.set("")
			w.proxy.set("")
			w.start(false)
			w.eventually(string(c.ends), func() bool {
				state, after := w.row()
				return state == c.ends && after == ""
			})
			if n := w.sink.taken(); n != 1 {
				t.Errorf("the submission server took %d messages", n)
			}
			if sent, drafts := w.copies("Sent"), w.copies("Drafts"); sent != 1 || drafts != 0 {
				t.Errorf("%d copies in Sent, %d in Drafts", sent, drafts)
			}
		})
	}
}

// TestServerFiles: where the server files what it sends, its copy is the one that stays.
func TestServerFiles(t *testing.T) {
	mail := dovecot.Start(t, dovecot.Options{})
	w := newWorkplace(t, mail, "ada", false, true)
	w.start(true)
	w.eventually("two copies", func() bool { return w.copies("Sent") == 2 })
	w.eventually("one copy", func() bool { return w.copies("Sent") == 1 })
	if n := w.copies("Drafts"); n != 0 {
		t.Errorf("%d in Drafts", n)
	}
}

// workplace is where a process works: its folder and its servers.
type workplace struct {
	t     *testing.T
	mail  *dovecot.Server
	user  string
	job   job
	sink  *sink
	proxy *proxy
	db    *sql.DB
}

const draft = "From: ada@hearth.test\r\nTo: grace@hearth.test\r\nBcc: alan@hearth.test\r\nSubject: once\r\nMessage-ID: <once@hearth.test>\r\n\r\nOnce.\r\n"

func newWorkplace(t *testing.T, mail *dovecot.Server, user string, large, files bool) *workplace {
	t.Helper()
	raw := draft
	if large { // than all buffers between
		raw += strings.Repeat(strings.Repeat("x", 70)+"\r\n", 12<<20/72)
	}
	mail.Deliver(t, user, "Drafts", []byte(raw))
	imap := mail.IMAP(user, upstream.None)
	w := &workplace{
		t: t, mail: mail, user: user,
		sink: &sink{trap: newTrap(), release: make(chan struct{})}, proxy: &proxy{trap: newTrap(), to: imap.Port},
	}
	if files {
		w.sink.accept = func(raw []byte) { mail.Deliver(t, user, "Sent", raw) }
	}
	w.job = job{Dir: t.TempDir(), User: user, SMTP: dialertest.Listen(t, w.sink.serve), IMAP: dialertest.Listen(t, w.proxy.serve)}
	t.Cleanup(func() { close(w.sink.release) })
	var err error
	if w.db, err = database.Open(w.job.Dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	if err := migrate(t.Context(), w.db); err != nil {
		t.Fatal(err)
	}
	return w
}

// start starts the process, which sends the draft if it is told to, and gives what kills it.
func (w *workplace) start(send bool) (kill func()) {
	w.t.Helper()
	w.job.Send = send
	raw, err := json.Marshal(w.job)
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), jobVariable+"="+string(raw))
	said, err := cmd.StderrPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil { // it ends when this test does
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(said); lines.Scan(); {
			w.t.Log(lines.Text())
		}
	}()
	kill = func() {
		_ = cmd.Process.Kill()
		<-ended
		_ = cmd.Wait() // by a signal
	}
	w.t.Cleanup(kill)
	return kill
}

// row is where the submission stands, and what is left to be done after it.
func (w *workplace) row() (state outbox.State, after string) {
	w.t.Helper()
	err := w.db.QueryRowContext(w.t.Context(), `SELECT state, after FROM submission`).Scan(&state, &after)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		w.t.Fatal(err)
	}
	return state, after
}

// copies counts the copies of the message in a mailbox.
func (w *workplace) copies(mailbox string) int {
	w.t.Helper()
	return strings.Count(w.mail.Doveadm(w.t, "search", "-u", w.user, "mailbox", mailbox, "HEADER", "Message-ID", "once@hearth.test"), "\n")
}

func (w *workplace) eventually(what string, so func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			state, after := w.row()
			w.t.Fatalf("not %s: the submission is %q, to be done %q", what, state, after)
		}
	}
}
