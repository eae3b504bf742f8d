package postfix

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

// Domain is what the server takes mail for.
const Domain = "hearth.test"

// host is what the server's certificate is for; the test's dialer knows where it is.
const host = "mail.postfix.test"

// queueFolders are what Postfix wants to find.
var queueFolders = []string{
	"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "pid", "private", "public", "saved", "trace",
}

// Options change what Start starts.
type Options struct {
	// Config is added to main.cf, and wins over what is there.
	Config string
}

// Server is a running Postfix.
type Server struct {
	// Dialer trusts the server's certificate and knows its name.
	Dialer *dialer.Dialer

	dir         string
	owner       int // uid of Postfix
	reader      int // uid of who owns the mail
	smtp, smtps int // ports
}

// Start starts a Postfix that stops when the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("Postfix is only started by root")
	}
	daemons, err := exec.Command("postconf", "-dh", "daemon_directory").Output()
	if err != nil {
		t.Fatalf("postfix is missing (%v): run make deps-test", err)
	}
	authority := dialertest.NewAuthority(t)
	s := &Server{Dialer: authority.Dialer(t, host), owner: uid(t, "postfix"), reader: uid(t, "nobody")}
	s.smtp, s.smtps = freePorts(t)
	// A Unix socket's path is at most 108 octets, and a test's name can be longer.
	if s.dir, err = os.MkdirTemp("", "pf"); err != nil { //nolint:usetesting // see above
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(s.dir) })
	s.fill(t, authority.Certificate(t, host, "127.0.0.1"), o)
	s.run(t, filepath.Join(strings.TrimSpace(string(daemons)), "master"))
	return s
}

// SMTP is where to connect, with the given security.
func (s *Server) SMTP(security upstream.Security) upstream.Server {
	port := s.smtp
	if security == upstream.TLS {
		port = s.smtps
	}
	return upstream.Server{Host: host, Port: port, Security: security}
}

// Mail waits until a person has n messages and gives them, in no order.
func (s *Server) Mail(t testing.TB, name string, n int) []string {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(s.dir, "mail", name, "new", "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) < n && time.Now().Before(deadline) {
			continue
		}
		if len(files) != n {
			t.Fatalf("%s has %d messages, want %d", name, len(files), n)
		}
		var all []string
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(raw))
		}
		return all
	}
}

// fill makes the folder in which the server lives.
func (s *Server) fill(t testing.TB, cert tls.Certificate, o Options) {
	t.Helper()
	folders := map[string]int{"": 0, "etc": 0, "queue": 0, "data": s.owner, "mail": s.reader}
	for _, name := range queueFolders {
		folders["queue/"+name] = s.owner
	}
	folders["queue/pid"] = 0
	for _, name := range append([]string{"", "etc", "queue", "data", "mail"}, prefixed("queue/", queueFolders)...) {
		dir := filepath.Join(s.dir, name)
		if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // Postfix, which is not root, must find its way
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // as above
			t.Fatal(err)
		}
		if err := os.Chown(dir, folders[name], -1); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"etc/main.cf":   s.replacer().Replace(mainCF + o.Config + "\n"),
		"etc/master.cf": s.replacer().Replace(masterCF),
		"cert.pem":      pemOf(t, cert),
	} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"etc/main.cf", "etc/master.cf"} { // read by all of Postfix
		if err := os.Chmod(filepath.Join(s.dir, name), 0o644); err != nil { //nolint:gosec // as above
			t.Fatal(err)
		}
	}
}

func prefixed(prefix string, names []string) []string {
	var out []string
	for _, name := range names {
		out = append(out, prefix+name)
	}
	return out
}

// run runs Postfix, in a session of its own, below a shell that ends all of it when the
// shell's input ends: also when the test is killed.
func (s *Server) run(t testing.TB, master string) {
	t.Helper()
	const script = `setsid "$0" -c "$1" -d </dev/null & read _; kill -- -$!; wait $!`
	cmd := exec.Command("/bin/sh", "-c", script, master, filepath.Join(s.dir, "etc")) //nolint:gosec // a test's own folder
	cmd.Dir = s.dir
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait() // by a signal
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			t.Logf("postfix said:\n%s", log)
		}
	})
	for deadline := time.Now().Add(30 * time.Second); !s.greets(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = stdin.Close()
			_ = cmd.Wait()
			t.Fatalf("postfix does not start: %s", said.Bytes())
		}
	}
}

func (s *Server) greets() bool {
	c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.smtp)))
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	_, err = io.ReadFull(c, make([]byte, 3))
	return err == nil
}

func uid(t testing.TB, name string) int {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(u.Uid)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func pemOf(t testing.TB, cert tls.Certificate) string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	out := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	return string(append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})...))
}

// freePorts finds ports nobody listens on: held both at once, so that they differ.
func freePorts(t testing.TB) (a, b int) {
	t.Helper()
	var ports [2]int
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports[0], ports[1]
}
