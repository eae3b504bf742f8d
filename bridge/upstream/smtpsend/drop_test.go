package smtpsend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// wholeSTARTTLS is a script in which all goes well.
const wholeSTARTTLS = `
	S: 220 mail.example.org ready
	C: EHLO
	S: 250-mail.example.org\r\n250 STARTTLS
	C: STARTTLS
	S: 220 go ahead
	tls
	C: EHLO
	S: 250-mail.example.org\r\n250 AUTH PLAIN
	C: AUTH PLAIN
	S: 235 welcome
	C: MAIL FROM
	S: 250 ok
	C: RCPT TO:<grace@example.org>
	S: 250 ok
	C: RCPT TO:<alan@example.org>
	S: 250 ok
	C: DATA
	S: 354 go ahead
	read
	body
	S: 250 queued
	C: QUIT
	S: 221 bye`

// Whenever the server drops the connection, resets it or falls silent, the error
// says whether the message may be on its way: only after its last octet.
func TestDrops(t *testing.T) {
	all := steps(wholeSTARTTLS)
	large := "Subject: large\r\n\r\n" + strings.Repeat("0123456789abcdef\r\n", 400_000)
	for i, step := range all {
		if strings.HasPrefix(step, "S: 221") || step == "body" {
			continue
		}
		for how, kind := range map[string]upstream.Kind{"drop": upstream.KindLost, "reset": upstream.KindLost, "silence": upstream.KindTimeout} {
			want := kind
			switch {
			case how == "reset" && i < 2:
				continue // it may come so early that connecting fails
			case how == "silence" && step == "read":
				how = "stall" // the whole message may lie in buffers, but it has no dot yet
			case strings.HasPrefix(step, "S: 250 queued"):
				want = upstream.KindMaybeSent
			case step == "C: QUIT":
				want = ""
			}
			t.Run(fmt.Sprintf("%s/%d %s", how, i, step), func(t *testing.T) {
				t.Parallel()
				script := append(all[:i:i], how)
				if how == "drop" {
					script = all[:i]
				}
				_, sender := start(t, upstream.STARTTLS, script, withPassword)
				sender.patience = quick
				body := text
				if step == "read" {
					body = large // it fills all buffers between
				}
				_, err := sender.Send(t.Context(), outgoing(body))
				if want == "" {
					if err != nil {
						t.Errorf("error %v after the receipt", err)
					}
					return
				}
				wantError(t, err, upstream.Error{Kind: want})
				var e *upstream.Error
				if temporary := errors.As(err, &e) && e.Temporary(); temporary != (want != upstream.KindMaybeSent) {
					t.Errorf("temporary is %v for %v", temporary, err)
				}
			})
		}
	}
}

// A server that takes the message slowly, but takes it, is waited for: patience
// is with silence.
func TestSlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &pipeServer{delay: 10 * time.Millisecond}
		sender := New(Config{Dialer: server})
		sender.patience = patience{command: time.Second, block: 200 * time.Millisecond, receipt: time.Second, bye: time.Second}
		began := time.Now()
		if _, err := sender.Send(t.Context(), outgoing(strings.Repeat("0123456789abcdef\r\n", 10_000))); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took < 300*time.Millisecond {
			t.Errorf("took %v, which was to be longer than the patience", took)
		}
		server.wg.Wait()
	})
}

// Cancelling ends a wait at once, wherever it is.
func TestCancel(t *testing.T) {
	for at, want := range map[string]upstream.Kind{
		"S: 220 mail": upstream.KindLost, "tls": upstream.KindLost, "S: 235": upstream.KindLost, "S: 354": upstream.KindLost,
		"read": upstream.KindLost, "S: 250 queued": upstream.KindMaybeSent,
	} {
		t.Run(at, func(t *testing.T) {
			script := steps(wholeSTARTTLS)
			for i, step := range script {
				if strings.HasPrefix(step, at) {
					script = append(script[:i:i], "cancel", "stall")
					break
				}
			}
			server, sender := start(t, upstream.STARTTLS, script, withPassword)
			began := time.Now()
			_, err := sender.Send(server.ctx, outgoing("Subject: large\r\n\r\n"+strings.Repeat("0123456789abcdef\r\n", 400_000)))
			if upstream.KindOf(err) == upstream.KindConnect {
				want = upstream.KindConnect // it came before connecting was known to have worked
			}
			wantError(t, err, upstream.Error{Kind: want})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// A message that cannot be read to its end is never ended with a dot, which
// would make half of it a whole one.
func TestHalfMessage(t *testing.T) {
	broken := errors.New("the disk is broken")
	for _, c := range []struct {
		name string
		size int64
		body io.Reader
		err  string
	}{
		{"unreadable", 22, io.MultiReader(strings.NewReader(text[:10]), errorReader{broken}), "reading the message to send: the disk is broken"},
		{"too short", 23, strings.NewReader(text), "the message to send has not 23 octets as it should: 22 were read"},
		{"too long", 21, strings.NewReader(text), "the message to send has not 21 octets as it should: 22 were read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := with(t, "S: 250 2.0.0")
			for i := range script {
				script[i] = strings.Replace(script[i], "SIZE=22", "", 1)
			}
			server, sender := start(t, upstream.None, script, withPassword)
			msg := outgoing("")
			msg.Size, msg.Body = c.size, c.body
			_, err := sender.Send(t.Context(), msg)
			if err == nil || err.Error() != c.err || upstream.KindOf(err) != "" {
				t.Errorf("error %v, want %q", err, c.err)
			}
			<-server.done
			if strings.Contains(string(server.body), "\r\n.\r\n") {
				t.Errorf("sent %q", server.body)
			}
		})
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
