package dovecot

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

func TestSieve(t *testing.T) {
	s := Start(t, Options{Sieve: true})
	c, err := s.Dialer.Dial(t.Context(), s.ManageSieve("ada", upstream.None))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	fmt.Fprint(c, "LOGOUT\r\n")
	raw, err := io.ReadAll(c)
	if err != nil || !strings.Contains(string(raw), `"SIEVE" "`) {
		t.Errorf("%s (%v)", raw, err)
	}

	home := filepath.Join(s.dir, "home", "ada")
	if err := os.MkdirAll(home, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".dovecot.sieve"), []byte("require \"vacation\"; vacation \"away\";\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.own(t, s.dir)
	s.LDA(t, "ada", "grace@example.org", []byte("From: grace@example.org\nTo: ada@"+host+"\nSubject: hello\n\nhi\n"))
	if sent := s.Sent(t); len(sent) != 1 || !strings.Contains(sent[0], "away") {
		t.Errorf("sent %q", sent)
	}
	if out := s.Doveadm(t, "mailbox", "status", "-u", "ada", "messages", "INBOX"); !strings.Contains(out, "messages=1") {
		t.Error(out)
	}
}
