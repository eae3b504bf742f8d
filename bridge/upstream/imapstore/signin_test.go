package imapstore

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
)

func TestSigningInFails(t *testing.T) {
	for _, c := range []struct {
		name, greeting, caps, login string
		want                        upstream.Kind
	}{
		{"wrong password", "", "", "TAG NO [AUTHENTICATIONFAILED] no\r\n", upstream.KindAuth},
		{"wrong password without a code", "", "", "TAG NO no\r\n", upstream.KindAuth},
		{"too many connections", "", "", "TAG NO [LIMIT] wait\r\n", upstream.KindLimit},
		{"too many connections in words", "", "", "TAG NO Too many simultaneous connections\r\n", upstream.KindLimit},
		{"server is not well", "", "", "TAG NO [UNAVAILABLE] no database\r\n", upstream.KindUnavailable},
		{"server has a bug", "", "", "TAG NO [SERVERBUG] oops\r\n", upstream.KindUnavailable},
		{"needs encryption", "", "", "TAG NO [PRIVACYREQUIRED] no\r\n", upstream.KindNoAuth},
		{"takes no password", "", "IMAP4rev1 LOGINDISABLED", "", upstream.KindNoAuth},
		{"does not know the command", "", "", "TAG BAD what\r\n", upstream.KindProtocol},
		{"hangs up", "", "", hangUp, upstream.KindLost},
		{"says goodbye", "", "", "* BYE enough\r\n" + hangUp, upstream.KindLost},
		{"says nothing", "", "", sayNothing, upstream.KindTimeout},
		{"says another's tag", "", "", "X1 OK done\r\n", upstream.KindProtocol},
		{"stops in the middle of a line", "", "", "TAG OK [CAPABI" + hangUp, upstream.KindLost},
		{"greets with PREAUTH", "* PREAUTH welcome\r\n", "", "", upstream.KindProtocol},
		{"greets with BYE", "* BYE no room\r\n" + hangUp, "", "", upstream.KindLost},
		{"greets with BYE and a code", "* BYE [UNAVAILABLE] no room\r\n" + hangUp, "", "", upstream.KindUnavailable},
		{"greets with nothing", sayNothing, "", "", upstream.KindTimeout},
		{"hangs up at once", hangUp, "", "", upstream.KindLost},
		{"is no IMAP server", "220 mail.example.org ESMTP\r\n", "", "", upstream.KindProtocol},
		{"is a web server", "HTTP/1.1 400 Bad Request\r\n\r\n" + hangUp, "", "", upstream.KindProtocol},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &liar{greeting: c.greeting, caps: c.caps, answers: map[string]string{"LOGIN": c.login}}
			l.start(t)
			s, err := Open(t.Context(), l.config(t, upstream.None))
			defer func() { _ = s.Close() }()
			if upstream.KindOf(err) != c.want {
				t.Fatalf("%q: %v", upstream.KindOf(err), err)
			}
			// A refused password is not tried again, everything else may be.
			_, again := s.Mailboxes(t.Context())
			if again == nil || upstream.KindOf(again) != c.want {
				t.Errorf("again: %v", again)
			}
			if want := map[bool]int{true: 1, false: 2}[c.want == upstream.KindAuth]; c.login != "" && l.count("LOGIN") != want {
				t.Errorf("%d attempts, not %d", l.count("LOGIN"), want)
			}
		})
	}
}

func TestSTARTTLSIsNotTalkedOutOf(t *testing.T) {
	for _, c := range []struct {
		name, greeting, answer string
		want                   upstream.Kind
	}{
		{"not offered", "", "t NO not here\r\n", upstream.KindNoSTARTTLS},
		{"not known", "", "t BAD what\r\n", upstream.KindNoSTARTTLS},
		{"PREAUTH", "* PREAUTH welcome\r\n", "", upstream.KindProtocol},
		{"words in clear text after the start", "", "t OK begin\r\n* OK injected\r\n", upstream.KindProtocol},
		{"an answer to a command not yet sent", "", "t OK begin\r\nT1 OK [CAPABILITY IMAP4rev1] in\r\n", upstream.KindProtocol},
		{"a line without end", "", strings.Repeat("x", 100_000), upstream.KindProtocol},
		{"no answer", "", sayNothing, upstream.KindTimeout},
		{"no greeting", sayNothing, "", upstream.KindTimeout},
		{"hangs up", "", hangUp, upstream.KindLost},
		{"no room", "* BYE [UNAVAILABLE] later\r\n" + hangUp, "", upstream.KindUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &liar{greeting: c.greeting, answers: map[string]string{"STARTTLS": c.answer}}
			l.start(t)
			s, err := Open(t.Context(), l.config(t, upstream.STARTTLS))
			defer func() { _ = s.Close() }()
			if upstream.KindOf(err) != c.want {
				t.Errorf("%q: %v", upstream.KindOf(err), err)
			}
			if strings.Contains(l.commands(), "secret") || l.count("LOGIN")+l.count("AUTHENTICATE") > 0 {
				t.Errorf("in clear text: %s", l.commands())
			}
		})
	}
}

func TestDovecotRefusesAPassword(t *testing.T) {
	srv := dovecot.Start(t, dovecot.Options{Config: "mail_max_userip_connections = 2"})
	for _, security := range []upstream.Security{upstream.TLS, upstream.STARTTLS} {
		s, err := Open(t.Context(), Config{Server: srv.IMAP(fresh(), security), Password: "wrong", Dialer: srv.Dialer})
		if upstream.KindOf(err) != upstream.KindAuth {
			t.Errorf("%s: %v", security, err)
		}
		_ = s.Close()
	}
	// The third connection is one too many; that is no wrong password.
	user := fresh()
	first, second := open(t, srv, user, upstream.TLS), open(t, srv, user, upstream.TLS)
	s, err := Open(t.Context(), Config{Server: srv.IMAP(user, upstream.TLS), Password: dovecot.Password, Dialer: srv.Dialer})
	defer func() { _ = s.Close() }()
	if upstream.KindOf(err) != upstream.KindLimit {
		t.Fatal(err)
	}
	_ = first.Close()
	if _, err := second.Mailboxes(t.Context()); err != nil {
		t.Error(err)
	}
	for t.Context().Err() == nil {
		if _, err = s.Mailboxes(t.Context()); err == nil {
			return // there was room again, and the same Store took it
		}
		if upstream.KindOf(err) != upstream.KindLimit {
			t.Fatal(err)
		}
	}
}
