package dovecot

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

func TestSignInAndFindMail(t *testing.T) {
	s := Start(t, Options{})
	s.Deliver(t, "ada", "INBOX", []byte("Subject: one\n\nhello\n"))
	s.Deliver(t, "ada", "Travel/Lisbon", []byte("Subject: two\n\nhello\n"))

	c, err := s.Dialer.Dial(t.Context(), s.IMAP("ada", upstream.TLS))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	fmt.Fprintf(c, "a LOGIN ada %q\r\nb STATUS INBOX (MESSAGES)\r\nc STATUS Travel/Lisbon (MESSAGES)\r\nd LOGOUT\r\n", Password.Reveal())
	raw, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	said := string(raw)
	for _, want := range []string{"a OK", "STATUS INBOX (MESSAGES 1)", "STATUS Travel/Lisbon (MESSAGES 1)"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if out := s.Doveadm(t, "mailbox", "list", "-u", "ada"); !strings.Contains(out, "Archive") {
		t.Errorf("doveadm: %s", out)
	}
}

func TestPOP3(t *testing.T) {
	s := Start(t, Options{})
	s.Deliver(t, "ada", "INBOX", []byte("Subject: one\n\nhello\n"))
	c, err := s.Dialer.Dial(t.Context(), s.POP3("ada", upstream.TLS))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	fmt.Fprintf(c, "USER ada\r\nPASS %s\r\nSTAT\r\nQUIT\r\n", Password.Reveal())
	raw, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	said := string(raw)
	if !strings.Contains(said, "+OK 1 ") {
		t.Error(said)
	}
}
