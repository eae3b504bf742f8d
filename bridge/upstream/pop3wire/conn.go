package pop3wire

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
)

// Dialer opens connections: *dialer.Dialer.
type Dialer interface {
	Dial(ctx context.Context, s upstream.Server) (net.Conn, error)
	StartTLS(ctx context.Context, conn net.Conn, s upstream.Server) (net.Conn, error)
}

// Config is what it takes to connect.
type Config struct {
	Server   upstream.Server
	Password upstream.Secret
	Tokens   upstream.Tokens // nil: Password it is
	// Auth is the way of signing in: one of those of the room signin; "": the best that the
	// server offers.
	Auth    string
	Dialer  Dialer
	Silence time.Duration // a server may be silent for; 0: 60 seconds
}

const (
	silence = 60 * time.Second
	// greetingLimit is how long a server may take to say hello: what a person waits for
	// when the port is a wrong one.
	greetingLimit = 10 * time.Second
	// window is how many commands are on their way at once (RFC 2449 §6.6): so few octets
	// that writing them never waits for the server to read.
	window = 50
)

// Conn is a connection that has signed in. It is used by one goroutine at a time. After
// an error that is no refusal it is of no more use.
type Conn struct {
	cfg    Config
	net    dialer.Patient
	r      *reader
	stamp  string // of the greeting, for APOP; "" for none
	offers map[string]string
	asked  bool // offers is what the server said: it knows CAPA
}

func newConn(cfg Config, raw net.Conn) *Conn {
	c := &Conn{cfg: cfg, net: dialer.Patient{Conn: raw, Silence: cfg.Silence}, offers: map[string]string{}}
	c.r = newReader(c.net)
	return c
}

// Close hangs up: what was marked as deleted stays on the server (RFC 1939 §6).
func (c *Conn) Close() { c.net.HangUp() }

// Has reports whether the server offers a capability (RFC 2449 §6).
func (c *Conn) Has(capability string) bool {
	_, ok := c.offers[capability]
	return ok
}

// LoginDelay is how long the server wants to be left alone between sessions (RFC 2449
// §6.5); 0: it does not say.
func (c *Conn) LoginDelay() time.Duration {
	seconds, _, _ := strings.Cut(c.offers["LOGIN-DELAY"], " ")
	n, err := strconv.ParseUint(seconds, 10, 20)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

// send writes commands, each a line; nothing that came from elsewhere can make two of one.
func (c *Conn) send(lines ...string) error {
	var b strings.Builder
	for _, line := range lines {
		if strings.ContainsAny(line, "\r\n\x00") {
			return errArgument
		}
		b.WriteString(line + "\r\n")
	}
	_, err := c.net.Write([]byte(b.String()))
	return err
}

// command sends one command and reads the first line of its answer. One that is not +OK
// is an error.
func (c *Conn) command(ctx context.Context, step, line string) error {
	if err := c.send(line); err != nil {
		return c.failure(ctx, step, err)
	}
	_, err := c.answer(ctx, step)
	return err
}

func (c *Conn) answer(ctx context.Context, step string) (reply, error) {
	a, err := c.r.reply()
	switch {
	case err != nil:
		return a, c.failure(ctx, step, err)
	case a.status == "-ERR":
		return a, c.refusal(step, a)
	case a.status != "+OK":
		return a, c.failure(ctx, step, errSyntax)
	}
	return a, nil
}

// during hangs up when ctx ends before what it returns is called.
func (c *Conn) during(ctx context.Context) func() bool { return context.AfterFunc(ctx, c.net.HangUp) }

// Quit ends the session: only now the server deletes what was marked (RFC 1939 §6).
func (c *Conn) Quit(ctx context.Context) error {
	defer c.Close()
	defer c.during(ctx)()
	err := c.command(ctx, stepQuit, "QUIT")
	return err
}

// pipeline sends a command for each number and reads the answers, as many at once as the
// server bears.
func (c *Conn) pipeline(ctx context.Context, step string, numbers []int, line func(number int) string, read func(number int, a reply, err error) error) error {
	defer c.during(ctx)()
	most := 1
	if c.Has("PIPELINING") {
		most = window
	}
	sent := 0
	for done, number := range numbers {
		if next := numbers[sent:min(len(numbers), done+most)]; len(next) > 0 && sent-done <= most/2 {
			lines := make([]string, len(next))
			for i, n := range next {
				lines[i] = line(n)
			}
			if err := c.send(lines...); err != nil {
				return c.failure(ctx, step, err)
			}
			sent += len(next)
		}
		a, err := c.answer(ctx, step)
		if err != nil && a.status != "-ERR" {
			return err
		}
		if err := read(number, a, err); err != nil {
			return err
		}
	}
	return nil
}
