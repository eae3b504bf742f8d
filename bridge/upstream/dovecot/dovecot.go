package dovecot

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

// Password is that of every account.
const Password = upstream.Secret("correct-horse")

// host is what the server's certificate is for; the test's dialer knows where it is.
const host = "mail.dovecot.test"

// Options change what Start starts.
type Options struct {
	// Config is added to the configuration, and wins over what is there.
	Config string
	// Authority issues the certificate; nil: one of its own.
	Authority *dialertest.Authority
	// Sieve adds ManageSieve, and filters for what LDA delivers.
	Sieve bool
}

// Server is a running Dovecot.
type Server struct {
	// Roots trusts the server's certificate; Dialer does, and knows its name.
	Roots  *x509.CertPool
	Dialer *dialer.Dialer

	dir                      string
	owner                    *user.User
	imap, imaps, pop3, pop3s int // ports
	sieve                    int // another; 0: there is none
	delivered                atomic.Int64

	binary string
	halt   func() // ends what runs
}

// Start starts a Dovecot that stops when the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	binary, err := exec.LookPath("dovecot")
	if err != nil {
		if binary, err = exec.LookPath("/usr/sbin/dovecot"); err != nil {
			t.Fatal("dovecot is missing: run make deps-test")
		}
	}
	version, err := exec.Command(binary, "--version").Output()
	if err != nil || !strings.HasPrefix(string(version), "2.3.") {
		t.Fatalf("dovecot %s (%v) is not the 2.3 that this configuration is for: run make deps-test", version, err)
	}
	authority := o.Authority
	if authority == nil {
		authority = dialertest.NewAuthority(t)
	}
	s := &Server{Roots: authority.Pool(), Dialer: authority.Dialer(t, host), owner: owner(t)}
	s.imap, s.imaps, s.pop3, s.pop3s = freePorts(t)
	// A Unix socket's path is at most 108 octets, and a test's name can be longer.
	if s.dir, err = os.MkdirTemp("", "dc"); err != nil { //nolint:usetesting // see above
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(s.dir) })
	s.write(t, "cert.pem", pemOf(t, authority.Certificate(t, host, "127.0.0.1")))
	config := s.config()
	if o.Sieve {
		config += s.startSieve(t)
	}
	s.write(t, "dovecot.conf", []byte(config+o.Config+"\n"))
	s.own(t, s.dir)
	s.binary = binary
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			t.Logf("dovecot said:\n%s", log)
		}
	})
	s.Restart(t)
	return s
}

// Stop stops the server; its mail and its ports stay its own.
func (s *Server) Stop() {
	if s.halt != nil {
		s.halt()
	}
	s.halt = nil
}

// Restart starts the server again after Stop.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Stop()
	s.run(t)
}

// IMAP is where and as whom to connect, with the given security.
func (s *Server) IMAP(name string, security upstream.Security) upstream.Server {
	return server(name, security, s.imap, s.imaps)
}

// POP3 is where and as whom to connect, with the given security.
func (s *Server) POP3(name string, security upstream.Security) upstream.Server {
	return server(name, security, s.pop3, s.pop3s)
}

func server(name string, security upstream.Security, plain, encrypted int) upstream.Server {
	port := plain
	if security == upstream.TLS {
		port = encrypted
	}
	return upstream.Server{Host: host, Port: port, Security: security, User: name}
}

// Deliver puts a message into a mailbox as mail that has just arrived: a file
// renamed into a Maildir, unseen. The mailbox's name must be ASCII.
func (s *Server) Deliver(t testing.TB, name, mailbox string, raw []byte) {
	t.Helper()
	dir := s.Maildir(name, mailbox)
	for _, sub := range []string{"", "cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	file := fmt.Sprintf("%d.M%d.test", time.Now().Unix(), s.delivered.Add(1))
	from := filepath.Join(dir, "tmp", file)
	if err := os.WriteFile(from, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	s.own(t, filepath.Join(s.dir, "home"))
	if err := os.Rename(from, filepath.Join(dir, "new", file)); err != nil {
		t.Fatal(err)
	}
}

// Maildir is the folder of a mailbox.
func (s *Server) Maildir(name, mailbox string) string {
	dir := filepath.Join(s.dir, "home", name, "Maildir")
	if mailbox != "INBOX" {
		dir = filepath.Join(dir, "."+strings.ReplaceAll(mailbox, "/", "."))
	}
	return dir
}

// Doveadm runs an administrator's command and gives what it printed.
func (s *Server) Doveadm(t testing.TB, args ...string) string {
	t.Helper()
	cmd := s.as(exec.Command("doveadm", append([]string{"-c", filepath.Join(s.dir, "dovecot.conf")}, args...)...))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("doveadm %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// run runs Dovecot below a shell that ends it when its standard input ends: also
// when the test is killed.
func (s *Server) run(t testing.TB) {
	t.Helper()
	const script = `"$0" -F -c "$1" <&- & read _; kill $!; wait $!`
	cmd := s.as(exec.Command("/bin/sh", "-c", script, s.binary, filepath.Join(s.dir, "dovecot.conf")))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.halt = func() {
		_ = stdin.Close()
		_ = cmd.Wait() // by a signal
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if s.greets() {
			return
		}
		if time.Now().After(deadline) {
			s.Stop()
			t.Fatalf("dovecot does not start: %s", said.Bytes())
		}
	}
}

func (s *Server) greets() bool {
	for _, port := range []int{s.imap, s.pop3} {
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return false
		}
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		_, err = io.ReadFull(c, make([]byte, 3))
		_ = c.Close()
		if err != nil {
			return false
		}
	}
	return true
}

// owner is who runs the server: never root, whom Dovecot gives no mail.
func owner(t testing.TB) *user.User {
	u, err := user.Current()
	if err == nil && u.Uid == "0" {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// as has a command run by the owner.
func (s *Server) as(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = s.dir
	if os.Getuid() == 0 {
		uid, gid := s.ids()
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	return cmd
}

// own gives everything below path to the owner.
func (s *Server) own(t testing.TB, path string) {
	if os.Getuid() != 0 {
		return
	}
	uid, gid := s.ids()
	err := filepath.WalkDir(path, func(p string, _ os.DirEntry, err error) error {
		// What the server itself renames meanwhile is its own already.
		if err = cmp.Or(err, os.Lchown(p, uid, gid)); os.IsNotExist(err) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *Server) ids() (uid, gid int) {
	uid, _ = strconv.Atoi(s.owner.Uid)
	gid, _ = strconv.Atoi(s.owner.Gid)
	return uid, gid
}

func (s *Server) write(t testing.TB, file string, data []byte) {
	if err := os.WriteFile(filepath.Join(s.dir, file), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func pemOf(t testing.TB, cert tls.Certificate) []byte {
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	out := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})
	return append(out, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
}

// freePorts finds ports nobody listens on: held all at once, so that they differ. They
// lie below those the system gives to clients, one of which would else take a port
// before the server does.
func freePorts(t testing.TB) (a, b, c, d int) {
	var ports [4]int
	for i := range ports {
		for tries := 0; ports[i] == 0; tries++ {
			port := 10_000 + rand.IntN(22_000)
			l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
			if err != nil && tries > 100 {
				t.Fatal(err)
			}
			if err == nil {
				defer func() { _ = l.Close() }()
				ports[i] = port
			}
		}
	}
	return ports[0], ports[1], ports[2], ports[3]
}
