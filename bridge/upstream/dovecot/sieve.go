package dovecot

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// startSieve prepares for Options.Sieve, and gives its part of the configuration.
func (s *Server) startSieve(t testing.TB) string {
	s.sieve, _, _, _ = freePorts(t)
	if err := os.Mkdir(filepath.Join(s.dir, "sent"), 0o700); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(s.dir, "sendmail")
	if err := os.WriteFile(script, []byte(strings.ReplaceAll(sendmail, "DIR", s.dir)), 0o700); err != nil {
		t.Fatal(err)
	}
	return s.sieveConfig()
}

// ManageSieve is where and as whom to connect, with STARTTLS or None.
func (s *Server) ManageSieve(name string, security upstream.Security) upstream.Server {
	return server(name, security, s.sieve, 0)
}

// LDA delivers a message as a mail server does when it arrives: the account's filters
// decide what becomes of it. The recipient's address is the account's name at the
// server's host.
func (s *Server) LDA(t testing.TB, name, from string, raw []byte) {
	t.Helper()
	const lda = "/usr/lib/dovecot/dovecot-lda"
	cmd := s.as(exec.Command(lda, "-c", filepath.Join(s.dir, "dovecot.conf"), "-e", "-d", name, "-f", from, "-a", name+"@"+host))
	cmd.Stdin = bytes.NewReader(raw)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("dovecot-lda: %v\n%s", err, out)
	}
}

// Sent takes what the server has sent since the last time.
func (s *Server) Sent(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "sent", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(raw))
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
