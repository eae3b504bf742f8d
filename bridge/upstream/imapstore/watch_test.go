package imapstore

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
)

// A watching connection that is lost is told of each time, and so is its return.
func TestWatchingTellsOfEachLoss(t *testing.T) {
	l := &liar{caps: "IMAP4rev1 IDLE", answers: map[string]string{"IDLE": "+ idling\r\n" + hangUp}}
	s := l.open(t)
	events := s.Watch(t.Context())
	var got []string
	for deadline := time.After(30 * time.Second); len(got) < 4; {
		select {
		case ev := <-events:
			switch {
			case ev.Err != nil && upstream.KindOf(ev.Err) == upstream.KindLost:
				got = append(got, "lost")
			case ev.Err != nil:
				t.Fatal(ev.Err)
			case ev.Online:
				got = append(got, "online")
			}
		case <-deadline:
			t.Fatalf("%q", got)
		}
	}
	for i, want := range []string{"lost", "online", "lost", "online"} {
		if got[i] != want {
			t.Fatalf("%q", got)
		}
	}
}

// Dovecot tells of all mailboxes, without anybody looking around.
func TestDovecotTellsOfAllMailboxes(t *testing.T) {
	srv := dovecot.Start(t, dovecot.Options{})
	user := fresh()
	s, err := Open(t.Context(), Config{
		Server: srv.IMAP(user, upstream.TLS), Password: dovecot.Password, Dialer: srv.Dialer, Silence: 20 * time.Second, Poll: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	events := s.Watch(t.Context())
	wait := func(mailbox string, do func()) {
		t.Helper()
		deadline, again := time.After(30*time.Second), time.NewTicker(2*time.Second)
		defer again.Stop()
		do()
		for {
			select {
			case ev := <-events:
				if ev.Err != nil {
					t.Fatal(ev.Err)
				}
				if ev.Mailbox == mailbox {
					return
				}
			case <-again.C: // what was done before it watched it does not tell
				do()
			case <-deadline:
				t.Fatalf("nothing of %q", mailbox)
			}
		}
	}
	file := func(mailbox string) {
		if _, _, err := s.Append(t.Context(), mailbox, upstream.NewMessage{Body: strings.NewReader("Subject: x\r\n\r\n"), Size: 14}); err != nil {
			t.Error(err)
		}
	}
	wait("INBOX", func() {}) // it watches
	wait("INBOX", func() { file("INBOX") })
	wait("Archive", func() { file("Archive") })
	wait("INBOX", func() { srv.Deliver(t, user, "INBOX", []byte("Subject: y\r\n\r\n")) })
	n := 0
	wait("", func() {
		n++
		if err := s.CreateMailbox(t.Context(), fmt.Sprint("New ", n), ""); err != nil {
			t.Error(err)
		}
	})
}

// A connection whose other end is gone without a word is noticed when the watch is renewed.
func TestWatchingNoticesASilentEnd(t *testing.T) {
	l := (&liar{caps: "IMAP4rev1 IDLE", answers: map[string]string{"IDLE": "+ idling\r\n" + sayNothing}}).start(t)
	cfg := l.config(t, upstream.None)
	cfg.Renew = 20 * time.Millisecond
	s := New(cfg)
	defer func() { _ = s.Close() }()
	for ev := range s.Watch(t.Context()) {
		if ev.Err != nil {
			if upstream.KindOf(ev.Err) != upstream.KindTimeout {
				t.Error(ev.Err)
			}
			return
		}
	}
	t.Error("it still watches")
}

// endingTokens gives a few tokens, and then no more.
type endingTokens struct{ left atomic.Int32 }

func (e *endingTokens) Token(context.Context, upstream.Secret) (upstream.Secret, error) {
	if e.left.Add(-1) < 0 {
		return "", &upstream.Error{Kind: upstream.KindAuth, Server: "id.example.org", Step: "renewing"}
	}
	return "token", nil
}

// TestWatchingTellsOfARefusal: that the server no longer lets anybody in is told also where
// the connection was lost before, and then nothing more is tried.
func TestWatchingTellsOfARefusal(t *testing.T) {
	l := &liar{
		greeting: "* OK [CAPABILITY IMAP4rev1 IDLE AUTH=XOAUTH2 SASL-IR] hello\r\n", caps: "IMAP4rev1 IDLE AUTH=XOAUTH2 SASL-IR",
		answers: map[string]string{"AUTHENTICATE": "TAG OK in\r\n", "IDLE": "+ idling\r\n" + hangUp},
	}
	l.start(t)
	tokens := &endingTokens{}
	tokens.left.Store(2)
	config := l.config(t, upstream.None)
	config.Password, config.Tokens = "", tokens
	s, err := Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var got []upstream.Kind
	for ev := range s.Watch(t.Context()) {
		if ev.Err == nil {
			continue
		}
		if got = append(got, upstream.KindOf(ev.Err)); upstream.KindOf(ev.Err) == upstream.KindAuth {
			break
		}
	}
	if len(got) != 2 || got[0] != upstream.KindLost {
		t.Errorf("told of %q", got)
	}
	if n := tokens.left.Load(); n < -2 {
		t.Errorf("tried %d times after the refusal", -1-n)
	}
}
