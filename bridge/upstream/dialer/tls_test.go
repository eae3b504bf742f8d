package dialer_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func shakeHands(config *tls.Config) func(net.Conn) {
	return func(conn net.Conn) {
		secure := tls.Server(conn, config)
		if secure.Handshake() == nil {
			_, _ = io.WriteString(secure, "hello")
		}
		_, _ = io.Copy(io.Discard, secure)
	}
}

// Every certificate but the right one is refused, in words a person understands,
// by Dial and by StartTLS alike.
func TestCertificates(t *testing.T) {
	ours, other := dialertest.NewAuthority(t), dialertest.NewAuthority(t)
	now := time.Now()
	long := time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		cert tls.Certificate
		host string
		text string
	}{
		{"right", ours.Certificate(t, "mail.example.org"), "mail.example.org", ""},
		{"right, by wildcard", ours.Certificate(t, "*.example.org"), "mail.example.org", ""},
		{"right, by address", ours.Certificate(t, "127.0.0.1"), "127.0.0.1", ""},
		{"expired", ours.CertificateAt(t, long, "mail.example.org"), "mail.example.org", "certificate expired on 29 February 2020"},
		{
			"not yet valid", ours.CertificateAt(t, now.Add(24*time.Hour), "mail.example.org"), "mail.example.org",
			"certificate is valid only from " + now.Add(23*time.Hour).UTC().Format("2 January 2006") + " on; is the clock right?",
		},
		{"wrong name", ours.Certificate(t, "mail.other.example"), "mail.example.org", "certificate is for mail.other.example"},
		{"wrong address", ours.Certificate(t, "127.0.0.2"), "127.0.0.1", "certificate is for 127.0.0.2"},
		{
			"many names", ours.Certificate(t, "a.example", "*.b.example", "c.example", "d.example", "e.example"), "mail.example.org",
			"certificate is for a.example, *.b.example, c.example and 2 more",
		},
		{"hostile name", ours.Certificate(t, "<b>\x1b[31m"), "mail.example.org", "certificate is for another server"},
		{"no name", ours.Certificate(t), "mail.example.org", "certificate is for another server"},
		{"unknown issuer", other.Certificate(t, "mail.example.org"), "mail.example.org", "certificate is from an unknown issuer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			port := dialertest.Listen(t, shakeHands(&tls.Config{Certificates: []tls.Certificate{c.cert}}))
			d := ours.Dialer(t, "mail.example.org")
			s := upstream.Server{Host: c.host, Port: port, Security: upstream.TLS}

			conn, err := d.Dial(t.Context(), s)
			checkHandshake(t, conn, err, c.text)

			s.Security = upstream.STARTTLS
			plain, err := d.Dial(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			conn, err = d.StartTLS(t.Context(), plain, s)
			checkHandshake(t, conn, err, c.text)
			if err != nil {
				if _, err := plain.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
					t.Errorf("the connection is still open: %v", err)
				}
			}
		})
	}
}

func checkHandshake(t *testing.T, conn net.Conn, err error, text string) {
	t.Helper()
	if text == "" {
		if err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 5)
		if _, err := io.ReadFull(conn, buf); err != nil || string(buf) != "hello" {
			t.Errorf("read %q, %v", buf, err)
		}
		_ = conn.Close()
		return
	}
	var e *upstream.Error
	if !errors.As(err, &e) || e.Kind != upstream.KindCertificate || e.Text != text {
		t.Errorf("error %v, text %q, want %q", err, e.Text, text)
	}
}

// What a server can do instead of shaking hands.
func TestHandshakes(t *testing.T) {
	a := dialertest.NewAuthority(t)
	good := a.Config(t, "127.0.0.1")
	old := good.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	for _, c := range []struct {
		name  string
		serve func(net.Conn)
		kind  upstream.Kind
		text  string
	}{
		{"silence", func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, upstream.KindTimeout, ""},
		{"hangs up", func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) }, upstream.KindLost, "the server hung up"},
		{"resets", func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)); _ = conn.(*net.TCPConn).SetLinger(0) }, upstream.KindLost, "the server hung up"},
		{
			"speaks without TLS", func(conn net.Conn) { _, _ = io.WriteString(conn, "* OK IMAP4rev1 ready\r\n"); drain(conn) },
			upstream.KindTLS, "the server does not speak TLS on this port",
		},
		{"old TLS", shakeHands(old), upstream.KindTLS, "the server knows no TLS newer than 1.1"},
		{
			"old TLS, claims less", func(conn net.Conn) { // a ServerHello of TLS 1.0
				_, _ = conn.Write(append([]byte{22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1}, make([]byte, 36)...))
				drain(conn)
			},
			upstream.KindTLS, "the server knows no TLS newer than 1.1",
		},
		{"alert", func(conn net.Conn) { _, _ = conn.Write([]byte{21, 3, 3, 0, 2, 2, 40}); drain(conn) }, upstream.KindTLS, ""},
		{"trickles", func(conn net.Conn) {
			for {
				if _, err := conn.Write([]byte{22}); err != nil {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := a.Dialer(t)
			d.Timeout = 300 * time.Millisecond
			port := dialertest.Listen(t, c.serve)
			start := time.Now()
			_, err := d.Dial(t.Context(), upstream.Server{Host: "127.0.0.1", Port: port, Security: upstream.TLS})
			var e *upstream.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if c.kind != "" && (e.Kind != c.kind || e.Text != c.text) {
				t.Errorf("error %v, text %q, want %s, %q", err, e.Text, c.kind, c.text)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// drain waits for the other side to hang up, so that it reads what was sent.
func drain(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func TestCancelHandshake(t *testing.T) {
	a := dialertest.NewAuthority(t)
	ctx, cancel := context.WithCancel(t.Context())
	port := dialertest.Listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		cancel()
		_, _ = io.Copy(io.Discard, conn)
	})
	_, err := a.Dialer(t).Dial(ctx, upstream.Server{Host: "127.0.0.1", Port: port, Security: upstream.TLS})
	if !errors.Is(err, context.Canceled) || upstream.KindOf(err) != upstream.KindLost {
		t.Errorf("error %v", err)
	}
}

func TestNobodyThere(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	_ = ln.Close()
	d := dialertest.NewAuthority(t).Dialer(t)
	_, err = d.Dial(t.Context(), upstream.Server{Host: "127.0.0.1", Port: port, Security: upstream.None})
	if upstream.KindOf(err) != upstream.KindConnect {
		t.Errorf("error %v", err)
	}
	_, err = d.Dial(t.Context(), upstream.Server{Host: "nobody.example.org", Port: 993, Security: upstream.None})
	if upstream.KindOf(err) != upstream.KindResolve {
		t.Errorf("error %v", err)
	}
}
