package sieve

import (
	"bufio"
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

// scripted is a server that plays a script, one step a line, and then hangs up:
//
//	S: text      sends text; \r and \n stand for themselves
//	C: PREFIX    reads a line, which must begin so
//	tls          shakes hands
//	silence      says nothing until the client hangs up
//	cancel       calls cancel, and then as silence
//	again        hangs up, and goes on with the next connection
type scripted struct {
	t   *testing.T
	tls *tls.Config

	turn sync.Mutex // held by the connection that is served

	mu     sync.Mutex
	steps  []string        // guarded by mu: those to come
	plain  strings.Builder // guarded by mu: what came without TLS
	cancel func()          // guarded by mu
}

func (s *scripted) step() (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.steps) == 0 {
		return "", false
	}
	step := s.steps[0]
	s.steps = s.steps[1:]
	return step, true
}

func (s *scripted) onCancel(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel = f
}

func (s *scripted) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plain.Write(p)
}

func (s *scripted) serve(conn net.Conn) {
	s.turn.Lock()
	defer s.turn.Unlock()
	r := bufio.NewReader(io.TeeReader(conn, s))
	for {
		step, ok := s.step()
		if !ok {
			return
		}
		verb, arg, _ := strings.Cut(step, " ")
		switch verb {
		case "S:":
			_, _ = io.WriteString(conn, strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(arg)+"\r\n")
		case "C:":
			line, err := r.ReadString('\n')
			if err == nil && !strings.HasPrefix(line, arg) {
				s.t.Errorf("the client said %q, want %q", line, arg)
			}
		case "tls":
			secure := tls.Server(conn, s.tls)
			if secure.Handshake() != nil {
				return
			}
			defer func() { _ = secure.Close() }()
			conn, r = secure, bufio.NewReader(secure)
		case "cancel":
			s.mu.Lock()
			s.cancel()
			s.mu.Unlock()
			_, _ = io.Copy(io.Discard, r)
		case "silence":
			_, _ = io.Copy(io.Discard, r)
		case "again":
			return
		default:
			s.t.Errorf("no such step: %q", step)
		}
	}
}

func start(t *testing.T, security upstream.Security, script string) (*scripted, *Client) {
	t.Helper()
	authority := dialertest.NewAuthority(t)
	s := &scripted{t: t, tls: authority.Config(t, "127.0.0.1")}
	for step := range strings.Lines(script) {
		if step = strings.TrimSpace(step); step != "" {
			s.steps = append(s.steps, step)
		}
	}
	c := New(Config{
		Server:   upstream.Server{Host: "127.0.0.1", Port: dialertest.Listen(t, s.serve), Security: security, User: "ada"},
		Password: "open sesame", Dialer: authority.Dialer(t),
	})
	c.patience = 300 * time.Millisecond
	t.Cleanup(func() { _ = c.Close() })
	return s, c
}

const (
	hello    = `S: "IMPLEMENTATION" "x"\r\n"SASL" "LOGIN plain"\r\n"SIEVE" "fileinto vacation"\r\n"STARTTLS"\r\nOK "hello"` + "\n"
	signedIn = `C: AUTHENTICATE "PLAIN" "AGFkYQBvcGVuIHNlc2FtZQ=="` + "\n" + `S: OK (SASL "cnNwYXV0aA==") "in"` + "\n" +
		`C: CAPABILITY` + "\n" + `S: "SIEVE" "fileinto vacation include"\r\nOK` + "\n"
)

func TestServersThatFail(t *testing.T) {
	for name, c := range map[string]struct {
		security upstream.Security
		script   string
		want     upstream.Error
	}{
		"no STARTTLS":                {upstream.STARTTLS, `S: "SASL" "PLAIN"\r\n"SIEVE" "vacation"\r\nOK`, upstream.Error{Kind: upstream.KindNoSTARTTLS, Step: stepEncrypt}},
		"STARTTLS refused":           {upstream.STARTTLS, hello + "C: STARTTLS\nS: NO \"not now\"\nsilence", upstream.Error{Kind: upstream.KindNoSTARTTLS, Step: stepEncrypt, Text: "not now"}},
		"an answer before TLS":       {upstream.STARTTLS, hello + "C: STARTTLS\n" + `S: OK\r\n"SASL" "PLAIN"\r\n"SIEVE" "vacation"\r\nOK` + "\nsilence", upstream.Error{Kind: upstream.KindProtocol, Step: stepEncrypt}},
		"TLS and then nothing":       {upstream.STARTTLS, hello + "C: STARTTLS\nS: OK\ntls\nsilence", upstream.Error{Kind: upstream.KindTimeout, Step: stepGreeting}},
		"another greeting in TLS":    {upstream.STARTTLS, hello + "C: STARTTLS\nS: OK\ntls\n" + `S: "SIEVE" "vacation"\r\n"SASL" "SCRAM-SHA-1"\r\nOK` + "\nsilence", upstream.Error{Kind: upstream.KindNoAuth, Step: stepSignIn}},
		"a web server":               {upstream.None, "S: HTTP/1.1 400 Bad Request\nsilence", upstream.Error{Kind: upstream.KindTimeout, Step: stepGreeting}},
		"an SMTP server":             {upstream.None, "S: 220 mail.example.org (hello)\nsilence", upstream.Error{Kind: upstream.KindProtocol, Step: stepGreeting}},
		"OK of something else":       {upstream.None, "S: OK \"hello\"\nsilence", upstream.Error{Kind: upstream.KindProtocol, Step: stepGreeting}},
		"not now":                    {upstream.None, "S: BYE (TRYLATER) \"busy\"", upstream.Error{Kind: upstream.KindUnavailable, Step: stepGreeting, Code: "TRYLATER", Text: "busy"}},
		"silence":                    {upstream.None, "silence", upstream.Error{Kind: upstream.KindTimeout, Step: stepGreeting}},
		"nobody":                     {upstream.None, "again", upstream.Error{Kind: upstream.KindLost, Step: stepGreeting}},
		"half a greeting":            {upstream.None, `S: "SIEVE`, upstream.Error{Kind: upstream.KindProtocol, Step: stepGreeting}},
		"password refused":           {upstream.None, hello + "C: AUTH\nS: NO \"wrong: open sesame\"\nsilence", upstream.Error{Kind: upstream.KindAuth, Step: stepSignIn, Text: "wrong: ***"}},
		"hangs up on sign-in":        {upstream.None, hello + "C: AUTH\nS: BYE \"go away\"", upstream.Error{Kind: upstream.KindAuth, Step: stepSignIn, Text: "go away"}},
		"password must be encrypted": {upstream.None, hello + "C: AUTH\nS: NO (ENCRYPT-NEEDED) \"TLS first\"\nsilence", upstream.Error{Kind: upstream.KindNoAuth, Step: stepSignIn, Code: "ENCRYPT-NEEDED"}},
		"wants more than PLAIN":      {upstream.None, hello + "C: AUTH\nS: \"\"\nC: \"*\"\nS: NO \"cancelled\"\nsilence", upstream.Error{Kind: upstream.KindAuth, Step: stepSignIn}},
		"lost in the middle":         {upstream.None, hello + signedIn + `C: GETSCRIPT "main"` + "\nS: {20}\\r\\nkeep;", upstream.Error{Kind: upstream.KindLost, Step: stepGet}},
		"silent in the middle":       {upstream.None, hello + signedIn + `C: GETSCRIPT "main"` + "\nS: {20}\\r\\nkeep;\nsilence", upstream.Error{Kind: upstream.KindTimeout, Step: stepGet}},
		"an endless script":          {upstream.None, hello + signedIn + "C: GETSCRIPT\nS: {99999999999999999999}\\r\\nx\nsilence", upstream.Error{Kind: upstream.KindProtocol, Step: stepGet}},
		"no script and OK":           {upstream.None, hello + signedIn + "C: GETSCRIPT\nS: OK\nsilence", upstream.Error{Kind: upstream.KindProtocol, Step: stepGet}},
		"no such script":             {upstream.None, hello + signedIn + "C: GETSCRIPT\nS: NO (NONEXISTENT) \"none\"\nsilence", upstream.Error{Kind: upstream.KindRefused, Step: stepGet, Code: "NONEXISTENT"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, client := start(t, c.security, c.script)
			_, err := client.Get(t.Context(), "main")
			var e *upstream.Error
			if !errors.As(err, &e) || e.Kind != c.want.Kind || e.Step != c.want.Step || c.want.Code != e.Code || c.want.Text != "" && e.Text != c.want.Text {
				t.Errorf("error %v, text %+v; want %+v", err, e, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "sesame") {
				t.Errorf("the password is in the error: %v", err)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if plain := s.plain.String(); c.security == upstream.STARTTLS && strings.Contains(plain, "AUTH") {
				t.Errorf("without TLS the client said %q", plain)
			}
		})
	}
}

func TestConnectionLostWhileIdle(t *testing.T) {
	for name, farewell := range map[string]string{"hung up": "", "said goodbye": "S: BYE \"idle\"\n"} {
		t.Run(name, func(t *testing.T) {
			_, c := start(t, upstream.None, hello+signedIn+"C: PUTSCRIPT\nC: keep;\nC:\nS: OK (WARNINGS) \"old style\"\n"+farewell+"again\n"+
				hello+signedIn+"C: SETACTIVE \"main\"\nS: OK\nsilence")
			if err := c.Put(t.Context(), "main", "keep;\r\n"); err != nil {
				t.Fatal(err)
			}
			if err := c.SetActive(t.Context(), "main"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestGivesUpWhenTold(t *testing.T) {
	for _, script := range []string{"cancel", hello + "C: AUTH\ncancel", hello + signedIn + "C: LIST\ncancel"} {
		s, c := start(t, upstream.None, script)
		c.patience = time.Minute
		ctx, cancel := context.WithCancel(t.Context())
		s.onCancel(cancel)
		if _, err := c.List(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	s, c := start(t, upstream.None, hello+"C: AUTH\ncancel")
	c.patience = time.Minute
	s.onCancel(func() { go func() { _ = c.Close() }() })
	if _, err := c.List(t.Context()); upstream.KindOf(err) != upstream.KindLost {
		t.Errorf("error %v", err)
	}
	if _, err := c.List(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("after Close: error %v", err)
	}
}

func TestOctetsOfStringsAreCounted(t *testing.T) {
	for text, want := range map[string]string{
		"main":                    `"main"`,
		"Grüße":                   `"Grüße"`,
		"a\r\nDELETESCRIPT \"b\"": "{19+}\r\na\r\nDELETESCRIPT \"b\"",
		`"`:                       "{1+}\r\n\"",
		"":                        `""`,
	} {
		if got := argument(text).String(); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}
