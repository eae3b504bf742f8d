package smtpsend

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scripted is a server that follows a script, one step a line:
//
//	S: text        sends text; \r and \n stand for themselves
//	C: PREFIX      reads a line, which must begin so
//	body           reads a message to its dot
//	read           reads a little
//	tls            shakes hands
//	silence        reads, and says nothing, until the client hangs up
//	stall          does not even read, until the test ends
//	cancel         cancels s.ctx
//	reset          closes so that the client sees an error at once
//
// and hangs up after the last.
type scripted struct {
	t       *testing.T
	tls     *tls.Config
	steps   []string
	lenient bool // the client may say what it likes

	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when the connection has ended

	mu    sync.Mutex
	plain bytes.Buffer // guarded by mu: what came without TLS
	lines []string     // guarded by mu: the commands
	body  []byte       // guarded by mu: the message as it was on the wire
}

func steps(script string) []string {
	var steps []string
	for step := range strings.Lines(script) {
		if step = strings.TrimSpace(step); step != "" {
			steps = append(steps, step)
		}
	}
	return steps
}

func (s *scripted) serve(conn net.Conn) {
	defer close(s.done)
	r := bufio.NewReader(io.TeeReader(conn, lockedWriter{s}))
	for _, step := range s.steps {
		verb, arg, _ := strings.Cut(step, " ")
		switch verb {
		case "S:":
			text := strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(arg)
			if !strings.HasSuffix(text, "\n") {
				text += "\r\n"
			}
			_, _ = io.WriteString(conn, text)
		case "C:":
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			s.mu.Lock()
			s.lines = append(s.lines, strings.TrimRight(line, "\r\n"))
			s.mu.Unlock()
			if !s.lenient && !strings.HasPrefix(line, arg) {
				s.t.Errorf("the client said %q, want %q", line, arg)
			}
		case "body":
			var body []byte
			for {
				line, err := r.ReadBytes('\n')
				body = append(body, line...)
				if err != nil || string(line) == ".\r\n" {
					break
				}
			}
			s.mu.Lock()
			s.body = body
			s.mu.Unlock()
		case "read":
			_, _ = io.ReadFull(r, make([]byte, 10))
		case "tls":
			secure := tls.Server(conn, s.tls)
			if secure.Handshake() != nil {
				return
			}
			conn, r = secure, bufio.NewReader(secure)
		case "silence":
			_, _ = io.Copy(io.Discard, r)
		case "stall":
			<-s.t.Context().Done()
		case "cancel":
			s.cancel()
		case "reset":
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
		default:
			s.t.Errorf("no such step: %q", step)
		}
	}
	if secure, ok := conn.(*tls.Conn); ok {
		_ = secure.Close()
	}
}

type lockedWriter struct{ s *scripted }

func (w lockedWriter) Write(p []byte) (int, error) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	return w.s.plain.Write(p)
}

// quick is patience for tests of silence.
var quick = patience{
	command: 300 * time.Millisecond, block: 300 * time.Millisecond, receipt: 300 * time.Millisecond, bye: 50 * time.Millisecond,
}

// start runs the script and gives a Sender to it.
func start(t *testing.T, security upstream.Security, script []string, change func(*Config)) (*scripted, *Sender) {
	t.Helper()
	authority := dialertest.NewAuthority(t)
	server := &scripted{steps: script, tls: authority.Config(t, "127.0.0.1")}
	return server, server.start(t, authority, security, change)
}

// start gives a Sender that trusts the authority.
func (s *scripted) start(t *testing.T, authority *dialertest.Authority, security upstream.Security, change func(*Config)) *Sender {
	t.Helper()
	s.t, s.done = t, make(chan struct{})
	s.ctx, s.cancel = context.WithCancel(t.Context())
	t.Cleanup(s.cancel)
	d := authority.Dialer(t)
	d.Timeout = quick.command
	cfg := Config{
		Server: upstream.Server{Host: "127.0.0.1", Port: dialertest.Listen(t, s.serve), Security: security, User: "ada"},
		Dialer: d,
	}
	if change != nil {
		change(&cfg)
	}
	sender := New(cfg)
	sender.patience.bye = quick.bye
	return sender
}

func withPassword(cfg *Config) { cfg.Password = "open sesame" }

const text = "Subject: hi\r\n\r\nhello\r\n"

func outgoing(body string) upstream.Outgoing {
	return upstream.Outgoing{
		From: "ada@example.org", To: []string{"grace@example.org", "alan@example.org"},
		Size: int64(len(body)), Body: strings.NewReader(body),
	}
}

func wantError(t *testing.T, err error, want upstream.Error) {
	t.Helper()
	var e *upstream.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want kind %s", err, want.Kind)
	}
	if e.Kind != want.Kind || want.Step != "" && e.Step != want.Step || want.Code != "" && e.Code != want.Code || want.Text != "" && e.Text != want.Text {
		t.Errorf("error %v, step %q, code %q, text %q; want %+v", err, e.Step, e.Code, e.Text, want)
	}
	if e.Server == "" || e.Step == "" {
		t.Errorf("error %v names no server or step", err)
	}
}
