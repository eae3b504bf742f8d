package e2e_test

import (
	"crypto/tls"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

// TestSignInTrouble: each way in which a mail server can fail is told in the page,
// what was typed stays, and the next attempt works.
func TestSignInTrouble(t *testing.T) {
	mail := e2e.StartProvider(t)
	good := mail.IMAP("ada", upstream.TLS).Port
	stranger := dialertest.NewAuthority(t).Config(t, "127.0.0.1")
	closed := dialertest.Listen(t, func(net.Conn) {})
	cases := []struct {
		name, password, security string
		port                     int
		says                     string
	}{
		{"wrong password", "not-the-one", "TLS", good, "refused the password"},
		{"certificate of a stranger", e2e.Password, "TLS", dialertest.Listen(t, func(c net.Conn) {
			_ = tls.Server(c, stranger).Handshake()
		}), "cannot be trusted"},
		{"nobody listens", e2e.Password, "TLS", deadPort(t), "does not answer"},
		{"hangs up", e2e.Password, "TLS", closed, "127.0.0.1:" + strconv.Itoa(closed)},
		{"STARTTLS taken away", e2e.Password, "STARTTLS", dialertest.Listen(t, func(c net.Conn) {
			script(c, "* OK [CAPABILITY IMAP4rev1] hello\r\n", "%s BAD what is that\r\n")
		}), "does not offer STARTTLS"},
		{"nonsense", e2e.Password, "None", dialertest.Listen(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n<h1>hello</h1>")
		}), "does not answer like a mail server"},
		{"silence", e2e.Password, "None", dialertest.Listen(t, func(c net.Conn) {
			_, _ = io.Copy(io.Discard, c)
		}), "did not answer in time"},
	}
	browser := e2e.StartBrowser(t)
	// A bridge for each: after a few wrong passwords one has to wait.
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := browser.Open(t, mail.Bridge(t).URL)
			p.Fill("textbox", "Email address", "ada@hearth.test")
			p.Fill("textbox", "Password", c.password)
			p.Click("button", "Server settings")
			incoming := p.In("group", "Incoming mail")
			incoming.Fill("textbox", "Server", "127.0.0.1")
			incoming.Choose("combobox", "Security", c.security)
			incoming.Fill("spinbutton", "Port", strconv.Itoa(c.port))
			incoming.Fill("textbox", "User name", "ada")
			p.Click("button", "Sign in")
			p.WaitText("alert", c.says)
			if text := p.Eval("document.body.innerText"); !strings.Contains(text, "127.0.0.1:"+strconv.Itoa(c.port)) || strings.Contains(text, c.password) {
				t.Errorf("the page does not name the server, or shows the password: %s", text)
			}
			if got := p.Property("textbox", "Email address", "value"); got != "ada@hearth.test" {
				t.Errorf("the address became %q", got)
			}
			incoming.Choose("combobox", "Security", "TLS")
			incoming.Fill("spinbutton", "Port", strconv.Itoa(good))
			p.Fill("textbox", "Password", e2e.Password)
			p.Click("button", "Sign in")
			p.Wait("treeitem", "Inbox")
		})
	}
}

// TestFoundServersMoveNothing: the line that names the servers of an address comes
// while people are about to press what is below it, or have begun to choose.
func TestFoundServersMoveNothing(t *testing.T) {
	p := e2e.StartBrowser(t).Open(t, e2e.StartProvider(t).Bridge(t).URL)
	p.Wait("button", "Sign in")
	const below = `document.getElementById("signin-submit").getBoundingClientRect().top`
	before := p.Eval(below)
	p.WaitEval("hearthmail.ready", "true")
	p.Fill("textbox", "Email address", "ada@hearth.test")
	p.WaitText("paragraph", "IMAP 127.0.0.1, TLS")
	if after := p.Eval(below); after != before {
		t.Errorf("the button went from %s to %s", before, after)
	}

	p.Click("button", "Server settings")
	incoming := p.In("group", "Incoming mail")
	incoming.Choose("combobox", "Security", "STARTTLS")
	p.Fill("textbox", "Email address", "grace@hearth.test")
	p.WaitText("paragraph", "IMAP 127.0.0.1, TLS")
	if got := incoming.Property("spinbutton", "Port", "value"); got != "143" {
		t.Errorf("the port that was chosen became %s", got)
	}
}

// script greets, and answers each line with the same, %s being its tag.
func script(c net.Conn, greeting, answer string) {
	_, _ = io.WriteString(c, greeting)
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		tag, _, _ := strings.Cut(string(buf[:n]), " ")
		if _, err := io.WriteString(c, strings.ReplaceAll(answer, "%s", tag)); err != nil {
			return
		}
	}
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// deadPort is a port that nobody listens on, and that nobody gets while the test runs.
func deadPort(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return name.(*syscall.SockaddrInet4).Port
}

// TestTheBridgeRestarts while somebody writes: the page says so, comes back by
// itself, and has all that was written.
func TestTheBridgeRestarts(t *testing.T) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Before", "One"))
	data, config, listen := t.TempDir(), mail.Config(t), "127.0.0.1:"+strconv.Itoa(freePort(t))
	args := []string{"serve", "-listen", listen, "-data", data, "-config", config}
	bridge := e2e.StartBridge(t, args...)
	p := e2e.StartBrowser(t).Open(t, bridge.URL)
	signIn(p, "ada")
	undoFor(p, 0)
	p.Wait("row", "~Before")
	p.Click("button", "Compose")
	p.Fill("combobox", "To", "grace@hearth.test,")
	p.Fill("textbox", "Subject", "Unfinished")

	bridge.Stop()
	p.Wait("button", "Reconnecting…")
	p.Fill("textbox", "Message body", "Written without a bridge.")
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Meanwhile", "Two"))

	e2e.StartBridge(t, args...)
	p.Wait("row", "~Meanwhile")
	p.WaitGone("button", "Reconnecting…")
	if got := strings.TrimSpace(p.Text("textbox", "Message body")); got != "Written without a bridge." {
		t.Errorf("what was written became %q", got)
	}
	p.Click("button", "Send")
	p.Wait("status", "Message sent")
	if out := mail.Doveadm(t, "fetch", "-u", "grace", "text", "mailbox", "INBOX", "subject", "Unfinished"); !strings.Contains(out, "Written without a bridge.") {
		t.Errorf("grace got %q", out)
	}
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}

// TestTheMailServerIsDown when the page is loaded again: it says what is wrong, and
// goes on by itself when the server is back.
func TestTheMailServerIsDown(t *testing.T) {
	mail := e2e.StartProvider(t)
	mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", "Before", "One"))
	data, config, listen := t.TempDir(), mail.Config(t), "127.0.0.1:"+strconv.Itoa(freePort(t))
	args := []string{"serve", "-listen", listen, "-data", data, "-config", config}
	bridge := e2e.StartBridge(t, args...)
	p := e2e.StartBrowser(t).Open(t, bridge.URL)
	signIn(p, "ada")
	p.Wait("row", "~Before")

	mail.Stop()
	bridge.Stop()
	e2e.StartBridge(t, args...)
	p.Reload()
	p.WaitText("alert", "127.0.0.1:"+strconv.Itoa(mail.IMAP("", upstream.TLS).Port)+" does not answer.")
	mail.Restart(t)
	until(t, func() bool { return p.Count("alert", "") == 0 })
	p.Wait("row", "~Before")
}

// TestDraftSurvives a page that is closed in the middle of a word.
func TestDraftSurvives(t *testing.T) {
	mail := e2e.StartProvider(t)
	bridge := mail.Bridge(t)
	p := e2e.StartBrowser(t).Open(t, bridge.URL)
	signIn(p, "ada")
	p.Wait("treeitem", "Inbox")
	p.Press("c")
	p.Fill("combobox", "To", "grace@hearth.test")
	p.Fill("textbox", "Subject", "A thought")
	p.Fill("textbox", "Message body", "It was a dark and stormy")
	p.WaitText("status", "Saved")
	until(t, func() bool { // the older copies are gone as well
		return strings.Count(mail.Doveadm(t, "search", "-u", "ada", "mailbox", "Drafts", "text", "dark and stormy"), "\n") == 1 &&
			strings.Count(mail.Doveadm(t, "search", "-u", "ada", "mailbox", "Drafts"), "\n") == 1
	})
	p.Reload()
	p.Wait("treeitem", "Drafts, 1")
	p.Click("treeitem", "Drafts, 1")
	p.Click("row", "~A thought")
	p.Wait("dialog", "New message")
	p.Wait("button", "Remove grace@hearth.test")
	if got := strings.TrimSpace(p.Text("textbox", "Message body")); got != "It was a dark and stormy" {
		t.Errorf("the draft reads %q", got)
	}
	p.Click("button", "Discard draft")
	p.WaitGone("row", "~A thought")
	p.Wait("treeitem", "Drafts")
}

// TestNotSent: a server that refuses a recipient is quoted, and the message is
// still there.
func TestNotSent(t *testing.T) {
	mail := e2e.StartProvider(t)
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	undoFor(p, 0)
	p.Wait("treeitem", "Inbox")
	p.Press("c")
	p.Fill("combobox", "To", "somebody@elsewhere.test")
	p.Fill("textbox", "Subject", "Hello")
	p.Fill("textbox", "Message body", "Keep me")
	p.Click("button", "Send")
	p.WaitText("alert", "nobody here is called")
	if got := strings.TrimSpace(p.Text("textbox", "Message body")); got != "Keep me" {
		t.Errorf("the message reads %q", got)
	}
}

// until waits for a truth that somebody else makes.
func until(t *testing.T, truth func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !truth(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}
